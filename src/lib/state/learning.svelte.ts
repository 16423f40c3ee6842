/** How a project learns: training runs at a press, judged and kept, and which model answers. */
import { countLabels, type LabelCount } from '$lib/domain/advice';
import { takingPart } from '$lib/domain/dataset';
import { answering, type Model, type TrainingRun } from '$lib/domain/model';
import { outlookOf, type Outlook } from '$lib/domain/outlook';
import type { Project } from '$lib/domain/project';
import {
	trainsNetwork,
	type Epoch,
	type FineTuneConfig,
	type TrainingConfig,
	type TrainingProgress
} from '$lib/domain/training';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import {
	circumstancesOf,
	datasetOfLesson,
	markOfLesson,
	markOfWhole,
	unknownBackbone,
	type Lesson
} from '$lib/services/lesson';
import { takenUp } from '$lib/services/kept-tuning';
import { cardById } from '$lib/services/cards';
import { subjectOf, type Subject } from '$lib/services/share-subject';
import { endedRun, train } from '$lib/services/train';
import { makeTrainer, type Trainer } from '$lib/services/trainer';
import { asOnly, tellProjectChanged } from '$lib/services/project-news';
import { noteError } from '$lib/storage/errors';
import { addRun, listRuns, readLiveModel, readModel, useModel } from '$lib/storage/models';
import { dropRows, dropTuning, readTuning } from '$lib/storage/training';
import type { EngineState } from './engine.svelte';
import { FineTuning } from './fine-tuning.svelte';
import { Run } from './learning-run';
import { Looking } from './looking.svelte';
import { Practice } from './practice.svelte';
import type { SettingsState } from './settings.svelte';

interface Parts {
	engine: EngineState;
	settings: SettingsState;
	/** The project's row was changed by a run. */
	onRun(projectId: string): Promise<void>;
}

/** What a trouble is of; it goes when the same goes well. */
type Work = 'network' | 'look' | 'relearn' | 'train';

export class LearningState {
	readonly #parts: Parts;
	readonly #trainer: Trainer = makeTrainer();
	readonly #looking: Looking;
	readonly #practice: Practice;
	readonly #tuning: FineTuning;
	#lesson: Lesson | null = $state.raw(null);
	#step: TrainingProgress | null = $state.raw(null);
	#epochs: readonly Epoch[] = $state.raw([]);
	#trouble: { what: Work; words: string } | null = $state.raw(null);
	#runs: readonly TrainingRun[] = $state.raw([]);
	#judged: Model | null = $state.raw(null);
	/** Of what is there to learn from (`markOf`), once all of it was looked at; '' before. */
	#mark = $state('');
	/** Ends all that is done for the project that is open. */
	#open = new AbortController();
	/** What the project has was read and looked at. */
	#entered: Promise<void> = Promise.resolve();
	#run: Run | null = $state.raw(null);
	/** What the run learns by. */
	#running: TrainingConfig | null = $state.raw(null);
	/** Of a run that broke off. */
	#begun: TrainingConfig | null = $state.raw(null);
	/** The last run is over, and all that it used is free again. */
	#ended: Promise<void> = Promise.resolve();

	/** What is there to learn from, by label: without photos of the person's own test. */
	readonly labelCounts: readonly LabelCount[] = $derived.by(() => {
		const { labels = [], photos = [] } = this.#lesson ?? {};
		const learned = takingPart(labels, photos).filter(({ split }) => split !== 'test');
		return countLabels(
			labels.filter(({ off }) => !off),
			learned
		);
	});
	/** What a press of Train would take. */
	readonly outlook: Outlook = $derived.by(() => outlookOf(this.labelCounts, this.#runs, this.#looking.left));

	constructor(parts: Parts) {
		this.#parts = parts;
		this.#looking = new Looking(
			parts.engine,
			() => this.#lesson,
			() => void this.#practice.learn()
		);
		this.#practice = new Practice({
			trainer: this.#trainer,
			ground: () => this.#ground(),
			onLearned: () => this.#heal('relearn'),
			onTrouble: (cause) =>
				this.#fail('relearn', cause, 'Learning on did not work. Press Train to try again.')
		});
		this.#tuning = new FineTuning(this.#trainer, parts.settings, parts.engine);
		let running = false;
		parts.engine.service.subscribe(({ phase }) => {
			// What could not be looked at may be now.
			if (phase === 'ready' && !running && this.#lesson) void this.#look(this.#open.signal);
			running = phase === 'ready';
		});
	}

