/** From a project's photos to a judged model: the training worker learns and judges, this asks it. */
import type { Crop } from '$lib/domain/crop';
import type { Dataset } from '$lib/domain/dataset';
import type { Head } from '$lib/domain/head';
import type { Model, TrainingRun } from '$lib/domain/model';
import { normalised } from '$lib/domain/nearest';
import { gainOutOfFold } from '$lib/domain/paired';
import type {
	Epoch,
	HeadConfig,
	MlpConfig,
	TrainingConfig,
	TrainingProgress,
	TrainingResult,
	TrainingSet
} from '$lib/domain/training';
import type { Trainer } from './trainer';

/** What a model needs to say where it comes from. */
export interface Circumstances {
	projectId: string;
	backbone: { sha256: string; id: string };
	crop: Crop;
	/** What it is learned from (`markOf` in domain/dataset). */
	from: string;
	/** Milliseconds since 1970. */
	now: number;
	newId(): string;
}

type Configured = Circumstances & { config: TrainingConfig };

/** Strength of the penalty until a training run has chosen one. */
const USUAL_STRENGTH = 10 ** -3.5;
/** Photos that a gate compares with, at most. */
const MOST_IN_BANK = 2000;

interface Watched {
	signal: AbortSignal;
	onProgress(progress: TrainingProgress): void;
}

/** @throws AbortError; Trouble of the training worker */
export async function train(
	trainer: Pick<Trainer, 'learn' | 'judge'>,
	dataset: Dataset,
	circumstances: Circumstances & { config: HeadConfig | MlpConfig },
	options: Watched
): Promise<Trained> {
	const { config } = circumstances;
	const result = await trainer.learn(dataset.set, config, options);
	const trained = await judged(trainer, result, dataset, circumstances, options);
	if (config.kind === 'head') return trained;
	// Told against the head on the same folds, which takes seconds.
	options.onProgress({ words: 'Comparing it with the head', done: 1 });
	const head = await trainer
		.learn(dataset.set, { kind: 'head', seed: config.seed }, { signal: options.signal })
		.catch(() => null);
	// What was learned is not lost because it could not be compared.
	if (!head) return trained;
	const gain = gainOutOfFold(result.outOfFold, head.outOfFold, dataset.set);
	return { ...trained, run: { ...trained.run, gain } };
}

export interface Trained {
	run: TrainingRun;
	model: Model;
}

/**
 * A model and its run, of what was learned.
 *
 * @param dataset its test photos with features of the network that was learned
 * @throws AbortError; Trouble of the training worker
 */
export async function judged(
	trainer: Pick<Trainer, 'judge'>,
	result: TrainingResult,
	dataset: Dataset,
	circumstances: Configured,
	options: Pick<Watched, 'signal'>
): Promise<Trained> {
	const { head, gate, outOfFold, tail } = result;
	const model = { ...modelOf(dataset, head, gate, circumstances), ...(tail && { tail }) };
	const { labels, photoIds, set, test } = dataset;
	const input = {
		...{ head, outOfFold, photoIds, test, targets: set.targets, groups: set.groups },
		labels: labels.map(({ id }) => id),
		gate: gate && { kept: gate.kept, near: gate.near, far: gate.far }
	};
	const evaluation = await trainer.judge(input, options);
	const run: TrainingRun = {
		...runOf(dataset, circumstances),
		time: result.time,
		state: 'done',
		trouble: '',
		epochs: result.epochs,
		...(result.taken !== undefined && { taken: result.taken }),
		...(result.share !== undefined && { share: result.share }),
		strength: result.strength,
		engine: result.engine,
		modelId: model.id,
		evaluation
	};
	return { run, model };
}

/**
 * A run that ended without a model: the reason is kept with it.
 *
 * @param end.why in words; null where the person stopped it
 */
export function endedRun(
	dataset: Dataset,
	circumstances: Configured,
	{ why, time, epochs }: { why: string | null; time: number; epochs: readonly Epoch[] }
): TrainingRun {
	return {
		...runOf(dataset, circumstances),
		time,
		state: why === null ? 'stopped' : 'failed',
		trouble: why ?? '',
		epochs,
		strength: null,
		engine: '',
		modelId: null,
		evaluation: null
	};
}

function runOf({ labels, set, withheld }: Dataset, { projectId, config, from, now, newId }: Configured) {
	const photos = Object.fromEntries(
		labels.map(({ id }, index) => [id, set.targets.filter((target) => target === index).length])
	);
	return { id: newId(), projectId, started: now, config, photos, withheld, from };
}

/** What answered until a photo more came. */
interface Before {
	model: Model | null;
	/** The last one that was trained and judged: its strength, temperature and gate hold on. */
	judged: { model: Model; run: TrainingRun | null } | null;
}

/**
 * The head solved again after a photo more, warm from the one before where the labels are the same.
 *
 * @throws AbortError; Trouble of the training worker
 */
export async function relearn(
	trainer: Pick<Trainer, 'relearn'>,
	dataset: Dataset,
	circumstances: Circumstances,
	{ before: { model, judged }, signal }: { before: Before; signal: AbortSignal }
): Promise<Model> {
	const lambda = judged?.run?.strength?.chosen ?? USUAL_STRENGTH;
	const start = model && sameLabels(model, dataset) && isPlain(model) ? model.head : null;
	const head = await trainer.relearn(dataset.set, { lambda, start }, { signal });
	const holds = judged !== null && sameLabels(judged.model, dataset) && isPlain(judged.model);
	const temperature = holds ? judged.model.head.temperature : 1;
	const gate = holds && judged.model.gate ? { ...judged.model.gate, bank: bankOf(dataset.set) } : null;
	return { ...modelOf(dataset, { ...head, temperature }, gate, circumstances), from: circumstances.from };
}

/** What is learned from is known from then on: the gate's scale and threshold hold until the next training run. */
function bankOf({ features, dimension }: TrainingSet): Float32Array<ArrayBuffer> {
	const photos = features.length / dimension;
	const step = Math.max(1, photos / MOST_IN_BANK);
	const rows = Array.from({ length: Math.min(photos, MOST_IN_BANK) }, (_, i) => Math.floor(i * step));
	const bank = new Float32Array(rows.length * dimension);
	for (const [at, row] of rows.entries())
		bank.set(features.subarray(row * dimension, (row + 1) * dimension), at * dimension);
	return normalised(bank, dimension);
}

/** Solved on features of the backbone as it came. */
const isPlain = ({ head, tail }: Model) => head.layers.length === 1 && !tail;

function sameLabels(model: Model, { labels }: Dataset): boolean {
	return model.labels.length === labels.length && model.labels.every(({ id }, i) => id === labels[i]?.id);
}

function modelOf(
	{ labels }: Dataset,
	head: Head,
	gate: Model['gate'],
	{ projectId, backbone, crop, now, newId }: Circumstances
): Model {
	const named = labels.map(({ id, name }) => ({ id, name }));
	return { id: newId(), projectId, created: now, backbone, crop, labels: named, head, gate };
}
