/**
 * Answers of photos by heads that saw neither them nor their group, and the strength of the penalty chosen by
 * them (learning.md §1 and §2).
 */
import { groupedFolds, NEVER_HELD_OUT } from '../domain/split';
import type { Problem } from './problem';
import { logitsOf } from './solvers/softmax-regression';

/** Strengths that are tried, strongest first: 10^{−2.5 … −5.5}. */
export const STRENGTHS = [-2.5, -3.5, -4.5, -5.5].map((power) => 10 ** power);
/** Where there are too few photos to choose. */
export const USUAL_STRENGTH = 10 ** -3.5;

export interface Fold {
	/** Rows of the design that train. */
	train: Int32Array;
	/** Photos that are judged. */
	held: readonly number[];
}

export function foldsOf(problem: Problem, foldOfPhoto: Int32Array, folds: number): Fold[] {
	const photos = [...foldOfPhoto.keys()];
	return Array.from({ length: folds }, (_, fold) => ({
		train: problem.rowsOf(photos.filter((photo) => foldOfPhoto[photo] !== fold)),
		held: photos.filter((photo) => foldOfPhoto[photo] === fold)
	}));
}

/** Folds of one repeat; −1 for photos that are never held out. */
export function splitOf({ set }: Problem, folds: number, seed: number): Int32Array<ArrayBuffer> {
	return groupedFolds(set.targets, set.groups, { folds, seed });
}

export interface Path {
	chosen: number;
	path: { lambda: number; logLoss: number }[];
	/** Out-of-fold logits at the chosen strength, [photos, classes]; zeros of photos that are never held out. */
	logits: Float32Array<ArrayBuffer>;
}

/**
 * Tries the strengths from the strongest on, each fold starting warm from its own answer before. Ends where the
 * pooled log loss has grown: weaker penalties only overfit more, and take the longest to solve.
 *
 * @param pause is awaited between solves, with the share done, 0..1
 */
export async function chooseStrength(
	problem: Problem,
	folds: readonly Fold[],
	pause: (done: number) => Promise<void>
): Promise<Path> {
	const { classes } = problem.task;
	const starts: (Float64Array | null)[] = folds.map(() => null);
	const path: Path['path'] = [];
	let best: Omit<Path, 'path'> & { logLoss: number } = {
		chosen: USUAL_STRENGTH,
		logits: new Float32Array(0),
		logLoss: Infinity
	};
	for (const [step, lambda] of STRENGTHS.entries()) {
		const logits = new Float32Array(problem.photos * classes);
		for (const [f, fold] of folds.entries()) {
			await pause((step + f / folds.length) / STRENGTHS.length);
			starts[f] = judge(problem, fold, lambda, starts[f] ?? null, logits);
		}
		const logLoss = pooledLogLoss(problem, folds, logits);
		path.push({ lambda, logLoss });
		if (logLoss >= best.logLoss) break;
		best = { chosen: lambda, logits, logLoss };
	}
	return { chosen: best.chosen, logits: best.logits, path };
}

/**
 * Trains on the fold's rows and writes the logits of its held-out photos.
 * @returns the weights
 */
export function judge(
	problem: Problem,
	{ train, held }: Fold,
	lambda: number,
	start: Float64Array | null,
	logits: Float32Array
): Float64Array {
	const { weights } = problem.solve(train, lambda, start);
	for (const photo of held) logitsOf(problem.task, weights, photo, logits, photo * problem.task.classes);
	return weights;
}

/** Mean −log probability of the given label over all held-out photos, weighted as in training. */
function pooledLogLoss({ task }: Problem, folds: readonly Fold[], logits: Float32Array): number {
	let [sum, total] = [0, 0];
	for (const photo of folds.flatMap(({ held }) => held)) {
		const row = logits.subarray(photo * task.classes, (photo + 1) * task.classes);
		const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
		const own = (row[task.targets[photo] ?? 0] ?? 0) - most;
		const weight = task.weights[photo] ?? 0;
		sum += weight * (Math.log(row.reduce((a, b) => a + Math.exp(b - most), 0)) - own);
		total += weight;
	}
	return sum / total;
}

export const isJudged = (foldOfPhoto: Int32Array): Uint8Array<ArrayBuffer> =>
	Uint8Array.from(foldOfPhoto, (fold) => (fold === NEVER_HELD_OUT ? 0 : 1));
