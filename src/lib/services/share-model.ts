/**
 * A model on its way into a file: made, read back by an engine of its own, held against the app's scores and
 * measured on photos that its heads had not seen. Nothing is offered that was not.
 */
import type { FileFacts } from '$lib/domain/card';
import type { Judged, Measured, ModelFacts, Precision } from '$lib/domain/model-facts';
import { Trouble } from '$lib/domain/trouble';
import { sha256Of } from '$lib/files/hash';
import type { ModelFile } from '$lib/files/model-file';
import type { ShareApi } from '$workers/share.worker';
import { FileTrial, type EngineWith, type TrialOptions } from './file-trial';
import { factsOf, type Subject } from './share-subject';
import { inShareWorker } from './share-worker';
import type { Trainer } from './trainer';

/** Milliseconds that a file may take to be put together. */
const PATIENCE = 60_000;

export interface SharedFile {
	precision: Precision;
	bytes: Uint8Array<ArrayBuffer>;
	sha256: string;
	measured: Measured;
}

export interface AssemblyParts {
	createWorker(): Worker;
	/** Reads the backbone's own file. */
	openBackbone(file: FileFacts): Promise<ArrayBuffer>;
}

interface ShareParts extends AssemblyParts {
	engineWith: EngineWith;
	trainer: Pick<Trainer, 'compareAnswers'>;
}

/**
 * @throws Trouble 'share-wrong' where the file does not give the app's scores, 'share-untried' where no photo could be
 *   read, or of what it takes; AbortError
 */
export async function makeFile(
	parts: ShareParts,
	subject: Subject,
	precision: Precision,
	options: TrialOptions
): Promise<SharedFile> {
	const { signal } = options;
	const facts = factsOf(subject);
	const backbone = await parts.openBackbone(subject.card.file);
	const { card, model } = subject;
	const write = (more: Partial<ModelFacts>, of = precision) =>
		assembled(parts, { backbone, card, model, facts: { ...facts, ...more }, precision: of }, signal);
	const { photos, progress } = await ownPhotos(parts, subject, () => write({}, 'fp32'), options);
	const draft = await write({});
	const told = { signal, onProgress: progress };
	return tried(parts.engineWith, { ...subject, photos }, draft.card, told, async (trial) => {
		const looked = await trial.look(draft.bytes);
		const { alike } = trial;
		const judged = await judge(parts, subject, trial.features, signal);
		const measured = { photos: looked, alike, judged };
		// What was measured of the gate holds for weights that answer as it was measured with.
		const { bytes } = await write({ measured, ...(alike < looked && { strangers: null }) });
		await trial.compare(bytes, precision);
		return { precision, bytes, sha256: await sha256Of(bytes), measured };
	});
}

/** Runs `work` on an engine of its own, which ends with it. */
async function tried<T>(
	engineWith: EngineWith,
	subject: Subject,
	card: ModelFile['card'],
	options: TrialOptions,
	work: (trial: FileTrial) => Promise<T>
): Promise<T> {
	const { signal } = options;
	const trial = new FileTrial(engineWith, subject, card, options);
	const stop = () => trial.stop();
	signal.addEventListener('abort', stop);
	try {
		return await work(trial);
	} catch (cause) {
		// An engine that was stopped says so in its own way.
		signal.throwIfAborted();
		throw cause;
	} finally {
		signal.removeEventListener('abort', stop);
		trial.stop();
	}
}

/** What fine-tuned networks say of their subjects' photos: asked once for all forms of a file. */
const ofTuned = new WeakMap<Subject, Subject['photos']>();

/**
 * The photos with features as the model takes them. Those kept are of the backbone as it came, so that a fine-tuned
 * network looks at them first, with its weights as they are.
 *
 * @returns also how to tell what comes after it
 */
async function ownPhotos(
	{ engineWith }: Pick<ShareParts, 'engineWith'>,
	subject: Subject,
	whole: () => Promise<ModelFile>,
	{ signal, onProgress }: TrialOptions
): Promise<{ photos: Subject['photos']; progress: TrialOptions['onProgress'] }> {
	const known = subject.model.tail ? ofTuned.get(subject) : subject.photos;
	if (known) return { photos: known, progress: onProgress };
	const { bytes, card } = await whole();
	const first = { signal, onProgress: (done: number, of: number) => onProgress(done, 2 * of) };
	const photos = await tried(engineWith, subject, card, first, async (trial) => {
		await trial.look(bytes);
		return subject.photos.flatMap(({ photo }) => {
			const features = trial.features.get(photo.id);
			return features ? [{ photo, features }] : [];
		});
	});
	ofTuned.set(subject, photos);
	return { photos, progress: (done, of) => onProgress(of + done, 2 * of) };
}

/**
 * By heads of folds: of what the model learns by, where the project still has its labels and no others. Those of two
 * layers or on a fine-tuned network take longer to learn than a file to make.
 */
async function judge(
	{ trainer }: ShareParts,
	{ model, dataset, lambda }: Subject,
	looked: ReadonlyMap<string, Float32Array>,
	signal: AbortSignal
): Promise<Judged | null> {
	const same = dataset?.labels.map(({ id }) => id).join() === model.labels.map(({ id }) => id).join();
	if (!dataset || !same || model.tail || model.head.layers.length > 1) return null;
	const rows = [...dataset.photoIds.keys()].filter((row) => looked.has(dataset.photoIds[row] ?? ''));
	const { dimension } = dataset.set;
	const features = new Float32Array(rows.length * dimension);
	for (const [at, row] of rows.entries())
		features.set(looked.get(dataset.photoIds[row] ?? '') ?? [], at * dimension);
	const set = { ...dataset.set, foreign: undefined };
	return trainer.compareAnswers({ set, rows: Int32Array.from(rows), features, lambda, seed: 0 }, { signal });
}

/** Puts the file together, in a worker of its own. @throws Trouble 'share-failed', or as `writeModelFile`; AbortError */
export function assembled(
	{ createWorker }: Pick<AssemblyParts, 'createWorker'>,
	input: Parameters<ShareApi['write']>[0],
	signal: AbortSignal
) {
	return inShareWorker({ createWorker, silent, patience: PATIENCE }, signal, (client) =>
		client.call('write', input)
	);
}

const silent = () =>
	new Trouble(
		'share-failed',
		'The file could not be made: the browser may be short of memory. Close other tabs and try again.'
	);
