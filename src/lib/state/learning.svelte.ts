/**
 * How a project learns: a training run at a press, judged and kept, and, where the person wants it, the head
 * solved again after each new photo.
 */
import { countLabels, missingToTrain, type LabelCount } from '$lib/domain/advice';
import { comparisonOf, datasetOf, knownPhotos, markOf, takingPart, type Dataset } from '$lib/domain/dataset';
import type { Model, TrainingRun } from '$lib/domain/model';
import type { Project } from '$lib/domain/project';
import type { Epoch, TrainingConfig, TrainingProgress } from '$lib/domain/training';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { newId } from '$lib/services/new-id';
import { endedRun, relearn, train, type Circumstances } from '$lib/services/train';
import { makeTrainer, type Trainer } from '$lib/services/trainer';
import { asOnly, tellProjectChanged } from '$lib/services/project-news';
import { noteError } from '$lib/storage/errors';
import { addRun, listRuns, readLiveModel, readModel, saveLiveModel, useModel } from '$lib/storage/models';
import { backboneById } from '$models/catalog';
import type { EngineState } from './engine.svelte';
import { Looking, type Lesson } from './looking.svelte';
import type { SettingsState } from './settings.svelte';

interface Parts {
	engine: EngineState;
	settings: SettingsState;
	/** The project's row was changed by a run. */
	onRun(projectId: string): Promise<void>;
}

/** What a trouble is of; it goes when the same goes well. */
type Work = 'look' | 'relearn' | 'train';

const unknownBackbone =
	'This project was taught with a network that this version does not know. Update Lensmith to go on with it; the photos are safe.';

export class LearningState {
	readonly #parts: Parts;
	readonly #trainer: Trainer = makeTrainer();
	readonly #looking: Looking;
	#lesson: Lesson | null = $state.raw(null);
	#step: TrainingProgress | null = $state.raw(null);
	#epochs: readonly Epoch[] = $state.raw([]);
	#trouble: { what: Work; words: string } | null = $state.raw(null);
	#runs: readonly TrainingRun[] = $state.raw([]);
	#judged: Model | null = $state.raw(null);
	#live: Model | null = $state.raw(null);
	/** Of what is there to learn from (`markOf`), once all of it was looked at; '' before. */
	#mark = $state('');
	/** Ends all that is done for the project that is open. */
	#open = new AbortController();
	/** What the project has was read and looked at. */
	#entered: Promise<void> = Promise.resolve();
	#run: AbortController | null = $state.raw(null);
	#relearning = false;
	#relearnAgain = false;

