/**
 * Probabilities that mean what they say: temperature scaling (Guo et al., "On Calibration of Modern Neural
 * Networks", ICML 2017) with a prior on the temperature, reliability bins and the expected calibration error.
 */
import type { ReliabilityBin } from './evaluation';

/** Deviation of ln T before any photo was seen: a free temperature does harm with few photos (learning.md §3). */
const PRIOR_DEVIATION = 0.25;
/** ln T is looked for within ± this. */
const WIDEST = 2;
const GRID = 17;
const TOLERANCE = 1e-4;
const RELIABILITY_BINS = 10;

/**
 * The temperature T that minimises Σ NLL + (ln T / 0.25)² / 2, the sum over photos, each photo's negative log
 * likelihood the mean over the repeats. A grid over ln T, then golden-section search around its best point, so
 * that a second, worse minimum does no harm. Rows with equal logits (photos that were not judged) change nothing.
 * @param logits [repeats, photos, classes]
 * @param targets [photos]
 */
export function fitTemperature(
	logits: Float32Array,
	repeats: number,
	targets: Int32Array,
	classes: number
): number {
	const objective = (u: number) =>
		negativeLogLikelihood(logits, repeats, targets, classes, Math.exp(-u)) + (u / PRIOR_DEVIATION) ** 2 / 2;
	const step = (2 * WIDEST) / (GRID - 1);
	let best = { u: 0, value: objective(0) };
	for (let i = 0; i < GRID; i++) {
		const u = -WIDEST + i * step;
		const value = u === 0 ? Infinity : objective(u);
		if (value < best.value) best = { u, value };
	}
	return Math.exp(goldenSection(objective, best.u - step, best.u + step));
}

/** Σ over photos of the mean over repeats, logits multiplied by `inverse` = 1 / T. */
function negativeLogLikelihood(
	logits: Float32Array,
	repeats: number,
	targets: Int32Array,
	classes: number,
	inverse: number
): number {
	const photos = targets.length;
	let sum = 0;
	for (let row = 0; row < repeats * photos; row++) {
		const from = row * classes;
		let most = -Infinity;
		for (let j = from; j < from + classes; j++) most = Math.max(most, logits[j] ?? 0);
		let total = 0;
		for (let j = from; j < from + classes; j++) total += Math.exp(((logits[j] ?? 0) - most) * inverse);
		const given = logits[from + (targets[row % photos] ?? 0)] ?? 0;
		sum += Math.log(total) - (given - most) * inverse;
	}
	return sum / Math.max(1, repeats);
}

/** Minimum of a function with one valley in [low, high]. */
function goldenSection(f: (x: number) => number, low: number, high: number): number {
	const ratio = (Math.sqrt(5) - 1) / 2;
	let [a, b] = [low, high];
	let [c, d] = [b - ratio * (b - a), a + ratio * (b - a)];
	let [fc, fd] = [f(c), f(d)];
	while (b - a > TOLERANCE) {
		if (fc <= fd) {
			[b, d, fd] = [d, c, fc];
			c = b - ratio * (b - a);
			fc = f(c);
		} else {
			[a, c, fc] = [c, d, fd];
			d = a + ratio * (b - a);
			fd = f(d);
		}
	}
	return (a + b) / 2;
}

/** Softmax of logits divided by the temperature. @param logits [classes] */
export function calibrated(logits: ArrayLike<number>, temperature: number): Float64Array<ArrayBuffer> {
	const values = Float64Array.from(logits, (logit) => logit / temperature);
	const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
	let total = 0;
	values.forEach((value, i) => {
		const weight = Math.exp(value - most);
		values[i] = weight;
		total += weight;
	});
	return values.map((weight) => weight / total);
}

/** An answer: what was stated of it, whether it was right, and what share of a photo it stands for. */
export interface Stated {
	/** 0..1 */
	probability: number;
	right: boolean;
	/** 1 / repeats, so that bins count photos. */
	weight: number;
}

/** Ten bins of equal width over the stated probability; empty ones are left out. */
export function reliabilityBins(answers: readonly Stated[]): ReliabilityBin[] {
	const bins = Array.from({ length: RELIABILITY_BINS }, () => ({ stated: 0, right: 0, photos: 0 }));
	for (const { probability, right, weight } of answers) {
		const bin = bins[Math.min(RELIABILITY_BINS - 1, Math.floor(probability * RELIABILITY_BINS))];
		if (!bin) continue;
		bin.stated += probability * weight;
		bin.right += right ? weight : 0;
		bin.photos += weight;
	}
	return bins
		.filter(({ photos }) => photos > 0)
		.map(({ stated, right, photos }) => ({ stated: stated / photos, right: right / photos, photos }));
}

/** Mean over photos of |stated − right|, bin by bin, 0..1; 0 without photos. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
	const photos = bins.reduce((sum, bin) => sum + bin.photos, 0);
	return bins.reduce((sum, bin) => sum + bin.photos * Math.abs(bin.stated - bin.right), 0) / (photos || 1);
}
