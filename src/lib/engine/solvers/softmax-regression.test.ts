// `!` throughout: the maths of the reference, every index in range by its own loops.
import { describe, expect, test } from 'vitest';
import { clouds } from '../../../../tests/fixtures/clouds';
import { headLogits } from '../../domain/head';
import { Random } from '../../domain/random';
import type { TrainingSet } from '../../domain/training';
import { cholesky, solveLower, solveUpper } from './cholesky';
import { makeDesign } from './design';
import { headOf, startOf } from './linear-head';
import { logitsOf, softmaxLoss, solveSoftmax, type Task } from './softmax-regression';

function taskOf(set: TrainingSet, weights?: readonly number[], normalise = true): Task {
	const { dimension, classes } = set;
	const design = makeDesign([set.features], { dimension, classes, normalise });
	return {
		design,
		targets: set.targets,
		classes: set.classes,
		weights: weights ? Float64Array.from(weights) : new Float64Array(design.rows).fill(1)
	};
}
const everyRow = ({ design }: Task) => Int32Array.from({ length: design.rows }, (_, i) => i);
const wide = clouds({ photos: [7, 6, 8], dimension: 40 }); // fewer photos than features
const tall = clouds({ photos: [30, 31, 29], dimension: 12, spread: 2 });

/** Logits of row i on the features themselves, by the head. */
function logitsByHead(task: Task, set: TrainingSet, weights: Float64Array, row: number) {
	return headLogits(
		headOf(task, weights),
		set.features.subarray(row * set.dimension, (row + 1) * set.dimension)
	);
}

