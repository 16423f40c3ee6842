/** What capture and import have in common: how a made photo gets its facts and is kept. */
import type { NewPhoto, Photo } from '$lib/domain/project';
import { addPhotos } from '$lib/storage/photos';
import { askToPersist } from '$lib/storage/usage';
import type { MadePhoto } from './photo-maker';
import { tellProjectChanged } from './project-news';

let last = 0;

/**
 * When a photo counts as added: now, and later than every other, so that their order is certain.
 *
 * @param now milliseconds since 1970
 * @param after the last photo of the project, where the clock was once ahead
 */
export function nextAdded(now: number, after = 0): number {
	last = Math.max(Math.ceil(now), last + 1, after + 1);
	return last;
}

/** @param facts what its picture does not tell */
export function newPhoto(
	{ picture, thumbnail, width, height, bytes, sha256, hash }: MadePhoto,
	facts: Pick<Photo, 'id' | 'projectId' | 'labelId' | 'burstId' | 'added' | 'source' | 'name' | 'split'>
): NewPhoto {
	return {
		photo: { ...facts, width, height, bytes, sha256, hash, trashed: null },
		picture,
		thumbnail
	};
}

/**
 * Keeps them, all or none, tells the other tabs, and asks the browser (once) not to clear what is kept.
 *
 * @throws Trouble as `addPhotos` of `storage/photos`
 */
export async function keepPhotos(photos: readonly NewPhoto[]): Promise<void> {
	if (photos.length === 0) return;
	await addPhotos(photos);
	for (const id of new Set(photos.map(({ photo }) => photo.projectId))) tellProjectChanged(id);
	void askToPersist();
}