	constructor(parts: Parts) {
		this.#parts = parts;
		this.#looking = new Looking(
			parts.engine,
			() => this.#lesson,
			() => void this.#relearn()
		);
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
	get progress(): { words: string; done: number } | null {
		const { progress, waits } = this.#looking;
		if (waits)
			return { words: 'Another tab is looking at the photos; this one goes on when it has ended', done: 0 };
		if (progress) {
			const { done, of } = progress;
			return { words: `Looking at your photos: ${done} of ${of}`, done: done / of };
		}
		return this.#step;
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
		if (!this.#live || (this.#judged && !this.stale)) return this.#judged;
		if (this.#live.from === this.#mark) return this.#live;
		return this.#judged && this.#judged.created > this.#live.created ? this.#judged : this.#live;
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

	get keepLearning(): boolean {
		return this.#parts.settings.value.keepLearning;
	}

	/** What a press of Train would take. `seconds`: about how long; null where that is not known. */
	get outlook(): { labels: number; photos: number; missing: string[]; seconds: number | null } {
		const counts = this.#counts();
		const photos = sum(counts.values());
		const last = this.#runs.find(({ state, config }) => state === 'done' && config.kind === 'head');
		const then = sum(Object.values(last?.photos ?? {}));
		const solving = last && then > 0 ? (last.time * photos) / then : null;
		const seconds = solving === null ? null : (this.#looking.left + solving) / 1000;
		const missing = missingToTrain(this.labelCounts);
		return { labels: counts.size, photos, missing: missing === null ? [] : [missing], seconds };
	}

	/** What is there to learn from, by label; for advice. */
	get labelCounts(): LabelCount[] {
		const { labels = [], photos = [] } = this.#lesson ?? {};
		const learned = takingPart(labels, photos).filter(({ split }) => split !== 'test');
		return countLabels(
			labels.filter(({ off }) => !off),
			learned
		);
	}

	/** Photos of each label that are learned from: not those of the person's own test. */
	#counts(): Map<string, number> {
		const { labels = [], photos = [] } = this.#lesson ?? {};
		const counts = new Map<string, number>();
		for (const { labelId, split } of takingPart(labels, photos))
			if (split !== 'test') counts.set(labelId, (counts.get(labelId) ?? 0) + 1);
		return counts;
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

	/** Never fails: `trouble` says why there is no model. */
	async train(config: TrainingConfig): Promise<void> {
		if (this.#run || !this.#lesson) return;
		const run = (this.#run = new AbortController());
		const signal = AbortSignal.any([run.signal, this.#open.signal]);
		this.#trouble = null;
		this.#epochs = [];
		try {
			const looked = this.#entered.then(() => this.#looking.look(this.#open.signal));
			await Promise.race([looked, givenUp(signal)]);
			this.#step = { words: 'Learning', done: 0 };
			const wait = 'Another tab is training; this one goes on when it has ended';
			await asOnly(
				`training ${this.#lesson.project.id}`,
				signal,
				() => this.#train(config, signal),
				() => (this.#step = { words: wait, done: 0 })
			);
		} catch (cause) {
			if (!signal.aborted) this.#fail('train', cause, 'The training stopped. The model before it stays.');
		} finally {
			if (this.#run === run) {
				this.#run = null;
				this.#step = null;
				// Photos may have come while it trained.
				void this.#relearn();
			}
		}
	}

	/** Stops the run; the model before it stays. */
	stop(): void {
		this.#run?.abort();
	}

	/** Makes an older model the one in use again. */
	async use(modelId: string): Promise<void> {
		const { project } = this.#lesson ?? {};
		if (!project) return;
		try {
			await useModel(project.id, modelId, Date.now());
			const model = await readModel(modelId);
			// It answers as it is until photos change; from then on it goes on learning.
			if (model) await saveLiveModel({ ...model, from: this.#mark });
			await this.#told(project.id);
		} catch (cause) {
			this.#fail('train', cause, 'The model could not be taken into use. Try again.');
		}
	}

	async setKeepLearning(keepLearning: boolean): Promise<void> {
		await this.#parts.settings.change({ keepLearning });
		void this.#relearn();
	}

	#close(): void {
		this.#open.abort();
		this.#open = new AbortController();
		this.#looking.close();
		this.#run = null;
		this.#step = null;
		this.#runs = [];
		this.#judged = null;
		this.#live = null;
		this.#mark = '';
		this.#trouble = null;
		this.#epochs = [];
	}

	async #enter(project: Project, signal: AbortSignal): Promise<void> {
		if (!backboneById(project.backboneId)) this.#trouble = { what: 'look', words: unknownBackbone };
		try {
			await Promise.all([this.#looking.open(project, signal), this.#refresh(project, signal)]);
			await this.#look(signal);
		} catch (cause) {
			if (!signal.aborted)
				this.#fail('look', cause, 'What was learned before could not be read. Reload to try again.');
		}
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
		this.#live = live;
	}

	#markNow(): string {
		const { features } = this.#looking;
		if (!this.#lesson || !features) return '';
		const { project, labels, photos } = this.#lesson;
		return markOf(labels, photos, features, project.views);
	}

	/** @param judged the model is going to be judged */
	async #dataset(judged: boolean, signal: AbortSignal): Promise<Dataset | null> {
		const { features } = this.#looking;
		if (!this.#lesson || !features) return null;
		const { project, labels, photos } = this.#lesson;
		const known = knownPhotos(labels, photos, features, project.views);
		// Without a judgement only photos that show what a test photo shows must be known.
		const compared = judged || known.some(({ split }) => split === 'test');
		const groups = compared
			? await this.#trainer.group(comparisonOf(known, features), { signal })
			: Int32Array.from(known.keys());
		return datasetOf(labels, known, groups, features, project.views);
	}

	#circumstances(): Circumstances {
		const project = this.#lesson?.project;
		const card = backboneById(project?.backboneId ?? '');
		if (!project || !card) throw new Trouble('backbone-unknown', unknownBackbone);
		return {
			projectId: project.id,
			backbone: { sha256: card.file.sha256, id: card.id },
			crop: project.crop,
			from: this.#markNow(),
			now: Date.now(),
			newId
		};
	}

	async #train(config: TrainingConfig, signal: AbortSignal): Promise<void> {
		this.#step = { words: 'Learning', done: 0 };
		const circumstances = { ...this.#circumstances(), config };
		if (!this.#looking.features)
			throw new Trouble(
				'not-read',
				'The photos have not been read yet. Wait a moment and press Train again.'
			);
		const dataset = await this.#dataset(true, signal);
		if (!dataset) throw new Trouble('too-few-labels', 'Learning needs photos of at least two labels.');
		const onProgress = (progress: TrainingProgress) => {
			this.#step = progress;
			if (progress.epoch) this.#epochs = [...this.#epochs, progress.epoch];
		};
		const begin = performance.now();
		try {
			const { run, model } = await train(this.#trainer, dataset, circumstances, { signal, onProgress });
			await addRun(run, model, true);
		} catch (cause) {
			const trouble = asTrouble(cause, 'training-failed', 'The training failed. The model before it stays.');
			const why = signal.aborted ? null : trouble.message;
			const ended = { why, time: performance.now() - begin, epochs: this.#epochs };
			await addRun(endedRun(dataset, circumstances, ended), null, false);
			if (why !== null) throw trouble;
		} finally {
			await this.#told(circumstances.projectId);
		}
	}

	async #told(projectId: string): Promise<void> {
		tellProjectChanged(projectId);
		await this.#parts.onRun(projectId);
		const project = this.#lesson?.project;
		if (project?.id === projectId) await this.#refresh(project, this.#open.signal);
	}

	/** One at a time; photos that come meanwhile are learned together by the next. */
	async #relearn(): Promise<void> {
		this.#relearnAgain = true;
		if (this.#relearning) return;
		this.#relearning = true;
		const { signal } = this.#open;
		try {
			while (this.#relearnAgain && this.keepLearning && !this.#run && !signal.aborted) {
				this.#relearnAgain = false;
				await this.#relearnOnce(signal);
			}
		} catch (cause) {
			if (!signal.aborted)
				this.#fail('relearn', cause, 'Learning on did not work. Press Train to try again.');
		} finally {
			this.#relearning = false;
			// Asked for by a project that was opened while the one before was still learned.
			if (signal.aborted && this.#relearnAgain && this.#lesson) void this.#relearn();
		}
	}

	async #relearnOnce(signal: AbortSignal): Promise<void> {
		const upToDate = this.#judged !== null && !this.stale;
		const { features } = this.#looking;
		if (!this.#lesson || !features || this.run?.config.kind === 'mlp') return;
		const { project, labels, photos } = this.#lesson;
		const from = this.#markNow();
		if (this.#live?.from === from || (upToDate && from === this.#mark)) return;
		// While a view that was switched on just now is computed, labels without it would be forgotten.
		const looked = knownPhotos(labels, photos, features, []).length;
		if (knownPhotos(labels, photos, features, project.views).length < looked) return;
		const dataset = await this.#dataset(false, signal);
		if (!dataset) return;
		await asOnly(`learning on ${project.id}`, signal, async () => {
			// Another tab may have learned the same meanwhile.
			const kept = await readLiveModel(project.id);
			const live = kept?.from === from ? kept : await this.#solve(dataset, from, signal);
			if (signal.aborted) return;
			this.#live = live;
			if (live !== kept) await saveLiveModel(live);
			this.#heal('relearn');
		});
	}

	async #solve(dataset: Dataset, from: string, signal: AbortSignal): Promise<Model> {
		const { run } = this;
		const judged = this.#judged && { model: this.#judged, run };
		const before = { model: this.model, judged };
		return relearn(this.#trainer, dataset, { ...this.#circumstances(), from }, { before, signal });
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

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, n) => total + n, 0);
