import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hammingDistance, perceptualHash } from './perceptual-hash';
import type { Pixels } from './resize';
import { fitInto, Shrink } from './shrink';

/** Pictures of the same seed are the same scene: overlapping soft blobs of light, in 40..200. */
function scene(seed: number, width = 160, height = 120): Pixels {
	let state = seed >>> 0 || 1;
	const random = () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
	const blobs = Array.from({ length: 14 }, () => ({
		x: random(),
		y: random(),
		size: 0.05 + 0.25 * random(),
		light: random() - 0.5
	}));
	const data = new Uint8ClampedArray(width * height * 4);
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++) {
			let value = 0;
			for (const blob of blobs) {
				const distance = ((x + 0.5) / width - blob.x) ** 2 + ((y + 0.5) / height - blob.y) ** 2;
				value += blob.light * Math.exp(-distance / (blob.size * blob.size));
			}
			data.fill(120 + 80 * Math.tanh(2 * value), (y * width + x) * 4, (y * width + x) * 4 + 3);
			data[(y * width + x) * 4 + 3] = 255;
		}
	return { data, width, height };
}

function changed({ data, width, height }: Pixels, change: (level: number, index: number) => number): Pixels {
	return {
		data: Uint8ClampedArray.from(data, (level, i) => (i % 4 === 3 ? level : change(level, i))),
		width,
		height
	};
}

function resized(pixels: Pixels, width: number, height: number): Pixels {
	const shrink = new Shrink(pixels, { width, height });
	shrink.add(pixels);
	return shrink.pixels();
}

const seeds = fc.integer({ min: 1, max: 1e9 });

describe('the perceptual hash', () => {
	test('is 16 hexadecimal digits and the same each time', () => {
		expect(perceptualHash(scene(7))).toMatch(/^[0-9a-f]{16}$/);
		expect(perceptualHash(scene(7))).toBe(perceptualHash(scene(7)));
	});

	test('stays within a few bits when the picture gets lighter or darker', () => {
		fc.assert(
			fc.property(seeds, fc.integer({ min: -30, max: 30 }), (seed, by) => {
				const before = scene(seed);
				const after = changed(before, (level) => level + by);
				expect(hammingDistance(perceptualHash(before), perceptualHash(after))).toBeLessThanOrEqual(4);
			}),
			{ seed: 1, numRuns: 60 }
		);
	});

	test('stays within a few bits when the picture is made smaller', () => {
		fc.assert(
			fc.property(seeds, fc.integer({ min: 48, max: 159 }), (seed, width) => {
				const before = scene(seed);
				const after = resized(before, width, Math.round(width * 0.75));
				expect(hammingDistance(perceptualHash(before), perceptualHash(after))).toBeLessThanOrEqual(6);
			}),
			{ seed: 2, numRuns: 60 }
		);
	});

	test('stays within a few bits under noise such as compression leaves', () => {
		fc.assert(
			fc.property(seeds, (seed) => {
				const before = scene(seed);
				const after = changed(before, (level, i) => level + (((i * 2_654_435_761) >>> 16) % 9) - 4);
				expect(hammingDistance(perceptualHash(before), perceptualHash(after))).toBeLessThanOrEqual(6);
			}),
			{ seed: 3, numRuns: 60 }
		);
	});

	test('tells different pictures apart', () => {
		const hashes = Array.from({ length: 40 }, (_, seed) => perceptualHash(scene(seed + 1)));
		const distances = hashes.flatMap((a, i) => hashes.slice(i + 1).map((b) => hammingDistance(a, b)));
		expect(Math.min(...distances)).toBeGreaterThan(10);
		const mean = distances.reduce((sum, distance) => sum + distance) / distances.length;
		expect(mean).toBeGreaterThan(24);
	});

	test('tells a picture from its mirror image, and lines across from lines down', () => {
		const picture = scene(3);
		const mirrored = changed(picture, (_, i) => {
			const pixel = i >> 2;
			const x = pixel % picture.width;
			return picture.data[(pixel - x + picture.width - 1 - x) * 4 + (i % 4)] ?? 0;
		});
		expect(hammingDistance(perceptualHash(picture), perceptualHash(mirrored))).toBeGreaterThan(10);
		const stripes = (along: (x: number, y: number) => number) =>
			changed(picture, (_, i) => (along((i >> 2) % 160, Math.floor((i >> 2) / 160)) % 80 < 40 ? 60 : 180));
		const across = perceptualHash(stripes((_, y) => y));
		expect(hammingDistance(across, perceptualHash(stripes((x) => x)))).toBeGreaterThanOrEqual(2);
	});

	test('of an empty picture does not depend on its noise', () => {
		const plain = changed(scene(1), () => 128);
		const noisy = changed(plain, (level, i) => level + (((i * 40_503) >>> 4) % 3) - 1);
		expect(perceptualHash(noisy)).toBe(perceptualHash(plain));
	});
});

