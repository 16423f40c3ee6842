/** Models that came as files: their cards as rows, their bytes in pieces beside them. */
import type { BackboneCard, FileFacts } from '$lib/domain/card';
import type { ReceivedModel } from '$lib/domain/received';
import { TRASH_DAYS } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { sha256Of } from './file-cache';
import type { OpenedFile } from './verified';
import { read, together, write, type Writing } from './transaction';

/** Bytes of a piece: browsers refuse values of more than some 100 MB. */
const PIECE = 8 * 2 ** 20;
const DAY = 86_400_000;
type Part = 'model' | 'labels';

/** Where the engine finds a part of a received model. */
export const receivedUrl = (id: string, part: Part): string => `received:${id}/${part}`;

export const isReceived = ({ url }: Pick<FileFacts, 'url'>): boolean => url.startsWith('received:');

/**
 * Keeps a model whole, or nothing of it. One under its id gives way.
 *
 * @param labels its names as JSON
 * @param instead of this one, which goes to the trash
 * @throws Trouble 'storage-full', 'not-saved'
 */
export async function addReceived(
	model: ReceivedModel,
	{ onnx, labels }: { onnx: Uint8Array<ArrayBuffer>; labels: Uint8Array<ArrayBuffer> },
	instead?: string
): Promise<void> {
	await write(['received', 'receivedFiles'], async (transaction) => {
		const { id } = model;
		const files = transaction.objectStore('receivedFiles');
		const rows = transaction.objectStore('received');
		const before = instead === undefined ? undefined : await rows.get(instead);
		if (before && before.id !== id) await rows.put({ ...before, trashed: model.added });
		await files.delete(piecesOf(id));
		await together<unknown>([
			() => rows.put(model),
			...pieces(onnx).map(
				([offset, bytes]) =>
					() =>
						files.put(bytes, [id, 'model', offset])
			),
			...pieces(labels).map(
				([offset, bytes]) =>
					() =>
						files.put(bytes, [id, 'labels', offset])
			)
		]);
	});
}

/** Those in the trash too; the one that came last first. @throws Trouble 'not-read' */
export async function listReceived(): Promise<ReceivedModel[]> {
	const models = await read(['received'], (transaction) => transaction.objectStore('received').getAll());
	return models.sort((a, b) => b.added - a.added || (a.id < b.id ? -1 : 1));
}

/**
 * Changes the name, or puts it into the trash (`trashed`: when) and takes it back (null).
 *
 * @returns as it is now; null where it is gone
 * @throws Trouble 'not-saved'
 */
export async function changeReceived(
	id: string,
	change: { name?: string; trashed?: number | null }
): Promise<ReceivedModel | null> {
	return write(['received'], async (transaction) => {
		const store = transaction.objectStore('received');
		const model = await store.get(id);
		if (!model) return null;
		const { name = model.card.name, trashed = model.trashed } = change;
		const changed = { ...model, trashed, card: { ...model.card, name } };
		await store.put(changed);
		return changed;
	});
}

/** Deletes it for good. @throws Trouble 'not-saved' */
export async function deleteReceived(id: string): Promise<void> {
	await write(['received', 'receivedFiles'], (transaction) => remove(transaction, id));
}

/** Deletes for good what has been in the trash for TRASH_DAYS. @param onpurged after each one @throws Trouble */
export async function purgeReceived(now: number, onpurged: () => void = () => {}): Promise<void> {
	const until = now - TRASH_DAYS * DAY;
	const old = (await listReceived()).filter(({ trashed }) => trashed !== null && trashed <= until);
	for (const { id } of old) {
		await write(['received', 'receivedFiles'], async (transaction) => {
			const model = await transaction.objectStore('received').get(id);
			// Another tab may have taken it back meanwhile.
			if (model?.trashed != null && model.trashed <= until) await remove(transaction, id);
		});
		onpurged();
	}
}

/**
 * The bytes of a part, checked.
 *
 * @throws Trouble 'received-gone', 'received-damaged', 'not-read'
 */
export async function openReceived(file: FileFacts): Promise<OpenedFile> {
	const found = await read(['receivedFiles'], (transaction) =>
		transaction.objectStore('receivedFiles').getAll(partOf(file))
	);
	if (found.length === 0) throw gone();
	const bytes = joined(found);
	// Browsers have it at secure addresses alone.
	if (globalThis.crypto?.subtle && (await sha256Of(bytes)) !== file.sha256)
		throw new Trouble(
			'received-damaged',
			'This model was damaged on this device. Open its file once more, on the Models page.'
		);
	return { bytes, from: 'kept', kept: true };
}

/** Whether its bytes are here, unchecked. */
export async function hasReceived(file: Pick<FileFacts, 'url'>): Promise<boolean> {
	const count = await read(['receivedFiles'], (transaction) =>
		transaction.objectStore('receivedFiles').count(partOf(file))
	);
	return count > 0;
}

/** The pieces of a part, by the address that `receivedUrl` gives. */
function partOf({ url }: Pick<FileFacts, 'url'>): IDBKeyRange {
	const [, id = '', part = ''] = /^received:([^/]*)\/(.*)$/.exec(url) ?? [];
	return IDBKeyRange.bound([id, part], [id, part, []]);
}

/** The class names of a model. @throws Trouble as `openReceived` */
export async function receivedLabels({ labels }: Pick<BackboneCard, 'labels'>): Promise<string[]> {
	const { bytes } = await openReceived(labels);
	// Written by `addReceived`, and its hash was right.
	return JSON.parse(new TextDecoder().decode(bytes)) as string[];
}

type Both = Writing<'received' | 'receivedFiles'>;

async function remove(transaction: Both, id: string): Promise<void> {
	await together([
		() => transaction.objectStore('received').delete(id),
		() => transaction.objectStore('receivedFiles').delete(piecesOf(id))
	]);
}

const piecesOf = (id: string) => IDBKeyRange.bound([id], [id, []]);

function pieces(bytes: Uint8Array<ArrayBuffer>): [offset: number, bytes: ArrayBuffer][] {
	const count = Math.max(1, Math.ceil(bytes.length / PIECE));
	return Array.from({ length: count }, (_, i) => [i * PIECE, bytes.slice(i * PIECE, (i + 1) * PIECE).buffer]);
}

function joined(parts: readonly ArrayBuffer[]): ArrayBuffer {
	const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(new Uint8Array(part), at);
		at += part.byteLength;
	}
	return whole.buffer;
}

const gone = () =>
	new Trouble(
		'received-gone',
		'This model is not on this device any more. Open its file once more, on the Models page.'
	);
