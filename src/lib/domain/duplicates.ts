/**
 * Near-duplicates: photos whose perceptual hashes differ in few bits and whose features, where both have them,
 * point the same way. Found in time that grows with the number of photos: hashes are cut into four bands of
 * 16 bits, and two that differ in 7 bits or fewer have a band in which they differ in one at most (pigeonhole).
 */
import { dot } from './nearest';

/** Bits in which the hashes of near-duplicates may differ; the bands below find no more than this. */
export const NEAR_BITS = 7;
/**
 * Cosine similarity of their features, at least. Photos of one label have 0.85 to their nearest neighbour (median
 * of 1,400 photos), mirror images of one photo 0.97, so hash and features err on different pictures.
 */
const NEAR_COSINE = 0.9;

const HASH = /^[0-9a-f]{16}$/;
const BANDS = 4;
const BAND_BITS = 16;

export interface Comparable {
	/** 64-bit perceptual hash, 16 hexadecimal digits; what is none is near nothing. */
	hash: string;
	/** As the backbone gives them, of any length but the same for all; without, the hash alone decides. */
	features?: Float32Array | undefined;
}

/** @returns groups of two and more that look alike, as indices into `photos`, both in the order of `photos` */
export function duplicateGroups(photos: readonly Comparable[]): number[][] {
	return finish(duplicateSteps(photos));
}

/** The same a step at a time, a few milliseconds each at most, for a page that must not stand still. */
export function* duplicateSteps(photos: readonly Comparable[]): Generator<void, number[][]> {
	const union = new Union(photos.length);
	yield* joinDuplicates(new Likeness(photos), union);
	return union.groups().filter((group) => group.length > 1);
}

/** All steps at once. */
export function finish<T>(steps: Generator<void, T>): T {
	let step = steps.next();
	while (!step.done) step = steps.next();
	return step.value;
}

/**
 * What must not be split between training and validation: bursts and near-duplicates, and whatever hangs together
 * through them.
 * @returns [photos] number of each photo's group, from 0 in order of appearance
 */
export function trainingGroups(
	photos: readonly (Comparable & { burstId: string })[]
): Int32Array<ArrayBuffer> {
	const union = new Union(photos.length);
	const firstOfBurst = new Map<string, number>();
	photos.forEach(({ burstId }, i) => {
		const first = firstOfBurst.get(burstId);
		if (first === undefined) firstOfBurst.set(burstId, i);
		else union.join(first, i);
	});
	finish(joinDuplicates(new Likeness(photos), union));
	const numbers = new Int32Array(photos.length);
	union.groups().forEach((group, number) => {
		for (const photo of group) numbers[photo] = number;
	});
	return numbers;
}

/** Which two of many photos look alike; what is compared is worked out once a photo. */
export class Likeness {
	readonly photos: readonly Comparable[];
	readonly #bands = new Map<number, readonly number[]>();
	readonly #norms = new Map<number, number>();

	constructor(photos: readonly Comparable[]) {
		this.photos = photos;
	}

	/** Two indices; not so for what only hangs together through others. */
	near(a: number, b: number): boolean {
		return distance(this.bands(a), this.bands(b)) <= NEAR_BITS && this.pointAlike(a, b);
	}

	/** [4], 16 bits each. */
	bands(i: number): readonly number[] {
		return remembered(this.#bands, i, () => bandsOf(this.photos[i]?.hash ?? ''));
	}

	/** What their features say, where both have them. */
	pointAlike(a: number, b: number): boolean {
		const [x, y] = [this.photos[a]?.features, this.photos[b]?.features];
		if (!x || !y) return true;
		return dot(x, 0, y, 0, x.length) >= NEAR_COSINE * this.#norm(a, x) * this.#norm(b, y);
	}

	#norm(i: number, features: Float32Array): number {
		return remembered(this.#norms, i, () => norm(features));
	}
}

function remembered<T>(known: Map<number, T>, key: number, make: () => T): T {
	const there = known.get(key);
	if (there !== undefined) return there;
	const made = make();
	known.set(key, made);
	return made;
}

function* joinDuplicates(likeness: Likeness, union: Union): Generator<void, void> {
	const same = new Map<string, number[]>();
	likeness.photos.forEach(({ hash }, i) => {
		const key = hash.toLowerCase();
		if (!HASH.test(key)) return;
		const met = same.get(key);
		if (met) met.push(i);
		else same.set(key, [i]);
	});
	function* joinAll(left: readonly number[], right: readonly number[]): Generator<void, void> {
		for (const a of left) {
			for (const b of right)
				if (a !== b && !union.joined(a, b) && likeness.pointAlike(a, b)) union.join(a, b);
			yield;
		}
	}
	const lists = [...same.values()];
	for (const photos of lists) yield* joinAll(photos, photos);
	const bands = (list: number) => likeness.bands(lists[list]?.[0] ?? 0);
	for (const pair of nearHashes(lists.length, bands)) {
		if (pair) yield* joinAll(lists[pair[0]] ?? [], lists[pair[1]] ?? []);
		else yield;
	}
}

/** Pairs of hashes that differ in `NEAR_BITS` bits or fewer; a pair may come more than once. null: a step is done. */
function* nearHashes(
	count: number,
	bandsOf: (hash: number) => readonly number[]
): Generator<[number, number] | null, void> {
	for (let band = 0; band < BANDS; band++) {
		const buckets = new Map<number, number[]>();
		for (let i = 0; i < count; i++) {
			const bands = bandsOf(i);
			const value = bands[band] ?? 0;
			for (const near of withinOneBit(value))
				for (const j of buckets.get(near) ?? []) if (distance(bands, bandsOf(j)) <= NEAR_BITS) yield [i, j];
			const bucket = buckets.get(value);
			if (bucket) bucket.push(i);
			else buckets.set(value, [i]);
			yield null;
		}
	}
}

function* withinOneBit(value: number): Generator<number> {
	yield value;
	for (let bit = 0; bit < BAND_BITS; bit++) yield value ^ (1 << bit);
}

function bandsOf(hash: string): number[] {
	return Array.from({ length: BANDS }, (_, band) => parseInt(hash.slice(4 * band, 4 * band + 4), 16) || 0);
}

function distance(a: readonly number[], b: readonly number[]): number {
	let bits = 0;
	for (let band = 0; band < BANDS; band++)
		for (let differ = (a[band] ?? 0) ^ (b[band] ?? 0); differ !== 0; differ &= differ - 1) bits++;
	return bits;
}

function norm(vector: Float32Array): number {
	return Math.sqrt(dot(vector, 0, vector, 0, vector.length));
}

/** Union–find with path halving; the root is the first of its members. */
class Union {
	readonly #parent: Int32Array;

	constructor(size: number) {
		this.#parent = Int32Array.from({ length: size }, (_, i) => i);
	}

	join(a: number, b: number): void {
		const [x, y] = [this.#root(a), this.#root(b)];
		this.#parent[Math.max(x, y)] = Math.min(x, y);
	}

	joined(a: number, b: number): boolean {
		return this.#root(a) === this.#root(b);
	}

	groups(): number[][] {
		const members = new Map<number, number[]>();
		for (const i of this.#parent.keys()) {
			const root = this.#root(i);
			const group = members.get(root);
			if (group) group.push(i);
			else members.set(root, [i]);
		}
		return [...members.values()];
	}

	#root(i: number): number {
		let at = i;
		for (let parent = this.#parent[at] ?? at; parent !== at; parent = this.#parent[at] ?? at) {
			const grand = this.#parent[parent] ?? parent;
			this.#parent[at] = grand;
			at = grand;
		}
		return at;
	}
}
