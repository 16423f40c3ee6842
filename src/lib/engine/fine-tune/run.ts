/**
 * One run of epochs over what the trunk said of the photos. Where it stands can be kept and taken up again, to the
 * same result: the order of an epoch comes from the seed and the epoch's number alone.
 */
import { Random } from '../../domain/random';
import { stepSize, type Schedule } from '../../domain/schedule';
import type { Epoch } from '../../domain/training';
import { Trouble } from '../../domain/trouble';
import { diverged } from '../problem';
import { figuresOf, type Part } from '../set-aside';
import type { Activations } from './activations';
import type { Batch, NetworkConfig, TunedNetwork } from './network';
import type { OptimizerState } from './optimizer';

export interface TuneSet {
	/** Row of photo p in view v: p + v · photos; view 0 is the photo as it is. What else is there comes after them. */
	activations: Activations;
	views: number;
	/** [photos] */
	targets: Int32Array;
	/** [photos] How much each counts, mean about 1. */
	weights: Float64Array;
	classes: number;
}

export interface TuneConfig extends NetworkConfig {
	seed: number;
	epochs: number;
	batch: number;
	/** The largest step. */
	learningRate: number;
	/** Share of all steps that warm up, 0..1. */
	warmup: number;
}

/** Where a run stands between two steps. */
export interface Standing {
	/** The epoch that is under way, from 1. */
	epoch: number;
	/** Steps of it that are done. */
	step: number;
	/** Of the epoch so far: Σ loss · rows, rows named rightly, rows. */
	sums: { loss: number; right: number; rows: number };
	epochs: readonly Epoch[];
	weights: readonly Float32Array[];
	optimizer: OptimizerState;
}

export interface TuneJob {
	/** Awaited between steps; throws AbortError to end the run without a result. */
	pause(): Promise<void>;
	/** Asked at the end of each epoch: whether it was the last, as the person has enough. */
	enough?(): boolean;
	/** @param done steps since the run began */
	onStep?(done: number): void;
	/** Awaited, with the network as it is then. @param last no other epoch follows */
	onEpoch?(epoch: Epoch, last: boolean): Promise<void> | void;
	/** Asked between steps whether to keep where the run stands. */
	keeps?(): boolean;
	keep?(standing: Standing): Promise<void>;
}

/** Photos that are looked at in one go. */
const LOOK = 64;

/** What a run goes through. */
export interface Course {
	/** Photos that train, and those that are looked at after each epoch. */
	part: Part;
	/** Epochs that it takes of those that its schedule is laid out for. */
	until: number;
	/** Where an earlier run stood. */
	from?: Standing | null;
}

/**
 * Trains a network and leaves it as it is after its last epoch.
 *
 * @returns what each epoch gave
 * @throws Trouble 'training-diverged' where a loss is not finite; what `job.pause` throws
 */
export async function tune(
	network: TunedNetwork,
	set: TuneSet,
	{ part, until, from }: Course,
	config: TuneConfig,
	job: TuneJob
): Promise<readonly Epoch[]> {
	const run = new Run(network, set, { part, until }, config, job);
	try {
		if (from) run.restore(from);
	} catch (cause) {
		throw new Trouble(
			'training-kept-wrong',
			'What was kept of this training does not fit the network any more, so it begins anew the next time. Train again.',
			{ cause }
		);
	}
	return run.go();
}

/** Steps of an epoch. @param rows that train: photos times views */
export const stepsOf = (rows: number, { batch }: Pick<TuneConfig, 'batch'>): number =>
	Math.ceil(rows / batch);

class Run {
	readonly #schedule: Schedule;
	readonly #stepsPerEpoch: number;
	#epoch = 1;
	#step = 0;
	#sums = { loss: 0, right: 0, rows: 0 };
	#epochs: Epoch[] = [];

	constructor(
		readonly network: TunedNetwork,
		readonly set: TuneSet,
		readonly course: Omit<Course, 'from'>,
		readonly config: TuneConfig,
		readonly job: TuneJob
	) {
		this.#stepsPerEpoch = stepsOf(course.part.train.length * set.views, config);
		const steps = this.#stepsPerEpoch * config.epochs;
		this.#schedule = { steps, warmup: Math.round(config.warmup * steps), peak: config.learningRate };
	}

