/**
 * Fine-tuning with its judgement: the head alone, then the tail and a head together, both asked about the same photos
 * that neither had seen (learning.md §2 and §7). Folds come first: they judge, and tell how far it is best to go; then
 * all photos train. Where it stands can be kept at any step and taken up again, to the same result.
 */
import { fitTemperature } from '../../domain/calibration';
import type { Estimate } from '../../domain/evaluation';
import { gainOutOfFold } from '../../domain/paired';
import type { TrainedTail, TrainingProgress, TrainingResult } from '../../domain/training';
import { learnHead } from '../learn';
import { USUAL_STRENGTH } from '../out-of-fold';
import type { Job } from '../pause';
import type { StartedTf } from '../tf';
import { tunedGate } from './familiar';
import type { Material } from './fit';
import type { TuneConfig } from './run';
import { Tuning, type TuningJob } from './tuning';

export interface FineTuned extends TrainingResult {
	tail: TrainedTail;
	/** What the tuned network says of rows of the activations that come after the photos, [rows, dimension]. */
	tested: Float32Array<ArrayBuffer>;
	/** … of the first photos as they are, [some, dimension]: what the finished graph must say of them, too. */
	first: Float32Array<ArrayBuffer>;
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
	job: TuningJob
): Promise<FineTuned> {
	const { set } = material;
	const purpose = material.begins ? 'to compare with' : 'to begin with';
	job.report({ words: `Solving the head ${purpose}`, done: 0 });
	const begin = performance.now();
	const head = await learnHead(set, { kind: 'head', seed: config.seed }, quiet(job));
	const solving = performance.now() - begin;
	const lambda = head.strength?.chosen ?? USUAL_STRENGTH;
	const tuning = new Tuning(started, { ...material, lambda }, config, job);
	const judged = await tuning.judge();
	const { features, tested, first, ...own } = await tuning.learn();
	const gated = judged && tunedGate(set, judged, features, config.seed);
	const familiarity = gated?.familiarity ?? new Float32Array(0);
	const outOfFold = judged && { logits: judged.logits, repeats: 1, familiarity };
	const temperature = judged ? fitTemperature(judged.logits, 1, set.targets, set.classes) : 1;
	return {
		...{ tail: own.tail, head: { ...own.head, temperature }, epochs: own.epochs },
		...{ taken: own.taken, share: own.share, tested, first },
		// Of what began at random, no penalty's strength had a say.
		...{ outOfFold, gate: gated?.gate ?? null, strength: material.begins ? null : head.strength },
		rival: { head, gain: gainOutOfFold(outOfFold, head.outOfFold, set) },
		engine: started.backend,
		time: solving + tuning.time
	};
}

/** Its progress is not this run's. */
const quiet = ({ signal }: Job<TrainingProgress>): Job<TrainingProgress> => ({ signal, report: () => {} });
