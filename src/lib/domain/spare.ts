/** Which photos a project could do without: those that show nearly the same as one that stays. */
import { duplicateSteps, Likeness, type Comparable } from './duplicates';
import type { Photo } from './project';

type Facts = Pick<
	Photo,
	'id' | 'labelId' | 'burstId' | 'added' | 'width' | 'height' | 'bytes' | 'hash' | 'split'
>;

export interface SimilarPhotos {
	/** Of one burst they are near-duplicates by nature; of several that is a surprise. */
	from: 'one burst' | 'several';
	/** Ids, what stays first. */
	photos: readonly string[];
	/** Ids of their labels, each once. Of more than one, one is probably wrong. */
	labels: readonly string[];
	/**
	 * Ids of those that could go. Each is a near-duplicate of one that stays; between bursts, of one of another
	 * burst. None where that needs a person's eyes: different labels, or a photo of the person's own test beside one
	 * that is learned from.
	 */
	spare: readonly string[];
}

/**
 * @param photos that are there, with their features where they are known
 * @returns groups across bursts first, the largest first; in steps, as `duplicateSteps`
 */
export function* similarPhotos(
	photos: readonly (Facts & Pick<Comparable, 'features'>)[]
): Generator<void, SimilarPhotos[]> {
	const groups = yield* duplicateSteps(photos);
	const found: SimilarPhotos[] = [];
	for (const group of groups) {
		const members = group.flatMap((i) => photos[i] ?? []);
		found.push(yield* sorted(members));
	}
	const across = ({ from }: SimilarPhotos) => (from === 'several' ? 0 : 1);
	return found.sort((a, b) => across(a) - across(b) || b.photos.length - a.photos.length);
}

function* sorted(members: readonly (Facts & Pick<Comparable, 'features'>)[]): Generator<void, SimilarPhotos> {
	const bursts = new Map<string, { size: number; rank: number }>();
	const best = members.toSorted(bestFirst);
	for (const [rank, { burstId }] of best.entries()) {
		const met = bursts.get(burstId);
		if (met) met.size++;
		else bursts.set(burstId, { size: 1, rank });
	}
	const from = bursts.size === 1 ? 'one burst' : 'several';
	// Whole bursts one after the other, so that of two that show the same the larger stays.
	const burstOf = ({ burstId }: Facts) => bursts.get(burstId) ?? { size: 0, rank: 0 };
	const order = best.sort((a, b) => {
		const [x, y] = [burstOf(a), burstOf(b)];
		return y.size - x.size || x.rank - y.rank;
	});
	const spare = needsEyes(order) ? new Set<number>() : yield* spareOf(order, from);
	return {
		from,
		photos: order.map(({ id }) => id),
		labels: [...new Set(order.map(({ labelId }) => labelId))],
		spare: order.filter((_, i) => spare.has(i)).map(({ id }) => id)
	};
}

/** @param order what is rather kept comes first @returns indices of those that could go */
function* spareOf(
	order: readonly (Facts & Comparable)[],
	from: SimilarPhotos['from']
): Generator<void, Set<number>> {
	const likeness = new Likeness(order);
	const kept: number[] = [];
	const spare = new Set<number>();
	for (const [i, photo] of order.entries()) {
		const covers = (k: number) =>
			(from === 'one burst' || order[k]?.burstId !== photo.burstId) && likeness.near(i, k);
		if (kept.some(covers)) spare.add(i);
		else kept.push(i);
		yield;
	}
	return spare;
}

function needsEyes(members: readonly Facts[]): boolean {
	const sets = new Set(members.map(({ labelId, split }) => `${labelId} ${split === 'test'}`));
	return sets.size > 1;
}

/** The most pixels; among equals the most bytes, as a sharp picture takes more of them; then the first. */
function bestFirst(a: Facts, b: Facts): number {
	return b.width * b.height - a.width * a.height || b.bytes - a.bytes || a.added - b.added;
}
