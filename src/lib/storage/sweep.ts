/** Deletes for good, in bounded transactions that can be interrupted: what goes is out of sight before. */
import { rowsOf } from './training';
import { write, type Writing } from './transaction';

/** Photos deleted at a time. */
const CHUNK = 100;

const PHOTO_STORES = ['photos', 'pictures', 'thumbnails', 'features'] as const;
type PhotoStore = (typeof PHOTO_STORES)[number];

/** Finds up to `count` ids of photos that are to go. */
type Find = (transaction: Writing<PhotoStore | 'projects'>, count: number) => Promise<string[]>;

/** Deletes photos with all that hangs on them, while there are any and `signal` lets it. @returns how many went */
export async function deletePhotos(find: Find, signal?: AbortSignal): Promise<number> {
	for (let deleted = 0; ;) {
		const ids = await write([...PHOTO_STORES, 'projects'], async (transaction) => {
			const ids = await find(transaction, CHUNK);
			await Promise.all(ids.flatMap((id) => deletePhoto(transaction, id)));
			return ids;
		});
		deleted += ids.length;
		if (ids.length < CHUNK || signal?.aborted) return deleted;
	}
}

function deletePhoto(transaction: Writing<PhotoStore | 'projects'>, id: string): Promise<void>[] {
	return [
		transaction.objectStore('photos').delete(id),
		transaction.objectStore('pictures').delete(id),
		transaction.objectStore('thumbnails').delete(id),
		transaction.objectStore('features').delete(ofPhoto(id))
	];
}

/** Keys of all features of a photo. */
export const ofPhoto = (photoId: string) => IDBKeyRange.bound([photoId], [photoId, []]);

/**
 * Deletes what belongs to a project that is not there; nothing where it is.
 *
 * @returns how many photos went
 */
export async function sweep(projectId: string): Promise<number> {
	const deleted = await deletePhotos(async (transaction, count) => {
		if (await transaction.objectStore('projects').getKey(projectId)) return [];
		return transaction.objectStore('photos').index('byProject').getAllKeys(projectId, count);
	});
	await write(['projects', 'models', 'runs', 'activations', 'standings'], async (transaction) => {
		if (await transaction.objectStore('projects').getKey(projectId)) return;
		for (const name of ['models', 'runs'] as const) {
			const store = transaction.objectStore(name);
			const ids = await store.index('byProject').getAllKeys(projectId);
			await Promise.all(ids.map((id) => store.delete(id)));
		}
		await Promise.all([
			transaction.objectStore('activations').delete(rowsOf(projectId)),
			transaction.objectStore('standings').delete(projectId)
		]);
	});
	return deleted;
}
