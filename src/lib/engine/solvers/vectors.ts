/** The inner loops of the solvers, on rows of float64 matrices. */

/* eslint-disable @typescript-eslint/no-non-null-assertion -- every index is in range; `?? 0` costs what the loops save */

/** Σ a[i + k] · b[j + k] for k < length. Four sums, as one would make each addition wait for the last. */
export function dot(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
	let [s0, s1, s2, s3] = [0, 0, 0, 0];
	let k = 0;
	for (; k + 3 < length; k += 4) {
		s0 += a[i + k]! * b[j + k]!;
		s1 += a[i + k + 1]! * b[j + k + 1]!;
		s2 += a[i + k + 2]! * b[j + k + 2]!;
		s3 += a[i + k + 3]! * b[j + k + 3]!;
	}
	for (; k < length; k++) s0 += a[i + k]! * b[j + k]!;
	return s0 + s1 + (s2 + s3);
}

/** target[i + k] += factor · source[j + k] for k < length. */
export function addScaled(
	target: Float64Array,
	i: number,
	source: Float64Array,
	j: number,
	length: number,
	factor: number
): void {
	for (let k = 0; k < length; k++) target[i + k]! += factor * source[j + k]!;
}

/** Starts of four rows in a matrix. */
export type Four = readonly [number, number, number, number];

/** out[at …] = x[i …] · each of four rows: what is read of x serves four times, which halves the time. */
export function dotFour(
	x: Float64Array,
	i: number,
	rows: Float64Array,
	[a, b, c, d]: Four,
	length: number,
	out: Float64Array,
	at: number
): void {
	let [s0, s1, s2, s3] = [0, 0, 0, 0];
	for (let k = 0; k < length; k++) {
		const value = x[i + k]!;
		s0 += value * rows[a + k]!;
		s1 += value * rows[b + k]!;
		s2 += value * rows[c + k]!;
		s3 += value * rows[d + k]!;
	}
	out[at] = s0;
	out[at + 1] = s1;
	out[at + 2] = s2;
	out[at + 3] = s3;
}

/** target[i …] += Σ of four rows, each times factors[at …]. */
export function addFour(
	target: Float64Array,
	i: number,
	rows: Float64Array,
	[a, b, c, d]: Four,
	length: number,
	factors: Float64Array,
	at: number
): void {
	const [f0, f1, f2, f3] = [factors[at]!, factors[at + 1]!, factors[at + 2]!, factors[at + 3]!];
	for (let k = 0; k < length; k++)
		target[i + k]! += f0 * rows[a + k]! + f1 * rows[b + k]! + f2 * rows[c + k]! + f3 * rows[d + k]!;
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
