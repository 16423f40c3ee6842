import fc from 'fast-check';
import { expect, test } from 'vitest';
import { counted, grouped } from './wording';

test('whole numbers are written as the language writes them', () => {
	fc.assert(
		fc.property(fc.integer({ min: -1e9, max: 1e12 }), (n) => {
			expect(grouped(n)).toBe(n.toLocaleString('en'));
		}),
		{ seed: 1 }
	);
	for (const n of [0, 7, 999, 1000, 10_000, 999_999, 1_000_000])
		expect(grouped(n)).toBe(n.toLocaleString('en'));
});

test('things are counted', () => {
	expect([0, 1, 1200].map((n) => counted(n, 'photo'))).toEqual(['0 photos', '1 photo', '1,200 photos']);
});
