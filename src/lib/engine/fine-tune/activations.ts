/**
 * What the frozen trunk says of each photo and view, kept as half-precision numbers: the tail learns from them, epoch
 * after epoch, and the trunk never runs again.
 */
import { fromFloat16, toFloat16 } from '../../onnx/float16';

/** A feature map: [channels, height, width]. */
export type MapDims = readonly [number, number, number];

/** The largest half; what is beyond it is cut off there rather than made infinite. */
const MOST = 65504;

let table: Float32Array | null = null;
/** Every half there is, as a float: 256 KiB, and many times as fast as arithmetic. */
const halves = () => (table ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => fromFloat16(bits)));

export class Activations {
	readonly #rows: (Uint16Array | undefined)[];
	readonly #numbers: number;

	/**
	 * @param maps what crosses the cut, one map or more
	 * @param rows photos times views
	 */
	constructor(
		readonly maps: readonly MapDims[],
		readonly rows: number
	) {
		this.#rows = new Array<Uint16Array | undefined>(rows).fill(undefined);
		this.#numbers = maps.reduce((sum, [c, h, w]) => sum + c * h * w, 0);
	}

	/** Bytes that all rows take. */
	get bytes(): number {
		return 2 * this.rows * this.#numbers;
	}

	/**
	 * @param numbers the maps one after the other, each [channels, height, width]
	 * @throws RangeError where they do not fill the maps, or there is no such row
	 */
	put(row: number, numbers: Float32Array): void {
		if (numbers.length !== this.#numbers || !(row in this.#rows))
			throw new RangeError(`${numbers.length} numbers for ${this.#numbers}, row ${row} of ${this.rows}`);
		const kept = new Uint16Array(this.#numbers);
		let from = 0;
		for (const [channels, height, width] of this.maps) {
			const area = height * width;
			for (let c = 0; c < channels; c++)
				for (let at = 0; at < area; at++) {
					const value = numbers[from + c * area + at] ?? 0;
					kept[from + at * channels + c] = toFloat16(Math.max(-MOST, Math.min(MOST, value)));
				}
			from += channels * area;
		}
		this.#rows[row] = kept;
	}

	/** These rows alone, in this order; shares their memory. */
	pick(rows: readonly number[]): Activations {
		const picked = new Activations(this.maps, rows.length);
		for (const [i, row] of rows.entries()) picked.#rows[i] = this.#rows[row];
		return picked;
	}

	/**
	 * @returns for each map the rows one after the other, channels last: [rows, height, width, channels]
	 * @throws RangeError for a row that was not put
	 */
	read(rows: readonly number[]): Float32Array[] {
		const float = halves();
		let from = 0;
		return this.maps.map(([channels, height, width]) => {
			const size = channels * height * width;
			const numbers = new Float32Array(rows.length * size);
			for (const [i, row] of rows.entries()) {
				const kept = this.#rows[row];
				if (!kept) throw new RangeError(`row ${row} of ${this.rows} is not there`);
				for (let at = 0; at < size; at++) numbers[i * size + at] = float[kept[from + at] ?? 0] ?? 0;
			}
			from += size;
			return numbers;
		});
	}
}
