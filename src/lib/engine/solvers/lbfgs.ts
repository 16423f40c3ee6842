/**
 * L-BFGS: Liu & Nocedal, "On the limited memory BFGS method for large scale optimization" (1989); the two-loop
 * recursion and its first scaling are algorithms 7.4 and equation 7.20 of Nocedal & Wright, "Numerical
 * Optimization" (2006). The line search brackets a weak Wolfe step: Lewis & Overton, "Nonsmooth optimization
 * via quasi-Newton methods" (2013), algorithm 2.6. Everything is float64.
 */
import { Workspace, type Block } from './workspace';

/** Writes the gradient at `x` into `gradient`. @returns the value at `x` */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
	/** Pairs of steps and gradient changes that are remembered, at most MEMORY. */
	memory?: number;
	/** Done when no component of the gradient is larger. */
	tolerance?: number;
	mostIterations?: number;
}

export interface Minimum {
	x: Float64Array;
	value: number;
	/** How often value and gradient were computed. */
	evaluations: number;
	iterations: number;
	/** Whether the gradient is as small as asked for. */
	converged: boolean;
}

interface Point {
	x: Block;
	gradient: Block;
	value: number;
}

interface Pair {
	step: Block;
	change: Block;
	/** step · change, positive. */
	curvature: number;
}

/** Sufficient decrease and curvature of the Wolfe conditions. */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
const MOST_TRIALS = 30;
const MEMORY = 10;
/** Where one is, the best on the way to the next, and one on trial. */
const POINTS = 3;

/** Where vectors of a search lie, for any number of searches, one after the other. */
export class SearchRoom {
	readonly kernels: Workspace['kernels'];
	readonly points: Point[];
	readonly pairs: Pair[];
	readonly direction: Block;

	/** Floats that the workspace must have left. */
	static floats(length: number): number {
		return (2 * POINTS + 1 + 2 * MEMORY) * length;
	}

	/** @param length of the longest vectors */
	constructor(workspace: Workspace, length: number) {
		const take = () => workspace.take(length);
		this.kernels = workspace.kernels;
		this.points = Array.from({ length: POINTS }, () => ({ x: take(), gradient: take(), value: NaN }));
		this.pairs = Array.from({ length: MEMORY }, () => ({ step: take(), change: take(), curvature: NaN }));
		this.direction = take();
	}
}

/**
 * Minimises a smooth function.
 *
 * @param start is left as it is
 * @param room where there is one for vectors of this length
 * @returns the best point found; `value` is not finite only where it was not at `start`
 */
export function lbfgs(
	objective: Objective,
	start: Float64Array,
	options: LbfgsOptions = {},
	room = new SearchRoom(new Workspace(SearchRoom.floats(start.length)), start.length)
): Minimum {
	return new Search(objective, start.length, room).run(start, options);
}

class Search {
	readonly #objective: Objective;
	readonly #length: number;
	readonly #room: SearchRoom;
	/** Points that nothing is remembered in. */
	readonly #free: Point[];
	/** The newest last. */
	#pairs: Pair[] = [];
	#spare: Pair[] = [];
	#evaluations = 0;

	constructor(objective: Objective, length: number, room: SearchRoom) {
		this.#objective = objective;
		this.#length = length;
		this.#room = room;
		this.#free = [...room.points];
	}

