/** How a project learns, as its pages see it: what there is to learn from, training runs, and which model answers. */
import type { LabelCount } from '$lib/domain/advice';
import type { Model, TrainingRun } from '$lib/domain/model';
import { outlookOf, type Outlook } from '$lib/domain/outlook';
import type { Project } from '$lib/domain/project';
import type { TrainingProgress } from '$lib/domain/training';
import { countsOfLesson, markOfWhole, unknownBackbone, type Lesson } from '$lib/services/lesson';
import { tellProjectChanged } from '$lib/services/project-news';
import { subjectOf, type Subject } from '$lib/services/share-subject';
import { makeTrainer, type Trainer } from '$lib/services/trainer';
import type { EngineState } from './engine.svelte';
import { FineTuning } from './fine-tuning.svelte';
import { Learned } from './learned.svelte';
import { LearningTrouble } from './learning-trouble.svelte';
import { Looking } from './looking.svelte';
import { Practice } from './practice.svelte';
import type { SettingsState } from './settings.svelte';
import { TrainingRuns } from './training-runs.svelte';

interface Parts {
	engine: EngineState;
	settings: SettingsState;
	/** The project's row was changed by a run. */
	onRun(projectId: string): Promise<void>;
}

export class LearningState {
	readonly #parts: Parts;
	/** Learns and judges beside the model in use. */
	readonly trainer: Trainer = makeTrainer();
	readonly #trouble = new LearningTrouble();
	readonly #looking: Looking;
	readonly #practice: Practice;
	readonly #learned: Learned;
	readonly #tuning: FineTuning;
	/** Runs of the project that is open: its pages begin and end them, and show how they go. */
	readonly training: TrainingRuns;
	#lesson: Lesson | null = $state.raw(null);
	/** Ends all that is done for the project that is open. */
	#open = new AbortController();
	/** What the project has was read and looked at. */
	#entered: Promise<void> = Promise.resolve();

