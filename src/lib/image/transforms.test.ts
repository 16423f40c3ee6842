import { expect, test } from 'vitest';
import { Random } from '../domain/random';
import type { Pixels } from './resize';
import { blur, contrast, cut, flip, light, noise, rotate } from './transforms';

/** Each pixel of a colour of its own. */
function picture(width: number, height: number, of = (x: number, y: number) => [x * 7, y * 5, (x + y) * 3]) {
	const data = new Uint8ClampedArray(width * height * 4).fill(255);
	for (let i = 0; i < width * height; i++) data.set(of(i % width, Math.floor(i / width)), i * 4);
	return { data, width, height };
}

const at = ({ data, width }: Pixels, x: number, y: number) => [
	...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)
];
const values = ({ data }: Pixels) => [...data].filter((_, i) => i % 4 !== 3);
const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const deviation = (numbers: readonly number[]) => {
	const middle = mean(numbers);
	return Math.sqrt(mean(numbers.map((x) => (x - middle) ** 2)));
};

const source = picture(31, 17);

test.each([
	['flip, twice', flip(flip(source))],
	['cut of all', cut(source, { share: 1, x: 0.3, y: 0.7 })],
	['rotate by nothing', rotate(source, 0)],
	['light of 1', light(source, 1)],
	['contrast of 1', contrast(source, 1)],
	['noise of nothing', noise(source, 0, new Random(1))],
	['blur of nothing', blur(source, 0)]
])('%s: gives the picture as it was', (_, same) => {
	expect(same).toEqual(source);
	expect(same.data).not.toBe(source.data);
});

test('flip turns left and right over', () => {
	expect(at(flip(source), 0, 5)).toEqual(at(source, 30, 5));
	expect(at(flip(source), 12, 0)).toEqual(at(source, 18, 0));
});

test('cut keeps a window where it is told', () => {
	const window = cut(source, { share: 0.8, x: 1, y: 0 });
	expect([window.width, window.height]).toEqual([25, 14]);
	expect(at(window, 0, 0)).toEqual(at(source, 6, 0));
	expect(at(window, 24, 13)).toEqual(at(source, 30, 13));
});

test('rotate by a quarter turns clockwise: what was at the top is at the right', () => {
	const square = picture(21, 21);
	const turned = rotate(square, Math.PI / 2);
	for (const [x, y] of [
		[0, 0],
		[20, 3],
		[7, 15]
	] as const)
		expect(at(turned, 20 - y, x)).toEqual(at(square, x, y));
});

test('rotate brings a dot where trigonometry says', () => {
	const dot = picture(101, 101, (x, y) => (Math.hypot(x - 90, y - 50) < 3 ? [255, 255, 255] : [0, 0, 0]));
	const { data } = rotate(dot, Math.PI / 12);
	let [sum, x, y] = [0, 0, 0];
	for (let i = 0; i < 101 * 101; i++) {
		const weight = data[i * 4] ?? 0;
		sum += weight;
		x += weight * (i % 101);
		y += weight * Math.floor(i / 101);
	}
	expect(x / sum).toBeCloseTo(50 + 40 * Math.cos(Math.PI / 12), 1);
	expect(y / sum).toBeCloseTo(50 + 40 * Math.sin(Math.PI / 12), 1);
});

test('rotate fills the corners with the picture mirrored at its edges', () => {
	const grey = picture(40, 40, () => [90, 91, 92]);
	expect(rotate(grey, 0.2)).toEqual(grey);
});

test('light and contrast stay within black and white, and do what they say in between', () => {
	const grey = picture(8, 8, (x) => (x < 4 ? [100, 100, 100] : [200, 200, 200]));
	expect(new Set(values(light(grey, 1.2)))).toEqual(new Set([120, 240]));
	expect(new Set(values(light(grey, 2)))).toEqual(new Set([200, 255]));
	expect(new Set(values(contrast(grey, 0.5)))).toEqual(new Set([125, 175]));
	expect(new Set(values(contrast(grey, 4)))).toEqual(new Set([0, 255]));
});

test('noise has the deviation it is given once the picture is averaged down, and its mean is the picture', () => {
	const grey = (side: number) => picture(side, side, () => [120, 120, 120]);
	const small = values(noise(grey(100), 10, new Random(3)));
	expect(mean(small)).toBeCloseTo(120, 0);
	expect(deviation(small)).toBeCloseTo(10, 0);
	// Twice the side of 224: four pixels are averaged into one.
	expect(deviation(values(noise(grey(448), 10, new Random(3))))).toBeCloseTo(20, 0);
});

test('blur spreads a dot as a Gaussian of this deviation does, and keeps its sum', () => {
	const dot = picture(100, 100, (x, y) => (Math.hypot(x - 50, y - 50) < 6 ? [255, 255, 255] : [0, 0, 0]));
	const spread = (picture: Pixels) => {
		let [sum, moment] = [0, 0];
		for (let i = 0; i < 10_000; i++) {
			const weight = picture.data[i * 4] ?? 0;
			sum += weight;
			moment += weight * ((i % 100) - 50) ** 2;
		}
		return { sum, variance: moment / sum };
	};
	const [before, after] = [spread(dot), spread(blur(dot, 0.04))];
	expect(after.sum / before.sum).toBeCloseTo(1, 1);
	expect(Math.sqrt(after.variance - before.variance)).toBeCloseTo(4, 0);
});
