/** A project as one file: reads what is kept, bit by bit, and writes it. */
import { liveLabels } from '$lib/domain/edits';
import type { BackedUp, Photo, Project } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { checkSize, ProjectWriter } from '$lib/files/project-writer';
import { listRuns, readLiveModel, readModel } from '$lib/storage/models';
import { listPhotos, readPicture, readThumbnails } from '$lib/storage/photos';
import { readProject } from '$lib/storage/projects';

/** Thumbnails read at a time. */
const CHUNK = 32;

export interface SaveOptions {
	projectId: string;
	/** Ends it with an AbortError. */
	signal: AbortSignal;
	/** In photos. */
	onProgress(progress: { done: number; total: number }): void;
	/** Milliseconds since 1970. */
	now: number;
}

export interface SavedPhotos {
	photos: number;
	/** Photos whose files could not be read, and are not in it. */
	lost: number;
}

/**
 * Writes what is not thrown away: labels, photos, models and runs.
 *
 * @param stream stays open
 * @returns also what the file holds, to be noted once it is surely kept
 * @throws AbortError; Trouble 'project-gone', 'project-too-large', 'not-read', or what the stream fails with
 */
export async function writeProject(
	stream: WritableStream,
	{ projectId, signal, onProgress, now }: SaveOptions
): Promise<SavedPhotos & { backedUp: BackedUp }> {
	const { project, photos } = await contents(projectId);
	checkSize({ photos: photos.length, bytes: photos.reduce((sum, { bytes }) => sum + bytes, 0) });
	const writer = await ProjectWriter.into(stream, project, now);
	let lost = 0;
	for await (const [photo, thumbnail, done] of withThumbnails(photos)) {
		signal.throwIfAborted();
		const picture = await readPicture(photo.id);
		if (picture) await writer.addPhoto({ photo, picture, thumbnail });
		else lost++;
		onProgress({ done, total: photos.length });
	}
	const runs = (await listRuns(projectId)).reverse();
	for (const { modelId } of runs) {
		signal.throwIfAborted();
		const model = modelId && (await readModel(modelId));
		if (model) await writer.addModel(model.id, model);
	}
	const live = await readLiveModel(projectId);
	if (live) await writer.addModel('live', live);
	for (const run of runs) await writer.addRun(run);
	signal.throwIfAborted();
	await writer.end(APP_VERSION);
	const backedUp = { time: now, changed: project.changed, until: photos.at(-1)?.added ?? 0 };
	return { photos: photos.length - lost, lost, backedUp };
}

/** The project and its photos that are there, in the order they came. @throws Trouble 'project-gone', 'not-read' */
export async function contents(projectId: string): Promise<{ project: Project; photos: Photo[] }> {
	const project = await readProject(projectId);
	if (!project)
		throw new Trouble('project-gone', 'This project is not there any more, so there is nothing to save.');
	const labels = new Set(liveLabels(project).map(({ id }) => id));
	const there = ({ trashed, labelId }: Photo) => trashed === null && labels.has(labelId);
	return { project, photos: (await listPhotos(projectId)).filter(there) };
}

async function* withThumbnails(photos: readonly Photo[]) {
	for (let from = 0; from < photos.length; from += CHUNK) {
		const some = photos.slice(from, from + CHUNK);
		const thumbnails = await readThumbnails(some.map(({ id }) => id));
		for (const [i, photo] of some.entries()) yield [photo, thumbnails[i] ?? null, from + i + 1] as const;
	}
}
