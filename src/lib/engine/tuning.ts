/** What the training worker does to fine-tune, step by step: `cut`, `expect`, `put` for each row, `tune`. */
import type { TrainingProgress } from '../domain/training';
import { asTrouble, Trouble } from '../domain/trouble';
import type { Spill } from './fine-tune/activations';
import type { FineTuned } from './fine-tune/fine-tune';
import type { CutInput, ScratchInput, Trunk, TuneInput, Tuner } from './fine-tune/tuner';
import type { TuningState } from './fine-tune/tuning';
import type { Job } from './pause';

/** Whose it is, for what is kept of it. */
export interface TuningOf {
	projectId: string;
	/** What it is learned from (`markOf` in domain/dataset). */
	from: string;
	/** SHA-256 of the backbone's file. */
	backbone: string;
	/** Milliseconds since 1970. */
	started: number;
}

export interface TuningKeeper {
	/** Where rows of a project go that memory has no room for. */
	spill(projectId: string): Spill;
	keep(of: TuningOf & Pick<TuneInput, 'config'>, state: TuningState): Promise<void>;
}

/** Milliseconds between two times that it is kept; of the whole time, keeping takes a twentieth at most. */
const EVERY = 5000;
const MOST = 1 / 20;

export class TuningMethods {
	readonly #keeper: TuningKeeper;
	#tuner: Tuner | null = null;

	constructor(keeper: TuningKeeper) {
		this.#keeper = keeper;
	}

	/** In place of the network before. @throws Trouble 'finetune-operator', 'finetune-cut'; as `cutsOf` */
	async cut(input: CutInput | ScratchInput): Promise<Trunk> {
		this.#tuner = null;
		this.#tuner = await tunerOf(input);
		return this.#tuner.trunk;
	}

	/** Whether a network can be cut and trained; the one that is at work stays. @throws as `cut` */
	async tryCut(input: CutInput): Promise<void> {
		await tunerOf(input);
	}

	/** Makes room. @param input.rows photos times views, then those of a test @param input.spills whether what is put aside lasts */
	async expect({
		projectId,
		rows,
		spills
	}: {
		projectId: string;
		rows: number;
		spills: boolean;
	}): Promise<void> {
		this.#cut.expect(rows, { spill: spills ? this.#keeper.spill(projectId) : null });
	}

	/** Lets go of what was cut and put: nothing is going to be trained. */
	async forget(): Promise<void> {
		this.#tuner = null;
	}

	/** @param numbers what the trunk says of a photo and view @throws Trouble 'storage-full' where there is no room for it */
	put({ row, numbers }: { row: number; numbers: Float32Array<ArrayBuffer> }): Promise<void> {
		return this.#cut.put(row, numbers);
	}

	/**
	 * Trains, judges, and lets go of what was put.
	 *
	 * @param every milliseconds between two times that it is kept where it stands
	 * @throws Trouble 'training-labels', 'training-diverged', 'tf-failed'; AbortError
	 */
	async tune(
		{ of, every = EVERY, ...input }: TuneInput & { of: TuningOf; every?: number },
		job: Job<TrainingProgress>
	): Promise<FineTuned> {
		const keep = (state: TuningState) => this.#keeper.keep({ ...of, config: input.config }, state);
		const keeping = new Cadence(keep, { every, kept: input.from !== null });
		const report = (progress: TrainingProgress) =>
			job.report({
				...progress,
				kept: keeping.kept,
				...(keeping.warning !== null && { warning: keeping.warning })
			});
		const tuner = this.#cut;
		try {
			return await tuner.learn(input, keeping, { ...job, report });
		} finally {
			// Another one may have come meanwhile.
			if (this.#tuner === tuner) this.#tuner = null;
		}
	}

	/** The person has enough: no network takes more epochs than the one under way has then. */
	async enough(): Promise<void> {
		this.#tuner?.end();
	}

	get #cut(): Tuner {
		if (this.#tuner) return this.#tuner;
		throw new Trouble(
			'training-stopped',
			'The part that learns was started again meanwhile. Your photos and the model before it are as they were; train again.'
		);
	}
}

/** What fine-tuning takes is loaded when it is wanted first. */
async function tunerOf(input: CutInput | ScratchInput): Promise<Tuner> {
	const { Tuner } = await import('./fine-tune/tuner').catch((cause: unknown) => {
		throw new Trouble('tf-failed', 'A part of the app could not be loaded. Reload the page.', { cause });
	});
	return new Tuner(input);
}

/** Says when it is time to keep where a run stands. That it could not be kept is no reason to end it. */
class Cadence {
	/** Why the last try failed, in words. */
	warning: string | null = null;
	/** It was once. */
	kept: boolean;
	readonly #keep: (state: TuningState) => Promise<void>;
	readonly #every: number;
	#last = performance.now();
	#wait: number;

	/** @param options.kept a run before this one was */
	constructor(
		keep: (state: TuningState) => Promise<void>,
		{ every, kept }: { every: number; kept: boolean }
	) {
		[this.#keep, this.#every, this.#wait, this.kept] = [keep, every, every, kept];
	}

	readonly keeps = (): boolean => performance.now() - this.#last >= this.#wait;

	readonly keep = async (state: TuningState): Promise<void> => {
		const begin = performance.now();
		this.warning = await this.#keep(state).then(
			() => {
				this.kept = true;
				return null;
			},
			(cause: unknown) => notKept(cause)
		);
		this.#last = performance.now();
		this.#wait = Math.max(this.#every, (this.#last - begin) / MOST);
	};
}

function notKept(cause: unknown): string {
	const { message } = asTrouble(cause, 'not-saved', 'The browser refused to keep it.');
	return `It goes on, but where it stands could not be kept, so leave this page open until it has ended. ${message}`;
}
