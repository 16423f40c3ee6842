/** The gate that says "not sure", from out-of-fold logits (learning.md §4). */
import { headLogits, type Head } from '../domain/head';
import { normalised } from '../domain/nearest';
import { Random } from '../domain/random';
import { buildGate, refusedShare } from '../domain/strangers';
import type { StrangerGate, TrainingSet } from '../domain/training';
import { compare } from './compare';
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
 * @param pause is awaited now and then, with the share that is done, 0..1
 * @returns the gate with `near` and `far` still to be measured, and the score of each photo out of fold, [photos]
 *   (NaN where it was not judged or not in the sample); null where there are too few photos
 */
export async function measureGate(
	set: TrainingSet,
	{ logits, repeats, split, seed }: GateFacts,
	pause: (done: number) => Promise<void>
): Promise<{ gate: StrangerGate; familiarity: Float32Array<ArrayBuffer> } | null> {
	const photos = split.length;
	const { dimension, classes } = set;
	const sample = new Random(seed).shuffle(split.keys()).slice(0, MOST_PHOTOS);
	sample.sort((a, b) => a - b);
	const rows = Array.from({ length: repeats }, (_, r) => sample.map((photo) => r * photos + photo));
	const bank = normalised(pick(set.features, dimension, sample), dimension);
	const foreign = set.foreign?.reference;
	const built = buildGate({
		...{ features: bank, dimension, classes, repeats, foreign },
		groups: Int32Array.from(sample, (photo) => set.groups[photo] ?? 0),
		logits: pick(logits, classes, rows.flat()),
		judged: isJudged(Int32Array.from(sample, (photo) => split[photo] ?? 0)),
		compared: { ...(await compare(bank, dimension, foreign, pause)), rows: [...sample.keys()] }
	});
	if (!built) return null;
	const familiarity = new Float32Array(photos).fill(NaN);
	sample.forEach((photo, i) => (familiarity[photo] = built.familiarity[i] ?? NaN));
	return { gate: built.gate, familiarity };
}

/**
 * Shows the gate photos of other kinds.
 *
 * @param head of the model that the gate belongs to
 * @returns the gate with the shares that it refuses
 */
export function withFar(
	gate: StrangerGate,
	head: Head,
	{ foreign, dimension, classes }: TrainingSet
): StrangerGate {
	if (!foreign) return gate;
	const far = foreign.held.map(({ kind, features }) => {
		const photos = features.length / dimension;
		const logits = new Float32Array(photos * classes);
		for (let i = 0; i < photos; i++)
			logits.set(headLogits(head, features.subarray(i * dimension, (i + 1) * dimension)), i * classes);
		return { kind, refused: refusedShare(gate, features, dimension, logits, classes) ?? 0 };
	});
	return { ...gate, far };
}
