/** Ways to change a picture. Each gives a new one, opaque, and leaves its source as it is. */
import type { Random } from '../domain/random';
import type { Pixels } from './resize';

type Picture = Pixels & { data: Uint8ClampedArray<ArrayBuffer> };

function empty(width: number, height: number): Picture {
	return { data: new Uint8ClampedArray(width * height * 4).fill(255), width, height };
}

/* eslint-disable @typescript-eslint/no-non-null-assertion -- every index is in range; `?? 0` costs what the loops save */

/** Left and right turned over. */
export function flip({ data, width, height }: Pixels): Picture {
	const out = empty(width, height);
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++) {
			const from = (y * width + x) * 4;
			const to = (y * width + width - 1 - x) * 4;
			for (let c = 0; c < 3; c++) out.data[to + c] = data[from + c]!;
		}
	return out;
}

/**
 * A window of the picture's own shape.
 *
 * @param share of each side that is kept, 0..1
 * @param x where the window lies in the room that is left, 0 (left) .. 1 (right); y likewise
 */
export function cut(
	{ data, width, height }: Pixels,
	{ share, x, y }: { share: number; x: number; y: number }
): Picture {
	const out = empty(Math.max(1, Math.round(width * share)), Math.max(1, Math.round(height * share)));
	const left = Math.round((width - out.width) * x);
	const top = Math.round((height - out.height) * y);
	for (let row = 0; row < out.height; row++) {
		const from = ((top + row) * width + left) * 4;
		out.data.set(data.subarray(from, from + out.width * 4), row * out.width * 4);
	}
	return opaque(out);
}

function opaque(picture: Picture): Picture {
	for (let i = 3; i < picture.data.length; i += 4) picture.data[i] = 255;
	return picture;
}

/**
 * Turned about its middle, clockwise as seen, and interpolated bilinearly. What comes in from outside is the
 * picture mirrored at its edges, which makes no seam.
 *
 * @param angle in radians
 */
export function rotate({ data, width, height }: Pixels, angle: number): Picture {
	const out = empty(width, height);
	const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
	const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
	for (let y = 0, o = 0; y < height; y++)
		for (let x = 0; x < width; x++, o += 4) {
			const sourceX = cos * (x - middleX) + sin * (y - middleY) + middleX;
			const sourceY = cos * (y - middleY) - sin * (x - middleX) + middleY;
			const [left, top] = [Math.floor(sourceX), Math.floor(sourceY)];
			const [right, below] = [sourceX - left, sourceY - top];
			const [x0, x1] = [inside(left, width), inside(left + 1, width)];
			const [y0, y1] = [inside(top, height) * width, inside(top + 1, height) * width];
			for (let c = 0; c < 3; c++) {
				const upper = data[(y0 + x0) * 4 + c]! * (1 - right) + data[(y0 + x1) * 4 + c]! * right;
				const lower = data[(y1 + x0) * 4 + c]! * (1 - right) + data[(y1 + x1) * 4 + c]! * right;
				out.data[o + c] = upper * (1 - below) + lower * below;
			}
		}
	return out;
}

/** A place beyond the edge as one within, mirrored at the edge: −1 is 0, −2 is 1. */
function inside(at: number, length: number): number {
	const folded = ((at % (2 * length)) + 2 * length) % (2 * length);
	return folded < length ? folded : 2 * length - 1 - folded;
}

/** Every value times `gain`, cut off at white. */
export function light(pixels: Pixels, gain: number): Picture {
	return mapped(pixels, (value) => value * gain);
}

/** Values spread by `factor` about the picture's mean grey (Rec. 601 luma), cut off at black and white. */
export function contrast(pixels: Pixels, factor: number): Picture {
	const { data } = pixels;
	let sum = 0;
	for (let i = 0; i < data.length; i += 4)
		sum += 0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!;
	const mean = sum / (data.length / 4);
	return mapped(pixels, (value) => mean + factor * (value - mean));
}

function mapped({ data, width, height }: Pixels, change: (value: number) => number): Picture {
	const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => change(value));
	const out = empty(width, height);
	for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) out.data[i + c] = table[data[i + c]!]!;
	return out;
}

/** Side of the picture that the deviation of the noise is given for. */
const NOISE_SIDE = 224;

/**
 * Gaussian noise (Box–Muller), each channel of each pixel its own.
 *
 * @param deviation of values 0..255 as it is left once the picture has been averaged down to 224 × 224
 */
export function noise({ data, width, height }: Pixels, deviation: number, random: Random): Picture {
	const out = empty(width, height);
	// An average over n pixels has 1/√n of their deviation.
	const scale = deviation * Math.max(1, Math.sqrt(width * height) / NOISE_SIDE);
	let spare: number | null = null;
	for (let i = 0; i < data.length; i++) {
		if (i % 4 === 3) continue;
		let normal = spare;
		spare = null;
		if (normal === null) {
			const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
			const angle = 2 * Math.PI * random.next();
			normal = radius * Math.cos(angle);
			spare = radius * Math.sin(angle);
		}
		out.data[i] = data[i]! + scale * normal;
	}
	return out;
}

const PASSES = 3;

/**
 * Out of focus: three averages over extended boxes, which come close to a Gaussian
 * (Gwosdek et al. 2011, "Theoretical foundations of Gaussian convolution by extended box filtering").
 *
 * @param deviation of that Gaussian, as a share of the mean side
 */
export function blur({ data, width, height }: Pixels, deviation: number): Picture {
	const box = boxOf((deviation ** 2 * width * height) / PASSES);
	const from = Float32Array.from(data);
	const to = new Float32Array(data.length);
	for (let pass = 0; pass < PASSES; pass++) {
		average(from, to, { lines: height, line: width * 4, steps: width, step: 4 }, box);
		average(to, from, { lines: width, line: 4, steps: height, step: width * 4 }, box);
	}
	const out = empty(width, height);
	out.data.set(from);
	return opaque(out);
}

/** Places on each side that count in full, and how much the next one counts, 0..1. */
interface Box {
	radius: number;
	edge: number;
}

function boxOf(variance: number): Box {
	const radius = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
	const short = 3 * variance - radius * (radius + 1);
	return { radius, edge: ((2 * radius + 1) * short) / (6 * ((radius + 1) ** 2 - variance)) };
}

interface Walk {
	lines: number;
	/** From one line to the next, and from one place on it to the next. */
	line: number;
	steps: number;
	step: number;
}

/** Averages along each line by a running sum; the ends are repeated. */
function average(
	from: Float32Array,
	to: Float32Array,
	{ lines, line, steps, step }: Walk,
	{ radius, edge }: Box
): void {
	const size = 2 * (radius + edge) + 1;
	const end = (steps - 1) * step;
	for (let l = 0; l < lines; l++)
		for (let c = 0; c < 3; c++) {
			const start = l * line + c;
			const at = (place: number) => from[start + Math.min(end, Math.max(0, place * step))]!;
			let sum = 0;
			for (let k = -radius; k <= radius; k++) sum += at(k);
			for (let i = 0; i < steps; i++) {
				const [leaves, enters] = [at(i - radius), at(i + radius + 1)];
				to[start + i * step] = (sum + edge * (at(i - radius - 1) + enters)) / size;
				sum += enters - leaves;
			}
		}
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
