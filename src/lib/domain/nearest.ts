/** Cosine similarity to the nearest of many feature vectors: plain loops over one flat array. */

/** Cosine similarities between rows, each pair computed once: `fill` every row before they are asked for. */
export class Similarities {
	readonly rows: number;
	readonly #bank: Float32Array;
	readonly #dimension: number;
	/** Lower triangle without the diagonal, row by row. */
	readonly #values: Float32Array;

	/** @param bank normalised features, [rows, dimension] */
	constructor(bank: Float32Array, dimension: number) {
		this.rows = bank.length / dimension;
		this.#bank = bank;
		this.#dimension = dimension;
		this.#values = new Float32Array((this.rows * (this.rows - 1)) / 2);
	}

	/** Compares a row with all before it. */
	fill(row: number): void {
		const from = row * this.#dimension;
		for (let j = 0, at = (row * (row - 1)) / 2; j < row; j++, at++)
			this.#values[at] = dot(this.#bank, from, this.#bank, j * this.#dimension, this.#dimension);
	}

	/** Of two different rows. */
	of(i: number, j: number): number {
		const [low, high] = i < j ? [i, j] : [j, i];
		return this.#values[(high * (high - 1)) / 2 + low] ?? 0;
	}
}

/** Cosine similarity of each photo to the k-th nearest one outside its group, [photos]. @param rows of the photos */
export function similaritiesOutOfGroup(
	similarities: Similarities,
	rows: readonly number[],
	groups: Int32Array,
	k: number
): Float32Array<ArrayBuffer> {
	const nearest = new Nearest(rows.length, k);
	for (const [i, row] of rows.entries())
		for (let j = 0; j < i; j++) {
			if (groups[i] === groups[j]) continue;
			const similarity = similarities.of(row, rows[j] ?? 0);
			nearest.meet(i, similarity);
			nearest.meet(j, similarity);
		}
	return Float32Array.from(rows, (_, i) => nearest.kth(i));
}

/** The k largest values that each row has met. */
export class Nearest {
	readonly #k: number;
	/** [rows, k], each row falling. */
	readonly #values: Float32Array;

	constructor(rows: number, k: number) {
		this.#k = k;
		this.#values = new Float32Array(rows * k).fill(-1);
	}

	meet(row: number, value: number): void {
		const first = row * this.#k;
		let at = first + this.#k - 1;
		if (value <= (this.#values[at] ?? 0)) return;
		for (; at > first && (this.#values[at - 1] ?? 0) < value; at--)
			this.#values[at] = this.#values[at - 1] ?? 0;
		this.#values[at] = value;
	}

	kth(row: number): number {
		return this.#values[(row + 1) * this.#k - 1] ?? -1;
	}
}

/** Σ a[aFrom + i] · b[bFrom + i] for i < length. Four sums, as one would make each addition wait for the last. */
export function dot(a: Float32Array, aFrom: number, b: Float32Array, bFrom: number, length: number): number {
	let [s0, s1, s2, s3] = [0, 0, 0, 0];
	let i = 0;
	for (; i + 3 < length; i += 4) {
		s0 += (a[aFrom + i] ?? 0) * (b[bFrom + i] ?? 0);
		s1 += (a[aFrom + i + 1] ?? 0) * (b[bFrom + i + 1] ?? 0);
		s2 += (a[aFrom + i + 2] ?? 0) * (b[bFrom + i + 2] ?? 0);
		s3 += (a[aFrom + i + 3] ?? 0) * (b[bFrom + i + 3] ?? 0);
	}
	for (; i < length; i++) s0 += (a[aFrom + i] ?? 0) * (b[bFrom + i] ?? 0);
	return s0 + s1 + (s2 + s3);
}

/** Each row divided by its L2 norm; a row of zeros stays. */
export function normalised(features: Float32Array, dimension: number): Float32Array<ArrayBuffer> {
	const rows = Float32Array.from(features);
	for (let from = 0; from < rows.length; from += dimension) {
		const norm = Math.sqrt(dot(rows, from, rows, from, dimension)) || 1;
		for (let i = from; i < from + dimension; i++) rows[i] = (rows[i] ?? 0) / norm;
	}
	return rows;
}
