import fc from 'fast-check';
import { expect, test } from 'vitest';
import { effectivePhotos, wilson } from './interval';

test('Wilson’s interval is the published one', () => {
	// Newcombe, "Two-sided confidence intervals for the single proportion", Statist. Med. 1998, table I, method 3.
	const published: [number, number, number, number][] = [
		[81, 263, 0.2553, 0.3662],
		[15, 148, 0.0624, 0.1605],
		[0, 20, 0, 0.1611],
		[1, 29, 0.0061, 0.1718]
	];
	for (const [right, n, low, high] of published) {
		const interval = wilson(right / n, n);
		expect(interval.low).toBeCloseTo(low, 4);
		expect(interval.high).toBeCloseTo(high, 4);
	}
});

test('the interval holds the value and stays in 0..1', () => {
	fc.assert(
		fc.property(
			fc.double({ min: 0, max: 1, noNaN: true }),
			fc.double({ min: 0, max: 1e5, noNaN: true }),
			(p, n) => {
				const { low, value, high } = wilson(p, n);
				expect(low).toBeGreaterThanOrEqual(0);
				expect(low).toBeLessThanOrEqual(value);
				expect(value).toBeLessThanOrEqual(high);
				expect(high).toBeLessThanOrEqual(1);
			}
		),
		{ seed: 3, numRuns: 1000 }
	);
});

test('all right of a few photos is far from certain', () => {
	expect(wilson(1, 10).low).toBeCloseTo(0.7225, 4);
	expect(wilson(1, 0)).toEqual({ value: 1, low: 0, high: 1 });
});

test('photos that belong together count as fewer', () => {
	expect(effectivePhotos([1, 2, 3, 4, 5, 6], 1)).toBe(6);
	expect(effectivePhotos([1, 2, 3, 4, 5, 6], 1.5)).toBe(4);
	expect(effectivePhotos([1, 1, 1, 2, 2, 2], 1)).toBe(2);
	// (4 + 1 + 1)² / (16 + 1 + 1)
	expect(effectivePhotos([7, 7, 7, 7, 8, 9], 1)).toBe(2);
	expect(effectivePhotos([], 1)).toBe(0);
});
