// `!` throughout: the maths of the reference, every index in range by its own loops.
import { describe, expect, test } from 'vitest';
import { lbfgs, type Objective } from './lbfgs';

/** Σ cᵢ (xᵢ − i)² / 2 */
const quadratic =
	(curvatures: readonly number[]): Objective =>
	(x, gradient) => {
		let value = 0;
		curvatures.forEach((c, i) => {
			const off = x[i]! - i;
			gradient[i] = c * off;
			value += (c * off * off) / 2;
		});
		return value;
	};

/** Rosenbrock (1960): a bent valley with its only minimum at (1, 1). */
const rosenbrock: Objective = (x, gradient) => {
	const [a, b] = [x[0]!, x[1]!];
	gradient[0] = -400 * a * (b - a * a) - 2 * (1 - a);
	gradient[1] = 200 * (b - a * a);
	return 100 * (b - a * a) ** 2 + (1 - a) ** 2;
};

describe('L-BFGS', () => {
	test('finds the minimum of a quadratic with curvatures from 1 to 10,000', () => {
		const curvatures = [1, 10, 100, 1000, 10_000];
		const found = lbfgs(quadratic(curvatures), new Float64Array(5).fill(50), { tolerance: 1e-9 });
		expect(found.converged).toBe(true);
		found.x.forEach((x, i) => expect(x).toBeCloseTo(i, 8));
		expect(found.evaluations).toBeLessThan(60);
	});

	test.each([
		[-1.2, 1],
		[10, -10],
		[0, 0]
	])('finds the end of Rosenbrock’s valley from (%d, %d)', (a, b) => {
		const found = lbfgs(rosenbrock, Float64Array.of(a, b), { tolerance: 1e-8 });
		expect(found.converged).toBe(true);
		expect(found.x[0]).toBeCloseTo(1, 6);
		expect(found.x[1]).toBeCloseTo(1, 6);
	});

	test('remembers more than one pair: with a memory of ten it needs fewer evaluations than with one', () => {
		const curvatures = Array.from({ length: 40 }, (_, i) => 1.3 ** i);
		const start = new Float64Array(40);
		const few = lbfgs(quadratic(curvatures), start, { memory: 1, mostIterations: 5000 });
		const many = lbfgs(quadratic(curvatures), start, { memory: 10, mostIterations: 5000 });
		expect(many.converged).toBe(true);
		expect(many.evaluations).toBeLessThan(few.evaluations);
	});

	test('does nothing at the minimum, and leaves the start as it was', () => {
		const start = Float64Array.of(0, 1, 2);
		const found = lbfgs(quadratic([1, 2, 3]), start);
		expect(found).toMatchObject({ evaluations: 1, iterations: 0, converged: true });
		lbfgs(rosenbrock, start.subarray(0, 2));
		expect([...start]).toEqual([0, 1, 2]);
	});

	test('steps back from where the value is no number', () => {
		const logBarrier: Objective = (x, gradient) => {
			gradient[0] = 1 - 1e-3 / x[0]!;
			return x[0]! - 1e-3 * Math.log(x[0]!);
		};
		const found = lbfgs(logBarrier, Float64Array.of(1), { tolerance: 1e-8 });
		expect(found.x[0]).toBeCloseTo(1e-3, 8);
	});

	test('says so where it has not arrived, and where there is no value to begin with', () => {
		expect(lbfgs(rosenbrock, Float64Array.of(-1.2, 1), { mostIterations: 3 }).converged).toBe(false);
		const nothing = lbfgs((_, gradient) => (gradient.fill(NaN), NaN), Float64Array.of(1));
		expect(nothing.value).toBeNaN();
		expect(nothing.converged).toBe(false);
		const half = lbfgs((_, gradient) => (gradient.set([NaN, 1e-9]), 1), Float64Array.of(1, 1));
		expect(half.converged).toBe(false);
	});
});
