/** How training runs go: begun at a press, or taken up again where one broke off with the page, one at a time. */
import type { Dataset } from '$lib/domain/dataset';
import { trainsNetwork, type Epoch, type TrainingConfig, type TrainingProgress } from '$lib/domain/training';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { nameOf, setAside, settle, takenUp, tidy } from '$lib/services/kept-tuning';
import { circumstancesOf, datasetOfLesson, type Lesson } from '$lib/services/lesson';
import { asOnly } from '$lib/services/project-news';
import { endedRun, train, type Circumstances } from '$lib/services/train';
import type { Trainer } from '$lib/services/trainer';
import { addRun } from '$lib/storage/models';
import { dropRows, dropTuning, readTuning } from '$lib/storage/training';
import { BegunRun, shaOf } from './begun-run.svelte';
import type { FineTuning } from './fine-tuning.svelte';
import type { Learned } from './learned.svelte';
import { Run } from './learning-run';
import type { LearningTrouble } from './learning-trouble.svelte';
import type { Looking } from './looking.svelte';

interface Parts {
	trainer: Trainer;
	tuning: FineTuning;
	looking: Pick<Looking, 'features' | 'mark'>;
	learned: Pick<Learned, 'run' | 'mark'>;
	trouble: LearningTrouble;
	/** The project as it is at the moment, and what ends when it is left; null while none is open. */
	open(): { lesson: Lesson; left: AbortSignal } | null;
	/** Resolves when all photos were looked at. @throws Trouble where features cannot be kept */
	looked(signal: AbortSignal): Promise<void>;
	/** What a project keeps was changed by a run. */
	onKept(projectId: string): Promise<void>;
	/** The run is over, and no other takes its place. */
	onOver(): void;
}

export class TrainingRuns {
	readonly #parts: Parts;
	#run: Run | null = $state.raw(null);
	#step: TrainingProgress | null = $state.raw(null);
	#epochs: readonly Epoch[] = $state.raw([]);
	#running: TrainingConfig | null = $state.raw(null);
	readonly #begun = new BegunRun();
	/** The last run is over, and all that it used is free again. */
	#ended: Promise<void> = Promise.resolve();

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** A run goes on, or waits for its turn. */
	get busy(): boolean {
		return this.#run !== null;
	}

	/** Of the run that goes on, `done` 0..1; null before it learns. */
	get step(): TrainingProgress | null {
		return this.#step;
	}

	/** Of the run that goes on. */
	get epochs(): readonly Epoch[] {
		return this.#epochs;
	}

	/** What the run that goes on learns by; null where none does. */
	get running(): TrainingConfig | null {
		return this.#running;
	}

	/** What a run learned by that broke off or was stopped; null where there is none. */
	get begun(): TrainingConfig | null {
		return this.#begun.config;
	}

	/** It can go on: what it learns from is as it was, and there is something to go on with. */
	get goesOn(): boolean {
		return this.#begun.goesOn(this.#parts.open()?.lesson, this.#parts.learned.mark);
	}

