/**
 * A 64-bit perceptual hash: pictures that look alike have hashes that differ in few bits, whatever their size,
 * brightness or compression.
 *
 * pHash by the discrete cosine transform (Zauner, "Implementation and Benchmarking of Perceptual Image Hash
 * Functions", 2010, §3.2.1): the luminance at 32 × 32, the 8 × 8 lowest frequencies of its DCT, and for each
 * whether it is above their median. The frequencies include the zeroth row and column, as in the Python library
 * ImageHash: pictures that change in one direction only would otherwise all be alike.
 */
import type { Pixels } from './resize';
import { Shrink } from './shrink';

const SIDE = 32;
const LOW = 8;
/**
 * How far above the median counts, in units of the orthonormal DCT of 0..255. Where a picture has nothing of a
 * frequency, what is left is noise of its compression, and this keeps it from being a coin toss.
 */
const DEAD = 1;

/** @returns 16 hexadecimal digits, rows of frequencies from the lowest, first bit first */
export function perceptualHash(pixels: Pixels): string {
	const frequencies = lowFrequencies(luminance(pixels));
	const sorted = [...frequencies].sort((a, b) => a - b);
	const middle = sorted.length / 2;
	const median = ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
	let hash = '';
	for (let i = 0; i < frequencies.length; i += 4) {
		let digit = 0;
		for (const value of frequencies.slice(i, i + 4)) digit = digit * 2 + (value - median > DEAD ? 1 : 0);
		hash += digit.toString(16);
	}
	return hash;
}

/** Bits in which two hashes differ, 0..64; from about 10 on the pictures have nothing to do with each other. */
export function hammingDistance(a: string, b: string): number {
	let distance = 0;
	for (let i = 0; i < a.length; i += 8) {
		let bits = parseInt(a.slice(i, i + 8), 16) ^ parseInt(b.slice(i, i + 8), 16);
		for (; bits !== 0; bits &= bits - 1) distance++;
	}
	return distance;
}

/** Of the whole picture, squeezed into the square: 32 × 32, 0..255 (ITU-R BT.601). */
function luminance(pixels: Pixels): Float64Array {
	const { data } = squeezed(pixels);
	return Float64Array.from(
		{ length: SIDE * SIDE },
		(_, i) => 0.299 * (data[4 * i] ?? 0) + 0.587 * (data[4 * i + 1] ?? 0) + 0.114 * (data[4 * i + 2] ?? 0)
	);
}

function squeezed(pixels: Pixels): Pixels {
	const shrink = new Shrink(pixels, { width: SIDE, height: SIDE });
	shrink.add(pixels);
	return shrink.pixels();
}

/** cosines[u][x]: row u of the orthonormal DCT-II of 32 values. */
const cosines = Array.from({ length: LOW }, (_, u) =>
	Array.from(
		{ length: SIDE },
		(_, x) => Math.sqrt((u === 0 ? 1 : 2) / SIDE) * Math.cos(((2 * x + 1) * u * Math.PI) / (2 * SIDE))
	)
);

/** The 8 × 8 lowest frequencies, row after row. */
function lowFrequencies(values: Float64Array): number[] {
	const across = Array.from({ length: SIDE }, (_, y) =>
		cosines.map((wave) => dot(wave, (x) => values[y * SIDE + x] ?? 0))
	);
	return cosines.flatMap((wave) =>
		Array.from({ length: LOW }, (_, u) => dot(wave, (y) => across[y]?.[u] ?? 0))
	);
}

function dot(wave: readonly number[], value: (index: number) => number): number {
	return wave.reduce((sum, weight, index) => sum + weight * value(index), 0);
}
