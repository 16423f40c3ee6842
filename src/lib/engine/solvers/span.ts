/** The space that fewer rows than features span, and weights on its axes. */
import { solveLower, solveUpper } from './cholesky';
import type { Design } from './design';
import { addScaled, dot } from './vectors';
import { FLOAT_BYTES, fourRows, type Block, type Workspace } from './workspace';

export interface Span {
	/** Lower triangular, [axes, axes]: the rows below in the coordinates of the axes. */
	factor: Float64Array;
	/** Rows that span all others, centred, [axes, dimension]. */
	pivots: Float64Array;
}

/** What is left of a row's squared length counts as rounding below this share of the longest one. */
const NEGLIGIBLE = 1e-10;
/** Stands for the squared length left of a row that is a pivot: never the longest. */
const PICKED = -1;

interface Centred {
	centred: Block;
	rows: number;
	dimension: number;
	four: Block;
}

/**
 * Cholesky's factorisation of the Gram matrix with pivoting (Golub & Van Loan 4.2.8): rows = values · Q with Q
 * orthonormal. Q itself is never needed, as the pivots' rows are factor · Q.
 */
export function spanOf(workspace: Workspace, input: Centred): Pick<Design, 'values' | 'axes' | 'span'> {
	const { centred, rows, dimension } = input;
	const gram = gramOf(workspace, input);
	const left = Float64Array.from({ length: rows }, (_, i) => gram[i * rows + i] ?? 0);
	const lower = new Float64Array(rows * rows);
	const pivots: number[] = [];
	for (let longest = 0; pivots.length < rows;) {
		const pivot = left.reduce((best, square, i) => (square > (left[best] ?? 0) ? i : best), 0);
		const square = left[pivot] ?? 0;
		if (pivots.length === 0) longest = square;
		if (!(square > NEGLIGIBLE * longest)) break;
		const axis = pivots.length;
		for (let i = 0; i < rows; i++) {
			if (left[i] === PICKED) continue;
			const rest = (gram[i * rows + pivot] ?? 0) - dot(lower, i * rows, lower, pivot * rows, axis);
			const value = rest / Math.sqrt(square);
			lower[i * rows + axis] = value;
			left[i] = Math.max(0, (left[i] ?? 0) - value ** 2);
		}
		left[pivot] = PICKED;
		pivots.push(pivot);
	}
	const axes = pivots.length;
	const values = workspace.take(rows * axes);
	for (let i = 0; i < rows; i++) values.values.set(lower.subarray(i * rows, i * rows + axes), i * axes);
	return {
		values,
		axes,
		span: { factor: rowsOf(values.values, axes, pivots), pivots: rowsOf(centred.values, dimension, pivots) }
	};
}

function rowsOf(matrix: Float64Array, width: number, rows: readonly number[]): Float64Array {
	const picked = new Float64Array(rows.length * width);
	rows.forEach((row, i) => picked.set(matrix.subarray(row * width, (row + 1) * width), i * width));
	return picked;
}

/** centred · centredᵀ, [rows, rows]. */
function gramOf({ kernels }: Workspace, { centred, rows, dimension, four }: Centred): Float64Array {
	const gram = new Float64Array(rows * rows);
	const bytes = dimension * FLOAT_BYTES;
	for (let i = 0; i < rows; i++)
		for (let j = 0; j <= i; j += 4) {
			const count = Math.min(4, i + 1 - j);
			const others = fourRows(centred.address + j * bytes, count, bytes);
			kernels.dotFour(centred.address + i * bytes, ...others, dimension, four.address);
			for (let k = 0; k < count; k++) gram[i * rows + j + k] = gram[(j + k) * rows + i] = four.values[k] ?? 0;
		}
	return gram;
}

/** Weights on the features, [dimension], of weights on the axes, [axes]. */
export function weightsOnFeatures({ axes, dimension, span }: Design, weights: Float64Array): Float64Array {
	if (!span) return weights;
	const shares = weights.slice();
	solveUpper(span.factor, axes, shares);
	const own = new Float64Array(dimension);
	shares.forEach((share, k) => addScaled(own, 0, span.pivots, k * dimension, dimension, share));
	return own;
}

/** What of weights on the features, [dimension], lies on the axes, [axes]. */
export function weightsOnAxes({ axes, dimension, span }: Design, weights: Float64Array): Float64Array {
	if (!span) return weights;
	const own = Float64Array.from({ length: axes }, (_, k) =>
		dot(span.pivots, k * dimension, weights, 0, dimension)
	);
	solveLower(span.factor, axes, own);
	return own;
}
