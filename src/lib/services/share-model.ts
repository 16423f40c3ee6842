/**
 * A model on its way into a file: made, read back by an engine of its own, held against the app's scores and
 * measured on photos that its heads had not seen. Nothing is offered that was not.
 */
import type { FileFacts } from '$lib/domain/card';
import type { Judged, Measured, ModelFacts, Precision } from '$lib/domain/model-facts';
import { Trouble } from '$lib/domain/trouble';
import { sha256Of } from '$lib/files/hash';
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
	const write = (more: Partial<ModelFacts>) =>
		assembled(
			parts,
			{ backbone, card: subject.card, model: subject.model, facts: { ...facts, ...more }, precision },
			signal
		);
	const draft = await write({});
	const trial = new FileTrial(parts.engineWith, subject, draft.card, options);
	const stop = () => trial.stop();
	signal.addEventListener('abort', stop);
	try {
		const { photos, alike } = await trial.look(draft.bytes);
		const judged = await judge(parts, subject, trial.features, signal);
		const measured = { photos, alike, judged };
		// What was measured of the gate holds for weights that answer as it was measured with.
		const { bytes } = await write({ measured, ...(alike < photos && { strangers: null }) });
		await trial.compare(bytes, precision);
		return { precision, bytes, sha256: await sha256Of(bytes), measured };
	} catch (cause) {
		// An engine that was stopped says so in its own way.
		signal.throwIfAborted();
		throw cause;
	} finally {
		signal.removeEventListener('abort', stop);
		trial.stop();
	}
}

/** By heads of folds: of what the model learns by, where the project still has its labels and no others. */
async function judge(
	{ trainer }: ShareParts,
	{ model, dataset, lambda }: Subject,
	looked: ReadonlyMap<string, Float32Array>,
	signal: AbortSignal
): Promise<Judged | null> {
	const same = dataset?.labels.map(({ id }) => id).join() === model.labels.map(({ id }) => id).join();
	if (!dataset || !same || model.head.layers.length > 1) return null;
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
