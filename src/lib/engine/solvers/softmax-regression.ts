/**
 * Multinomial logistic regression: the minimum over W, b of
 *   Σ wᵢ · cross-entropy(softmax(W xᵢ + b), yᵢ) / Σ wᵢ + λ/2 ‖W‖²,
 * the bias not penalised. Convex, so there is one answer.
 *
 * Preconditioned by Böhning's bound ("Multinomial logistic regression algorithm", 1992): the Hessian never
 * exceeds ½ (I − 11ᵀ/C) ⊗ S, S the covariance of x, whatever the weights. With L Lᵀ = S/2 + λI the solver works
 * on V = W L and c = b/√2, in which that bound is at most the identity. This is what scaling the principal axes
 * by 1/√(s/2 + λ) does, up to a rotation, which L-BFGS does not notice; a factorisation is 20 times cheaper than axes.
 */
import type { Head } from '../../domain/head';
import { cholesky, solveLower, solveUpper } from './cholesky';
import type { Design } from './design';
import { lbfgs, type Objective } from './lbfgs';
import { addFour, addScaled, dot, dotFour, type Four } from './vectors';

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
	const { axes, values } = task.design;
	const { classes } = task;
	const width = axes + 1;
	const total = rows.reduce((sum, row) => sum + (task.weights[row] ?? 0), 0);
	/** Logits, then residuals of four rows, [classes, 4]. */
	const scores = new Float64Array(4 * classes);
	return (weights, gradient) => {
		gradient.fill(0);
		let loss = 0;
		for (let first = 0; first < rows.length; first += 4) {
			const at = startsOfFour(rows, first, axes);
			for (let c = 0; c < classes; c++) {
				const from = c * width;
				dotFour(weights, from, values, at, axes, scores, 4 * c);
				for (let k = 4 * c; k < 4 * c + 4; k++) scores[k] = (scores[k] ?? 0) + (weights[from + axes] ?? 0);
			}
			for (let k = 0; k < 4; k++) loss += residuals(task, rows[first + k], total, scores, k);
			for (let c = 0; c < classes; c++) {
				addFour(gradient, c * width, values, at, axes, scores, 4 * c);
				for (let k = 4 * c; k < 4 * c + 4; k++)
					gradient[c * width + axes] = (gradient[c * width + axes] ?? 0) + (scores[k] ?? 0);
			}
		}
		for (let c = 0; c < classes; c++) {
			loss += (lambda / 2) * dot(weights, c * width, weights, c * width, axes);
			addScaled(gradient, c * width, weights, c * width, axes, lambda);
		}
		return loss;
	};
}

/** Where four rows begin; at the end of the list the last one stands in for those that lack. */
function startsOfFour(rows: Int32Array, first: number, axes: number): Four {
	const start = (k: number) => (rows[Math.min(first + k, rows.length - 1)] ?? 0) * axes;
	return [start(0), start(1), start(2), start(3)];
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
	{ design: { axes, values }, classes }: Pick<Task, 'design' | 'classes'>,
	weights: Float64Array,
	row: number,
	out: Float64Array | Float32Array,
	at = 0
): void {
	for (let c = 0; c < classes; c++) {
		const start = c * (axes + 1);
		out[at + c] = dot(weights, start, values, row * axes, axes) + (weights[start + axes] ?? 0);
	}
}

/** L of S/2 + λI, [axes, axes]; the same for all folds of one λ. */
export function preconditioner({ covariance, axes }: Design, lambda: number): Float64Array {
	const bound = covariance.map((s) => s / 2);
	for (let i = 0; i < axes; i++) bound[i * axes + i] = (bound[i * axes + i] ?? 0) + lambda;
	return cholesky(bound, axes);
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
	const { axes } = task.design;
	const width = axes + 1;
	const plain = softmaxLoss(task, rows, lambda);
	const fromScaled = (v: Float64Array) => {
		const weights = v.slice();
		for (let c = 0; c < task.classes; c++) {
			solveUpper(factor, axes, weights, c * width);
			weights[c * width + axes] = (weights[c * width + axes] ?? 0) * Math.SQRT2;
		}
		return weights;
	};
	const scaled: Objective = (v, gradient) => {
		const loss = plain(fromScaled(v), gradient);
		for (let c = 0; c < task.classes; c++) {
			solveLower(factor, axes, gradient, c * width);
			gradient[c * width + axes] = (gradient[c * width + axes] ?? 0) * Math.SQRT2;
		}
		return loss;
	};
	const from = start ? toScaled(start, factor, task) : new Float64Array(task.classes * width);
	const { x, value, evaluations, converged } = lbfgs(scaled, from, { tolerance: TOLERANCE });
	return { weights: fromScaled(x), loss: value, evaluations, converged };
}

/** V = W L and c = b/√2. */
function toScaled(weights: Float64Array, factor: Float64Array, { design, classes }: Task): Float64Array {
	const { axes } = design;
	const scaled = new Float64Array(weights.length);
	for (let c = 0; c < classes; c++) {
		const start = c * (axes + 1);
		for (let i = 0; i < axes; i++) addScaled(scaled, start, factor, i * axes, i + 1, weights[start + i] ?? 0);
		scaled[start + axes] = (weights[start + axes] ?? 0) / Math.SQRT2;
	}
	return scaled;
}

/** The head that classifies features as the backbone gives them; the bias takes the centre back. */
export function headOf({ design, classes }: Task, weights: Float64Array): Head {
	const { axes, dimension, mean, basis } = design;
	const layer = {
		weights: new Float32Array(dimension * classes),
		bias: new Float32Array(classes),
		activation: 'linear' as const
	};
	for (let c = 0; c < classes; c++) {
		const start = c * (axes + 1);
		const row = weights.slice(start, start + axes);
		const own = basis ? new Float64Array(dimension) : row;
		if (basis) row.forEach((weight, k) => addScaled(own, 0, basis, k * dimension, dimension, weight));
		own.forEach((weight, i) => (layer.weights[i * classes + c] = weight));
		layer.bias[c] = (weights[start + axes] ?? 0) - dot(own, 0, mean, 0, dimension);
	}
	return { layers: [layer], normalise: true, temperature: 1 };
}

/** Weights to start from, of a head that tells the same classes apart; null where it does not fit. */
export function startOf({ design, classes }: Task, head: Head): Float64Array | null {
	const { axes, dimension, mean, basis } = design;
	const [layer] = head.layers;
	if (!layer || head.layers.length > 1 || layer.bias.length !== classes) return null;
	if (layer.weights.length !== dimension * classes || !head.normalise) return null;
	const start = new Float64Array(classes * (axes + 1));
	for (let c = 0; c < classes; c++) {
		const own = Float64Array.from({ length: dimension }, (_, i) => layer.weights[i * classes + c] ?? 0);
		const at = c * (axes + 1);
		if (basis) for (let k = 0; k < axes; k++) start[at + k] = dot(basis, k * dimension, own, 0, dimension);
		else start.set(own, at);
		start[at + axes] = (layer.bias[c] ?? 0) + dot(own, 0, mean, 0, dimension);
	}
	return start;
}
