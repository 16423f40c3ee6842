/** By how much one model is better than another, from their answers about the same photos. */
import type { Estimate } from './evaluation';
import { FOLDS_DESIGN_EFFECT, Z } from './interval';
import type { TrainingRun } from './model';
import { judgeable } from './split';
import type { OutOfFold, TrainingSet } from './training';

const RULE_OF_THREE = 3;

/**
 * Share of photos that the first answers rightly, less that of the second, with the interval that holds the truth in
 * 95 of 100 cases. Photos that belong together are no proof of their own (Student's interval of a ratio of sums over
 * groups; Cochran, "Sampling Techniques", 1977, 6.3), and models of folds depend on each other a little.
 *
 * @param first, second [photos] 1 where it was right, or a share of repeats
 * @param groups [photos] photos of one number belong together
 * @returns −1..1; the interval is −1..1 where there are fewer than two groups
 */
export function pairedGain(
	first: ArrayLike<number>,
	second: ArrayLike<number>,
	groups: ArrayLike<number>
): Estimate {
	const sums = new Map<number, { difference: number; photos: number }>();
	for (let i = 0; i < groups.length; i++) {
		const group = groups[i] ?? 0;
		const sum = sums.get(group) ?? { difference: 0, photos: 0 };
		sum.difference += (first[i] ?? 0) - (second[i] ?? 0);
		sum.photos++;
		sums.set(group, sum);
	}
	const all = [...sums.values()];
	const value = all.reduce((total, { difference }) => total + difference, 0) / Math.max(1, groups.length);
	if (all.length < 2) return { value, low: -1, high: 1 };
	const squares = all.reduce(
		(total, { difference, photos }) => total + (difference - photos * value) ** 2,
		0
	);
	const variance = ((all.length / (all.length - 1)) * squares) / groups.length ** 2;
	// Where both always answered alike: what was never seen in n is still as likely as 3 / n (Hanley & Lippman-Hand, 1983).
	const half = squares > 0 ? Z * Math.sqrt(FOLDS_DESIGN_EFFECT * variance) : RULE_OF_THREE / all.length;
	return { value, low: Math.max(-1, value - half), high: Math.min(1, value + half) };
}

/**
 * The same of answers about photos that neither model had seen; of several repeats the first, which both have on the
 * same folds where they have one seed.
 *
 * @returns null where one of them was not judged, or no photo could be
 */
export function gainOutOfFold(
	own: OutOfFold | null,
	other: OutOfFold | null,
	{ targets, groups, classes }: Pick<TrainingSet, 'targets' | 'groups' | 'classes'>
): Estimate | null {
	const held = judgeable(targets, groups);
	const photos = [...targets.keys()].filter((photo) => held[photo]);
	if (!own || !other || photos.length === 0) return null;
	const right = ({ logits }: OutOfFold) =>
		photos.map((photo) => {
			const row = logits.subarray(photo * classes, (photo + 1) * classes);
			return Number(row.indexOf(Math.max(...row)) === targets[photo]);
		});
	return pairedGain(
		right(own),
		right(other),
		photos.map((photo) => groups[photo] ?? 0)
	);
}

/**
 * Standard errors that a gain must have before the other model is worth its place. Half of one: folds learn from four
 * fifths of the photos, so what they gain is less than what all photos will (docs/roadmap.md, "Fine-tune").
 */
const ERRORS = 0.5;

/** Whether the first model is more likely the better one by enough to be used: chance alone passes three times in ten. @param gain null: not known */
export function isBetter(gain: Estimate | null): boolean {
	return gain !== null && gain.value > 0 && gain.value >= (ERRORS * (gain.value - gain.low)) / Z;
}

/**
 * By how much a model is better than the head where that is enough to be used; the head itself is worth 0, and one that
 * is not better, or was not compared, less.
 */
export const worthOf = ({ config, gain }: Pick<TrainingRun, 'config' | 'gain'>): number =>
	config.kind === 'head' ? 0 : gain && isBetter(gain) ? gain.value : -1;
