/**
 * Pixels to tensor: the one place where a picture becomes what a network sees. Camera frames, photos and
 * training rows all come through here, so that they cannot differ.
 *
 * Downscaling averages over the exact area a target pixel covers (fractional edges included), as
 * OpenCV's INTER_AREA does; a bilinear jump from 4,000 px to 224 would read 4 of some 320 pixels and alias.
 * Upscaling, where an area average would be blocky, is bilinear with half-pixel centres.
 */

/** RGBA, 8 bits a channel, rows without padding. */
export interface Pixels {
	data: Uint8Array | Uint8ClampedArray;
	width: number;
	height: number;
}

/** What a network wants: `InputFacts` of its card without the name. */
export interface TensorShape {
	/** Side of the square in pixels. */
	size: number;
	layout: 'NCHW' | 'NHWC';
	/** The tensor holds (x − mean) / std of RGB x in 0..1. */
	mean: readonly [number, number, number];
	std: readonly [number, number, number];
	/** Of the colours in the tensor; RGB where left out. */
	order?: 'RGB' | 'BGR';
}

/** Where a colour (0 red, 1 green, 2 blue) lies among the tensor's channels. */
export const channelOf = (colour: number, order: TensorShape['order']): number =>
	order === 'BGR' ? 2 - colour : colour;

/**
 * For each target position i: it reads sources first[i] .. first[i] + count[i] with weights[i * width + k],
 * summing to 1; what is left of the width is zero.
 */
export interface Taps {
	first: Int32Array;
	count: Int32Array;
	weights: Float64Array;
	width: number;
}

/**
 * Which source positions each target position reads along one axis.
 *
 * @param from length of the source axis, ≥ 1
 * @param to length of the target axis, ≥ 1
 */
export function taps(from: number, to: number): Taps {
	const scale = from / to;
	const width = Math.min(from, scale > 1 ? Math.ceil(scale) + 1 : 2);
	const first = new Int32Array(to);
	const count = new Int32Array(to);
	const weights = new Float64Array(to * width);
	for (let i = 0; i < to; i++) {
		const start = scale > 1 ? i * scale : Math.min(Math.max((i + 0.5) * scale - 0.5, 0), from - 1);
		// A window that would read past the end is moved left; the weights keep their places in the picture.
		const base = Math.min(Math.floor(start), from - width);
		first[i] = base;
		for (let k = 0; k < width; k++) {
			const position = base + k;
			const weight =
				scale > 1
					? Math.max(0, Math.min(position + 1, start + scale) - Math.max(position, start)) / scale
					: Math.max(0, 1 - Math.abs(position - start));
			weights[i * width + k] = weight;
			if (weight > 0) count[i] = k + 1;
		}
	}
	return { first, count, weights, width };
}

let lastTaps: { from: number; to: number; taps: Taps }[] = [];

/** Taps of the last few sizes are kept: a camera asks for the same two again and again. */
function tapsFor(from: number, to: number): Taps {
	const known = lastTaps.find((entry) => entry.from === from && entry.to === to);
	if (known) return known.taps;
	const made = { from, to, taps: taps(from, to) };
	lastTaps = [made, ...lastTaps.slice(0, 3)];
	return made.taps;
}

/**
 * Resizes the whole of `pixels` to a square and normalises it.
 *
 * @param pixels already cropped; both sides ≥ 1
 * @param out where to write, 3 · size² numbers; made when absent
 * @returns `out`: [3, size, size] for NCHW, [size, size, 3] for NHWC
 */
export function toTensor(
	pixels: Pixels,
	shape: TensorShape,
	out: Float32Array<ArrayBuffer> = new Float32Array(3 * shape.size * shape.size)
): Float32Array<ArrayBuffer> {
	const { size } = shape;
	const across = tapsFor(pixels.width, size);
	const down = tapsFor(pixels.height, size);
	// Two neighbouring target rows share at most one source row when shrinking and two when growing.
	const rows = [new Float64Array(3 * size), new Float64Array(3 * size)];
	const held = [-1, -1];
	const sum = new Float64Array(3 * size);
	for (let y = 0; y < size; y++) {
		sum.fill(0);
		for (let k = 0; k < down.width; k++) {
			const weight = down.weights[y * down.width + k] ?? 0;
			if (weight === 0) continue;
			const sourceY = (down.first[y] ?? 0) + k;
			const slot = sourceY & 1;
			const row = rows[slot] as Float64Array; // slot is 0 or 1
			if (held[slot] !== sourceY) {
				resizeRow(pixels.data, sourceY * pixels.width, across, row);
				held[slot] = sourceY;
			}
			addScaled(sum, row, weight);
		}
		writeRow(sum, y, shape, out);
	}
	return out;
}

/* eslint-disable @typescript-eslint/no-non-null-assertion -- every index is in range; `?? 0` costs what the loops save */

/** Resamples the source row that begins at pixel `start` to `target`, RGB interleaved, still 0..255. */
export function resizeRow(data: Pixels['data'], start: number, across: Taps, target: Float64Array): void {
	const { first, count, weights, width: stride } = across;
	for (let x = 0, t = 0; x < first.length; x++, t += 3) {
		let p = (start + first[x]!) * 4;
		const end = x * stride + count[x]!;
		let red = 0;
		let green = 0;
		let blue = 0;
		for (let w = x * stride; w < end; w++, p += 4) {
			const weight = weights[w]!;
			red += weight * data[p]!;
			green += weight * data[p + 1]!;
			blue += weight * data[p + 2]!;
		}
		target[t] = red;
		target[t + 1] = green;
		target[t + 2] = blue;
	}
}

function addScaled(sum: Float64Array, row: Float64Array, weight: number): void {
	for (let i = 0; i < sum.length; i++) sum[i]! += weight * row[i]!;
}

function writeRow(
	sum: Float64Array,
	y: number,
	{ size, layout, mean, std, order }: TensorShape,
	out: Float32Array
): void {
	for (let c = 0; c < 3; c++) {
		const scale = 1 / (255 * std[c]!);
		const shift = -mean[c]! / std[c]!;
		const step = layout === 'NCHW' ? 1 : 3;
		const channel = channelOf(c, order);
		let o = layout === 'NCHW' ? (channel * size + y) * size : y * size * 3 + channel;
		for (let i = c; i < sum.length; i += 3, o += step) out[o] = sum[i]! * scale + shift;
	}
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