	restore({ epoch, step, sums, epochs, weights, optimizer }: Standing): void {
		this.network.load(weights);
		this.network.restoreMoments(optimizer);
		[this.#epoch, this.#step, this.#sums] = [epoch, step, { ...sums }];
		this.#epochs = [...epochs];
	}

	async go(): Promise<readonly Epoch[]> {
		let last = this.#epoch > this.course.until;
		while (!last) {
			await this.#steps();
			last = await this.#endEpoch();
		}
		return this.#epochs;
	}

	async #steps(): Promise<void> {
		const { batch, seed } = this.config;
		const order = new Random(seed + this.#epoch).shuffle(this.#rows());
		for (; this.#step < this.#stepsPerEpoch; this.#step++) {
			await this.job.pause();
			if (this.job.keeps?.()) await this.job.keep?.(await this.#standing());
			const rows = order.slice(this.#step * batch, (this.#step + 1) * batch);
			const at = (this.#epoch - 1) * this.#stepsPerEpoch + this.#step;
			const { loss, right } = await this.network.step(await this.#batch(rows), stepSize(at, this.#schedule));
			if (!Number.isFinite(loss)) throw diverged();
			this.#sums.loss += loss * rows.length;
			this.#sums.right += right;
			this.#sums.rows += rows.length;
			this.job.onStep?.(at + 1);
		}
	}

	#rows(): number[] {
		const photos = this.set.targets.length;
		return Array.from({ length: this.set.views }, (_, view) => view).flatMap((view) =>
			this.course.part.train.map((photo) => photo + view * photos)
		);
	}

	/** @returns whether it was the last */
	async #endEpoch(): Promise<boolean> {
		const { loss, right, rows } = this.#sums;
		const checked = await this.#validate();
		const epoch: Epoch = {
			epoch: this.#epoch,
			loss: loss / rows,
			accuracy: right / rows,
			validationLoss: checked?.loss ?? null,
			validationAccuracy: checked?.accuracy ?? null
		};
		if (!Number.isFinite(epoch.validationLoss ?? 0)) throw diverged();
		this.#epochs.push(epoch);
		const last = this.#epoch >= this.course.until || (this.job.enough?.() ?? false);
		await this.job.onEpoch?.(epoch, last);
		this.#epoch++;
		this.#step = 0;
		this.#sums = { loss: 0, right: 0, rows: 0 };
		return last;
	}

	/** Weighted mean cross-entropy and accuracy on the validation photos as they are; null without any. */
	async #validate(): Promise<{ loss: number; accuracy: number } | null> {
		const { validation } = this.course.part;
		if (validation.length === 0) return null;
		const { logits } = await lookAll(this.network, this.set, validation, () => this.job.pause());
		return figuresOf(logits, validation, this.set);
	}

	async #batch(rows: readonly number[]): Promise<Batch> {
		const { targets, weights } = this.set;
		const photos = targets.length;
		return {
			maps: await mapsOf(this.set, rows),
			targets: Int32Array.from(rows, (row) => targets[row % photos] ?? 0),
			weights: Float32Array.from(rows, (row) => weights[row % photos] ?? 0)
		};
	}

	async #standing(): Promise<Standing> {
		return {
			...{ epoch: this.#epoch, step: this.#step, sums: { ...this.#sums } },
			epochs: [...this.#epochs],
			weights: await this.network.weights(),
			optimizer: await this.network.moments()
		};
	}
}

/** Rows as a network takes them. */
export async function mapsOf(
	{ activations }: Pick<TuneSet, 'activations'>,
	rows: readonly number[]
): Promise<Batch['maps']> {
	return (await activations.read(rows)).map((data, i) => {
		const [channels, height, width] = activations.maps[i] ?? [0, 0, 0];
		return { data, shape: [height, width, channels] };
	});
}

/**
 * What a network says of photos.
 *
 * @param rows of `set.activations`: a photo's own number for the photo as it is
 * @param pause is awaited now and then
 * @returns [rows, dimension] and [rows, classes]
 */
export async function lookAll(
	network: TunedNetwork,
	set: TuneSet,
	rows: readonly number[],
	pause: () => Promise<void>
): Promise<{ features: Float32Array<ArrayBuffer>; logits: Float32Array<ArrayBuffer> }> {
	const parts: { features: Float32Array; logits: Float32Array }[] = [];
	for (let at = 0; at < rows.length; at += LOOK) {
		await pause();
		parts.push(await network.look({ maps: await mapsOf(set, rows.slice(at, at + LOOK)) }));
	}
	return {
		features: joined(parts.map(({ features }) => features)),
		logits: joined(parts.map(({ logits }) => logits))
	};
}

function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
	const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}
