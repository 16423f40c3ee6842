/**
 * What the folds' networks said of photos that they had not seen, and how many epochs are best by it. The number that a
 * fold is reported with is chosen by the other folds alone, so that no photo has a say in what it is judged by
 * (learning.md §2); the network that answers takes the number that is best over all of them.
 */
import { fitTemperature } from '../../domain/calibration';
import type { Epoch, TrainingSet } from '../../domain/training';
import type { Strangeness } from './familiar';

/** A fold's network after one of its epochs, about the photos that were held out. */
export interface Look extends Strangeness {
	epoch: number;
	/** [held, classes] */
	logits: Float32Array<ArrayBuffer>;
}

export interface Fold {
	/** Photos that it held out. */
	held: readonly number[];
	/** In the order of their epochs. */
	looks: readonly Look[];
	epochs: readonly Epoch[];
}

const PARTS = 4;

/** Epochs after which a fold's network is asked about what was held out: each quarter of the way. */
export const isLookedAt = (epoch: number, epochs: number): boolean =>
	Math.floor((epoch * PARTS) / epochs) > Math.floor(((epoch - 1) * PARTS) / epochs);

type Set = Pick<TrainingSet, 'targets' | 'classes'>;

/**
 * The largest number of epochs that loses no more over these folds than the best one does, give or take a standard
 * error: the schedule is laid out to its end, so only what clearly learns photos by heart is cut short.
 */
export function bestEpoch(folds: readonly Fold[], set: Set): number {
	const candidates = (folds[0]?.looks ?? []).map(({ epoch }) => ({
		epoch,
		losses: lossesAt(folds, epoch, set)
	}));
	let best = candidates[0];
	for (const one of candidates) if (!best || mean(one.losses) < mean(best.losses)) best = one;
	const asGood = candidates.findLast(({ losses }) => {
		const excess = losses.map((loss, i) => loss - (best?.losses[i] ?? NaN));
		return mean(excess) <= standardError(excess);
	});
	return asGood?.epoch ?? 0;
}

/** Cross-entropy of each photo that the folds held out, once their temperature is fitted. */
function lossesAt(folds: readonly Fold[], epoch: number, { targets, classes }: Set): number[] {
	const held = folds.flatMap((fold) => fold.held);
	const logits = new Float32Array(held.length * classes);
	let at = 0;
	for (const { looks } of folds) {
		const own = lookAt(looks, epoch).logits;
		logits.set(own, at);
		at += own.length;
	}
	const own = Int32Array.from(held, (photo) => targets[photo] ?? 0);
	const temperature = fitTemperature(logits, 1, own, classes);
	const cooled = logits.map((logit) => logit / temperature);
	return held.map((photo, i) => {
		const row = cooled.subarray(i * classes, (i + 1) * classes);
		const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
		return (
			Math.log(row.reduce((sum, b) => sum + Math.exp(b - most), 0)) -
			((row[targets[photo] ?? 0] ?? NaN) - most)
		);
	});
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function standardError(values: readonly number[]): number {
	const centre = mean(values);
	const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
	return Math.sqrt(squares / Math.max(1, values.length - 1) / values.length);
}

function lookAt(looks: readonly Look[], epoch: number): Look {
	const look = looks.find((one) => one.epoch === epoch);
	if (!look) throw new RangeError(`Epoch ${epoch} was not looked at.`);
	return look;
}

export interface Judged extends Strangeness {
	/** [photos, classes] before the temperature; zeros where a photo was not held out. */
	logits: Float32Array<ArrayBuffer>;
	/** [photos] 1 where it was held out. */
	judged: Uint8Array<ArrayBuffer>;
}

/** Each photo by the fold that held it out, at the number of epochs that the other folds found. */
export function judgedBy(folds: readonly Fold[], set: Set): Judged {
	const { targets, classes } = set;
	const all = {
		logits: new Float32Array(targets.length * classes),
		similarity: new Float32Array(targets.length),
		energies: new Float32Array(targets.length),
		judged: new Uint8Array(targets.length)
	};
	for (const fold of folds) {
		const others = folds.filter((other) => other !== fold);
		const look = lookAt(fold.looks, bestEpoch(others, set));
		for (const [i, photo] of fold.held.entries()) {
			all.logits.set(look.logits.subarray(i * classes, (i + 1) * classes), photo * classes);
			all.similarity[photo] = look.similarity[i] ?? 0;
			all.energies[photo] = look.energies[i] ?? 0;
			all.judged[photo] = 1;
		}
	}
	return all;
}

/** An epoch as the folds saw it that have come so far; each counts alike. @param curves of at least one of which has it */
export function meanEpoch(curves: readonly (readonly Epoch[])[], epoch: number): Epoch {
	const all = curves.flatMap((curve) => curve.find((one) => one.epoch === epoch) ?? []);
	const mean = (of: (one: Epoch) => number) => all.reduce((sum, one) => sum + of(one), 0) / all.length;
	const checked = all.every(({ validationLoss }) => validationLoss !== null);
	return {
		epoch,
		loss: mean(({ loss }) => loss),
		accuracy: mean(({ accuracy }) => accuracy),
		validationLoss: checked ? mean(({ validationLoss }) => validationLoss ?? NaN) : null,
		validationAccuracy: checked ? mean(({ validationAccuracy }) => validationAccuracy ?? NaN) : null
	};
}
