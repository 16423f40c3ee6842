/**
 * A model's file on its way in: read and checked in a worker that can be ended, tried in an engine of its own, kept as
 * a whole. Nothing is written before all of it was right.
 */
import type { BackboneCard, GoldenFacts } from '$lib/domain/card';
import { receivedId, type Answers, type Received, type ReceivedModel } from '$lib/domain/received';
import { Trouble } from '$lib/domain/trouble';
import { sha256Of } from '$lib/files/hash';
import { cardOf } from '$lib/files/received/received';
import { addReceived, receivedUrl } from '$lib/storage/received';
import { askToPersist, roomFor } from '$lib/storage/usage';
import type { EngineWith } from './file-trial';
import { inShareWorker } from './share-worker';

/** Side of the picture that a model is tried on. */
const SIDE = 64;

export interface ReceiveParts {
	createWorker(): Worker;
	engineWith: EngineWith;
	/** Milliseconds that a file may take to be read, and to be checked. */
	patience?: number;
}

/** @throws Trouble as `readReceived`, 'model-silent'; AbortError */
export function readModelFile(
	parts: ReceiveParts,
	file: Blob,
	name: string,
	signal: AbortSignal
): Promise<Received> {
	return inShareWorker({ ...parts, silent }, signal, (client) => client.call('read', { file, name }));
}

/** A model with all that is known of it, ready to be kept. */
export interface Tried {
	received: Received;
	card: BackboneCard;
	/** Its names as JSON. */
	labels: Uint8Array<ArrayBuffer>;
}

/**
 * Writes and checks it as it will be kept, then runs it in an engine of its own.
 *
 * @throws Trouble of `settleReceived`, of the engine, 'model-silent'; AbortError
 */
export async function tryModel(
	parts: ReceiveParts,
	received: Received,
	answers: Answers,
	signal: AbortSignal
): Promise<Tried> {
	const settled = await inShareWorker({ ...parts, silent }, signal, (client) =>
		client.call('settle', { received, answers })
	);
	const labels = new TextEncoder().encode(JSON.stringify(answers.labels));
	const id = receivedId(settled.sha256);
	const facts = {
		url: receivedUrl(id, 'labels'),
		sha256: await sha256Of(labels),
		bytes: labels.length,
		count: answers.labels.length
	};
	const found = { ...received, ...settled };
	const card = cardOf(found, answers, facts, receivedUrl(id, 'model'));
	const golden = await run(parts, card, found.onnx, labels, signal);
	return { received: found, card: { ...card, ...(golden && { golden }) }, labels };
}

async function run(
	{ engineWith }: ReceiveParts,
	card: BackboneCard,
	onnx: Uint8Array<ArrayBuffer>,
	labels: Uint8Array<ArrayBuffer>,
	signal: AbortSignal
): Promise<GoldenFacts | null> {
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
		signal.throwIfAborted();
		return engine.golden;
	} catch (cause) {
		signal.throwIfAborted();
		throw cause;
	} finally {
		signal.removeEventListener('abort', stop);
		engine.stop();
	}
}

/**
 * @param name its own; the file's may be taken
 * @param instead of this one, which goes to the trash
 * @throws Trouble 'storage-full', 'not-saved'; nothing of it is kept then
 */
export async function keepModel(
	{ received, card, labels }: Tried,
	{ name, now, instead }: { name: string; now: number; instead?: string }
): Promise<ReceivedModel> {
	const { kind, came, onnx } = received;
	if (!(await roomFor(onnx.length)))
		throw new Trouble(
			'storage-full',
			'There is not enough room on this device for this model. Nothing was kept. Free some space and open it again.'
		);
	const model = { ...{ id: card.id, kind, came }, card: { ...card, name }, added: now, trashed: null };
	await addReceived(model, { onnx, labels }, instead);
	void askToPersist();
	return model;
}

const silent = () =>
	new Trouble(
		'model-silent',
		'This file could not be read: it took too long, or more memory than there is. Nothing was kept. Close other tabs and try again; if it stays, the file may be damaged.'
	);
