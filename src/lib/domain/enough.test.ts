import { expect, test } from 'vitest';
import { labelWarnings } from './enough';

const warned = (counts: Record<string, number>) =>
	Object.fromEntries(
		[...labelWarnings(new Map(Object.entries(counts)))].map(([id, { words }]) => [id, words])
	);

test('fewer than five photos are too few; none says so itself', () => {
	expect(warned({ a: 5, b: 4, c: 0 })).toEqual({ b: 'Too few: 1 more at least' });
});

test('more than five times as many is lopsided, five times is not', () => {
	expect(warned({ a: 50, b: 10 })).toEqual({});
	expect(warned({ a: 51, b: 10 })).toEqual({ b: 'Far fewer than others: 51 against 10' });
});
