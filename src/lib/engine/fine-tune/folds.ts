/**
 * What the folds' networks said of photos that they had not seen, and how far it is best to go by it: from the backbone
 * as it came, in a straight line to what was trained (Wortsman et al. 2022, WiSE-FT); or, where there was nothing to
 * begin with, for how many epochs. The place that a fold is reported with is chosen by the other folds alone, so that no
 * photo has a say in what it is judged by (learning.md §2); the network that answers takes the one that is best over all.
 */
import { fitTemperature } from '../../domain/calibration';
import type { Epoch, TrainingSet } from '../../domain/training';
import type { Strangeness } from './familiar';

/** How far a network went. */
export interface Place {
	epoch: number;
	/** Of all that it learned until then, 0..1. */
	share: number;
}

/** A fold's network at a place on its way, about the photos that were held out. */
export interface Look extends Strangeness, Place {
	/** [held, classes] */
	logits: Float32Array<ArrayBuffer>;
}

export interface Fold {
	/** Photos that it held out. */
	held: readonly number[];
	/** The nearest first. */
	looks: readonly Look[];
	epochs: readonly Epoch[];
}

const PARTS = 4;

const SHARES = Array.from({ length: PARTS }, (_, i) => (i + 1) / PARTS);

/**
 * At which shares of what it has learned a fold's network is asked about what was held out, after an epoch: each quarter
 * of the way, whichever way it goes.
 *
 * @param anew it began with nothing, so that a share of what it learned is worth nothing either
 */
export function sharesAt(
	epoch: number,
	{ epochs, last, anew }: { epochs: number; last: boolean; anew: boolean }
): readonly number[] {
	if (!anew) return last ? SHARES : [];
	const quarter = Math.floor((epoch * PARTS) / epochs) > Math.floor(((epoch - 1) * PARTS) / epochs);
	return last || quarter ? [1] : [];
}

type Set = Pick<TrainingSet, 'targets' | 'classes'>;

/**
 * The farthest place that loses no more over these folds than the best one does, give or take a standard error: what
 * was learned to the end of its schedule is given up only where it is clearly learned by heart.
 */
export function bestPlace(folds: readonly Fold[], set: Set): Place {
	const candidates = (folds[0]?.looks ?? []).map(({ epoch, share }) => ({
		...{ epoch, share },
		losses: lossesAt(folds, { epoch, share }, set)
	}));
	let best = candidates[0];
	for (const one of candidates) if (!best || mean(one.losses) < mean(best.losses)) best = one;
	const asGood = candidates.findLast(({ losses }) => {
		const excess = losses.map((loss, i) => loss - (best?.losses[i] ?? NaN));
		return mean(excess) <= standardError(excess);
	});
	return { epoch: asGood?.epoch ?? 0, share: asGood?.share ?? 1 };
}

/** Cross-entropy of each photo that the folds held out, once their temperature is fitted. */
function lossesAt(folds: readonly Fold[], place: Place, { targets, classes }: Set): number[] {
	const held = folds.flatMap((fold) => fold.held);
	const logits = new Float32Array(held.length * classes);
	let at = 0;
	for (const { looks } of folds) {
		const own = lookAt(looks, place).logits;
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

function lookAt(looks: readonly Look[], { epoch, share }: Place): Look {
	const look = looks.find((one) => one.epoch === epoch && one.share === share);
	if (!look) throw new RangeError(`Epoch ${epoch} was not looked at, at a share of ${share}.`);
	return look;
}

export interface Judged extends Strangeness {
	/** [photos, classes] before the temperature; zeros where a photo was not held out. */
	logits: Float32Array<ArrayBuffer>;
	/** [photos] 1 where it was held out. */
	judged: Uint8Array<ArrayBuffer>;
}

/** Each photo by the fold that held it out, at the place that the other folds found. */
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
		const look = lookAt(fold.looks, bestPlace(others, set));
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
