/** Cholesky's factorisation and the two triangular solves (Golub & Van Loan, "Matrix Computations", 4.2 and 3.1). */
import { addScaled, dot } from './vectors';

/**
 * A = L Lᵀ.
 *
 * @param matrix [size, size], symmetric and positive definite; only its lower half is read
 * @returns L, [size, size], zero above the diagonal
 * @throws RangeError where the matrix is not positive definite
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array {
	const lower = new Float64Array(size * size);
	for (let i = 0; i < size; i++)
		for (let j = 0; j <= i; j++) {
			const rest = (matrix[i * size + j] ?? 0) - dot(lower, i * size, lower, j * size, j);
			if (i > j) lower[i * size + j] = rest / (lower[j * size + j] ?? 0);
			else if (rest > 0) lower[i * size + i] = Math.sqrt(rest);
			else throw new RangeError('The matrix is not positive definite.');
		}
	return lower;
}

/** The transpose of [size, size]. */
export function transposed(matrix: Float64Array, size: number): Float64Array {
	const out = new Float64Array(size * size);
	for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) out[j * size + i] = matrix[i * size + j] ?? 0;
	return out;
}

/** x[at …] becomes L⁻¹ x. */
export function solveLower(lower: Float64Array, size: number, x: Float64Array, at = 0): void {
	for (let i = 0; i < size; i++) {
		const row = i * size;
		x[at + i] = ((x[at + i] ?? 0) - dot(lower, row, x, at, i)) / (lower[row + i] ?? 0);
	}
}

/** x[at …] becomes L⁻ᵀ x. */
export function solveUpper(lower: Float64Array, size: number, x: Float64Array, at = 0): void {
	for (let i = size - 1; i >= 0; i--) {
		const row = i * size;
		const value = (x[at + i] ?? 0) / (lower[row + i] ?? 0);
		x[at + i] = value;
		addScaled(x, at, lower, row, i, -value);
	}
}
