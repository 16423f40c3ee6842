import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupedFolds, judgeable, mostFolds } from './split';

const runs = { seed: 20240607, numRuns: 300 };

/** Bursts of one label each, of 1 to 12 photos. */
const bursts = fc.array(
	fc.record({ label: fc.integer({ min: 0, max: 4 }), size: fc.integer({ min: 1, max: 12 }) }),
	{
		minLength: 2,
		maxLength: 40
	}
);

function photosOf(groups: readonly { label: number; size: number }[]) {
	const rows = groups.flatMap(({ label, size }, group) =>
		Array.from({ length: size }, () => ({ label, group }))
	);
	return {
		targets: Int32Array.from(rows, ({ label }) => label),
		groups: Int32Array.from(rows, ({ group }) => group)
	};
}

function groupsPerLabel(targets: Int32Array, groups: Int32Array) {
	const seen = new Map<number, Set<number>>();
	targets.forEach((label, i) => seen.set(label, (seen.get(label) ?? new Set()).add(groups[i] ?? 0)));
	return new Map([...seen].map(([label, set]) => [label, set.size]));
}

describe('folds', () => {
	test('never split a group, whatever labels it mixes', () => {
		const mixed = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 9 })), {
			minLength: 1,
			maxLength: 80
		});
		fc.assert(
			fc.property(mixed, fc.integer({ min: 2, max: 5 }), fc.integer(), (photos, folds, seed) => {
				const targets = Int32Array.from(photos, ([label]) => label);
				const groups = Int32Array.from(photos, ([, group]) => group);
				const result = groupedFolds(targets, groups, { folds, seed });
				const foldOf = new Map<number, number>();
				result.forEach((fold, i) => {
					const group = groups[i] ?? 0;
					expect(foldOf.get(group) ?? fold).toBe(fold);
					foldOf.set(group, fold);
				});
			}),
			runs
		);
	});

	test('hold out every photo once, but for labels of one group', () => {
		fc.assert(
			fc.property(bursts, fc.integer({ min: 2, max: 5 }), fc.integer(), (made, folds, seed) => {
				const { targets, groups } = photosOf(made);
				const result = groupedFolds(targets, groups, { folds, seed });
				const counts = groupsPerLabel(targets, groups);
				const can = judgeable(targets, groups);
				expect(result).toHaveLength(targets.length);
				result.forEach((fold, i) => {
					const several = (counts.get(targets[i] ?? 0) ?? 0) > 1;
					expect(can[i]).toBe(several ? 1 : 0);
					if (several) expect(fold).toBeGreaterThanOrEqual(0);
					else expect(fold).toBe(-1);
					expect(fold).toBeLessThan(folds);
				});
			}),
			runs
		);
	});

	test('leave every label in every training part', () => {
		fc.assert(
			fc.property(bursts, fc.integer({ min: 2, max: 5 }), fc.integer(), (made, folds, seed) => {
				const { targets, groups } = photosOf(made);
				const result = groupedFolds(targets, groups, { folds, seed });
				for (let fold = 0; fold < folds; fold++) {
					const training = new Set(targets.filter((_, i) => result[i] !== fold));
					expect(training).toEqual(new Set(targets));
				}
			}),
			runs
		);
	});

	test('hold about equally much of each label: they differ by no more than its largest group', () => {
		fc.assert(
			fc.property(bursts, fc.integer({ min: 2, max: 5 }), fc.integer(), (made, folds, seed) => {
				const { targets, groups } = photosOf(made);
				const result = groupedFolds(targets, groups, { folds, seed });
				for (const label of new Set(targets)) {
					const held = Array.from({ length: folds }, (_, fold) => {
						return targets.filter((target, i) => target === label && result[i] === fold).length;
					});
					const largest = Math.max(...made.filter((group) => group.label === label).map(({ size }) => size));
					expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(largest);
				}
			}),
			runs
		);
	});

	test('are of even size where all photos are single', () => {
		const { targets, groups } = photosOf(Array.from({ length: 103 }, (_, i) => ({ label: i % 4, size: 1 })));
		const result = groupedFolds(targets, groups, { folds: 5, seed: 1 });
		const sizes = [0, 1, 2, 3, 4].map((fold) => result.filter((f) => f === fold).length);
		expect(Math.min(...sizes)).toBeGreaterThanOrEqual(19);
		expect(Math.max(...sizes)).toBeLessThanOrEqual(22);
	});

	test('come from the seed', () => {
		const { targets, groups } = photosOf(Array.from({ length: 60 }, (_, i) => ({ label: i % 3, size: 2 })));
		const once = groupedFolds(targets, groups, { folds: 5, seed: 4 });
		expect(groupedFolds(targets, groups, { folds: 5, seed: 4 })).toEqual(once);
		expect(groupedFolds(targets, groups, { folds: 5, seed: 5 })).not.toEqual(once);
	});

	test('keep a label in training that lies in a mixed group and one more', () => {
		// Label 0: groups 0 and 1; group 0 is mostly label 1, group 1 mostly label 2.
		const targets = Int32Array.from([0, 1, 1, 1, 0, 2, 2, 2, 1, 2, 1, 2]);
		const groups = Int32Array.from([0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 5]);
		for (let seed = 0; seed < 50; seed++) {
			const result = groupedFolds(targets, groups, { folds: 2, seed });
			expect(result[0]).not.toBe(result[4]);
		}
	});

	test('are refused where there are fewer than two', () => {
		expect(() => groupedFolds(Int32Array.of(0), Int32Array.of(0), { folds: 1, seed: 1 })).toThrow(RangeError);
	});
});

describe('the number of folds', () => {
	const folds = (...groupsOfLabels: number[]) => {
		const { targets, groups } = photosOf(
			groupsOfLabels.flatMap((count, label) => Array.from({ length: count }, () => ({ label, size: 3 })))
		);
		return mostFolds(targets, groups);
	};
	test('is five at most', () => expect(folds(20, 30)).toBe(5));
	test('is what the label with the second most groups has', () => {
		expect(folds(9, 3)).toBe(3);
		expect(folds(9, 4, 2)).toBe(4);
	});
	test('is none with fewer than two labels of two groups', () => {
		expect(folds()).toBe(0);
		expect(folds(10)).toBe(0);
		expect(folds(10, 1)).toBe(0);
		expect(folds(1, 1, 1)).toBe(0);
	});
	test('is not held back by a label of one burst', () => expect(folds(6, 1, 6)).toBe(5));
	test('gives every fold two labels', () => {
		fc.assert(
			fc.property(bursts, fc.integer(), (made, seed) => {
				const { targets, groups } = photosOf(made);
				const count = mostFolds(targets, groups);
				if (count === 0) return;
				const result = groupedFolds(targets, groups, { folds: count, seed });
				for (let fold = 0; fold < count; fold++)
					expect(new Set(targets.filter((_, i) => result[i] === fold)).size).toBeGreaterThanOrEqual(2);
			}),
			runs
		);
	});
});