test('the distance counts bits', () => {
	expect(hammingDistance('0000000000000000', 'ffffffffffffffff')).toBe(64);
	expect(hammingDistance('8000000000000001', '0000000000000000')).toBe(2);
	const hash = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 16, maxLength: 16 });
	const text = (digits: number[]) => digits.map((digit) => digit.toString(16)).join('');
	const bits = (digits: number[]) => digits.map((digit) => digit.toString(2).padStart(4, '0')).join('');
	fc.assert(
		fc.property(hash, hash, (a, b) => {
			const expected = [...bits(a)].filter((bit, i) => bit !== bits(b)[i]).length;
			expect(hammingDistance(text(a), text(b))).toBe(expected);
		})
	);
});

describe('making smaller', () => {
	test('keeps the shape, never grows, and never vanishes', () => {
		expect(fitInto({ width: 4000, height: 3000 }, 1024)).toEqual({ width: 1024, height: 768 });
		expect(fitInto({ width: 300, height: 200 }, 1024)).toEqual({ width: 300, height: 200 });
		expect(fitInto({ width: 20_000, height: 3 }, 1024)).toEqual({ width: 1024, height: 1 });
	});

	test('averages over the area, in strips or at once', () => {
		fc.assert(
			fc.property(
				fc.record({
					width: fc.integer({ min: 1, max: 40 }),
					height: fc.integer({ min: 1, max: 40 }),
					toWidth: fc.integer({ min: 1, max: 40 }),
					toHeight: fc.integer({ min: 1, max: 40 }),
					strip: fc.integer({ min: 1, max: 9 })
				}),
				({ width, height, toWidth, toHeight, strip }) => {
					const source = scene(5, width, height);
					const to = { width: Math.min(width, toWidth), height: Math.min(height, toHeight) };
					const shrink = new Shrink(source, to);
					for (let y = 0; y < height; y += strip) {
						const rows = Math.min(strip, height - y);
						shrink.add({
							data: source.data.subarray(y * width * 4, (y + rows) * width * 4),
							width,
							height: rows
						});
					}
					const { data } = shrink.pixels();
					for (let y = 0; y < to.height; y++)
						for (let x = 0; x < to.width; x++) {
							const expected = average(source, x, y, to);
							expect(Math.abs((data[(y * to.width + x) * 4] ?? 0) - expected)).toBeLessThanOrEqual(0.51);
						}
				}
			),
			{ seed: 4, numRuns: 60 }
		);
	});
});

/** The mean over the rectangle that the target pixel covers, by definition. */
function average(
	{ data, width, height }: Pixels,
	x: number,
	y: number,
	to: { width: number; height: number }
) {
	const [left, right] = [(x * width) / to.width, ((x + 1) * width) / to.width];
	const [top, bottom] = [(y * height) / to.height, ((y + 1) * height) / to.height];
	let sum = 0;
	for (let sy = Math.floor(top); sy < Math.min(height, Math.ceil(bottom)); sy++)
		for (let sx = Math.floor(left); sx < Math.min(width, Math.ceil(right)); sx++) {
			const covered =
				(Math.min(right, sx + 1) - Math.max(left, sx)) * (Math.min(bottom, sy + 1) - Math.max(top, sy));
			sum += covered * (data[(sy * width + sx) * 4] ?? 0);
		}
	return sum / ((right - left) * (bottom - top));
}
