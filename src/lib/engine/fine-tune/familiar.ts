/** "Not sure" for a tuned network: it has seen its photos, so how strange new ones look is told by the folds' networks. */
import { dot, Nearest, normalised } from '../../domain/nearest';
import { Random } from '../../domain/random';
import { energy, gateOf, neighboursOf, type Gated } from '../../domain/strangers';
import type { TrainingSet } from '../../domain/training';
import { pick } from '../look-alikes';

/** Seen photos that each held-out one is compared with, and that the gate keeps, at most. */
const MOST_IN_BANK = 2000;

/** How strange photos looked to a network that had not seen them. */
export interface Strangeness {
	/** [held] cosine similarity to the k-th nearest photo that it had seen. */
	similarity: Float32Array<ArrayBuffer>;
	/** [held] */
	energies: Float32Array<ArrayBuffer>;
}

/**
 * @param held photos that the network has not seen; it has seen all others
 * @param said by the network of all photos, [photos, dimension] and [photos, classes]
 * @param pause is awaited now and then
 */
export async function strangenessOf(
	set: TrainingSet,
	held: readonly number[],
	said: { features: Float32Array; logits: Float32Array },
	{ seed, pause }: { seed: number; pause(): Promise<void> }
): Promise<Strangeness> {
	const { classes, groups, targets } = set;
	const dimension = said.features.length / targets.length;
	const rows = normalised(said.features, dimension);
	const hidden = new Set(held);
	const all = [...targets.keys()];
	const seen = some(
		all.filter((photo) => !hidden.has(photo)),
		seed
	);
	const neighbours = neighboursOf(groups);
	const similarity = new Float32Array(held.length);
	for (const [i, photo] of held.entries()) {
		await pause();
		if (neighbours < 1) break;
		const nearest = new Nearest(1, neighbours);
		for (const other of seen)
			if (groups[other] !== groups[photo])
				nearest.meet(0, dot(rows, other * dimension, rows, photo * dimension, dimension));
		similarity[i] = nearest.kth(0);
	}
	const logitsOf = (photo: number) => said.logits.subarray(photo * classes, (photo + 1) * classes);
	return { similarity, energies: Float32Array.from(held, (photo) => energy(logitsOf(photo))) };
}

/**
 * @param told of each photo by a network that had not seen it, [photos]; `judged` 0 where there is none
 * @param features of all photos by the network that will answer, [photos, dimension]
 * @returns null where there were too few photos
 */
export function tunedGate(
	{ targets, groups }: TrainingSet,
	told: Strangeness & { judged: Uint8Array },
	features: Float32Array,
	seed: number
): Gated | null {
	const neighbours = neighboursOf(groups);
	if (neighbours < 1) return null;
	const dimension = features.length / targets.length;
	const bank = pick(features, dimension, some([...targets.keys()], seed));
	return gateOf({ ...told, groups, neighbours, bank: normalised(bank, dimension) });
}

const some = (photos: readonly number[], seed: number): number[] =>
	new Random(seed).shuffle(photos).slice(0, MOST_IN_BANK);
