/**
 * Fine-tuning with its judgement: the head alone, then the tail and a head together, both asked about the same photos
 * that neither had seen (learning.md §2 and §7).
 */
import { fitTemperature } from '../../domain/calibration';
import type { Estimate } from '../../domain/evaluation';
import { pairedGain } from '../../domain/paired';
import { groupedFolds, mostFolds, NEVER_HELD_OUT } from '../../domain/split';
import type { OutOfFold, TrainedTail, TrainingProgress, TrainingResult } from '../../domain/training';
import { learnHead } from '../learn';
import { USUAL_STRENGTH } from '../out-of-fold';
import { pauses, type Job } from '../pause';
import type { StartedTf } from '../tf';
import { Familiarity } from './familiar';
import { fit, type Fitted, type Material } from './fit';
import type { TuneConfig } from './run';

export interface FineTuned extends TrainingResult {
	tail: TrainedTail;
	/** The head on the backbone as it came, and by how much the tuned model is better on photos that neither had seen. */
	rival: { head: TrainingResult; gain: Estimate | null };
}

/**
 * Trains the tail and judges it by one repeat of grouped folds, the first of the head's.
 *
 * @throws Trouble 'training-labels', 'training-diverged'; AbortError once stopped
 */
export async function fineTune(
	started: StartedTf,
	material: Omit<Material, 'lambda'>,
	config: TuneConfig,
	job: Job<TrainingProgress>
): Promise<FineTuned> {
	const begin = performance.now();
	const { set } = material;
	const head = await learnHead(set, { kind: 'head', seed: config.seed }, quiet(job));
	const lambda = head.strength?.chosen ?? USUAL_STRENGTH;
	const task = { started, material: { ...material, lambda }, config, job };
	const all = [...set.targets.keys()];
	const folds = mostFolds(set.targets, set.groups);
	const { head: own, tail, epochs, features } = await stage(task, all, 0, folds + 1);
	const judged = folds > 0 ? await judge(task, folds) : null;
	const gated = judged?.familiarity.gate(features) ?? null;
	const outOfFold = judged && { ...judged.outOfFold, familiarity: gated?.familiarity ?? new Float32Array(0) };
	return {
		...{ tail, epochs, outOfFold, gate: gated?.gate ?? null, strength: head.strength },
		head: { ...own, temperature: judged?.temperature ?? 1 },
		rival: { head, gain: judged && gainOver(head, judged, set.targets, set.groups, set.classes) },
		engine: started.backend,
		time: performance.now() - begin
	};
}

/** Its progress is not this run's. */
const quiet = ({ signal }: Job<TrainingProgress>): Job<TrainingProgress> => ({ signal, report: () => {} });

interface Task {
	started: StartedTf;
	material: Material;
	config: TuneConfig;
	job: Job<TrainingProgress>;
}

/** One fit of several. @param at from 0: the run on all photos, then the folds */
function stage(
	{ started, material, config, job }: Task,
	photos: readonly number[],
	at: number,
	all: number
): Promise<Fitted> {
	const words = at === 0 ? 'Learning, with a part set aside' : 'Asking about photos it has not seen';
	const looked = [...material.set.targets.keys()];
	return fit(
		started,
		material,
		config,
		{ photos, looked, setAside: true },
		{
			pause: pauses(job.signal),
			onStep: (step, steps) => job.report({ words, done: (at + step / steps) / all }),
			onEpoch: (epoch) => {
				if (at === 0) job.report({ words, done: epoch.epoch / config.epochs / all, epoch });
			}
		}
	);
}

interface Judged {
	outOfFold: Omit<OutOfFold, 'familiarity'>;
	/** [photos] fold of each. */
	split: Int32Array;
	temperature: number;
	familiarity: Familiarity;
}

async function judge(task: Task, folds: number): Promise<Judged> {
	const { set } = task.material;
	const { targets, groups, classes } = set;
	const split = groupedFolds(targets, groups, { folds, seed: task.config.seed });
	const all = [...targets.keys()];
	const logits = new Float32Array(targets.length * classes);
	const familiarity = new Familiarity(set, task.config.seed);
	for (let fold = 0; fold < folds; fold++) {
		const seen = all.filter((photo) => split[photo] !== fold);
		const held = all.filter((photo) => split[photo] === fold);
		const fitted = await stage(task, seen, fold + 1, folds + 1);
		for (const photo of held)
			logits.set(fitted.logits.subarray(photo * classes, (photo + 1) * classes), photo * classes);
		await familiarity.add(held, fitted.features, fitted.logits, pauses(task.job.signal));
	}
	const temperature = fitTemperature(logits, 1, targets, classes);
	return { outOfFold: { logits, repeats: 1 }, split, temperature, familiarity };
}

/** On the photos that were held out, by the head's first repeat: its folds are the same. */
function gainOver(
	head: TrainingResult,
	{ outOfFold, split }: Judged,
	targets: Int32Array,
	groups: Int32Array,
	classes: number
): Estimate | null {
	if (!head.outOfFold) return null;
	const judged = [...targets.keys()].filter((photo) => split[photo] !== NEVER_HELD_OUT);
	const right = (logits: Float32Array) =>
		judged.map((photo) => {
			const row = logits.subarray(photo * classes, (photo + 1) * classes);
			return Number(row.indexOf(Math.max(...row)) === targets[photo]);
		});
	return pairedGain(
		right(outOfFold.logits),
		right(head.outOfFold.logits),
		judged.map((photo) => groups[photo] ?? 0)
	);
}
