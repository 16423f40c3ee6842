import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cropRect } from './crop';
import { taps, toTensor, type Pixels } from './resize';

const plain = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

function picture(width: number, height: number, seed = 1): Pixels {
	const data = new Uint8ClampedArray(width * height * 4);
	let state = seed;
	for (let i = 0; i < data.length; i++) {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		data[i] = state >>> 24;
	}
	return { data, width, height };
}

/** The definition, slow: each target pixel is the integral of the source over its area, divided by the area. */
function areaAverage({ data, width, height }: Pixels, size: number): Float64Array {
	const out = new Float64Array(3 * size * size);
	const [sx, sy] = [width / size, height / size];
	for (let y = 0; y < size; y++)
		for (let x = 0; x < size; x++)
			for (let c = 0; c < 3; c++) {
				let sum = 0;
				for (let j = Math.floor(y * sy); j < Math.min(height, Math.ceil((y + 1) * sy)); j++)
					for (let i = Math.floor(x * sx); i < Math.min(width, Math.ceil((x + 1) * sx)); i++) {
						const h = Math.min(j + 1, (y + 1) * sy) - Math.max(j, y * sy);
						const w = Math.min(i + 1, (x + 1) * sx) - Math.max(i, x * sx);
						sum += (data[(j * width + i) * 4 + c] ?? NaN) * w * h;
					}
				out[(c * size + y) * size + x] = sum / (sx * sy * 255);
			}
	return out;
}

/** OpenCV's INTER_LINEAR for growing: half-pixel centres, edges repeated. */
function bilinear({ data, width, height }: Pixels, size: number): Float64Array {
	const out = new Float64Array(3 * size * size);
	const at = (x: number, y: number, c: number) => {
		const i = Math.min(Math.max(x, 0), width - 1);
		const j = Math.min(Math.max(y, 0), height - 1);
		return data[(j * width + i) * 4 + c] ?? NaN;
	};
	for (let y = 0; y < size; y++)
		for (let x = 0; x < size; x++)
			for (let c = 0; c < 3; c++) {
				const u = ((x + 0.5) * width) / size - 0.5;
				const v = ((y + 0.5) * height) / size - 0.5;
				const [i, j] = [Math.floor(u), Math.floor(v)];
				const [fx, fy] = [u - i, v - j];
				const top = at(i, j, c) * (1 - fx) + at(i + 1, j, c) * fx;
				const bottom = at(i, j + 1, c) * (1 - fx) + at(i + 1, j + 1, c) * fx;
				out[(c * size + y) * size + x] = (top * (1 - fy) + bottom * fy) / 255;
			}
	return out;
}

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
	let most = 0;
	for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs((a[i] ?? NaN) - (b[i] ?? NaN)));
	return a.length === b.length ? most : NaN;
}

test.each([
	[480, 480, 224],
	[720, 720, 224],
	[640, 480, 224],
	[225, 225, 224],
	[1001, 333, 32],
	[3000, 17, 16],
	[64, 64, 64]
])('shrinking %d × %d to %d is the exact area average', (width, height, size) => {
	const source = picture(width, height);
	const got = toTensor(source, { size, layout: 'NCHW', ...plain });
	expect(largest(got, areaAverage(source, size))).toBeLessThan(1e-6);
});

test.each([
	[100, 100, 224],
	[1, 1, 8],
	[2, 2, 7],
	[223, 223, 224]
])('growing %d × %d to %d is bilinear', (width, height, size) => {
	const source = picture(width, height);
	const got = toTensor(source, { size, layout: 'NCHW', ...plain });
	expect(largest(got, bilinear(source, size))).toBeLessThan(1e-6);
});

test('fine stripes average to grey instead of aliasing', () => {
	const side = 2240;
	const data = new Uint8ClampedArray(side * side * 4);
	for (let i = 0; i < side * side; i++) data.fill((i % side) % 2 ? 255 : 0, i * 4, i * 4 + 3);
	const got = toTensor({ data, width: side, height: side }, { size: 224, layout: 'NCHW', ...plain });
	expect(largest(got, new Float32Array(got.length).fill(0.5))).toBeLessThan(1e-6);
});

test('layouts and normalisation', () => {
	const source = picture(50, 40);
	const shape = { size: 8, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
	const planar = toTensor(source, { ...shape, layout: 'NCHW' });
	const interleaved = toTensor(source, { ...shape, layout: 'NHWC' });
	const [turned, turnedRows] = (['NCHW', 'NHWC'] as const).map((layout) =>
		toTensor(source, { ...shape, layout, order: 'BGR' })
	);
	const reference = areaAverage(source, 8);
	for (let c = 0; c < 3; c++)
		for (let i = 0; i < 64; i++) {
			const expected = ((reference[c * 64 + i] ?? NaN) - (shape.mean[c] ?? NaN)) / (shape.std[c] ?? NaN);
			expect(planar[c * 64 + i]).toBeCloseTo(expected, 5);
			expect(interleaved[i * 3 + c]).toBeCloseTo(expected, 5);
			expect(turned?.[(2 - c) * 64 + i]).toBeCloseTo(expected, 5);
			expect(turnedRows?.[i * 3 + 2 - c]).toBeCloseTo(expected, 5);
		}
});

test('taps: weights of each position sum to 1 and stay inside, for any sizes', () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 300 }), (from, to) => {
			const { first, weights, width } = taps(from, to);
			for (let i = 0; i < to; i++) {
				const base = first[i] ?? NaN;
				expect(base).toBeGreaterThanOrEqual(0);
				expect(base + width).toBeLessThanOrEqual(from);
				const sum = weights.subarray(i * width, (i + 1) * width).reduce((a, b) => a + b, 0);
				expect(sum).toBeCloseTo(1, 9);
			}
		}),
		{ seed: 7, numRuns: 200 }
	);
});

test('the centre square starts on even pixels and never leaves the picture', () => {
	expect(cropRect(1280, 720, 'centre')).toEqual({ x: 280, y: 0, width: 720, height: 720 });
	expect(cropRect(641, 480, 'centre')).toEqual({ x: 80, y: 0, width: 480, height: 480 });
	expect(cropRect(480, 643, 'centre')).toEqual({ x: 0, y: 80, width: 480, height: 480 });
	expect(cropRect(640, 480, 'whole')).toEqual({ x: 0, y: 0, width: 640, height: 480 });
});
