/**
 * L-BFGS: Liu & Nocedal, "On the limited memory BFGS method for large scale optimization" (1989); the two-loop
 * recursion and its first scaling are algorithms 7.4 and equation 7.20 of Nocedal & Wright, "Numerical
 * Optimization" (2006). The line search brackets a weak Wolfe step: Lewis & Overton, "Nonsmooth optimization
 * via quasi-Newton methods" (2013), algorithm 2.6. Everything is float64.
 */
import { addScaled, dot } from './vectors';

/** Writes the gradient at `x` into `gradient`. @returns the value at `x` */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
	/** Pairs of steps and gradient changes that are remembered. */
	memory?: number;
	/** Done when no component of the gradient is larger. */
	tolerance?: number;
	mostIterations?: number;
}

export interface Minimum {
	x: Float64Array;
	value: number;
	gradient: Float64Array;
	/** How often value and gradient were computed. */
	evaluations: number;
	iterations: number;
	/** Whether the gradient is as small as asked for. */
	converged: boolean;
}

interface Point {
	x: Float64Array;
	value: number;
	gradient: Float64Array;
}

interface Pair {
	step: Float64Array;
	change: Float64Array;
	/** step · change, positive. */
	curvature: number;
}

/** Sufficient decrease and curvature of the Wolfe conditions. */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
const MOST_TRIALS = 30;

/**
 * Minimises a smooth function.
 *
 * @param start is left as it is
 * @returns the best point found; `value` is not finite only where it was not at `start`
 */
export function lbfgs(
	objective: Objective,
	start: Float64Array,
	{ memory = 10, tolerance = 1e-5, mostIterations = 500 }: LbfgsOptions = {}
): Minimum {
	let evaluations = 0;
	const at = (x: Float64Array): Point => {
		const gradient = new Float64Array(x.length);
		evaluations++;
		return { x, value: objective(x, gradient), gradient };
	};
	let point = at(start.slice());
	let pairs: Pair[] = [];
	let iterations = 0;
	while (largest(point.gradient) > tolerance && iterations < mostIterations) {
		const direction = descent(point.gradient, pairs);
		const first = pairs.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(inner(direction, direction)));
		const next = lineSearch(at, point, direction, first);
		if (!next) {
			if (pairs.length === 0) break;
			pairs = []; // what is remembered misleads; steepest descent may still go on
			continue;
		}
		const pair = pairOf(point, next);
		if (pair) pairs = [...pairs, pair].slice(-memory);
		point = next;
		iterations++;
	}
	return { ...point, evaluations, iterations, converged: largest(point.gradient) <= tolerance };
}

/** −H · gradient by the two-loop recursion; the newest pair comes last. */
function descent(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
	const q = difference(new Float64Array(gradient.length), gradient);
	const newest = pairs.at(-1);
	if (!newest) return q;
	const alphas: number[] = [];
	for (const { step, change, curvature } of pairs.toReversed()) {
		const alpha = inner(step, q) / curvature;
		addScaled(q, 0, change, 0, q.length, -alpha);
		alphas.push(alpha);
	}
	const gamma = newest.curvature / inner(newest.change, newest.change);
	for (let i = 0; i < q.length; i++) q[i] = (q[i] ?? 0) * gamma;
	for (const { step, change, curvature } of pairs) {
		const beta = inner(change, q) / curvature;
		addScaled(q, 0, step, 0, q.length, (alphas.pop() ?? 0) - beta);
	}
	return q;
}

/** @returns a point that satisfies the weak Wolfe conditions, one that at least descends, or null */
function lineSearch(
	at: (x: Float64Array) => Point,
	from: Point,
	direction: Float64Array,
	first: number
): Point | null {
	const slope = inner(from.gradient, direction);
	if (!(slope < 0)) return null;
	let low = 0;
	let high = Infinity;
	let best: Point | null = null;
	for (let step = first, trial = 0; trial < MOST_TRIALS; trial++) {
		const x = from.x.slice();
		addScaled(x, 0, direction, 0, x.length, step);
		const point = at(x);
		// `!(a <= b)`: a value that is no number is too far away.
		if (!(point.value <= from.value + DECREASE * step * slope)) high = step;
		else {
			best = point;
			if (inner(point.gradient, direction) >= CURVATURE * slope) return point;
			low = step;
		}
		step = high < Infinity ? (low + high) / 2 : 2 * low;
	}
	return best;
}

function pairOf(from: Point, to: Point): Pair | null {
	const step = difference(to.x, from.x);
	const change = difference(to.gradient, from.gradient);
	const curvature = inner(step, change);
	return curvature > 1e-12 * inner(change, change) ? { step, change, curvature } : null;
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
	const out = a.slice();
	addScaled(out, 0, b, 0, b.length, -1);
	return out;
}

const inner = (a: Float64Array, b: Float64Array) => dot(a, 0, b, 0, a.length);

function largest(values: Float64Array): number {
	let most = 0;
	for (let i = 0; i < values.length; i++) {
		const size = Math.abs(values[i] ?? 0);
		if (!(size <= most)) most = size;
	}
	return most;
}
