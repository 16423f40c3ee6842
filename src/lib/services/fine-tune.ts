/**
 * Training of a network's layers, from a project's photos to a judged model. The training worker cuts the backbone, an
 * engine of its own runs the trunk once a photo and view, and the training worker learns the rest from what that said.
 * From scratch it is the lecture's network that learns, all of it: its trunk hands on the pixels.
 */
import type { BackboneCard } from '$lib/domain/card';
import type { Dataset } from '$lib/domain/dataset';
import type { TrainingRun } from '$lib/domain/model';
import { worthOf } from '$lib/domain/paired';
import type { HeadConfig, LayersConfig, TrainingProgress } from '$lib/domain/training';
import { storageHealth } from '$lib/storage/health';
import { addRun } from '$lib/storage/models';
import { lectureCard } from '$models/made';
import { checkTogether, type TogetherParts } from './together';
import { judged, type Circumstances, type Trained } from './train';
import type { Trainer } from './trainer';
import { putAll, type Taught, type TrunkParts } from './trunk';

export interface TuneParts extends TrunkParts, TogetherParts {
	trainer: TrunkParts['trainer'] & Pick<Trainer, 'tune' | 'judge'>;
}

export interface TuneOptions {
	signal: AbortSignal;
	onProgress(progress: TrainingProgress): void;
	/** Where an earlier run stood. */
	from: Parameters<Trainer['tune']>[0]['from'];
	/** When that began, in milliseconds since 1970; now where there was none. */
	started: number;
	/** The TF.js backend to train on; without it where an earlier run trained, else the fastest that is right. */
	backend?: Parameters<Trainer['tune']>[0]['backend'];
	/** Milliseconds between two times that it is kept where it stands; some seconds without it. */
	every?: number;
}

export interface Tuned extends Trained {
	/** The head on the backbone as it came, on the same photos. */
	head: Trained;
}

/**
 * @throws Trouble 'finetune-operator' or 'finetune-cut' where the backbone can take a new head only, 'photo-damaged',
 *   'photo-gone', 'storage-full', 'finetune-differs', or of the engines; AbortError
 */
export async function fineTune(
	parts: TuneParts,
	taught: Taught,
	circumstances: Circumstances & { config: LayersConfig; head: HeadConfig },
	options: TuneOptions
): Promise<Tuned> {
	const { trainer } = parts;
	const { dataset } = taught;
	const { config, head: headConfig, ...own } = circumstances;
	const { signal, onProgress, from, started, backend: wish, every } = options;
	const begin = performance.now();
	await putAll(parts, taught, circumstances, options);
	const looked = performance.now() - begin;
	const of = { projectId: own.projectId, from: own.from, backbone: own.backbone.sha256, started };
	const { tested, first, rival, ...result } = await trainer.tune(
		{ of, set: dataset.set, config, from, backend: wish, every },
		// Where the browser keeps nothing, what the worker keeps is gone with it.
		{
			signal,
			onProgress: (progress) =>
				onProgress(storageHealth().persistent ? progress : { ...progress, kept: false })
		}
	);
	const test = testAs(tested, dataset.test);
	const backbone = config.kind === 'scratch' ? networkOf(lectureCard(config.size)) : own.backbone;
	const tuned = await judged(trainer, result, { ...dataset, test }, { ...own, backbone, config }, { signal });
	onProgress({ words: 'Trying the trained network', done: 1 });
	const byId = new Map(taught.photos.map((photo) => [photo.id, photo]));
	const photos = dataset.photoIds.map((id) => byId.get(id));
	await checkTogether(parts, tuned.model, { photos, features: first }, signal);
	const head = await judged(trainer, rival.head, dataset, { ...own, config: headConfig }, { signal });
	return { model: tuned.model, run: { ...tuned.run, time: looked + tuned.run.time, gain: rival.gain }, head };
}

/** What a tuned model is held against when it is there. */
export interface Standing {
	/** The run of the model in use where that was learned from the same photos; null else. */
	rival: TrainingRun | null;
	/** Labels that it learned have gone meanwhile. */
	outdated: boolean;
}

/**
 * Keeps both runs: the tuned model is in use from then on where it is better than the head, and than the model in use;
 * else that one stays, or the head takes its place where it was learned from something else. One that names labels
 * which are gone is only kept.
 *
 * @throws Trouble 'storage-full', 'not-saved', 'project-gone'
 */
export async function keepTuned({ run, model, head }: Tuned, { rival, outdated }: Standing): Promise<void> {
	const better = !outdated && worthOf(run) > (rival ? worthOf(rival) : 0);
	if (!better && !rival && !outdated) await addRun(head.run, head.model, true);
	// Runs are told apart by when they began, and the head came first.
	await addRun({ ...run, started: run.started + 1 }, model, better);
}

/** What the test is of, as the network that was trained has it. */
function testAs(features: Float32Array<ArrayBuffer>, test: Dataset['test']): Dataset['test'] {
	if (!test) return test;
	const dimension = features.length / Math.max(1, test.photoIds.length);
	return { ...test, set: { ...test.set, features, dimension } };
}

const networkOf = ({ id, file }: BackboneCard) => ({ id, sha256: file.sha256 });
