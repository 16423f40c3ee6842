/** How far a share can be trusted: Wilson's score interval, with photos that belong together counted as fewer. */
import type { Estimate } from './evaluation';

/** Quantile of the normal distribution: two-sided 95 %. */
export const Z = 1.959964;

/** Answers of folds depend on each other a little, since their models share photos (learning.md §2). */
export const FOLDS_DESIGN_EFFECT = 1.5;

/**
 * Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
 * @param p share, 0..1
 * @param n of how many, need not be whole; 0 gives 0..1
 */
export function wilson(p: number, n: number): Estimate {
	const square = Z * Z;
	const centre = p * n + square / 2;
	const half = Z * Math.sqrt(p * (1 - p) * n + square / 4);
	return {
		value: p,
		low: Math.min(p, Math.max(0, (centre - half) / (n + square))),
		high: Math.max(p, Math.min(1, (centre + half) / (n + square)))
	};
}

/**
 * How many photos the groups are worth: (Σ m)² / (designEffect · Σ m²), after Kish's design effect; as many as there
 * are where all are single, as few as there are groups where those are equally large.
 * @param groups number of the group of each photo
 */
export function effectivePhotos(groups: Iterable<number>, designEffect: number): number {
	const sizes = new Map<number, number>();
	for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
	let sum = 0;
	let squares = 0;
	for (const size of sizes.values()) {
		sum += size;
		squares += size * size;
	}
	return sum === 0 ? 0 : (sum * sum) / (designEffect * squares);
}
