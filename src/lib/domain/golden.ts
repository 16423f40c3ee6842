/**
 * The golden input: a fixed picture made by formula, so that every device can check its engine against
 * the scores on the card without carrying a photograph.
 */
import type { GoldenFacts } from './card';

/**
 * @param size side in pixels
 * @returns RGB in 0..1, planar [3, size, size]; the same numbers on every machine (only + − × ÷, no Math.sin).
 */
export function goldenInput(size: number): Float32Array<ArrayBuffer> {
	const data = new Float32Array(3 * size * size);
	const area = size * size;
	for (let y = 0; y < size; y++) {
		for (let x = 0; x < size; x++) {
			const i = y * size + x;
			const u = x / size;
			const v = y / size;
			const disc = (u - 0.5) ** 2 + (v - 0.45) ** 2 < 0.09 ? 1 : 0;
			const stripes = (Math.floor(u * 16) + Math.floor(v * 8)) % 2;
			data[i] = 0.2 + 0.6 * disc * u + 0.1 * stripes;
			data[area + i] = 0.15 + 0.5 * v + 0.2 * stripes * disc;
			data[2 * area + i] = 0.8 - 0.6 * disc * v - 0.1 * stripes * u;
		}
	}
	return data;
}

/** How far apart two engines may be, as a share of the largest number. */
const SHARE = 0.02;
const LEAST = 0.01;
/** Numbers that are kept of each. */
const KEPT = 8;

/**
 * What a trusted engine says of the golden input, to hold others against.
 *
 * @param scores without those that are skipped
 */
export function goldenOf(scores: Float32Array, features: Float32Array): GoldenFacts {
	return {
		...{ scores: spread(scores), tolerance: toleranceOf(scores) },
		...{ features: spread(features), featureTolerance: toleranceOf(features) }
	};
}

const toleranceOf = (numbers: Float32Array) =>
	numbers.reduce((most, x) => Math.max(most, SHARE * Math.abs(x)), LEAST);

function spread(numbers: Float32Array): [number, number][] {
	const count = Math.min(KEPT, numbers.length);
	const places = Array.from({ length: count }, (_, i) => Math.floor((i * numbers.length) / count));
	return places.map((at) => [at, numbers[at] ?? 0]);
}
