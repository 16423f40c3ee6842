/** A project's photos as files for other programs. */
import { liveLabels } from '$lib/domain/edits';
import { DatasetWriter } from '$lib/files/dataset-writer';
import { readPicture } from '$lib/storage/photos';
import { contents, type SavedPhotos, type SaveOptions } from './save-project';

/**
 * Writes the photos that are not thrown away, without what cameras write beside the pixels.
 *
 * @param stream stays open
 * @throws AbortError; Trouble 'project-gone', 'not-read', or what the stream fails with
 */
export async function writePhotos(
	stream: WritableStream,
	{ projectId, signal, onProgress, now }: SaveOptions
): Promise<SavedPhotos> {
	const { project, photos } = await contents(projectId);
	const split = photos.some((photo) => photo.split !== null);
	const writer = await DatasetWriter.into(stream, { labels: liveLabels(project), split, date: now });
	let lost = 0;
	for (const [i, photo] of photos.entries()) {
		signal.throwIfAborted();
		const picture = await readPicture(photo.id);
		if (picture) await writer.add(photo, picture);
		else lost++;
		onProgress({ done: i + 1, total: photos.length });
	}
	await writer.end();
	return { photos: photos.length - lost, lost };
}
