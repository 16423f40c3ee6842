import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeSpill, type FakeSpill } from '../../../../tests/fixtures/spill';
import { Random } from '../../domain/random';
import { Trouble } from '../../domain/trouble';
import { Activations } from './activations';

describe('activations of a trunk', () => {
	it('come back channels last, each map by itself, as halves', async () => {
		const maps = [
			[2, 2, 3],
			[3, 1, 1]
		] as const;
		const random = new Random(1);
		const all = new Activations(maps, 2);
		const rows = [0, 1].map(() => Float32Array.from({ length: 15 }, () => 6 * random.next() - 3));
		for (const [row, numbers] of rows.entries()) await all.put(row, numbers);
		const [first, second] = await all.read([1, 0, 1]);
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

	it('are cut off, not infinite, where a half ends', async () => {
		const all = new Activations([[1, 1, 2]], 1);
		await all.put(0, Float32Array.of(1e6, -1e6));
		expect([...((await all.read([0]))[0] ?? [])]).toEqual([65504, -65504]);
	});

	it('are picked by row, wherever they are', async () => {
		const options = [{}, { budget: 0, spill: fakeSpill() }, { budget: 2, spill: fakeSpill() }];
		for (const one of options) {
			const all = new Activations([[1, 1, 1]], 3, one);
			for (const [row, value] of [1, 2, 3].entries()) await all.put(row, Float32Array.of(value));
			const early = all.pick([2, 0]);
			await all.read([0]);
			for (const some of [early, all.pick([2, 0]), all.pick([1, 0, 2]).pick([2, 1])]) {
				expect(some.rows).toBe(2);
				expect(await some.read([0, 1])).toEqual([Float32Array.of(3, 1)]);
			}
		}
	});

	it('that do not fit, or are not there, are refused', async () => {
		const all = new Activations([[1, 1, 2]], 1);
		await expect(all.put(0, new Float32Array(3))).rejects.toThrow(RangeError);
		await expect(all.put(1, new Float32Array(2))).rejects.toThrow(RangeError);
		await expect(all.read([0])).rejects.toThrow(RangeError);
	});
});

describe('activations that memory has no room for', () => {
	/** Maps of two numbers, the row's own. */
	const numbers = (value: number) => Float32Array.of(value, -value);
	const of = (rows: number, budget: number, spill: FakeSpill | null) =>
		new Activations([[1, 1, 2]], rows, { budget, spill });

	it('come back as they were put, in the order asked for, put anew or not', () =>
		fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 0, max: 10 }),
				fc.array(fc.tuple(fc.nat(7), fc.integer({ min: -2000, max: 2000 })), { minLength: 1 }),
				fc.array(fc.nat(100)),
				fc.nat(),
				async (fit, puts, asked, early) => {
					const all = of(8, 4 * fit, fakeSpill());
					const values = new Map<number, number>();
					for (const [at, [row, value]] of puts.entries()) {
						await all.put(row, numbers(value));
						values.set(row, value);
						if (at === early % puts.length) await all.read([row]);
					}
					const there = [...values.keys()];
					const wanted = asked.map((one) => there[one % there.length] ?? NaN);
					const [read] = await all.read(wanted);
					expect(read).toEqual(
						Float32Array.from(wanted.flatMap((row) => [...numbers(values.get(row) ?? NaN)]))
					);
				}
			),
			{ seed: 11, numRuns: 300 }
		));

	it('go out in batches of some MiB, stay in memory up to the budget, and come back in one call', async () => {
		const spill = fakeSpill();
		const row = 2 ** 20;
		const all = new Activations([[1, 1, row / 2]], 12, { budget: 2 * row, spill });
		for (let at = 0; at < 12; at++) await all.put(at, new Float32Array(row / 2).fill(at));
		expect(spill.puts).toEqual([
			[2, 3, 4, 5],
			[6, 7, 8, 9]
		]);
		const [read] = await all.read([11, 1, 5, 11]);
		expect([0, 1, 2, 3].map((i) => read?.[(i * row) / 2])).toEqual([11, 1, 5, 11]);
		expect(spill.puts.slice(2)).toEqual([[10, 11]]);
		expect(spill.reads).toEqual([[11, 5]]);
		await all.read([0, 1]);
		expect(spill.reads).toHaveLength(1);
	});

	it('stay in memory where there is no other place, or it is full', async () => {
		const alone = of(1, 0, null);
		await alone.put(0, numbers(3));
		expect(await alone.read([0])).toEqual([numbers(3)]);
		const spill = fakeSpill();
		const full = new Trouble('storage-full', 'There is no room left.');
		const all = of(2, 0, { ...spill, put: () => Promise.reject(full) });
		await all.put(1, numbers(4));
		await expect(all.read([1])).rejects.toBe(full);
		expect(await all.read([1])).toEqual([numbers(4)]);
	});

	it('and that are missing when asked for are told of in words', async () => {
		const spill = fakeSpill();
		const all = of(2, 0, spill);
		await all.put(0, numbers(1));
		await all.put(1, numbers(2));
		await all.read([0, 1]);
		spill.rows.delete(1);
		expect(await all.read([0])).toEqual([numbers(1)]);
		await expect(all.read([0, 1])).rejects.toMatchObject({ code: 'activations-gone' });
		spill.rows.set(1, new Uint16Array(1));
		await expect(all.read([1])).rejects.toThrow('row 1 of 2 is not there, or not whole');
	});

	it('that were put anew while they went out keep what came last', async () => {
		const spill = fakeSpill();
		let go = () => {};
		const waits = new Promise<void>((resolve) => (go = resolve));
		const all = of(1, 0, { ...spill, put: (rows) => waits.then(() => spill.put(rows)) });
		await all.put(0, numbers(1));
		const first = all.read([0]);
		await all.put(0, numbers(2));
		go();
		await first;
		expect(await all.read([0])).toEqual([numbers(2)]);
	});
});
