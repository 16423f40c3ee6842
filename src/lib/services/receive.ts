/**
 * A model's file on its way in: read and checked in a worker that can be ended, tried in an engine of its own, kept as
 * a whole. Nothing is written before all of it was right.
 */
import type { BackboneCard } from '$lib/domain/card';
import { receivedId, type Answers, type Received, type ReceivedModel } from '$lib/domain/received';
import { Trouble } from '$lib/domain/trouble';
import { sha256Of } from '$lib/files/hash';
import { cardOf, settled } from '$lib/files/received/received';
import { Client } from '$lib/rpc/channel';
import { addReceived, receivedUrl } from '$lib/storage/received';
import { askToPersist, roomFor } from '$lib/storage/usage';
import type { ShareApi } from '$workers/share.worker';
import { patient, Silence } from './engine-steps';
import type { EngineWith } from './file-trial';

/** Milliseconds that a file may take to be read, and to be checked: the largest take some seconds on a phone. */
const PATIENCE = 30_000;
/** Side of the picture that a model is tried on. */
const SIDE = 64;

export interface ReceiveParts {
	createWorker(): Worker;
	engineWith: EngineWith;
	patience?: number;
}

/** @throws Trouble as `readReceived`, 'model-silent'; AbortError */
export function readModelFile(
	parts: ReceiveParts,
	file: Blob,
	name: string,
	signal: AbortSignal
): Promise<Received> {
	return inWorker(parts, signal, (client) => client.call('read', { file, name }));
}

/** A model with all that is known of it, ready to be kept. */
export interface Tried {
	received: Received;
	card: BackboneCard;
	/** Its names as JSON. */
	labels: Uint8Array<ArrayBuffer>;
}

/**
 * Checks the graph as it will be fed, then runs it in an engine of its own.
 *
 * @throws Trouble of `checkGraph`, of the engine, 'model-silent'; AbortError
 */
export async function tryModel(
	parts: ReceiveParts,
	received: Received,
	answers: Answers,
	signal: AbortSignal
): Promise<Tried> {
	const { layout, size } = settled(received, answers);
	const { onnx, outputs } = received;
	const checked = await inWorker(parts, signal, (client) =>
		client.call('check', { onnx, outputs, classes: answers.labels.length, layout, size })
	);
	const labels = new TextEncoder().encode(JSON.stringify(answers.labels));
	const id = receivedId(received.sha256);
	const facts = {
		url: receivedUrl(id, 'labels'),
		sha256: await sha256Of(labels),
		bytes: labels.length,
		count: answers.labels.length
	};
	const found = { ...received, outputs: checked.outputs };
	const card = cardOf(found, answers, facts, receivedUrl(id, 'model'));
	await run(parts, card, received.onnx, labels, signal);
	return { received: found, card, labels };
}

async function run(
	{ engineWith }: ReceiveParts,
	card: BackboneCard,
	onnx: Uint8Array<ArrayBuffer>,
	labels: Uint8Array<ArrayBuffer>,
	signal: AbortSignal
): Promise<void> {
	signal.throwIfAborted();
	const files = new Map([
		[card.file.url, onnx.buffer],
		[card.labels.url, labels.buffer]
	]);
	const engine = engineWith(files);
	const stop = () => engine.stop();
	signal.addEventListener('abort', stop);
	try {
		// The one engine that every device has; what a GPU makes of it is seen when it is used.
		await engine.use(card, 'wasm');
		const picture = await createImageBitmap(new ImageData(SIDE, SIDE));
		await engine.classify(picture, card.taught?.crop ?? 'centre');
	} catch (cause) {
		signal.throwIfAborted();
		throw cause;
	} finally {
		signal.removeEventListener('abort', stop);
		engine.stop();
	}
	signal.throwIfAborted();
}

/**
 * @param name its own; the file's may be taken
 * @throws Trouble 'storage-full', 'not-saved'; nothing of it is kept then
 */
export async function keepModel(
	{ received, card, labels }: Tried,
	{ name, now }: { name: string; now: number }
): Promise<ReceivedModel> {
	const { kind, came, onnx } = received;
	if (!(await roomFor(onnx.length)))
		throw new Trouble(
			'storage-full',
			'There is not enough room on this device for this model. Nothing was kept. Free some space and open it again.'
		);
	const model = { ...{ id: card.id, kind, came }, card: { ...card, name }, added: now, trashed: null };
	await addReceived(model, { onnx, labels });
	void askToPersist();
	return model;
}

async function inWorker<T>(
	{ createWorker, patience = PATIENCE }: ReceiveParts,
	signal: AbortSignal,
	call: (client: Client<ShareApi>) => Promise<T>
): Promise<T> {
	signal.throwIfAborted();
	const worker = createWorker();
	const client = new Client<ShareApi>(worker);
	const failed = () => client.fail(silent());
	const stop = () => client.fail(signal.reason as Error); // AbortError, as nobody gives another
	worker.addEventListener('error', failed);
	worker.addEventListener('messageerror', failed);
	signal.addEventListener('abort', stop);
	try {
		return await patient(call(client), patience);
	} catch (cause) {
		throw cause instanceof Silence ? silent() : cause;
	} finally {
		signal.removeEventListener('abort', stop);
		worker.terminate();
	}
}

const silent = () =>
	new Trouble(
		'model-silent',
		'This file could not be read: it took too long, or more memory than there is. Nothing was kept. Close other tabs and try again; if it stays, the file may be damaged.'
	);
