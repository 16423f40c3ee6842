/** How good a model is, from answers of photos that it had not seen. Plain data and the arithmetic behind it. */
import { calibrationError } from './calibration';
import { confusionMatrix, labelFigures, shareRight } from './confusion';
import { effectivePhotos, FOLDS_DESIGN_EFFECT, wilson } from './interval';
import { binaryFigures } from './roc';
import { judgeable } from './split';
import { findSuspects } from './suspects';
import { statedAnswers } from './verdicts';
import type { OutOfFold, RefusedKind, StrangerGate } from './training';

/** A share with the interval that holds the truth in 95 of 100 cases; all 0..1. */
export interface Estimate {
	value: number;
	low: number;
	high: number;
}

/** How a photo was answered when it was not in training. */
export interface Verdict {
	photoId: string;
	/** Index of the given label and of the answer (of the mean of the repeats). */
	given: number;
	answer: number;
	/** Mean calibrated probabilities, [classes]. */
	probabilities: readonly number[];
}

export interface LabelFigures {
	/** Photos of it. */
	photos: number;
	/** 0..1; null where nothing was answered so, or nothing is of it. */
	precision: number | null;
	recall: number | null;
	f1: number | null;
}

/** For two labels: the first one is what is looked for. */
export interface Binary {
	sensitivity: Estimate;
	specificity: Estimate;
	/** Area under the curve, 0..1. */
	auc: number;
	/** From (0, 0) to (1, 1), false-positive rate rising. */
	roc: readonly { falsePositive: number; truePositive: number }[];
}

export interface ReliabilityBin {
	/** Mean stated probability and share that was right, 0..1. */
	stated: number;
	right: number;
	photos: number;
}

export interface Suspect {
	photoId: string;
	/** Out-of-fold probability of the given label. */
	given: number;
	/** The likelier label's index and its probability. */
	other: number;
	otherProbability: number;
	/** Sure enough to be told unasked: other > 0.8 and given < 0.1. */
	volunteer: boolean;
}

export interface Evaluation {
	/** 'folds': judged by cross-validation; 'test': on the test photos that the person brought along. */
	source: 'folds' | 'test';
	/** Label ids, in the order of every index here. */
	labels: readonly string[];
	photos: number;
	/** Groups (bursts, near-duplicates) they fall into. */
	groups: number;
	accuracy: Estimate;
	/** Wide intervals say so in words: whether a percentage means something (half-width ≤ 0.15). */
	telling: boolean;
	perLabel: readonly LabelFigures[];
	/** [given × answer], mean number of photos over the repeats. */
	confusion: readonly (readonly number[])[];
	binary: Binary | null;
	reliability: readonly ReliabilityBin[];
	/** Expected calibration error, 0..1. */
	calibrationError: number;
	verdicts: readonly Verdict[];
	/** Probably mislabelled, most suspicious first. */
	suspects: readonly Suspect[];
	/** About how much accuracy twice the photos would add, 0..1 (give or take 0.03). */
	gainFromDoubling: number;
	/** Keeps so many of yours; refuses so many look-alikes and, on average over the kinds, far strangers; null where not measured. */
	strangers: { kept: number; near: number | null; far: number | null; kinds?: readonly RefusedKind[] } | null;
}

/** What a list tells of how good a model is. */
export type Standing = Pick<Evaluation, 'accuracy' | 'telling'>;

/** Half-width of the interval beyond which a percentage would say more than is known. */
const WIDEST_TELLING = 0.15;
/** Gain from twice the photos, as a share of the present error (learning.md §6). */
const DOUBLING = 0.165;

/** What is judged, in one order throughout. */
export interface Judged {
	/** Label ids, in the order of the logits. */
	labels: readonly string[];
	photoIds: readonly string[];
	/** [photos] index of the given label. */
	targets: Int32Array;
	/** [photos] photos of one number belong together. */
	groups: Int32Array;
	/** Of the head. */
	temperature: number;
	gate: Pick<StrangerGate, 'kept' | 'near' | 'far'> | null;
}

/**
 * Judges by cross-validation. Photos of a label that is all of one group take no part (see `judgeable`): such a
 * label has photos, but no recall.
 * @returns null where no photo was judged
 */
export function evaluate(input: Judged & { outOfFold: OutOfFold }): Evaluation | null {
	const { logits, repeats } = input.outOfFold;
	const part = judgeable(input.targets, input.groups);
	return judge(input, { source: 'folds', logits, repeats, part, designEffect: FOLDS_DESIGN_EFFECT });
}

/**
 * Judges by test photos that the person brought along, of which nothing was learned or chosen.
 * @param input.logits [photos, classes] before the temperature
 * @returns null without photos
 */
export function evaluateTest(input: Judged & { logits: Float32Array }): Evaluation | null {
	const part = new Uint8Array(input.targets.length).fill(1);
	// One model judged them all, so their answers hang together through bursts alone.
	return judge(input, { source: 'test', logits: input.logits, repeats: 1, part, designEffect: 1 });
}

/** Whether a percentage says no more than is known. */
export const isTelling = ({ low, high }: Pick<Estimate, 'low' | 'high'>) =>
	(high - low) / 2 <= WIDEST_TELLING;

export interface Answers {
	source: Evaluation['source'];
	/** [repeats, photos, classes] */
	logits: Float32Array;
	repeats: number;
	/** [photos] 1 where the photo is judged. */
	part: Uint8Array;
	designEffect: number;
}

function judge(input: Judged, answers: Answers): Evaluation | null {
	const { source, part, designEffect } = answers;
	const classes = input.labels.length;
	const judged = [...part.keys()].filter((photo) => part[photo]);
	if (judged.length === 0) return null;
	const targets = judged.map((photo) => input.targets[photo] ?? 0);
	const groups = judged.map((photo) => input.groups[photo] ?? 0);
	const stated = statedAnswers(answers, input, judged);
	const confusion = confusionMatrix(stated.answers, answers.repeats, targets, classes);
	const accuracy = wilson(shareRight(confusion), effectivePhotos(groups, designEffect));
	return {
		source,
		labels: input.labels,
		photos: judged.length,
		groups: new Set(groups).size,
		accuracy,
		telling: isTelling(accuracy),
		perLabel: labelFigures(confusion, photosPerLabel(input.targets, classes)),
		confusion,
		binary: classes === 2 ? binaryFigures(confusion, stated.verdicts, groups, designEffect) : null,
		reliability: stated.reliability,
		calibrationError: calibrationError(stated.reliability),
		verdicts: stated.verdicts,
		suspects: findSuspects(stated.verdicts),
		gainFromDoubling: DOUBLING * (1 - accuracy.value),
		strangers: input.gate && strangersOf(input.gate)
	};
}

function strangersOf({
	kept,
	near,
	far
}: Pick<StrangerGate, 'kept' | 'near' | 'far'>): Evaluation['strangers'] {
	if (!far?.length) return { kept, near, far: null };
	// Every kind counts alike: what is easily told from all must not hide what is not.
	const refused = far.reduce((sum, kind) => sum + kind.refused, 0) / far.length;
	return { kept, near, far: refused, kinds: far };
}

function photosPerLabel(targets: Int32Array, classes: number): number[] {
	const counts = new Array<number>(classes).fill(0);
	for (const target of targets) counts[target] = (counts[target] ?? 0) + 1;
	return counts;
}