	run(
		start: Float64Array,
		{ memory = MEMORY, tolerance = 1e-5, mostIterations = 500 }: LbfgsOptions
	): Minimum {
		this.#spare = this.#room.pairs.slice(0, memory);
		let point = this.#taken();
		point.x.values.set(start);
		this.#evaluate(point);
		let iterations = 0;
		while (this.#largest(point) > tolerance && iterations < mostIterations) {
			this.#descend(point.gradient);
			const { direction } = this.#room;
			const first =
				this.#pairs.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(this.#inner(direction, direction)));
			const next = this.#lineSearch(point, first);
			if (!next) {
				if (this.#pairs.length === 0) break;
				this.#forget(); // what is remembered misleads; steepest descent may still go on
				continue;
			}
			this.#remember(point, next);
			this.#free.push(point);
			point = next;
			iterations++;
		}
		return {
			x: point.x.values.slice(0, this.#length),
			value: point.value,
			evaluations: this.#evaluations,
			iterations,
			converged: this.#largest(point) <= tolerance
		};
	}

	#taken(): Point {
		const point = this.#free.pop();
		if (!point) throw new RangeError('All points are in use.');
		return point;
	}

	#evaluate(point: Point): void {
		this.#evaluations++;
		const part = (block: Block) => block.values.subarray(0, this.#length);
		point.value = this.#objective(part(point.x), part(point.gradient));
	}

	/** The direction becomes −H · gradient, by the two-loop recursion. */
	#descend(gradient: Block): void {
		const { direction: q, kernels } = this.#room;
		const n = this.#length;
		q.values.fill(0);
		kernels.addScaled(q.address, gradient.address, n, -1);
		const newest = this.#pairs.at(-1);
		if (!newest) return;
		const alphas: number[] = [];
		for (const { step, change, curvature } of this.#pairs.toReversed()) {
			const alpha = this.#inner(step, q) / curvature;
			kernels.addScaled(q.address, change.address, n, -alpha);
			alphas.push(alpha);
		}
		const gamma = newest.curvature / this.#inner(newest.change, newest.change);
		kernels.addScaled(q.address, q.address, n, gamma - 1);
		for (const { step, change, curvature } of this.#pairs) {
			const beta = this.#inner(change, q) / curvature;
			kernels.addScaled(q.address, step.address, n, (alphas.pop() ?? 0) - beta);
		}
	}

	/** @returns a point that satisfies the weak Wolfe conditions, one that at least descends, or null */
	#lineSearch(from: Point, first: number): Point | null {
		const { direction, kernels } = this.#room;
		const slope = this.#inner(from.gradient, direction);
		if (!(slope < 0)) return null;
		let low = 0;
		let high = Infinity;
		let best: Point | null = null;
		for (let step = first, trial = 0; trial < MOST_TRIALS; trial++) {
			const point = this.#taken();
			point.x.values.set(from.x.values);
			kernels.addScaled(point.x.address, direction.address, this.#length, step);
			this.#evaluate(point);
			// `!(a <= b)`: a value that is no number is too far away.
			if (!(point.value <= from.value + DECREASE * step * slope)) {
				this.#free.push(point);
				high = step;
			} else {
				if (best) this.#free.push(best);
				best = point;
				if (this.#inner(point.gradient, direction) >= CURVATURE * slope) return point;
				low = step;
			}
			step = high < Infinity ? (low + high) / 2 : 2 * low;
		}
		return best;
	}

	#remember(from: Point, to: Point): void {
		const pair = this.#spare.pop() ?? this.#pairs.shift();
		if (!pair) return;
		this.#difference(pair.step, to.x, from.x);
		this.#difference(pair.change, to.gradient, from.gradient);
		pair.curvature = this.#inner(pair.step, pair.change);
		if (pair.curvature > 1e-12 * this.#inner(pair.change, pair.change)) this.#pairs.push(pair);
		else this.#spare.push(pair);
	}

	#forget(): void {
		this.#spare.push(...this.#pairs);
		this.#pairs = [];
	}

	#difference(out: Block, a: Block, b: Block): void {
		out.values.set(a.values);
		this.#room.kernels.addScaled(out.address, b.address, this.#length, -1);
	}

	#inner(a: Block, b: Block): number {
		return this.#room.kernels.dot(a.address, b.address, this.#length);
	}

	/** The largest component of the gradient; NaN where one is no number. */
	#largest({ gradient }: Point): number {
		let most = 0;
		for (let i = 0; i < this.#length; i++) {
			const size = Math.abs(gradient.values[i] ?? 0);
			if (Number.isNaN(size)) return NaN;
			most = Math.max(most, size);
		}
		return most;
	}
}
