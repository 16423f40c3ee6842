import fc from 'fast-check';
import { expect, test } from 'vitest';
import { areaUnder, rocCurve } from './roc';

test('the area is the share of pairs in the right order, ties counted half', () => {
	// Few different scores, so that ties are common.
	const photo = fc.record({ score: fc.integer({ min: 0, max: 6 }), positive: fc.boolean() });
	fc.assert(
		fc.property(fc.array(photo, { minLength: 2, maxLength: 60 }), (photos) => {
			const positives = photos.filter(({ positive }) => positive);
			const negatives = photos.filter(({ positive }) => !positive);
			fc.pre(positives.length > 0 && negatives.length > 0);
			let pairs = 0;
			for (const a of positives)
				for (const b of negatives) pairs += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
			const curve = rocCurve(
				photos.map(({ score }) => score),
				photos.map(({ positive }) => positive)
			);
			expect(areaUnder(curve)).toBeCloseTo(pairs / (positives.length * negatives.length), 10);
			expect(curve[0]).toEqual({ falsePositive: 0, truePositive: 0 });
			expect(curve.at(-1)).toEqual({ falsePositive: 1, truePositive: 1 });
		}),
		{ seed: 8, numRuns: 500 }
	);
});

test('a curve by hand', () => {
	// Sorted: 0.9 yes, 0.8 no and yes at once, 0.1 no.
	expect(rocCurve([0.8, 0.9, 0.1, 0.8], [false, true, false, true])).toEqual([
		{ falsePositive: 0, truePositive: 0 },
		{ falsePositive: 0, truePositive: 0.5 },
		{ falsePositive: 0.5, truePositive: 1 },
		{ falsePositive: 1, truePositive: 1 }
	]);
});
