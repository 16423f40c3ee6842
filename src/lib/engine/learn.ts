/**
 * The head: multinomial logistic regression on cached features, solved to the optimum, with everything that is
 * said about it (learning.md §1 to §4). Deterministic: the same set and seed give the same bits.
 */
import { fitTemperature } from '../domain/calibration';
import type { Head } from '../domain/head';
import { mostFolds } from '../domain/split';
import type {
	HeadConfig,
	OutOfFold,
	StrangerGate,
	TrainingProgress,
	TrainingResult,
	TrainingSet
} from '../domain/training';
import { measureGate, withFar } from './gate';
import { lookAlikesRefused } from './look-alikes';
import { chooseStrength, foldsOf, judge, splitOf, USUAL_STRENGTH, type Path } from './out-of-fold';
import { pauses, type Job } from './pause';
import { Problem } from './problem';
import { headOf, startOf } from './solvers/linear-head';

const REPEATS = 3;

/**
 * Learns a head and judges it.
 *
 * @param job with progress words for the page
 * @throws Trouble 'training-labels' with fewer than two labels, 'training-diverged' where the loss is not finite;
 *   AbortError once stopped
 */
export async function learnHead(
	set: TrainingSet,
	{ seed, normalise }: HeadConfig,
	job: Job<TrainingProgress>
): Promise<TrainingResult> {
	const begin = performance.now();
	const stage = stages(job);
	const problem = new Problem(set, normalise);
	try {
		const judged = await judgeByFolds(problem, seed, stage);
		await stage('Learning from all photos', 0.95)(0);
		const all = problem.rowsOf([...set.targets.keys()]);
		const { weights } = problem.solve(all, judged?.path.chosen ?? USUAL_STRENGTH, null);
		const head = { ...headOf(problem.task, weights), temperature: judged?.temperature ?? 1 };
		return {
			head,
			strength: judged && { chosen: judged.path.chosen, path: judged.path.path },
			outOfFold: judged?.outOfFold ?? null,
			gate: judged?.gate ? withFar(judged.gate, head, set) : null,
			epochs: [],
			engine: 'L-BFGS',
			time: performance.now() - begin
		};
	} finally {
		problem.release();
	}
}

/**
 * One solve at a fixed strength, for a set that has changed a little ("keep learning").
 *
 * @param start the head before; one that does not fit (another number of labels) is ignored
 * @returns a head without calibration: `temperature` is that of `start`, or 1
 * @throws Trouble as `learnHead`
 */
export function relearnHead(
	set: TrainingSet,
	{ lambda, start }: { lambda: number; start: Head | null }
): Head {
	const problem = new Problem(set);
	try {
		const all = problem.rowsOf([...set.targets.keys()]);
		const { weights } = problem.solve(all, lambda, start && startOf(problem.task, start));
		return { ...headOf(problem.task, weights), temperature: start?.temperature ?? 1 };
	} finally {
		problem.release();
	}
}

/** Says what goes on and lets a cancel in, between pieces of work. */
function stages({ signal, report }: Job<TrainingProgress>) {
	const pause = pauses(signal);
	/** @param from, to the part of the whole that this stage takes, 0..1 */
	return (words: string, from: number, to = 1) =>
		async (done: number): Promise<void> => {
			report({ words, done: from + (to - from) * done });
			await pause();
		};
}

interface Judged {
	path: Path;
	outOfFold: OutOfFold;
	temperature: number;
	gate: StrangerGate | null;
}

/** @returns null where there are too few photos (or groups) for folds */
async function judgeByFolds(
	problem: Problem,
	seed: number,
	stage: ReturnType<typeof stages>
): Promise<Judged | null> {
	const { set, photos } = problem;
	const count = mostFolds(set.targets, set.groups);
	if (count === 0) return null;
	const size = photos * set.classes;
	const logits = new Float32Array(REPEATS * size);
	const split = splitOf(problem, count, seed);
	const path = await chooseStrength(
		problem,
		foldsOf(problem, split, count),
		stage('Choosing the strength', 0, 0.4)
	);
	logits.set(path.logits);
	const pause = stage('Asking about photos it has not seen', 0.4, 0.7);
	for (let repeat = 1; repeat < REPEATS; repeat++) {
		const folds = foldsOf(problem, splitOf(problem, count, seed + repeat), count);
		for (const [f, fold] of folds.entries()) {
			await pause((repeat - 1 + f / count) / (REPEATS - 1));
			judge(problem, fold, path.chosen, null, logits.subarray(repeat * size, (repeat + 1) * size));
		}
	}
	const temperature = fitTemperature(logits, REPEATS, set.targets, set.classes);
	const facts = { logits, repeats: REPEATS, split, seed };
	const measured = await measureGate(set, facts, stage('Learning what is strange', 0.7, 0.75));
	const options = { lambda: path.chosen, seed, pause: stage('Trying look-alikes', 0.75, 0.95) };
	const near = measured && (await lookAlikesRefused(problem, split, options));
	const familiarity = measured?.familiarity ?? new Float32Array(0);
	return {
		path,
		temperature,
		gate: measured && { ...measured.gate, near },
		outOfFold: { logits, repeats: REPEATS, familiarity }
	};
}
