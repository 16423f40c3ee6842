/**
 * Which photos are judged by a model that has not seen them: stratified folds in which photos that belong
 * together (bursts, near-duplicates) are never split. Method: greedy, largest group first, as in scikit-learn's
 * StratifiedGroupKFold, by the increase of Σ over labels of the squared share of the label that a fold holds.
 *
 * A label whose photos are all of one group cannot be judged: held out, its model would never have met it.
 * Such a group is never held out (fold −1): it helps to train every fold, and nothing is claimed about it.
 */
import { Random } from './random';

/** Folds beyond this change nothing that can be measured (learning.md §1). */
const MOST_FOLDS = 5;
/** The fold of a photo that is in every training part and is never judged. */
export const NEVER_HELD_OUT = -1;

/**
 * @param targets [photos] label of each photo, from 0
 * @param groups [photos] photos of one number stay together
 * @returns [photos] fold of each photo, 0..folds − 1, or −1 where it is never held out (see above)
 * @throws RangeError with fewer than two folds, or lengths that differ
 */
export function groupedFolds(
	targets: Int32Array,
	groups: Int32Array,
	options: { folds: number; seed: number }
): Int32Array<ArrayBuffer> {
	const { folds, seed } = options;
	if (!(folds >= 2)) throw new RangeError(`${folds} folds: there must be two at least.`);
	const table = groupTable(targets, groups);
	const random = new Random(seed);
	const foldOf = new Map<number, number>();
	const held = random
		.shuffle([...table.groups.values()].filter(({ judged }) => judged))
		.sort((a, b) => b.photos - a.photos);
	const placement = new Placement(folds, table.photosOfLabel);
	const left = new Map(table.groupsOfLabel);
	for (const group of held) {
		foldOf.set(group.id, placement.place(group, random.shuffle(range(folds)), left));
		for (const label of group.counts.keys()) left.set(label, (left.get(label) ?? 0) - 1);
	}
	return Int32Array.from(groups, (group) => foldOf.get(group) ?? NEVER_HELD_OUT);
}

/**
 * How many folds can be made, at most 5: as many as the label with the second most groups has, so that every
 * fold judges two labels or more. Labels with fewer groups are missing from some folds, never from training.
 * @returns 0 where nothing can be judged: fewer than two labels have two groups each
 */
export function mostFolds(targets: Int32Array, groups: Int32Array): number {
	const counts = new Map<number, number>();
	for (const { judged, counts: labels } of groupTable(targets, groups).groups.values())
		if (judged) for (const label of labels.keys()) counts.set(label, (counts.get(label) ?? 0) + 1);
	const second = [...counts.values()].sort((a, b) => b - a)[1] ?? 0;
	return second < 2 ? 0 : Math.min(MOST_FOLDS, second);
}

/** Whether each photo can be held out, [photos] of 0 or 1: none of its group's labels lives in that group alone. */
export function judgeable(targets: Int32Array, groups: Int32Array): Uint8Array<ArrayBuffer> {
	const table = groupTable(targets, groups).groups;
	return Uint8Array.from(groups, (group) => (table.get(group)?.judged ? 1 : 0));
}

interface Group {
	id: number;
	photos: number;
	/** Photos of each label in it: near-duplicates may carry different labels. */
	counts: Map<number, number>;
	judged: boolean;
}

function groupTable(targets: Int32Array, groups: Int32Array) {
	if (targets.length !== groups.length)
		throw new RangeError(`${targets.length} labels for ${groups.length} groups`);
	const table = new Map<number, Group>();
	const photosOfLabel = new Map<number, number>();
	const groupsOfLabel = new Map<number, number>();
	groups.forEach((id, photo) => {
		const label = targets[photo] ?? 0;
		const group = table.get(id) ?? { id, photos: 0, counts: new Map<number, number>(), judged: true };
		table.set(id, group);
		group.photos++;
		if (!group.counts.has(label)) groupsOfLabel.set(label, (groupsOfLabel.get(label) ?? 0) + 1);
		group.counts.set(label, (group.counts.get(label) ?? 0) + 1);
		photosOfLabel.set(label, (photosOfLabel.get(label) ?? 0) + 1);
	});
	for (const group of table.values())
		group.judged = [...group.counts.keys()].every((label) => (groupsOfLabel.get(label) ?? 0) > 1);
	return { groups: table, photosOfLabel, groupsOfLabel };
}

/** What each fold holds so far. */
class Placement {
	readonly #held: { photos: number; counts: Map<number, number> }[];
	readonly #photosOfLabel: ReadonlyMap<number, number>;

	constructor(folds: number, photosOfLabel: ReadonlyMap<number, number>) {
		this.#held = range(folds).map(() => ({ photos: 0, counts: new Map<number, number>() }));
		this.#photosOfLabel = photosOfLabel;
	}

	/**
	 * Puts the group where it costs least; of equals, into the smallest fold, then the first in `order`.
	 * @param left groups of each label that are in no fold yet, never held out ones included
	 */
	place(group: Group, order: readonly number[], left: ReadonlyMap<number, number>): number {
		let best = { fold: order[0] ?? 0, cost: [Infinity, Infinity, Infinity] };
		for (const fold of order) {
			const cost = [this.#robbed(group, fold, left), this.#cost(group, fold), this.#held[fold]?.photos ?? 0];
			if (isLess(cost, best.cost)) best = { fold, cost };
		}
		const into = this.#held[best.fold];
		if (into) {
			into.photos += group.photos;
			for (const [label, n] of group.counts) into.counts.set(label, (into.counts.get(label) ?? 0) + n);
		}
		return best.fold;
	}

	/** Labels that would lie in this fold alone, and so be missing from its training part. */
	#robbed(group: Group, fold: number, left: ReadonlyMap<number, number>): number {
		return [...group.counts.keys()].filter(
			(label) =>
				left.get(label) === 1 && !this.#held.some(({ counts }, other) => other !== fold && counts.has(label))
		).length;
	}

	/** Increase of Σ (photos of the label here / photos of the label)². */
	#cost(group: Group, fold: number): number {
		let cost = 0;
		for (const [label, n] of group.counts) {
			const here = this.#held[fold]?.counts.get(label) ?? 0;
			cost += (n * (2 * here + n)) / (this.#photosOfLabel.get(label) ?? 1) ** 2;
		}
		return cost;
	}
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
	const at = a.findIndex((x, i) => Math.abs(x - (b[i] ?? 0)) > 1e-12);
	return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

function range(n: number): number[] {
	return Array.from({ length: n }, (_, i) => i);
}
