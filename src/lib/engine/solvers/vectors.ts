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
/* eslint-enable @typescript-eslint/no-non-null-assertion */
