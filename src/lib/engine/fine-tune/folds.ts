/**
 * What the folds' networks said of photos that they had not seen, and how many epochs are best by it. The number that a
 * fold is reported with is chosen by the other folds alone, so that no photo has a say in what it is judged by
 * (learning.md §2); the network that answers takes the number that is best over all of them.
 */
import { fitTemperature } from '../../domain/calibration';
import type { Epoch, TrainingSet } from '../../domain/training';
import { figuresOf } from '../set-aside';
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

/** The number of epochs with the least loss over these folds once its temperature is fitted; of equal ones the least. */
export function bestEpoch(folds: readonly Fold[], set: Set): number {
	let best = { epoch: 0, loss: Infinity };
	for (const { epoch } of folds[0]?.looks ?? []) {
		const loss = lossAt(folds, epoch, set);
		if (loss < best.loss) best = { epoch, loss };
	}
	return best.epoch;
}

function lossAt(folds: readonly Fold[], epoch: number, { targets, classes }: Set): number {
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
	const weights = new Float64Array(targets.length).fill(1);
	return figuresOf(cooled, held, { targets, weights, classes }).loss;
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
