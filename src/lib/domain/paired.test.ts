import { describe, expect, it } from 'vitest';
import { isBetter, pairedGain } from './paired';
import { Random } from './random';

describe('the gain of one model over another', () => {
	it('is the difference of the shares, by hand', () => {
		const { value, low, high } = pairedGain([1, 1, 1, 0], [1, 0, 0, 1], [0, 1, 2, 3]);
		expect(value).toBe(0.25);
		// Differences 0, 1, 1, −1: Σ (d − ¼)² = 2.75, variance 4/3 · 2.75 / 16.
		const half = 1.959964 * Math.sqrt((1.5 * (4 / 3) * 2.75) / 16);
		expect(low).toBeCloseTo(0.25 - half, 12);
		expect(high).toBeCloseTo(Math.min(1, 0.25 + half), 12);
	});

	it('of photos that belong together counts as that of one', () => {
		const single = pairedGain([1, 0, 0], [0, 0, 1], [0, 1, 2]);
		const bursts = pairedGain(
			[1, 1, 1, 0, 0, 0, 0, 0, 0],
			[0, 0, 0, 0, 0, 0, 1, 1, 1],
			[0, 0, 0, 1, 1, 1, 2, 2, 2]
		);
		expect(bursts).toEqual(single);
	});

	it('of models that answered alike is none, as far as so few photos can tell', () => {
		const [right, groups] = [[...Array(30).keys()].map((i) => i % 3), [...Array(30).keys()]];
		expect(pairedGain(right, right, groups)).toEqual({ value: 0, low: -0.1, high: 0.1 });
		expect(pairedGain([1, 0, 1], [1, 0, 1], [0, 1, 2])).toEqual({ value: 0, low: -1, high: 1 });
	});

	it('is not known from one group, nor from no photo', () => {
		expect(pairedGain([1, 1], [0, 0], [3, 3])).toEqual({ value: 1, low: -1, high: 1 });
		expect(pairedGain([], [], [])).toEqual({ value: 0, low: -1, high: 1 });
	});

	it('lies in its interval in at least 95 of 100 draws', () => {
		const random = new Random(4);
		let held = 0;
		for (let draw = 0; draw < 400; draw++) {
			const [first, second, groups] = [[] as number[], [] as number[], [] as number[]];
			for (let group = 0; group < 30; group++) {
				const gain = random.next() < 0.2 ? 1 : random.next() < 0.1 ? -1 : 0;
				for (let i = 0; i < 1 + (group % 3); i++) {
					first.push(gain > 0 ? 1 : 0);
					second.push(gain < 0 ? 1 : 0);
					groups.push(group);
				}
			}
			const { low, high } = pairedGain(first, second, groups);
			if (low <= 0.12 && 0.12 <= high) held++;
		}
		expect(held / 400).toBeGreaterThanOrEqual(0.95);
	});
});

describe('whether it is better', () => {
	it.each([
		['clearly', { value: 0.05, low: 0.01, high: 0.09 }, true],
		['by half a standard error', { value: 0.025, low: 0.025 - 0.05 * 1.959964, high: 0.123 }, true],
		['by less', { value: 0.02, low: 0.02 - 0.05 * 1.959964, high: 0.118 }, false],
		['alike', { value: 0, low: 0, high: 0 }, false],
		['worse', { value: -0.05, low: -0.09, high: -0.01 }, false],
		['unknown', null, false]
	])('%s', (_, gain, better) => expect(isBetter(gain)).toBe(better));
});
