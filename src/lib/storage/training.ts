/**
 * What a fine-tuning keeps while it runs: numbers that memory has no room for, and where it stands. Both can be made
 * again, so nothing waits for the disk. The training worker writes here, and imports nothing else of storage.
 */
import { Trouble } from '$lib/domain/trouble';
import type { KeptTuning } from './schema';
import { read, together, write } from './transaction';

export type { KeptTuning };

/**
 * Keeps rows, in place of those that had their numbers; a few MiB at a time.
 *
 * @param rows each the half-precision numbers of one photo and view
 * @throws Trouble 'storage-full', 'not-saved'; none of them is kept then
 */
export async function putRows(
	projectId: string,
	rows: readonly { row: number; halves: Uint16Array }[]
): Promise<void> {
	// A slice of its own: of a view, the database would keep the whole buffer behind it.
	const kept = rows.map(({ row, halves }) => ({ row, bytes: halves.slice().buffer }));
	await write(
		['activations'],
		(transaction) => {
			const store = transaction.objectStore('activations');
			return together(
				kept.map(
					({ row, bytes }) =>
						() =>
							store.put(bytes, [projectId, row])
				)
			);
		},
		'relaxed'
	);
}

/**
 * @returns the rows in the order asked for
 * @throws Trouble 'activations-gone' where one of them is not there, 'not-read'
 */
export async function readRows(
	projectId: string,
	rows: readonly number[]
): Promise<Uint16Array<ArrayBuffer>[]> {
	const found = await read(['activations'], (transaction) => {
		const store = transaction.objectStore('activations');
		return together(rows.map((row) => () => store.get([projectId, row])));
	});
	return found.map((bytes) => {
		if (bytes) return new Uint16Array(bytes);
		throw new Trouble(
			'activations-gone',
			'What this training had put aside on this device is not all there any more. Nothing else was lost. Train again.'
		);
	});
}

/** All rows of a project. @throws Trouble 'not-saved' */
export async function dropRows(projectId: string): Promise<void> {
	await write(
		['activations'],
		(transaction) => transaction.objectStore('activations').delete(rowsOf(projectId)),
		'relaxed'
	);
}

/** Ids of the projects that rows are kept of. @throws Trouble 'not-read' */
export async function projectsWithRows(): Promise<string[]> {
	return read(['activations'], async (transaction) => {
		const ids: string[] = [];
		let cursor = await transaction.objectStore('activations').openKeyCursor();
		while (cursor) {
			const [id] = cursor.key;
			ids.push(id);
			cursor = await cursor.continue([id, Infinity]);
		}
		return ids;
	});
}

/** Keys of all rows of a project. */
export const rowsOf = (projectId: string) => IDBKeyRange.bound([projectId], [projectId, []]);

/** Keeps where a training stands, in place of where it stood. @throws Trouble 'storage-full', 'not-saved'; that stays then */
export async function keepTuning(tuning: KeptTuning): Promise<void> {
	await write(['standings'], (transaction) => transaction.objectStore('standings').put(tuning), 'relaxed');
}

/** null where none was kept. @throws Trouble 'not-read' */
export async function readTuning(projectId: string): Promise<KeptTuning | null> {
	const kept = await read(['standings'], (transaction) =>
		transaction.objectStore('standings').get(projectId)
	);
	return kept ?? null;
}

/** @throws Trouble 'not-saved' */
export async function dropTuning(projectId: string): Promise<void> {
	await write(
		['standings'],
		(transaction) => transaction.objectStore('standings').delete(projectId),
		'relaxed'
	);
}
