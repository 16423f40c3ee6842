/**
 * The rows of a training run in the coordinates that the solver works in: features divided by their norm
 * (or all by the same number), centred, and, where there are fewer rows than features, reduced to the space that the rows span. Both leave
 * the optimum where it is: the bias takes up the centre, and outside the span the penalty keeps weights at 0.
 */
import { SearchRoom } from './lbfgs';
import { spanOf, type Span } from './span';
import { addScaled, dot } from './vectors';
import { FLOAT_BYTES, Workspace, type Block } from './workspace';

export interface Design {
	rows: number;
	/** Coordinates of a row: min(rows, dimension) at most. */
	axes: number;
	dimension: number;
	/** [rows, axes] */
	values: Block;
	/** What all features were multiplied by; null where each row was divided by its own norm. */
	scale: number | null;
	/** [dimension] */
	mean: Float64Array;
	/** Where the axes lie among the features; null where the coordinates are the features. */
	span: Span | null;
	/** [axes, axes]; only its lower half is filled. */
	covariance: Float64Array;
	/** Holds `values`; whoever made the design releases it. */
	workspace: Workspace;
	room: Room;
}

/** Where the solver works, for so many classes at most. */
export interface Room {
	/** [axes, axes] each. */
	lower: Block;
	upper: Block;
	/** [classes, axes + 1] each. */
	weights: Block;
	gradient: Block;
	/** [classes, 4] */
	scores: Block;
	/** [4] */
	four: Block;
	search: SearchRoom;
	/** Whose triangles are in `lower` and `upper`. */
	factor: object | null;
}

/** Rows that the covariance is taken of: it only steers the solver, for which a sample is as good. */
const SAMPLE = 2048;
interface DesignFacts {
	dimension: number;
	classes: number;
	/** Whether each row is divided by its norm; true where left out. Otherwise all are by their quadratic mean. */
	normalise?: boolean;
}

/**
 * @param parts matrices of [any, dimension] float32 features, one below the other
 * @returns their rows in one design, with room for a solver of so many classes
 */
export function makeDesign(
	parts: readonly Float32Array[],
	{ dimension, classes, normalise = true }: DesignFacts
): Design {
	const rows = parts.reduce((sum, part) => sum + part.length / dimension, 0);
	const most = Math.min(rows, dimension);
	const length = classes * (most + 1);
	const workspace = new Workspace(
		rows * dimension + 4 * most ** 2 + 2 * length + 4 * classes + 4 + SearchRoom.floats(length)
	);
	const four = workspace.take(4);
	const centred = workspace.take(rows * dimension);
	let at = 0;
	for (const part of parts) {
		centred.values.set(part, at);
		at += part.length;
	}
	const scale = normalise ? null : scaleRows(centred.values, dimension);
	if (normalise) normaliseRows(centred.values, dimension);
	const mean = centre(centred.values, dimension);
	const reduced = rows <= dimension ? spanOf(workspace, { centred, rows, dimension, four }) : null;
	const { values, axes, span } = reduced ?? { values: centred, axes: dimension, span: null };
	const room: Room = {
		lower: workspace.take(axes ** 2),
		upper: workspace.take(axes ** 2),
		weights: workspace.take(classes * (axes + 1)),
		gradient: workspace.take(classes * (axes + 1)),
		scores: workspace.take(4 * classes),
		four,
		search: new SearchRoom(workspace, classes * (axes + 1)),
		factor: null
	};
	const covariance = covarianceOf(workspace, { values, rows, axes, four });
	return { rows, axes, dimension, values, scale, mean, span, covariance, workspace, room };
}

function normaliseRows(values: Float64Array, width: number): void {
	for (let row = 0; row < values.length; row += width) {
		const norm = Math.sqrt(dot(values, row, values, row, width)) || 1;
		for (let k = row; k < row + width; k++) values[k] = (values[k] ?? 0) / norm;
	}
}

/** So that a strength of the penalty is worth the same as with rows of norm 1. @returns what it multiplies by */
function scaleRows(values: Float64Array, width: number): number {
	const squares = dot(values, 0, values, 0, values.length);
	const scale = 1 / (Math.sqrt((squares * width) / values.length) || 1);
	for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * scale;
	return scale;
}

/** Takes the mean row away from each. @returns it */
function centre(values: Float64Array, width: number): Float64Array {
	const mean = new Float64Array(width);
	const rows = values.length / width;
	for (let row = 0; row < rows; row++) addScaled(mean, 0, values, row * width, width, 1 / rows);
	for (let row = 0; row < rows; row++) addScaled(values, row * width, mean, 0, width, -1);
	return mean;
}

function covarianceOf(
	workspace: Workspace,
	{ values, rows, axes, four }: Pick<Design, 'values' | 'rows' | 'axes'> & { four: Block }
): Float64Array {
	const covariance = workspace.take(axes ** 2);
	const { addFour } = workspace.kernels;
	const sample = Math.min(rows, SAMPLE);
	const bytes = axes * FLOAT_BYTES;
	const picked = Int32Array.from({ length: sample }, (_, k) => Math.floor((k * rows) / sample) * axes);
	for (let first = 0; first < sample; first += 4) {
		const at = Array.from({ length: 4 }, (_, k) => picked[first + k] ?? null);
		const [a = 0, b = 0, c = 0, d = 0] = at.map((from) => values.address + (from ?? 0) * FLOAT_BYTES);
		for (let i = 0; i < axes; i++) {
			for (let k = 0; k < 4; k++) {
				const from = at[k] ?? null;
				four.values[k] = from === null ? 0 : (values.values[from + i] ?? 0) / sample;
			}
			addFour(covariance.address + i * bytes, a, b, c, d, i + 1, four.address);
		}
	}
	return covariance.values;
}
