/**
 * Seeded random numbers, for folds, dropout and sampling: the same seed gives the same model.
 * Generator: Mulberry32 (Tommy Ettinger, public domain), 2³² states; good enough for shuffles, not for secrets.
 */
export class Random {
	#state: number;

	/** @param seed a whole number; only its lower 32 bits count */
	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	/** Uniform in [0, 1). */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let t = this.#state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	}

	/** Uniform in 0..n − 1. */
	integer(n: number): number {
		return Math.floor(this.next() * n);
	}

	/** A shuffled copy (Fisher–Yates, "inside-out"). */
	shuffle<T extends NonNullable<unknown>>(values: Iterable<T>): T[] {
		const shuffled: T[] = [];
		for (const value of values) {
			const at = this.integer(shuffled.length + 1);
			const displaced = shuffled[at];
			if (at < shuffled.length && displaced !== undefined) {
				shuffled.push(displaced);
				shuffled[at] = value;
			} else shuffled.push(value);
		}
		return shuffled;
	}
}

/** A seed for each text: its FNV-1a hash (Fowler, Noll, Vo), 32 bits, of UTF-16 code units. */
export function seedOf(text: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	return hash >>> 0;
}
