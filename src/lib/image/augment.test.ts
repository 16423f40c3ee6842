import { expect, test } from 'vitest';
import { VIEWS } from '../domain/view';
import { augment, small } from './augment';
import type { Pixels } from './resize';

function picture(width: number, height: number): Pixels {
	const data = new Uint8ClampedArray(width * height * 4).fill(255);
	for (let i = 0; i < width * height; i++)
		for (let c = 0; c < 3; c++) data[i * 4 + c] = 128 + 60 * Math.sin((i % width) / (5 + c)) + 30 * (-1) ** i;
	return { data, width, height };
}

const source = picture(96, 64);
/** Mean difference of values, 0..255. */
const apart = (a: Pixels, b: Pixels) =>
	Array.from(a.data, (x, i) => Math.abs(x - (b.data[i] ?? 0))).reduce((x, y) => x + y, 0) / a.data.length;

test.each(VIEWS)('%s: the same photo always gives the same picture, another photo another', (view) => {
	const before = source.data.slice();
	expect(augment(source, view, 'photo')).toEqual(augment(source, view, 'photo'));
	const others = Array.from({ length: 5 }, (_, i) => String(augment(source, view, `photo ${i}`).data));
	expect(new Set(others).size).toBe(view === 'mirrored' ? 1 : 5);
	expect(source.data).toEqual(before);
});

test.each(VIEWS)('%s: is opaque, of nearly the same size and shape, and never the same again', (view) => {
	for (let i = 0; i < 50; i++) {
		const { data, width, height } = augment(source, view, String(i));
		expect(data.length).toBe(width * height * 4);
		expect(data.every((value, at) => at % 4 !== 3 || value === 255)).toBe(true);
		const share = width / source.width;
		expect(share).toBeGreaterThan(view === 'cropped' ? 0.79 : 0.999);
		expect(share).toBeLessThan(view === 'cropped' ? 0.96 : 1.001);
		expect(height / source.height).toBeCloseTo(share, 1);
		if (view !== 'cropped') expect(apart(source, { data, width, height })).toBeGreaterThan(0.1);
	}
});

test('no two views draw alike: each has a seed of its own', () => {
	const drawn = Array.from({ length: 40 }, (_, i) => {
		const lighter = apart(augment(source, 'brightness', String(i)), source);
		return lighter / apart(augment(source, 'contrast', String(i)), source);
	});
	expect(Math.max(...drawn) / Math.min(...drawn)).toBeGreaterThan(2);
});

test('a large photo is made smaller where changing it takes long, in its own shape; a small one is not', () => {
	expect(small(source)).toBe(source);
	const large = picture(1024, 600);
	const sizeOf = ({ width, height }: Pixels) => [width, height];
	for (const view of ['rotated', 'noisy', 'blurred'] as const)
		expect(sizeOf(augment(large, view, 'photo'))).toEqual([384, 225]);
	for (const view of ['mirrored', 'brightness', 'contrast'] as const)
		expect(sizeOf(augment(large, view, 'photo'))).toEqual([1024, 600]);
});
