/**
 * A picture in another size, each of its pixels the average over the area it covers (as in `resize`; bilinear
 * where it grows). Rows come in strips, so that a large photo never has to be in memory twice.
 */
import { resizeRow, taps, type Pixels, type Taps } from './resize';

/**
 * The size that fits into a square of `longest`, in the picture's own shape and never larger than it is.
 *
 * @returns whole pixels, ≥ 1
 */
export function fitInto(
	{ width, height }: { width: number; height: number },
	longest: number
): { width: number; height: number } {
	const scale = Math.min(1, longest / Math.max(width, height));
	return {
		width: Math.max(1, Math.round(width * scale)),
		height: Math.max(1, Math.round(height * scale))
	};
}

export class Shrink {
	readonly #width: number;
	readonly #to: { width: number; height: number };
	readonly #across: Taps;
	readonly #down: Taps;
	/** Of the target: RGB sums, still to be rounded. */
	readonly #sums: Float32Array;
	readonly #row: Float64Array;
	/** Source rows that have come so far. */
	#rows = 0;
	/** The first target row that a source row may still add to. */
	#open = 0;

	/**
	 * @param from size of the source, both sides ≥ 1
	 * @param to size of the target
	 */
	constructor(from: { width: number; height: number }, to: { width: number; height: number }) {
		this.#width = from.width;
		this.#to = to;
		this.#across = taps(from.width, to.width);
		this.#down = taps(from.height, to.height);
		this.#sums = new Float32Array(3 * to.width * to.height);
		this.#row = new Float64Array(3 * to.width);
	}

	/** The next rows of the source, from the top. */
	add({ data, height }: Pixels): void {
		for (let y = 0; y < height; y++) this.#addRow(data, y * this.#width);
	}

	/** The target, opaque, once all rows have come. */
	pixels(): Pixels & { data: Uint8ClampedArray<ArrayBuffer> } {
		const { width, height } = this.#to;
		const data = new Uint8ClampedArray(4 * width * height);
		for (let i = 0, s = 0; i < data.length; i += 4, s += 3) {
			data[i] = this.#sums[s] ?? 0;
			data[i + 1] = this.#sums[s + 1] ?? 0;
			data[i + 2] = this.#sums[s + 2] ?? 0;
			data[i + 3] = 255;
		}
		return { data, width, height };
	}

	#addRow(data: Pixels['data'], start: number): void {
		resizeRow(data, start, this.#across, this.#row);
		const { first, weights, width: stride } = this.#down;
		const y = this.#rows++;
		for (let t = this.#open; t < this.#to.height && (first[t] ?? 0) <= y; t++) {
			const k = y - (first[t] ?? 0);
			if (k >= stride) {
				this.#open = t + 1;
				continue;
			}
			const weight = weights[t * stride + k] ?? 0;
			if (weight > 0) addScaled(this.#sums, t * this.#row.length, this.#row, weight);
		}
	}
}

/* eslint-disable @typescript-eslint/no-non-null-assertion -- every index is in range; `?? 0` costs what the loops save */

function addScaled(sums: Float32Array, at: number, row: Float64Array, weight: number): void {
	for (let i = 0; i < row.length; i++) sums[at + i]! += weight * row[i]!;
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
