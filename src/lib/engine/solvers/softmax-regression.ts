/**
 * Multinomial logistic regression: the minimum over W, b of
 *   Σ wᵢ · cross-entropy(softmax(W xᵢ + b), yᵢ) / Σ wᵢ + λ/2 ‖W‖²,
 * the bias not penalised. Convex, so there is one answer.
 */
import type { Design, Room } from './design';
import { lbfgs, type Objective } from './lbfgs';
import { load, preconditioner, solveInPlace, toScaled } from './preconditioner';
import { addScaled, dot } from './vectors';
import { FLOAT_BYTES } from './workspace';

/** What is to be told apart, on the rows of a design. */
export interface Task {
	design: Design;
	/** Class of each row, 0..classes − 1. */
	targets: Int32Array;
	classes: number;
	/** How much each row counts. */
	weights: Float64Array;
}

export interface Solution {
	/** For each class `axes` weights and the bias, [classes, axes + 1]. */
	weights: Float64Array;
	/** The penalised loss. */
	loss: number;
	evaluations: number;
	converged: boolean;
}

/** No component of the preconditioned gradient is larger at the end; logits at λ = 10^−3.5 then hold to about 1 %. */
const TOLERANCE = 1e-4;

/**
 * Loss and gradient on weights [classes, axes + 1].
 *
 * @param rows of the design that take part
 */
export function softmaxLoss(task: Task, rows: Int32Array, lambda: number): Objective {
	const { weights, gradient } = task.design.room;
	const total = totalWeight(task, rows);
	return (x, out) => {
		weights.values.set(x);
		const loss = lossInPlace(task, rows, total, lambda);
		out.set(gradient.values.subarray(0, out.length));
		return loss;
	};
}

const totalWeight = (task: Task, rows: Int32Array) =>
	rows.reduce((sum, row) => sum + (task.weights[row] ?? 0), 0);

/** Loss at the weights in the design's room; the gradient goes to where it has its place there. */
function lossInPlace(task: Task, rows: Int32Array, total: number, lambda: number): number {
	const { classes, design } = task;
	const { axes, values, room } = design;
	const { dotFour, addFour } = design.workspace.kernels;
	const { weights, gradient, scores } = room;
	const width = axes + 1;
	const bytes = axes * FLOAT_BYTES;
	const last = rows.length - 1;
	gradient.values.fill(0);
	let loss = 0;
	for (let first = 0; first < rows.length; first += 4) {
		// At the end of the list the last row stands in for those that lack.
		const a = values.address + (rows[first] ?? 0) * bytes;
		const b = values.address + (rows[Math.min(first + 1, last)] ?? 0) * bytes;
		const c = values.address + (rows[Math.min(first + 2, last)] ?? 0) * bytes;
		const d = values.address + (rows[Math.min(first + 3, last)] ?? 0) * bytes;
		for (let i = 0; i < classes; i++)
			dotFour(
				weights.address + i * width * FLOAT_BYTES,
				a,
				b,
				c,
				d,
				axes,
				scores.address + 4 * i * FLOAT_BYTES
			);
		addBiases(room, classes, axes);
		for (let k = 0; k < 4; k++) loss += residuals(task, rows[first + k], total, scores.values, k);
		for (let i = 0; i < classes; i++)
			addFour(
				gradient.address + i * width * FLOAT_BYTES,
				a,
				b,
				c,
				d,
				axes,
				scores.address + 4 * i * FLOAT_BYTES
			);
		sumBiases(room, classes, axes);
	}
	for (let i = 0; i < classes; i++) {
		const own = weights.values;
		loss += (lambda / 2) * dot(own, i * width, own, i * width, axes);
		addScaled(gradient.values, i * width, own, i * width, axes, lambda);
	}
	return loss;
}

function addBiases({ scores, weights }: Room, classes: number, axes: number): void {
	for (let k = 0; k < 4 * classes; k++)
		scores.values[k] = (scores.values[k] ?? 0) + (weights.values[(k >> 2) * (axes + 1) + axes] ?? 0);
}

function sumBiases({ scores, gradient }: Room, classes: number, axes: number): void {
	for (let k = 0; k < 4 * classes; k++) {
		const at = (k >> 2) * (axes + 1) + axes;
		gradient.values[at] = (gradient.values[at] ?? 0) + (scores.values[k] ?? 0);
	}
}

/**
 * Turns the logits in column k of `scores` into share · (probability − 1 at the target), in place.
 *
 * @param row undefined where four rows go beyond the last: its residuals are 0
 * @returns share · cross-entropy
 */
function residuals(
	{ targets, weights, classes }: Task,
	row: number | undefined,
	total: number,
	scores: Float64Array,
	k: number
): number {
	const end = 4 * classes;
	const share = row === undefined ? 0 : (weights[row] ?? 0) / total;
	const target = row === undefined ? k : 4 * (targets[row] ?? 0) + k;
	let most = -Infinity;
	for (let i = k; i < end; i += 4) most = Math.max(most, scores[i] ?? 0);
	const own = (scores[target] ?? 0) - most;
	let sum = 0;
	for (let i = k; i < end; i += 4) sum += scores[i] = Math.exp((scores[i] ?? 0) - most);
	for (let i = k; i < end; i += 4) scores[i] = share * ((scores[i] ?? 0) / sum - (i === target ? 1 : 0));
	return share * (Math.log(sum) - own);
}

/** Writes the logits of a row, [classes], to `out`. */
export function logitsOf(
	{ design, classes }: Pick<Task, 'design' | 'classes'>,
	weights: Float64Array,
	row: number,
	out: Float64Array | Float32Array,
	at = 0
): void {
	const { axes } = design;
	const values = design.values.values;
	for (let c = 0; c < classes; c++) {
		const start = c * (axes + 1);
		out[at + c] = dot(weights, start, values, row * axes, axes) + (weights[start + axes] ?? 0);
	}
}

/**
 * Solves to the optimum.
 *
 * @param rows of the design that take part, at least one
 * @param start weights of a like problem, for a warm start; null for a cold one
 * @param factor of `preconditioner(task.design, lambda)`
 * @returns weights; `loss` is not finite where the numbers were not
 */
export function solveSoftmax(
	task: Task,
	rows: Int32Array,
	lambda: number,
	start: Float64Array | null,
	factor = preconditioner(task.design, lambda)
): Solution {
	const { axes, room } = task.design;
	const width = axes + 1;
	const length = task.classes * width;
	const total = totalWeight(task, rows);
	load(room, factor);
	const unscale = (v: Float64Array) => {
		room.weights.values.set(v);
		solveInPlace(task.design, task.classes, 'upper', room.weights);
	};
	const scaled: Objective = (v, gradient) => {
		unscale(v);
		const loss = lossInPlace(task, rows, total, lambda);
		solveInPlace(task.design, task.classes, 'lower', room.gradient);
		gradient.set(room.gradient.values.subarray(0, length));
		return loss;
	};
	const from = start ? toScaled(start, factor, task.design) : new Float64Array(length);
	const { x, value, evaluations, converged } = lbfgs(scaled, from, { tolerance: TOLERANCE }, room.search);
	unscale(x);
	return { weights: room.weights.values.slice(0, length), loss: value, evaluations, converged };
}
