/**
 * How a file with smaller weights answers, of photos that its heads never saw: each fold's head is learned from
 * features of the backbone as it is and asked twice, of those and of the features that the file gives.
 */
import { headLogits } from '../domain/head';
import type { Judged } from '../domain/model-facts';
import { mostFolds, NEVER_HELD_OUT } from '../domain/split';
import type { TrainingSet } from '../domain/training';
import { foldsOf, splitOf, USUAL_STRENGTH } from './out-of-fold';
import { pauses, type Job } from './pause';
import { Problem } from './problem';
import { headOf } from './solvers/linear-head';

export interface AnswersInput {
	set: TrainingSet;
	/** Rows of the photos that were looked at with the file. */
	rows: Int32Array;
	/** The features it gave, [rows, dimension]. */
	features: Float32Array;
	/** Strength of the penalty; null: the usual one. */
	lambda: number | null;
	seed: number;
}

/** @returns null where there are too few photos for folds @throws Trouble as `learnHead`; AbortError */
export async function compareAnswers(
	{ set, rows, features, lambda, seed }: AnswersInput,
	{ signal }: Pick<Job<never>, 'signal'>
): Promise<Judged | null> {
	const folds = mostFolds(set.targets, set.groups);
	if (folds === 0) return null;
	const pause = pauses(signal);
	const problem = new Problem(set);
	try {
		const split = splitOf(problem, folds, seed);
		const looked = new Map(Array.from(rows, (row, at) => [row, at]));
		const judged = { photos: 0, own: 0, file: 0 };
		for (const { train, held } of foldsOf(problem, split, folds)) {
			await pause();
			const head = headOf(problem.task, problem.solve(train, lambda ?? USUAL_STRENGTH, null).weights);
			for (const photo of held) {
				const at = looked.get(photo);
				if (at === undefined || split[photo] === NEVER_HELD_OUT) continue;
				const isRight = (row: Float32Array) => bestOf(headLogits(head, row)) === set.targets[photo];
				judged.photos++;
				judged.own += Number(isRight(rowOf(set.features, photo, set.dimension)));
				judged.file += Number(isRight(rowOf(features, at, set.dimension)));
			}
		}
		return judged.photos > 0 ? judged : null;
	} finally {
		problem.release();
	}
}

const rowOf = (rows: Float32Array, row: number, dimension: number) =>
	rows.subarray(row * dimension, (row + 1) * dimension);

const bestOf = (logits: Float32Array) => logits.indexOf(Math.max(...logits));
