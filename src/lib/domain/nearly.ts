/**
 * Whether two engines say the same numbers, but for how they round.
 *
 * @param tolerance largest difference, as a share of the largest number that is expected
 * @returns false where one is missing or is no number
 */
export function nearly(expected: Float32Array, said: Float32Array, tolerance: number): boolean {
	const most = expected.reduce((sum, value) => Math.max(sum, Math.abs(value)), 1e-6);
	return (
		expected.length === said.length &&
		expected.every((value, i) => Math.abs(value - (said[i] ?? NaN)) <= tolerance * most)
	);
}
