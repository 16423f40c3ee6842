import { expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from './float16';

it('knows the numbers of the standard', () => {
	const pairs: [number, number][] = [
		[0x3c00, 1],
		[0xc000, -2],
		[0x7bff, 65504],
		[0x0400, 2 ** -14],
		[0x0001, 2 ** -24],
		[0x3555, 0.333251953125],
		[0x7c00, Infinity],
		[0xfc00, -Infinity]
	];
	for (const [half, value] of pairs) {
		expect(fromFloat16(half)).toBe(value);
		expect(toFloat16(value)).toBe(half);
	}
	expect(fromFloat16(0x7e00)).toBeNaN();
	expect(toFloat16(NaN)).toBe(0x7e00);
	expect(Object.is(fromFloat16(0x8000), -0)).toBe(true);
});

it('gives back every half that is a number', () => {
	const changed: number[] = [];
	for (let half = 0; half < 0x10000; half++) {
		if ((half & 0x7c00) === 0x7c00) continue;
		if (toFloat16(fromFloat16(half)) !== half) changed.push(half);
	}
	expect(changed).toEqual([]);
});

it('rounds to the nearest, ties to even', () => {
	expect(toFloat16(1 + 2 ** -11)).toBe(0x3c00);
	expect(toFloat16(1 + 3 * 2 ** -11)).toBe(0x3c02);
	expect(toFloat16(2047.9)).toBe(0x6800);
	expect(toFloat16(65520)).toBe(0x7c00);
	expect(toFloat16(65519)).toBe(0x7bff);
	expect(toFloat16(2 ** -14 * 0.99999)).toBe(0x0400);
});