	/** What is there to learn from, by label: without photos of the person's own test. */
	readonly labelCounts: readonly LabelCount[] = $derived(this.#lesson ? countsOfLesson(this.#lesson) : []);
	/** What a press of Train would take. */
	readonly outlook: Outlook = $derived.by(() => outlookOf(this.labelCounts, this.runs, this.#looking.left));

	constructor(parts: Parts) {
		this.#parts = parts;
		this.#looking = new Looking(
			parts.engine,
			() => this.#lesson,
			() => void this.#practice.learn()
		);
		this.#practice = new Practice({
			trainer: this.trainer,
			ground: () => this.#ground(),
			onLearned: () => this.#trouble.heal('relearn'),
			onTrouble: (cause) =>
				this.#trouble.fail('relearn', cause, 'Learning on did not work. Press Train to try again.')
		});
		this.#learned = new Learned(this.#practice);
		this.#tuning = new FineTuning(this.trainer, parts.settings, parts.engine);
		this.training = new TrainingRuns({
			...{ trainer: this.trainer, tuning: this.#tuning, looking: this.#looking },
			...{ learned: this.#learned, trouble: this.#trouble },
			open: () => this.#lesson && { lesson: this.#lesson, left: this.#open.signal },
			looked: (signal) => this.#entered.then(() => this.#looking.look(signal)),
			onKept: (projectId) => this.#told(projectId),
			onOver: () => void this.#practice.learn()
		});
		let running = false;
		parts.engine.service.subscribe(({ phase }) => {
			// What could not be looked at may be now.
			if (phase === 'ready' && !running && this.#lesson) void this.#look(this.#open.signal);
			running = phase === 'ready';
		});
	}

	get phase(): 'idle' | 'looking' | 'training' {
		if (this.training.busy) return 'training';
		return this.#looking.step ? 'looking' : 'idle';
	}

	/** Of what goes on now, `done` 0..1. */
	get progress(): Omit<TrainingProgress, 'epoch'> | null {
		return this.#looking.step ?? this.training.step;
	}

	/** Why the last run ended without a model, or what could not be kept, in words. */
	get trouble(): string | null {
		return this.#trouble.words ?? this.#looking.damaged[0] ?? null;
	}

	get runs(): readonly TrainingRun[] {
		return this.#learned.runs;
	}

	/** The run of the model in use. */
	get run(): TrainingRun | null {
		return this.#learned.run;
	}

	/** What answers: the trained model, or one that has gone on learning since. */
	get model(): Model | null {
		return this.#learned.model;
	}

	/** Photos or labels changed since the model in use was trained and judged. */
	get stale(): boolean {
		return this.#learned.stale;
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
			if (modelsOf(before) !== modelsOf(lesson.project)) void this.#reread(lesson.project, signal);
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
		this.trainer.stop();
	}

	/** Finds out whether the project's network can be fine-tuned: `cannotTune` says. Never fails. */
	async askTuning(): Promise<void> {
		const { project } = this.#lesson ?? {};
		if (project && this.phase === 'idle') await this.#tuning.ask(project.backboneId, this.#open.signal);
	}

	/** Makes an older model the one in use again. */
	async use(modelId: string): Promise<void> {
		const { project } = this.#lesson ?? {};
		if (!project) return;
		try {
			await this.#learned.use(project.id, modelId);
			await this.#told(project.id);
		} catch (cause) {
			this.#trouble.fail('train', cause, 'The model could not be taken into use. Try again.');
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
		const run = this.runs.find(({ modelId }) => modelId === model?.id) ?? null;
		const { features } = this.#looking;
		return subjectOf({ lesson: this.#lesson, features, model, run, judged, stale }, this.trainer, signal);
	}

	async setKeepLearning(keepLearning: boolean): Promise<void> {
		await this.#parts.settings.change({ keepLearning });
		void this.#practice.learn();
	}

	#close(): void {
		this.#open.abort();
		this.#open = new AbortController();
		this.#looking.close();
		this.training.close();
		this.#learned.close();
		this.#trouble.clear();
	}

	async #enter(project: Project, signal: AbortSignal): Promise<void> {
		try {
			const words = await unknownBackbone(project);
			if (signal.aborted) return;
			if (words) this.#trouble.say('network', words);
			await Promise.all([this.#looking.open(project, signal), this.#learned.read(project, signal)]);
			if (!signal.aborted && this.#lesson) this.#learned.foresee(markOfWhole(this.#lesson));
			await this.#look(signal);
			if (!signal.aborted) void this.training.goOn(project.id, signal);
		} catch (cause) {
			if (!signal.aborted)
				this.#trouble.fail('look', cause, 'What was learned before could not be read. Reload to try again.');
		}
	}

	async #reread(project: Project, signal: AbortSignal): Promise<void> {
		try {
			await this.#learned.read(project, signal);
			await this.training.refresh(project.id);
		} catch (cause) {
			const words = 'The list of training runs could not be read again. Reload to see it as it is.';
			if (!signal.aborted) this.#trouble.fail('look', cause, words);
		}
	}

	async #look(signal: AbortSignal): Promise<void> {
		try {
			await this.#looking.look(signal);
			if (signal.aborted) return;
			this.#learned.compare(this.#looking.mark);
			this.#trouble.heal('look');
		} catch (cause) {
			if (!signal.aborted)
				this.#trouble.fail('look', cause, 'The photos could not be looked at. Reload to try again.');
		}
	}

	#ground() {
		const { features } = this.#looking;
		if (!this.#lesson || !features || !this.keepLearning || this.training.busy) return null;
		const { judged, model } = this.#learned;
		return { lesson: this.#lesson, features, judged, model, signal: this.#open.signal };
	}

	async #told(projectId: string): Promise<void> {
		tellProjectChanged(projectId);
		await this.#parts.onRun(projectId);
		const project = this.#lesson?.project;
		if (project?.id === projectId) await this.#learned.read(project, this.#open.signal);
	}
}

/** Of which models there are, and which is in use, what a project itself says. */
const modelsOf = ({ modelId, thrownModels }: Project) => JSON.stringify([modelId, thrownModels]);