/** Solves A x = b by Gaussian elimination with pivoting. */
function eliminate(a: number[][], b: number[]): number[] {
	const rows = a.map((row, i) => [...row, b[i]!]);
	for (let k = 0; k < rows.length; k++) {
		const pivot = rows.reduce(
			(best, row, i) => (i >= k && Math.abs(row[k]!) > Math.abs(rows[best]![k]!) ? i : best),
			k
		);
		[rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
		for (let i = 0; i < rows.length; i++) {
			if (i === k) continue;
			const factor = rows[i]![k]! / rows[k]![k]!;
			rows[i] = rows[i]!.map((x, j) => x - factor * rows[k]![j]!);
		}
	}
	return rows.map((row, i) => row.at(-1)! / row[i]!);
}

/**
 * The second method: Newton's on the raw, normalised features with a full Hessian, written apart from the solver.
 * The bias has a penalty of 1e-9, as the Hessian would be singular without.
 */
function newton(set: TrainingSet, rowWeights: readonly number[], lambda: number, steps: number) {
	const { dimension: d, classes, targets } = set;
	const n = targets.length;
	const x = Array.from({ length: n }, (_, i) => {
		const row = [...set.features.subarray(i * d, (i + 1) * d)];
		const norm = Math.hypot(...row) || 1;
		return [...row.map((value) => value / norm), 1];
	});
	const total = rowWeights.reduce((a, b) => a + b, 0);
	const size = classes * (d + 1);
	const penalty = (k: number) => (k % (d + 1) === d ? 1e-9 : lambda);
	const scoresOf = (row: readonly number[], w: readonly number[]) =>
		Array.from({ length: classes }, (_, c) =>
			row.reduce((sum, value, j) => sum + value * w[c * (d + 1) + j]!, 0)
		);
	const softmax = (scores: readonly number[]) => {
		const e = scores.map((s) => Math.exp(s - Math.max(...scores)));
		return e.map((value) => value / e.reduce((a, b) => a + b, 0));
	};
	const loss = (w: readonly number[]) =>
		x.reduce(
			(sum, row, i) => sum - (rowWeights[i]! / total) * Math.log(softmax(scoresOf(row, w))[targets[i]!]!),
			0
		) + w.reduce((sum, value, k) => sum + (penalty(k) / 2) * value ** 2, 0);
	let w = new Array<number>(size).fill(0);
	for (let step = 0; step < steps; step++) {
		const gradient = w.map((value, k) => penalty(k) * value);
		const hessian = w.map((_, k) => w.map((__, l) => (k === l ? penalty(k) : 0)));
		x.forEach((row, i) => {
			const p = softmax(scoresOf(row, w));
			const share = rowWeights[i]! / total;
			for (let c = 0; c < classes; c++)
				for (let j = 0; j <= d; j++) {
					const k = c * (d + 1) + j;
					gradient[k]! += share * (p[c]! - (targets[i] === c ? 1 : 0)) * row[j]!;
					for (let c2 = 0; c2 < classes; c2++)
						for (let j2 = 0; j2 <= d; j2++)
							hessian[k]![c2 * (d + 1) + j2]! +=
								share * p[c]! * ((c === c2 ? 1 : 0) - p[c2]!) * row[j]! * row[j2]!;
				}
		});
		const move = eliminate(hessian, gradient);
		let length = 1;
		const moved = () => w.map((value, k) => value - length * move[k]!);
		while (length > 1e-6 && !(loss(moved()) <= loss(w))) length /= 2;
		w = moved();
	}
	return (row: number) => scoresOf(x[row]!, w);
}

const centred = (logits: ArrayLike<number>) => {
	const values = Array.from(logits);
	const mean = values.reduce((a, b) => a + b, 0) / values.length;
	return values.map((x) => x - mean);
};

describe('the gradient', () => {
	test.each([
		['fewer photos than features', wide],
		['more photos than features', tall]
	])('agrees with finite differences: %s', (_, set) => {
		const weights = Array.from(set.targets, (_target, i) => 1 + (i % 3));
		const task = taskOf(set, weights);
		const objective = softmaxLoss(task, everyRow(task).subarray(2), 1e-2); // 19 and 88 rows: with and without a rest of four
		const random = new Random(4);
		const at = Float64Array.from(
			{ length: task.classes * (task.design.axes + 1) },
			() => random.next() * 4 - 2
		);
		const gradient = new Float64Array(at.length);
		objective(at, gradient);
		const unused = new Float64Array(at.length);
		const h = 1e-5;
		for (let k = 0; k < at.length; k += 7) {
			const [more, less] = [at.slice(), at.slice()];
			more[k]! += h;
			less[k]! -= h;
			const slope = (objective(more, unused) - objective(less, unused)) / (2 * h);
			expect(Math.abs(slope - gradient[k]!)).toBeLessThan(1e-8);
		}
	});
});

describe('the optimum', () => {
	test.each([
		['few photos', clouds({ photos: [5, 4], dimension: 12 }), 10 ** -3.5],
		['many photos', clouds({ photos: [20, 20, 20], dimension: 8, spread: 3 }), 10 ** -3.5],
		['a weak penalty', clouds({ photos: [20, 20], dimension: 8, spread: 3 }), 10 ** -5.5]
	])('is the one that Newton’s method finds: %s', (_, set, lambda) => {
		const weights = Array.from(set.targets, (_target, i) => 1 + (i % 2));
		const task = taskOf(set, weights);
		const found = solveSoftmax(task, everyRow(task), lambda, null);
		expect(found.converged).toBe(true);
		const reference = newton(set, weights, lambda, 30);
		for (let row = 0; row < set.targets.length; row++) {
			const ours = centred(logitsByHead(task, set, found.weights, row));
			centred(reference(row)).forEach((x, c) => {
				expect(Math.abs(ours[c]! - x)).toBeLessThan(0.02 * Math.max(1, Math.abs(x)));
			});
		}
	});

	test('is reached from anywhere', () => {
		const task = taskOf(tall);
		const cold = solveSoftmax(task, everyRow(task), 1e-3, null);
		const random = new Random(8);
		const far = cold.weights.map(() => random.next() * 20 - 10);
		const warm = solveSoftmax(task, everyRow(task), 1e-3, far);
		expect(warm.loss).toBeCloseTo(cold.loss, 6);
	});

	test('does not change when features are scaled photo by photo, or photos are counted twice', () => {
		const lambda = 1e-3;
		const task = taskOf(tall);
		const { loss } = solveSoftmax(task, everyRow(task), lambda, null);
		const scaled = { ...tall, features: tall.features.slice() };
		tall.targets.forEach((_, i) => {
			for (let k = i * 12; k < (i + 1) * 12; k++) scaled.features[k]! *= 2 ** (i % 5);
		});
		const other = taskOf(scaled);
		expect(solveSoftmax(other, everyRow(other), lambda, null).loss).toBeCloseTo(loss, 6);

		const design = makeDesign([tall.features, tall.features], tall);
		const doubled = {
			...task,
			design,
			targets: Int32Array.from([...tall.targets, ...tall.targets]),
			weights: new Float64Array(design.rows).fill(0.5)
		};
		expect(solveSoftmax(doubled, everyRow(doubled), lambda, null).loss).toBeCloseTo(loss, 6);
	});

	test('does not change in reduced coordinates: more features than photos, all of no use', () => {
		const set = clouds({ photos: [9, 9], dimension: 10 });
		const padded = new Float32Array(18 * 50);
		for (let i = 0; i < 18; i++) padded.set(set.features.subarray(i * 10, (i + 1) * 10), i * 50);
		const [full, reduced] = [taskOf(set), taskOf({ ...set, features: padded, dimension: 50 })];
		expect(full.design.span).toBeNull();
		expect(reduced.design.axes).toBeLessThanOrEqual(10);
		const losses = [full, reduced].map((task) => solveSoftmax(task, everyRow(task), 1e-3, null).loss);
		expect(losses[1]).toBeCloseTo(losses[0]!, 6);
	});
});

describe('the solver', () => {
	test('gives the same bits twice', () => {
		const [one, two] = [taskOf(wide), taskOf(wide)].map((task) =>
			solveSoftmax(task, everyRow(task), 10 ** -4.5, null)
		);
		expect(one).toEqual(two);
	});

	test('needs few evaluations cold, and fewer warm after one more photo', () => {
		const task = taskOf(clouds({ photos: [50, 50, 50], dimension: 64, spread: 2 }));
		const before = solveSoftmax(task, everyRow(task).subarray(1), 10 ** -3.5, null);
		const after = solveSoftmax(task, everyRow(task), 10 ** -3.5, before.weights);
		expect(before.evaluations).toBeLessThan(35);
		expect(after.evaluations).toBeLessThan(15);
	});

	test('needs fewer evaluations than without the preconditioner', () => {
		const task = taskOf(clouds({ photos: [50, 50, 50], dimension: 64, spread: 2 }));
		const one = new Float64Array(task.design.axes ** 2);
		for (let i = 0; i < task.design.axes; i++) one[i * (task.design.axes + 1)] = 1;
		const lambda = 10 ** -3.5;
		const bare = solveSoftmax(task, everyRow(task), lambda, null, { lower: one, upper: one });
		const scaled = solveSoftmax(task, everyRow(task), lambda, null);
		expect(scaled.evaluations).toBeLessThan(0.8 * bare.evaluations);
		expect(scaled.loss).toBeLessThan(bare.loss);
	});

	test('weights are what they say: a row of weight 3 is three rows', () => {
		const set = clouds({ photos: [6, 6], dimension: 8, spread: 3 });
		const tripled = { ...set, features: new Float32Array(14 * 8), targets: new Int32Array(14) };
		for (let i = 0; i < 14; i++) {
			const from = Math.max(0, i - 2);
			tripled.features.set(set.features.subarray(from * 8, (from + 1) * 8), i * 8);
			tripled.targets[i] = set.targets[from]!;
		}
		const weighted = taskOf(
			set,
			Array.from(set.targets, (_, i) => (i === 0 ? 3 : 1))
		);
		const plain = taskOf(tripled);
		const a = solveSoftmax(weighted, everyRow(weighted), 1e-3, null);
		const b = solveSoftmax(plain, everyRow(plain), 1e-3, null);
		expect(a.loss).toBeCloseTo(b.loss, 6);
	});
});

describe('the head', () => {
	test.each([
		['fewer photos than features', wide],
		['more photos than features', tall]
	])('gives the solver’s logits on raw features, and can be started from: %s', (_, set) => {
		const task = taskOf(set);
		const { weights, evaluations } = solveSoftmax(task, everyRow(task), 1e-3, null);
		const own = new Float64Array(task.classes);
		for (let row = 0; row < set.targets.length; row++) {
			logitsOf(task, weights, row, own);
			logitsByHead(task, set, weights, row).forEach((x, c) => expect(x).toBeCloseTo(own[c]!, 4));
		}
		const start = startOf(task, headOf(task, weights));
		const again = solveSoftmax(task, everyRow(task), 1e-3, start);
		expect(again.evaluations).toBeLessThan(Math.min(4, evaluations));
	});

	test.each([
		['fewer photos than features', wide],
		['more photos than features', tall]
	])('gives the solver’s logits on features that nothing was divided by: %s', (_, set) => {
		const larger = { ...set, features: set.features.map((value) => 30 * value) };
		const task = taskOf(larger, undefined, false);
		const { weights } = solveSoftmax(task, everyRow(task), 1e-3, null);
		const own = new Float64Array(task.classes);
		for (let row = 0; row < set.targets.length; row++) {
			logitsOf(task, weights, row, own);
			logitsByHead(task, larger, weights, row).forEach((x, c) => expect(x).toBeCloseTo(own[c]!, 4));
		}
		// Nor does a head of the one kind start the other.
		expect(startOf(taskOf(larger), headOf(task, weights))).toBeNull();
		expect(startOf(task, headOf(taskOf(larger), weights))).toBeNull();
	});

	test('of another number of labels is no start', () => {
		const [two, three] = [taskOf(clouds({ photos: [4, 4] })), taskOf(clouds({ photos: [4, 4, 4] }))];
		const { weights } = solveSoftmax(two, everyRow(two), 1e-3, null);
		expect(startOf(three, headOf(two, weights))).toBeNull();
	});
});

describe('Cholesky', () => {
	test('L Lᵀ is the matrix, and both solves undo the products', () => {
		const size = 9;
		const random = new Random(2);
		const half = Float64Array.from({ length: size * size }, () => random.next() - 0.5);
		const product = (a: Float64Array) =>
			Float64Array.from({ length: size * size }, (_, at) => {
				const [i, j] = [Math.floor(at / size), at % size];
				let sum = i === j && a === half ? 1 : 0;
				for (let k = 0; k < size; k++) sum += a[i * size + k]! * a[j * size + k]!;
				return sum;
			});
		const matrix = product(half);
		const lower = cholesky(matrix, size);
		product(lower).forEach((x, i) => expect(x).toBeCloseTo(matrix[i]!, 12));
		const x = Float64Array.from({ length: size }, (_, i) => i - 3);
		const b = x.map((_, i) => x.reduce((sum, value, j) => sum + matrix[i * size + j]! * value, 0));
		solveLower(lower, size, b);
		solveUpper(lower, size, b);
		b.forEach((value, i) => expect(value).toBeCloseTo(x[i]!, 9));
	});

	test('refuses what is not positive definite', () => {
		expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow(RangeError);
		expect(() => cholesky(Float64Array.of(NaN), 1)).toThrow(RangeError);
	});
});