	get phase(): 'idle' | 'looking' | 'training' {
		if (this.#run) return 'training';
		return this.#looking.progress || this.#looking.waits ? 'looking' : 'idle';
	}

	/** Of what goes on now, `done` 0..1. */
	get progress(): Omit<TrainingProgress, 'epoch'> | null {
		const { progress, waits } = this.#looking;
		if (waits)
			return { words: 'Another tab is looking at the photos; this one goes on when it has ended', done: 0 };
		if (progress) {
			const { done, of } = progress;
			return { words: `Looking at your photos: ${done} of ${of}`, done: done / of };
		}
		return this.#step;
	}

	/** What the run that goes on learns by; null where none does. */
	get running(): TrainingConfig | null {
		return this.#running;
	}

	/** What a run learned by that broke off and can go on; null where there is none. */
	get begun(): TrainingConfig | null {
		return this.#begun;
	}

	/** Of the run that goes on. */
	get epochs(): readonly Epoch[] {
		return this.#epochs;
	}

	/** Why the last run ended without a model, or what could not be kept, in words. */
	get trouble(): string | null {
		return this.#trouble?.words ?? this.#looking.damaged[0] ?? null;
	}

	get runs(): readonly TrainingRun[] {
		return this.#runs;
	}

	/** The run of the model in use. */
	get run(): TrainingRun | null {
		return this.#runs.find(({ modelId }) => modelId !== null && modelId === this.#judged?.id) ?? null;
	}

	/** What answers: the trained model, or one that has gone on learning since. */
	get model(): Model | null {
		const { live } = this.#practice;
		return answering({ judged: this.#judged, judgedFrom: this.run?.from ?? null, live }, this.#mark);
	}

	/** Photos or labels changed since the model in use was trained and judged. */
	get stale(): boolean {
		const { run } = this;
		return run !== null && this.#mark !== '' && run.from !== this.#mark;
	}

	/** How many photos of the project have been looked at. */
	get looked(): number {
		return this.#looking.looked;
	}

	/** [dimension]; null until the photo was looked at. */
	featuresOf(photoId: string): Float32Array | null {
		return this.#looking.features?.of(photoId, 'plain') ?? null;
	}

	/** Why the project's network can take a new head only, in words; null where it can be fine-tuned, or nobody has asked. */
	get cannotTune(): string | null {
		return this.#tuning.refusal(this.#lesson?.project.backboneId);
	}

	get keepLearning(): boolean {
		return this.#parts.settings.value.keepLearning;
	}

	/** Tells what the open project holds now; null closes it. Never fails. */
	see(lesson: Lesson | null): void {
		const before = this.#lesson?.project;
		this.#lesson = lesson;
		const { signal } = this.#open;
		if (lesson && before?.id === lesson.project.id) {
			if (before.modelId !== lesson.project.modelId) void this.#refresh(lesson.project, signal);
			void this.#look(signal);
			return;
		}
		this.#close();
		void this.#parts.engine.lend(lesson?.project.backboneId ?? null);
		if (lesson) this.#entered = this.#enter(lesson.project, this.#open.signal);
	}

	/** For good: the app is being erased. */
	end(): void {
		this.see(null);
		this.#trainer.stop();
	}

	/** Finds out whether the project's network can be fine-tuned: `cannotTune` says. Never fails. */
	async askTuning({ blocks }: FineTuneConfig): Promise<void> {
		const { project } = this.#lesson ?? {};
		if (project && this.phase === 'idle')
			await this.#tuning.ask(project.backboneId, blocks, this.#open.signal);
	}

	/** Never fails: `trouble` says why there is no model. */
	async train(config: TrainingConfig): Promise<void> {
		await this.#begin((lesson, run) => {
			const wait = 'Another tab is training; this one goes on when it has ended';
			return asOnly(
				`training ${lesson.project.id}`,
				run.signal,
				() => this.#train(config, run),
				() => (this.#step = { words: wait, done: 0 })
			);
		});
	}

	/** Goes on with a fine-tuning that broke off with the page, unless another tab does. Never fails. */
	async #goOn(projectId: string): Promise<void> {
		const left = this.#open.signal;
		// A run of this tab may still be on its way out.
		await this.#ended;
		const kept = await readTuning(projectId).catch(() => null);
		if (left.aborted) return;
		// Without it, what it had put aside is of no more use.
		this.#begun = kept?.config ?? null;
		if (!kept) return this.#tidy(projectId, left);
		await this.#begin((lesson, run) =>
			asOnly(
				`training ${projectId}`,
				run.signal,
				async () => {
					const backbone = cardById(lesson.project.backboneId)?.file.sha256;
					if (backbone === undefined) return;
					const begun = await takenUp({ projectId, from: this.#markNow(), backbone });
					if (begun) await this.#train(begun.config, run);
				},
				() => run.giveWay()
			).finally(() => (run.stopped.aborted ? dropTuning(projectId).catch(() => undefined) : undefined))
		);
	}

	async #readBegun(projectId: string): Promise<void> {
		const kept = await readTuning(projectId).catch(() => null);
		if (this.#lesson?.project.id === projectId) this.#begun = kept?.config ?? null;
	}

	async #tidy(projectId: string, left: AbortSignal): Promise<void> {
		const waits = new AbortController();
		const signal = AbortSignal.any([left, waits.signal]);
		const tidying = asOnly(
			`training ${projectId}`,
			signal,
			() => dropRows(projectId),
			() => waits.abort()
		);
		await tidying.catch(() => undefined); // the next visit does it
	}

	#begin(work: (lesson: Lesson, run: Run) => Promise<void>): Promise<void> {
		if (this.#run) return Promise.resolve();
		return (this.#ended = this.#once(work, this.#ended));
	}

	/** @param before the run before it, which may be on its way out: one worker serves all */
	async #once(work: (lesson: Lesson, run: Run) => Promise<void>, before: Promise<void>): Promise<void> {
		const lesson = this.#lesson;
		if (!lesson) return;
		const run = (this.#run = new Run(this.#open.signal));
		const { signal } = run;
		this.#trouble = null;
		this.#epochs = [];
		try {
			const looked = this.#entered.then(() => this.#looking.look(run.left));
			await Promise.race([Promise.all([looked, before]), givenUp(signal)]);
			this.#step = { words: 'Learning', done: 0 };
			await work(lesson, run);
		} catch (cause) {
			if (!signal.aborted) this.#fail('train', cause, 'The training stopped. The model before it stays.');
		} finally {
			if (this.#run === run) {
				this.#run = null;
				this.#step = null;
				this.#running = null;
				await this.#readBegun(lesson.project.id);
				// Photos may have come while it trained.
				void this.#practice.learn();
			}
		}
	}

	/** Stops the run; the model before it stays. */
	stop(): void {
		this.#run?.stop();
	}

	/** A fine-tuning takes no more epochs than the one under way has then. Never fails. */
	async enough(): Promise<void> {
		await this.#trainer.enough().catch(() => undefined); // whoever runs it hears of its end
	}

	/** Makes an older model the one in use again. */
	async use(modelId: string): Promise<void> {
		const { project } = this.#lesson ?? {};
		if (!project) return;
		try {
			await useModel(project.id, modelId, Date.now());
			const model = await readModel(modelId);
			if (model) await this.#practice.pin(model, this.#mark);
			await this.#told(project.id);
		} catch (cause) {
			this.#fail('train', cause, 'The model could not be taken into use. Try again.');
		}
	}

	/**
	 * What a file of the model is made of, and tried on.
	 * @throws Trouble 'model-missing', or as the training worker; AbortError
	 */
	async subject(ended: AbortSignal): Promise<Subject> {
		const signal = AbortSignal.any([ended, this.#open.signal]);
		await this.#entered;
		signal.throwIfAborted();
		const { model, stale, run: judged } = this;
		const ground = {
			...{ lesson: this.#lesson, features: this.#looking.features, model, judged, stale },
			run: this.#runs.find(({ modelId }) => modelId === model?.id) ?? null
		};
		return subjectOf(ground, this.#trainer, signal);
	}

	/** Learns and judges beside the model in use. */
	get trainer(): Trainer {
		return this.#trainer;
	}

	async setKeepLearning(keepLearning: boolean): Promise<void> {
		await this.#parts.settings.change({ keepLearning });
		void this.#practice.learn();
	}

	#close(): void {
		this.#open.abort();
		this.#open = new AbortController();
		this.#looking.close();
		this.#run = null;
		this.#running = null;
		this.#begun = null;
		this.#step = null;
		this.#runs = [];
		this.#judged = null;
		this.#practice.take(null);
		this.#mark = '';
		this.#trouble = null;
		this.#epochs = [];
	}

	async #enter(project: Project, signal: AbortSignal): Promise<void> {
		try {
			const words = await unknownBackbone(project);
			if (signal.aborted) return;
			if (words) this.#trouble = { what: 'network', words };
			await Promise.all([this.#looking.open(project, signal), this.#refresh(project, signal)]);
			if (!signal.aborted) this.#foresee();
			await this.#look(signal);
			if (!signal.aborted) void this.#goOn(project.id);
		} catch (cause) {
			if (!signal.aborted)
				this.#fail('look', cause, 'What was learned before could not be read. Reload to try again.');
		}
	}

	/** What was learned from all that is there answers at once, before it has been looked at again. */
	#foresee(): void {
		const mark = this.#lesson ? markOfWhole(this.#lesson) : '';
		if ([this.run?.from, this.#practice.live?.from].includes(mark)) this.#mark = mark;
	}

	async #look(signal: AbortSignal): Promise<void> {
		try {
			await this.#looking.look(signal);
			if (signal.aborted) return;
			this.#mark = this.#markNow();
			this.#heal('look');
		} catch (cause) {
			if (!signal.aborted)
				this.#fail('look', cause, 'The photos could not be looked at. Reload to try again.');
		}
	}

	async #refresh({ id, modelId }: Project, signal: AbortSignal): Promise<void> {
		const [runs, judged, live] = await Promise.all([
			listRuns(id),
			modelId === null ? null : readModel(modelId),
			readLiveModel(id)
		]);
		if (signal.aborted) return;
		this.#runs = runs;
		this.#judged = judged;
		this.#practice.take(live);
	}

	#markNow(): string {
		const { features } = this.#looking;
		return this.#lesson && features ? markOfLesson(this.#lesson, features) : '';
	}

	#ground() {
		const { features } = this.#looking;
		if (!this.#lesson || !features || !this.keepLearning || this.#run) return null;
		const judged = this.#judged && { model: this.#judged, run: this.run };
		return { lesson: this.#lesson, features, judged, model: this.model, signal: this.#open.signal };
	}

	async #train(config: TrainingConfig, { signal, stopped, left }: Run): Promise<void> {
		this.#step = { words: 'Learning', done: 0 };
		this.#running = config;
		const { features } = this.#looking;
		const lesson = this.#lesson;
		if (!lesson) return;
		const mark = this.#markNow();
		const circumstances = circumstancesOf(lesson, mark, Date.now());
		if (!features) throw notRead();
		const options = { trainer: this.#trainer, judged: true, signal };
		const dataset = await datasetOfLesson(lesson, features, options);
		signal.throwIfAborted();
		if (!dataset) throw new Trouble('too-few-labels', 'Learning needs photos of at least two labels.');
		const onProgress = (progress: TrainingProgress) => signal.aborted || this.#see(progress);
		const begin = performance.now();
		try {
			if (trainsNetwork(config)) {
				const fresh = this.run?.from === mark;
				const both = { ...circumstances, config, head: { kind: 'head', seed: config.seed } as const };
				await this.#tuning.train(lesson, dataset, both, { signal, onProgress, fresh, stopped, left });
			} else {
				const trained = await train(
					this.#trainer,
					dataset,
					{ ...circumstances, config },
					{ signal, onProgress }
				);
				await addRun(trained.run, trained.model, true);
				// What broke off before is not gone on with.
				await dropTuning(circumstances.projectId).catch(() => undefined);
			}
		} catch (cause) {
			const trouble = asTrouble(cause, 'training-failed', 'The training failed. The model before it stays.');
			const why = signal.aborted ? null : trouble.message;
			const ended = { why, time: performance.now() - begin, epochs: this.#epochs };
			// It goes on when the project is opened again.
			if (left.aborted && !stopped.aborted && trainsNetwork(config)) return;
			await addRun(endedRun(dataset, { ...circumstances, config }, ended), null, false);
			if (why !== null) throw trouble;
		} finally {
			await this.#told(circumstances.projectId);
		}
	}

	#see(progress: TrainingProgress): void {
		this.#step = progress;
		const { epoch } = progress;
		if (!epoch) return;
		const others = this.#epochs.filter((one) => one.epoch !== epoch.epoch);
		this.#epochs = [...others, epoch].sort((a, b) => a.epoch - b.epoch);
	}

	async #told(projectId: string): Promise<void> {
		tellProjectChanged(projectId);
		await this.#parts.onRun(projectId);
		const project = this.#lesson?.project;
		if (project?.id === projectId) await this.#refresh(project, this.#open.signal);
	}

	#fail(what: Work, cause: unknown, words: string): void {
		const trouble = asTrouble(cause, 'learning-failed', words);
		this.#trouble = { what, words: trouble.message };
		void noteError('learning', trouble);
	}

	/** What went wrong before has gone well now. */
	#heal(what: Work): void {
		if (this.#trouble?.what === what) this.#trouble = null;
	}
}

/** Rejects once it is given up. */
const givenUp = (signal: AbortSignal) =>
	new Promise<never>((_resolve, reject) =>
		signal.addEventListener('abort', () => reject(signal.reason), { once: true })
	);

const notRead = () =>
	new Trouble('not-read', 'The photos have not been read yet. Wait a moment and press Train again.');
