import { describe, expect, it } from 'vitest';
import { Random } from '../../domain/random';
import { Activations } from './activations';

describe('activations of a trunk', () => {
	it('come back channels last, each map by itself, as halves', () => {
		const maps = [
			[2, 2, 3],
			[3, 1, 1]
		] as const;
		const random = new Random(1);
		const all = new Activations(maps, 2);
		const rows = [0, 1].map(() => Float32Array.from({ length: 15 }, () => 6 * random.next() - 3));
		rows.forEach((numbers, row) => all.put(row, numbers));
		const [first, second] = all.read([1, 0, 1]);
		expect([first?.length, second?.length]).toEqual([36, 9]);
		for (const [i, row] of [1, 0, 1].entries()) {
			for (let y = 0; y < 2; y++)
				for (let x = 0; x < 3; x++)
					for (let c = 0; c < 2; c++) {
						const put = rows[row]?.[c * 6 + y * 3 + x] ?? NaN;
						const read = first?.[i * 12 + (y * 3 + x) * 2 + c] ?? NaN;
						expect(Math.abs(read - put)).toBeLessThanOrEqual(Math.abs(put) * 2 ** -11 + 2 ** -24);
					}
			for (let c = 0; c < 3; c++) expect(second?.[i * 3 + c]).toBeCloseTo(rows[row]?.[12 + c] ?? NaN, 2);
		}
		expect(all.bytes).toBe(60);
	});

	it('are cut off, not infinite, where a half ends', () => {
		const all = new Activations([[1, 1, 2]], 1);
		all.put(0, Float32Array.of(1e6, -1e6));
		expect([...(all.read([0])[0] ?? [])]).toEqual([65504, -65504]);
	});

	it('are picked by row', () => {
		const all = new Activations([[1, 1, 1]], 3);
		[1, 2, 3].forEach((value, row) => all.put(row, Float32Array.of(value)));
		const some = all.pick([2, 0]);
		expect(some.rows).toBe(2);
		expect(some.read([0, 1])).toEqual([Float32Array.of(3, 1)]);
	});

	it('that do not fit, or are not there, are refused', () => {
		const all = new Activations([[1, 1, 2]], 1);
		expect(() => all.put(0, new Float32Array(3))).toThrow(RangeError);
		expect(() => all.put(1, new Float32Array(2))).toThrow(RangeError);
		expect(() => all.read([0])).toThrow(RangeError);
	});
});
