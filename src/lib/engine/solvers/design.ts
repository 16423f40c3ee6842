/**
 * The rows of a training run in the coordinates that the solver works in: features divided by their norm,
 * centred, and, where there are fewer rows than features, reduced to the space that the rows span. Both leave
 * the optimum where it is: the bias takes up the centre, and outside the span the penalty keeps weights at 0.
 */
import { addScaled, dot } from './vectors';

export interface Design {
	rows: number;
	/** Coordinates of a row: min(rows, dimension) at most. */
	axes: number;
	dimension: number;
	/** [rows, axes] */
	values: Float64Array;
	/** [dimension] */
	mean: Float64Array;
	/** Orthonormal rows, [axes, dimension]; null where the coordinates are the features. */
	basis: Float64Array | null;
	/** [axes, axes] */
	covariance: Float64Array;
}

/** Rows that the covariance is taken of: it only steers the solver, for which a sample is as good. */
const SAMPLE = 2048;
/** What is left of a row's squared length counts as rounding below this share of the longest one. */
const NEGLIGIBLE = 1e-12;

/**
 * @param parts matrices of [any, dimension] float32 features, one below the other
 * @returns their rows in one design
 */
export function makeDesign(parts: readonly Float32Array[], dimension: number): Design {
	const rows = parts.reduce((sum, part) => sum + part.length / dimension, 0);
	const centred = new Float64Array(rows * dimension);
	let at = 0;
	for (const part of parts) {
		centred.set(part, at);
		at += part.length;
	}
	normaliseRows(centred, dimension);
	const mean = centre(centred, dimension);
	const reduced = rows <= dimension ? spanOf(centred, rows, dimension) : null;
	const { values, axes, basis } = reduced ?? { values: centred, axes: dimension, basis: null };
	return { rows, axes, dimension, values, mean, basis, covariance: covarianceOf(values, rows, axes) };
}

function normaliseRows(values: Float64Array, width: number): void {
	for (let row = 0; row < values.length; row += width) {
		const norm = Math.sqrt(dot(values, row, values, row, width)) || 1;
		for (let k = row; k < row + width; k++) values[k] = (values[k] ?? 0) / norm;
	}
}

/** Takes the mean row away from each. @returns it */
function centre(values: Float64Array, width: number): Float64Array {
	const mean = new Float64Array(width);
	const rows = values.length / width;
	for (let row = 0; row < rows; row++) addScaled(mean, 0, values, row * width, width, 1 / rows);
	for (let row = 0; row < rows; row++) addScaled(values, row * width, mean, 0, width, -1);
	return mean;
}

/**
 * Modified Gram–Schmidt with pivoting (Golub & Van Loan 5.2.8 and 5.4.2): rows = values · basis.
 *
 * @param rest [rows, dimension]; is used up
 */
function spanOf(rest: Float64Array, rows: number, dimension: number) {
	const basis = new Float64Array(rows * dimension);
	const wide = new Float64Array(rows * rows);
	let axes = 0;
	for (let first = 0; axes < rows; axes++) {
		const { row, square } = longestRow(rest, rows, dimension);
		if (axes === 0) first = square;
		if (!(square > NEGLIGIBLE * first)) break;
		const axis = axes * dimension;
		addScaled(basis, axis, rest, row * dimension, dimension, 1 / Math.sqrt(square));
		for (let i = 0; i < rows; i++) {
			const value = dot(rest, i * dimension, basis, axis, dimension);
			wide[i * rows + axes] = value;
			addScaled(rest, i * dimension, basis, axis, dimension, -value);
		}
	}
	const values = new Float64Array(rows * axes);
	for (let i = 0; i < rows; i++) values.set(wide.subarray(i * rows, i * rows + axes), i * axes);
	return { values, axes, basis: basis.slice(0, axes * dimension) };
}

function longestRow(values: Float64Array, rows: number, width: number): { row: number; square: number } {
	let longest = { row: 0, square: 0 };
	for (let row = 0; row < rows; row++) {
		const square = dot(values, row * width, values, row * width, width);
		if (square > longest.square) longest = { row, square };
	}
	return longest;
}

function covarianceOf(values: Float64Array, rows: number, axes: number): Float64Array {
	const covariance = new Float64Array(axes * axes);
	const stride = Math.max(1, rows / SAMPLE);
	const share = stride / rows;
	for (let at = 0; at < rows; at += stride) {
		const row = Math.floor(at) * axes;
		for (let i = 0; i < axes; i++)
			addScaled(covariance, i * axes, values, row, i + 1, (values[row + i] ?? 0) * share);
	}
	return covariance;
}
