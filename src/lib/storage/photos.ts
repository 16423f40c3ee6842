/** Photos: what is known of them, and apart from that their pictures and thumbnails. */
import type { NewPhoto, Photo, PictureBytes } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { projectIn } from './owner';
import { read, together, write } from './transaction';

export { photoSummaries, type PhotoSummary } from './summaries';

/**
 * All or none. Their projects count as changed then.
 *
 * @throws Trouble 'storage-full', 'not-saved', 'project-gone', 'label-gone' (the project has no such label, or it was
 *   thrown away)
 */
export async function addPhotos(photos: readonly NewPhoto[]): Promise<void> {
	const projectIds = new Set(photos.map(({ photo }) => photo.projectId));
	await write(['projects', 'photos', 'pictures', 'thumbnails'], async (transaction) => {
		const writing: (() => Promise<unknown>)[] = [];
		for (const projectId of projectIds) {
			const project = await projectIn(transaction, projectId);
			const own = photos.filter(({ photo }) => photo.projectId === projectId);
			const labels = new Set(project.labels.filter(({ trashed }) => trashed === null).map(({ id }) => id));
			if (own.some(({ photo }) => !labels.has(photo.labelId))) throw labelGone();
			const changed = own.reduce((last, { photo }) => Math.max(last, photo.added), project.changed);
			writing.push(() => transaction.objectStore('projects').put({ ...project, changed }));
		}
		for (const { photo, picture, thumbnail } of photos)
			writing.push(
				() => transaction.objectStore('photos').put(photo),
				() => transaction.objectStore('pictures').put(picture, photo.id),
				() => transaction.objectStore('thumbnails').put(thumbnail, photo.id)
			);
		await together(writing);
	});
}

/** All of a project, thrown away or not, in the order they were added. @throws Trouble */
export async function listPhotos(projectId: string): Promise<Photo[]> {
	const photos = await read(['photos'], (transaction) =>
		transaction.objectStore('photos').index('byProject').getAll(projectId)
	);
	return photos.sort((a, b) => a.added - b.added || (a.id < b.id ? -1 : 1));
}

/** The file as it was kept; null where the photo is gone. @throws Trouble */
export async function readPicture(photoId: string): Promise<PictureBytes | null> {
	const picture = await read(['pictures'], (transaction) => transaction.objectStore('pictures').get(photoId));
	return picture ?? null;
}

/** In the order asked for; null for those that are gone. @throws Trouble */
export async function readThumbnails(photoIds: readonly string[]): Promise<(PictureBytes | null)[]> {
	const rows = await read(['thumbnails'], (transaction) =>
		Promise.all(photoIds.map((id) => transaction.objectStore('thumbnails').get(id)))
	);
	return rows.map((row) => row ?? null);
}

const labelGone = () =>
	new Trouble(
		'label-gone',
		'The label of these photos is not there any more, perhaps because of another tab. They were not saved. Choose another label and add them again.'
	);
