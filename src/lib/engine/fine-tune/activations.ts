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
const floats = () => (table ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => fromFloat16(bits)));

/** The numbers of one photo and view as halves, each map channels last. */
interface HalfRow {
	row: number;
	halves: Uint16Array<ArrayBuffer>;
}

/** Where rows go that memory has no room for. */
export interface Spill {
	put(rows: readonly HalfRow[]): Promise<void>;
	/** @returns the rows in the order asked for @throws where one is missing */
	read(rows: readonly number[]): Promise<Uint16Array[]>;
}

/** Bytes of all rows in memory, unless said otherwise: more would trouble a phone. */
const BUDGET = 192 * 2 ** 20;
/** Bytes that are spilled at a time. */
const BATCH = 4 * 2 ** 20;

export class Activations {
	/** In memory, or under which number it was spilled. */
	readonly #rows: (Uint16Array | number | undefined)[];
	readonly #numbers: number;
	readonly #budget: number;
	readonly #spill: Spill | null;
	/** Bytes of the rows that stay in memory. */
	#held = 0;
	/** To be spilled; still in memory until they are. */
	#leaving = new Map<number, Uint16Array<ArrayBuffer>>();

	/**
	 * @param maps what crosses the cut, one map or more
	 * @param rows photos times views
	 * @param options.budget bytes of rows that stay in memory; the rest is spilled where it can be
	 */
	constructor(
		readonly maps: readonly MapDims[],
		readonly rows: number,
		{ budget = BUDGET, spill = null }: { budget?: number; spill?: Spill | null } = {}
	) {
		this.#rows = new Array<undefined>(rows).fill(undefined);
		this.#numbers = maps.reduce((sum, [c, h, w]) => sum + c * h * w, 0);
		[this.#budget, this.#spill] = [spill ? budget : Infinity, spill];
	}

	/** Bytes that all rows take. */
	get bytes(): number {
		return 2 * this.rows * this.#numbers;
	}

	/**
	 * @param numbers the maps one after the other, each [channels, height, width]
	 * @throws RangeError where they do not fill the maps, or there is no such row; what the spill throws
	 */
	async put(row: number, numbers: Float32Array): Promise<void> {
		if (numbers.length !== this.#numbers || !(row in this.#rows))
			throw new RangeError(`${numbers.length} numbers for ${this.#numbers}, row ${row} of ${this.rows}`);
		const kept = halvesOf(this.maps, numbers);
		this.#rows[row] = kept;
		if (this.#held + kept.byteLength <= this.#budget) this.#held += kept.byteLength;
		else this.#leaving.set(row, kept);
		if (this.#leaving.size * kept.byteLength >= BATCH) await this.#send();
	}

	/** These rows alone, in this order; shares their memory, and reads spilled ones where they are. */
	pick(rows: readonly number[]): Activations {
		const picked = new Activations(this.maps, rows.length, { budget: Infinity, spill: this.#spill });
		for (const [i, row] of rows.entries()) picked.#rows[i] = this.#rows[row];
		return picked;
	}

	/**
	 * @returns for each map the rows one after the other, channels last: [rows, height, width, channels]
	 * @throws RangeError for a row that was not put; what the spill throws
	 */
	async read(rows: readonly number[]): Promise<Float32Array<ArrayBuffer>[]> {
		await this.#send();
		const found = await this.#find(rows);
		const float = floats();
		let from = 0;
		return this.maps.map(([channels, height, width]) => {
			const size = channels * height * width;
			const numbers = new Float32Array(rows.length * size);
			for (const [i, kept] of found.entries())
				for (let at = 0; at < size; at++) numbers[i * size + at] = float[kept[from + at] ?? 0] ?? 0;
			from += size;
			return numbers;
		});
	}

	/** Spills what is to be. Where that fails, the rows stay in memory. */
	async #send(): Promise<void> {
		if (!this.#spill || this.#leaving.size === 0) return;
		const batch = [...this.#leaving].map(([row, halves]) => ({ row, halves }));
		this.#leaving.clear();
		await this.#spill.put(batch);
		// Not what was put anew meanwhile.
		for (const { row, halves } of batch) if (this.#rows[row] === halves) this.#rows[row] = row;
	}

	async #find(rows: readonly number[]): Promise<Uint16Array[]> {
		const kept = rows.map((row) => this.#rows[row]);
		const away = [...new Set(kept.filter((row) => typeof row === 'number'))];
		const back = away.length > 0 ? await this.#spill?.read(away) : [];
		const returned = new Map(away.map((row, i) => [row, back?.[i]]));
		return kept.map((row, i) => {
			const halves = typeof row === 'number' ? returned.get(row) : row;
			if (halves?.length !== this.#numbers)
				throw new RangeError(`row ${rows[i]} of ${this.rows} is not there, or not whole`);
			return halves;
		});
	}
}

/** @param numbers each map [channels, height, width] @returns the same as halves, each [height, width, channels] */
function halvesOf(maps: readonly MapDims[], numbers: Float32Array): Uint16Array<ArrayBuffer> {
	const halves = new Uint16Array(numbers.length);
	let from = 0;
	for (const [channels, height, width] of maps) {
		const area = height * width;
		for (let c = 0; c < channels; c++)
			for (let at = 0; at < area; at++) {
				const value = numbers[from + c * area + at] ?? 0;
				halves[from + at * channels + c] = toFloat16(Math.max(-MOST, Math.min(MOST, value)));
			}
		from += channels * area;
	}
	return halves;
}
