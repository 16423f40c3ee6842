import { expect, it } from 'vitest';
import { nearly } from './nearly';

const expected = Float32Array.of(0, -10, 2);

it.each([
	['the same', [0, -10, 2], true],
	['off by a share of the largest, also where nothing is expected', [0.09, -10.09, 1.91], true],
	['off by more', [0.11, -10, 2], false],
	['one too few', [0, -10], false],
	['one too many', [0, -10, 2, 0], false],
	['no number', [0, NaN, 2], false]
])('%s', (_, said, same) => {
	expect(nearly(expected, Float32Array.from(said), 0.01)).toBe(same);
});
