/**
 * One run of epochs over what the trunk said of the photos. Where it stands can be kept and taken up again, to the
 * same result: the order of an epoch comes from the seed and the epoch's number alone.
 */
import { Random } from '../../domain/random';
import { stepSize, type Schedule } from '../../domain/schedule';
import type { Epoch } from '../../domain/training';
import { diverged } from '../problem';
import { figuresOf, type Part } from '../set-aside';
import type { Activations } from './activations';
import type { Batch, NetworkConfig, TunedNetwork } from './network';
import type { OptimizerState } from './optimizer';

export interface TuneSet {
	/** Row of photo p in view v: p + v · photos; view 0 is the photo as it is. */
	activations: Activations;
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
	best: Best | null;
}

export interface Best {
	epoch: number;
	/** What it was the best by. */
	loss: number;
	weights: readonly Float32Array[];
}

export interface TuneJob {
	/** Awaited between steps; throws AbortError to end the run without a result. */
	pause(): Promise<void>;
	/** Whether the best so far will do. */
	enough?(): boolean;
	onStep?(done: number, all: number): void;
	onEpoch?(epoch: Epoch): void;
	/** Asked between steps whether to keep where the run stands. */
	keeps?(): boolean;
	keep?(standing: Standing): Promise<void>;
}

/** Photos that are looked at in one go. */
const LOOK = 64;

/**
 * Trains a network and leaves it as it was after its best epoch: the one with the least loss on the validation photos,
 * or the last where there are none.
 *
 * @param from where an earlier run stood
 * @returns what each epoch gave, and the best
 * @throws Trouble 'training-diverged' where a loss is not finite; what `job.pause` throws
 */
export async function tune(
	network: TunedNetwork,
	set: TuneSet,
	part: Part,
	config: TuneConfig,
	job: TuneJob,
	from: Standing | null = null
): Promise<{ epochs: readonly Epoch[]; best: Best }> {
	const run = new Run(network, set, part, config, job);
	if (from) run.restore(from);
	return run.go();
}

class Run {
	readonly #schedule: Schedule;
	readonly #stepsPerEpoch: number;
	#epoch = 1;
	#step = 0;
	#sums = { loss: 0, right: 0, rows: 0 };
	#epochs: Epoch[] = [];
	#best: Best | null = null;

	constructor(
		readonly network: TunedNetwork,
		readonly set: TuneSet,
		readonly part: Part,
		readonly config: TuneConfig,
		readonly job: TuneJob
	) {
		this.#stepsPerEpoch = Math.ceil((part.train.length * this.#views) / config.batch);
		const steps = this.#stepsPerEpoch * config.epochs;
		this.#schedule = { steps, warmup: Math.round(config.warmup * steps), peak: config.learningRate };
	}

	get #views(): number {
		return this.set.activations.rows / this.set.targets.length;
	}

	restore({ epoch, step, sums, epochs, weights, optimizer, best }: Standing): void {
		this.network.load(weights);
		this.network.restoreMoments(optimizer);
		[this.#epoch, this.#step, this.#sums] = [epoch, step, { ...sums }];
		[this.#epochs, this.#best] = [[...epochs], best];
	}

	async go(): Promise<{ epochs: readonly Epoch[]; best: Best }> {
		while (this.#epoch <= this.config.epochs && !this.#isEnough()) {
			if (!(await this.#steps())) break;
			await this.#endEpoch();
		}
		const best = this.#best ?? (await this.#standingBest(NaN));
		this.network.load(best.weights);
		return { epochs: this.#epochs, best };
	}

	/** Once there is a best to give. */
	#isEnough(): boolean {
		return this.#best !== null && (this.job.enough?.() ?? false);
	}

	/** @returns false where the person has enough before the epoch is over */
	async #steps(): Promise<boolean> {
		const { batch, seed } = this.config;
		const order = new Random(seed + this.#epoch).shuffle(this.#rows());
		for (; this.#step < this.#stepsPerEpoch; this.#step++) {
			await this.job.pause();
			if (this.#isEnough()) return false;
			if (this.job.keeps?.()) await this.job.keep?.(await this.#standing());
			const rows = order.slice(this.#step * batch, (this.#step + 1) * batch);
			const at = (this.#epoch - 1) * this.#stepsPerEpoch + this.#step;
			const { loss, right } = await this.network.step(await this.#batch(rows), stepSize(at, this.#schedule));
			if (!Number.isFinite(loss)) throw diverged();
			this.#sums.loss += loss * rows.length;
			this.#sums.right += right;
			this.#sums.rows += rows.length;
			this.job.onStep?.(at + 1, this.#schedule.steps);
		}
		return true;
	}

	#rows(): number[] {
		const photos = this.set.targets.length;
		return Array.from({ length: this.#views }, (_, view) => view).flatMap((view) =>
			this.part.train.map((photo) => photo + view * photos)
		);
	}

	async #endEpoch(): Promise<void> {
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
		if (!checked || !this.#best || checked.loss < this.#best.loss)
			this.#best = await this.#standingBest(checked?.loss ?? epoch.loss);
		this.job.onEpoch?.(epoch);
		this.#epoch++;
		this.#step = 0;
		this.#sums = { loss: 0, right: 0, rows: 0 };
	}

	async #standingBest(loss: number): Promise<Best> {
		return { epoch: this.#epoch, loss, weights: await this.network.weights() };
	}

	/** Weighted mean cross-entropy and accuracy on the validation photos as they are; null without any. */
	async #validate(): Promise<{ loss: number; accuracy: number } | null> {
		const { validation } = this.part;
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
			...{ epochs: [...this.#epochs], best: this.#best },
			weights: await this.network.weights(),
			optimizer: await this.network.moments()
		};
	}
}

async function mapsOf({ activations }: TuneSet, rows: readonly number[]): Promise<Batch['maps']> {
	return (await activations.read(rows)).map((data, i) => {
		const [channels, height, width] = activations.maps[i] ?? [0, 0, 0];
		return { data, shape: [height, width, channels] };
	});
}

/**
 * What a network says of photos as they are.
 *
 * @param pause is awaited now and then
 * @returns [photos, dimension] and [photos, classes]
 */
export async function lookAll(
	network: TunedNetwork,
	set: TuneSet,
	photos: readonly number[],
	pause: () => Promise<void>
): Promise<{ features: Float32Array<ArrayBuffer>; logits: Float32Array<ArrayBuffer> }> {
	const parts: { features: Float32Array; logits: Float32Array }[] = [];
	for (let at = 0; at < photos.length; at += LOOK) {
		await pause();
		parts.push(await network.look({ maps: await mapsOf(set, photos.slice(at, at + LOOK)) }));
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