	/** Never fails: the trouble says why there is no model. */
	async train(config: TrainingConfig): Promise<void> {
		await this.#begin((lesson, run) => {
			const wait = 'Another tab is training; this one goes on when it has ended';
			return asOnly(
				nameOf(lesson.project.id),
				run.signal,
				() => this.#held(lesson.project.id, config, run),
				() => (this.#step = { words: wait, done: 0 })
			);
		});
	}

	/** Goes on with a fine-tuning that broke off with the page, unless another tab does. Never fails. */
	async goOn(projectId: string, left: AbortSignal): Promise<void> {
		// A run of this tab may still be on its way out.
		await this.#ended;
		const kept = await readTuning(projectId).catch(() => null);
		if (left.aborted) return;
		// Without it, what it had put aside is of no more use.
		this.#begun.take(kept);
		if (!kept || kept.waits) return tidy(projectId, left);
		await this.#begin((lesson, run) =>
			asOnly(
				nameOf(projectId),
				run.signal,
				async () => {
					// What was kept is of the project that was open when it was asked for.
					run.signal.throwIfAborted();
					// What it had put aside is put there again.
					await dropRows(projectId);
					const backbone = shaOf(lesson);
					if (backbone === undefined) return;
					const begun = await takenUp({ projectId, from: this.#parts.looking.mark, backbone });
					if (begun) await this.#held(projectId, begun.config, run);
				},
				() => run.giveWay()
			)
		);
	}

	/** Stops the run; the model before it stays, and a fine-tuning can go on later. */
	stop(): void {
		this.#run?.stop();
	}

	/** A fine-tuning takes no more epochs than the one under way has then. Never fails. */
	async enough(): Promise<void> {
		await this.#parts.trainer.enough().catch(() => undefined); // whoever runs it hears of its end
	}

	/** Nothing of the project is shown any more; its run ends with `left`. */
	close(): void {
		this.#run = null;
		this.#running = null;
		this.#begun.take(null);
		this.#step = null;
		this.#epochs = [];
	}

	#begin(work: (lesson: Lesson, run: Run) => Promise<void>): Promise<void> {
		if (this.#run) return Promise.resolve();
		const before = this.#ended;
		// One that is given up early does not wait for the run before it, whoever comes next does.
		return (this.#ended = Promise.all([before, this.#once(work, before)]).then(() => undefined));
	}

	/** @param before the run before it, which may be on its way out: one worker serves all */
	async #once(work: (lesson: Lesson, run: Run) => Promise<void>, before: Promise<void>): Promise<void> {
		const open = this.#parts.open();
		if (!open) return;
		const { lesson } = open;
		const run = (this.#run = new Run(open.left));
		const { signal } = run;
		this.#parts.trouble.clear();
		this.#epochs = [];
		try {
			await Promise.race([Promise.all([this.#parts.looked(run.left), before]), givenUp(signal)]);
			this.#step = { words: 'Learning', done: 0 };
			await work(lesson, run);
		} catch (cause) {
			const words = 'The training stopped. The model before it stays.';
			if (!signal.aborted) this.#parts.trouble.fail('train', cause, words);
		} finally {
			const isShown = this.#run === run;
			if (isShown) {
				this.#run = null;
				this.#step = null;
				this.#running = null;
			}
			if (run.stopped.aborted) await setAside(lesson.project.id);
			if (this.#run === null) await this.refresh(lesson.project.id);
			if (isShown) this.#parts.onOver();
		}
	}

	/** Reads what can be gone on with; what another tab has under way cannot. Never fails. */
	async refresh(projectId: string): Promise<void> {
		const isOpen = () => this.#parts.open()?.lesson.project.id === projectId;
		if (!this.#run) await this.#begun.read(projectId, () => !this.#run && isOpen());
	}

	/**
	 * Trains while no other tab does. What it would go on with waits where it is stopped, and is forgiven where it is
	 * left, at whatever it was then.
	 *
	 * @throws as `#train`
	 */
	async #held(projectId: string, config: TrainingConfig, run: Run): Promise<void> {
		try {
			await this.#train(config, run);
		} finally {
			if (run.stopped.aborted) await settle(projectId, { kind: 'stopped' });
			else if (run.left.aborted) await settle(projectId, { kind: 'left' });
		}
	}

	/** One that fails, or is stopped, is noted without a model. @throws Trouble why there is no model */
	async #train(config: TrainingConfig, run: Run): Promise<void> {
		run.signal.throwIfAborted();
		this.#step = { words: 'Learning', done: 0 };
		this.#running = config;
		const { trainer, looking } = this.#parts;
		const { features } = looking;
		const { lesson } = this.#parts.open() ?? {};
		if (!lesson) return;
		const circumstances = { ...circumstancesOf(lesson, looking.mark, Date.now()), config };
		if (!features) throw notRead();
		const { signal, stopped, left } = run;
		const dataset = await datasetOfLesson(lesson, features, { trainer, judged: true, signal });
		signal.throwIfAborted();
		if (!dataset) throw new Trouble('too-few-labels', 'Learning needs photos of at least two labels.');
		const begin = performance.now();
		try {
			await this.#learn(lesson, dataset, circumstances, run);
		} catch (cause) {
			const trouble = asTrouble(cause, 'training-failed', 'The training failed. The model before it stays.');
			const why = signal.aborted ? null : trouble.message;
			const ended = { why, time: performance.now() - begin, epochs: this.#epochs };
			// It goes on when the project is opened again.
			if (left.aborted && !stopped.aborted && trainsNetwork(config)) return;
			await addRun(endedRun(dataset, circumstances, ended), null, false);
			if (why !== null) throw trouble;
		} finally {
			await this.#parts.onKept(circumstances.projectId);
		}
	}

	/** Trains, and keeps what came of it. @throws as `train` and `FineTuning.train`; Trouble of the storage */
	async #learn(
		lesson: Lesson,
		dataset: Dataset,
		circumstances: Circumstances & { config: TrainingConfig },
		{ signal }: Run
	): Promise<void> {
		const { config } = circumstances;
		const { trainer, tuning, learned } = this.#parts;
		const onProgress = (progress: TrainingProgress) => signal.aborted || this.#see(progress);
		if (trainsNetwork(config)) {
			const standing = () => ({
				rival: learned.run?.from === circumstances.from ? learned.run : null,
				outdated: !haveAll(this.#parts.open()?.lesson ?? lesson, dataset)
			});
			const both = { ...circumstances, config, head: { kind: 'head', seed: config.seed } as const };
			await tuning.train(lesson, dataset, both, { signal, onProgress, standing });
		} else {
			const trained = await train(trainer, dataset, { ...circumstances, config }, { signal, onProgress });
			await addRun(trained.run, trained.model, true);
			// What broke off before is not gone on with.
			await dropTuning(circumstances.projectId).catch(() => undefined);
		}
	}

	#see(progress: TrainingProgress): void {
		this.#step = progress;
		const { epoch } = progress;
		if (!epoch) return;
		const others = this.#epochs.filter((one) => one.epoch !== epoch.epoch);
		this.#epochs = [...others, epoch].sort((a, b) => a.epoch - b.epoch);
	}
}

/** Rejects once it is given up. */
const givenUp = (signal: AbortSignal) =>
	new Promise<never>((_resolve, reject) =>
		signal.addEventListener('abort', () => reject(signal.reason), { once: true })
	);

/** Whether all labels that were learned are there and on. */
const haveAll = ({ labels }: Lesson, dataset: Dataset): boolean =>
	dataset.labels.every(({ id }) =>
		labels.some((label) => label.id === id && !label.off && label.trashed === null)
	);

const notRead = () =>
	new Trouble('not-read', 'The photos have not been read yet. Wait a moment and press Train again.');
