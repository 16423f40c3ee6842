/** The gate that says "not sure", from out-of-fold logits (learning.md §4). */
import { Random } from '../domain/random';
import { headLogits, type Head } from '../domain/head';
import { buildGate, refusedShare } from '../domain/strangers';
import type { StrangerGate, TrainingSet } from '../domain/training';
import { pick } from './look-alikes';
import { isJudged } from './out-of-fold';

/** Similarities grow with the square of the photos: beyond this many a sample stands for all. */
const MOST_PHOTOS = 2000;

export interface GateFacts {
	/** Out-of-fold logits, [repeats, photos, classes]. */
	logits: Float32Array;
	repeats: number;
	/** Fold of each photo, [photos]; −1 where it was never held out. */
	split: Int32Array;
	/** Of the sample. */
	seed: number;
}

/**
 * @returns the gate with `near` and `far` still to be measured, and the score of each photo out of fold, [photos] (NaN where
 * it was not judged or not in the sample); null where there are too few photos
 */
export function measureGate(
	set: TrainingSet,
	{ logits, repeats, split, seed }: GateFacts
): { gate: StrangerGate; familiarity: Float32Array<ArrayBuffer> } | null {
	const photos = split.length;
	const sample = new Random(seed).shuffle(split.keys()).slice(0, MOST_PHOTOS);
	sample.sort((a, b) => a - b);
	const rows = Array.from({ length: repeats }, (_, r) => sample.map((photo) => r * photos + photo));
	const built = buildGate({
		features: pick(set.features, set.dimension, sample),
		dimension: set.dimension,
		groups: Int32Array.from(sample, (photo) => set.groups[photo] ?? 0),
		logits: pick(logits, set.classes, rows.flat()),
		repeats,
		classes: set.classes,
		judged: isJudged(Int32Array.from(sample, (photo) => split[photo] ?? 0)),
		foreign: set.foreign?.reference
	});
	if (!built) return null;
	const familiarity = new Float32Array(photos).fill(NaN);
	sample.forEach((photo, i) => (familiarity[photo] = built.familiarity[i] ?? NaN));
	return { gate: built.gate, familiarity };
}

/**
 * Shows the gate photos of another kind.
 *
 * @param head of the model that the gate belongs to
 * @returns the gate with the share that it refuses
 */
export function withFar(
	gate: StrangerGate,
	head: Head,
	{ foreign, dimension, classes }: TrainingSet
): StrangerGate {
	if (!foreign) return gate;
	const { held } = foreign;
	const photos = held.length / dimension;
	const logits = new Float32Array(photos * classes);
	for (let i = 0; i < photos; i++)
		logits.set(headLogits(head, held.subarray(i * dimension, (i + 1) * dimension)), i * classes);
	return { ...gate, far: refusedShare(gate, held, dimension, logits, classes) };
}
