/**
 * Features of photos: a cache by photo, backbone and view. What a power cut takes of it is computed again, so it
 * does not wait for the disk.
 */
import { read, together, write } from './transaction';

export interface PhotoFeatures {
	photoId: string;
	/** [dimension] */
	vector: Float32Array;
}

/**
 * Keeps features; those of photos that are gone meanwhile are left out.
 *
 * @param backbone SHA-256 of the backbone's file
 * @param view 'centre', 'whole', 'centre mirrored', 'whole rotated', …
 * @throws Trouble 'storage-full', 'not-saved'
 */
export async function putFeatures(
	projectId: string,
	backbone: string,
	view: string,
	rows: readonly PhotoFeatures[]
): Promise<void> {
	// A slice of its own: of a view, the database would keep the whole buffer behind it.
	const kept = rows.map(({ photoId, vector }) => ({
		photoId,
		projectId,
		backbone,
		view,
		vector: vector.slice()
	}));
	await write(
		['photos', 'features'],
		async (transaction) => {
			const photos = transaction.objectStore('photos');
			const there = await together(
				kept.map(
					({ photoId }) =>
						() =>
							photos.getKey(photoId)
				)
			);
			const features = transaction.objectStore('features');
			await together(
				kept.filter((_, index) => there[index] !== undefined).map((row) => () => features.put(row))
			);
		},
		'relaxed'
	);
}

const ofView = (projectId: string, backbone: string, view: string) =>
	IDBKeyRange.only([projectId, backbone, view]);

/** By photo id, [dimension] each; of photos in the trash too. @throws Trouble */
export async function readFeatures(
	projectId: string,
	backbone: string,
	view: string
): Promise<Map<string, Float32Array<ArrayBuffer>>> {
	const rows = await read(['features'], (transaction) =>
		transaction
			.objectStore('features')
			.index('byProjectView')
			.getAll(ofView(projectId, backbone, view))
	);
	return new Map(rows.map(({ photoId, vector }) => [photoId, vector]));
}

/** Of these photos alone, [dimension] each; those not computed yet are left out. @throws Trouble */
export async function readFeaturesOf(
	photoIds: readonly string[],
	backbone: string,
	view: string
): Promise<Map<string, Float32Array<ArrayBuffer>>> {
	const rows = await read(['features'], (transaction) =>
		Promise.all(photoIds.map((id) => transaction.objectStore('features').get([id, backbone, view])))
	);
	return new Map(rows.flatMap((row) => (row ? [[row.photoId, row.vector]] : [])));
}
