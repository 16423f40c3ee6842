/** What the training worker does: one learner for each kind of model, and what else takes long with many photos. */
import type { Comparison, Dataset } from '../domain/dataset';
import { trainingGroups } from '../domain/duplicates';
import { evaluate, evaluateTest, type Evaluation } from '../domain/evaluation';
import { headLogits, type Head } from '../domain/head';
import type {
	HeadConfig,
	MlpConfig,
	StrangerGate,
	TrainingProgress,
	TrainingResult,
	TrainingSet
} from '../domain/training';
import { Trouble } from '../domain/trouble';
import { learnHead, relearnHead } from './learn';
import type { Job } from './pause';
import type { TfWish } from './tf';

export interface LearnInput {
	set: TrainingSet;
	config: HeadConfig | MlpConfig;
	/** The TF.js backend of an MLP; 'auto' (the fastest that works) without it. */
	backend?: TfWish;
}

/** Learns a model and judges it. @throws Trouble, AbortError */
export async function learn(
	{ set, config, backend }: LearnInput,
	job: Job<TrainingProgress>
): Promise<TrainingResult> {
	if (config.kind === 'head') return learnHead(set, config, job);
	const { trainMlp } = await import('./mlp').catch((cause: unknown) => {
		throw new Trouble('tf-failed', 'A part of the app could not be loaded. Reload the page.', { cause });
	});
	return trainMlp(set, config, job, backend);
}

export interface RelearnInput {
	set: TrainingSet;
	lambda: number;
	/** The head before, to start from. */
	start: Head | null;
}

/** Solves the head again for a set that has changed a little. @throws Trouble */
export async function relearn({ set, lambda, start }: RelearnInput): Promise<Head> {
	return relearnHead(set, { lambda, start });
}

/** Which photos belong together: bursts and near-duplicates. @returns [photos] number of each one's group */
export async function group({ photos, features }: Comparison): Promise<Int32Array<ArrayBuffer>> {
	const dimension = features.length / (photos.length || 1);
	return trainingGroups(
		photos.map((photo, i) => ({
			...photo,
			features: features.subarray(i * dimension, (i + 1) * dimension)
		}))
	);
}

/** What a model is judged by. */
export interface JudgeInput extends Pick<TrainingResult, 'head' | 'outOfFold'> {
	/** Label ids, in the order of the logits. */
	labels: readonly string[];
	photoIds: readonly string[];
	targets: Int32Array;
	groups: Int32Array;
	test: Dataset['test'];
	gate: Pick<StrangerGate, 'kept' | 'near' | 'far'> | null;
}

/**
 * Test photos that the person brought judge the model where they are enough for a percentage; wrong labels are
 * looked for among the photos that were learned from all the same.
 *
 * @returns null where there were too few photos for a judgement
 */
export async function judge({ head, outOfFold, test, ...judged }: JudgeInput): Promise<Evaluation | null> {
	const { temperature } = head;
	const folds = outOfFold && evaluate({ ...judged, outOfFold, temperature });
	if (!test) return folds;
	const { targets, groups } = test.set;
	const logits = logitsOf(head, test.set);
	const tested = evaluateTest({ ...judged, photoIds: test.photoIds, targets, groups, logits, temperature });
	if (!tested || (folds?.telling && !tested.telling)) return folds;
	return folds ? { ...tested, suspects: folds.suspects } : tested;
}

/** @returns [photos, classes] */
function logitsOf(
	head: Head,
	{ features, dimension, targets, classes }: TrainingSet
): Float32Array<ArrayBuffer> {
	const out = new Float32Array(targets.length * classes);
	for (let i = 0; i < targets.length; i++)
		out.set(headLogits(head, features.subarray(i * dimension, (i + 1) * dimension)), i * classes);
	return out;
}
