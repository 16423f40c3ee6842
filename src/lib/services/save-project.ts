/** A project as one file: reads what is kept, bit by bit, and writes it. */
import { liveLabels } from '$lib/domain/edits';
import type { BackedUp, Photo, Project } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { bytesOfModel, type TrainingRun } from '$lib/domain/model';
import { checkSize, projectTooLarge, ROOM, type Room } from '$lib/files/project-room';
import { ProjectWriter } from '$lib/files/project-writer';
import { listRuns, readLiveModel, readModel } from '$lib/storage/models';
import { listPhotos, readPicture, readThumbnails } from '$lib/storage/photos';
import { readProject } from '$lib/storage/projects';

/** Thumbnails read at a time. */
const CHUNK = 32;
/** Bytes of a thumbnail and of what is known of a photo, about. */
const BESIDE_PHOTO = 6000;

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

export interface SavedProject extends SavedPhotos {
	/** What the file holds, to be noted once it is surely kept. */
	backedUp: BackedUp;
	/** Runs whose models are not in it, as it or they would have been too large; the one in use first, then the newest. */
	without: readonly TrainingRun[];
}

/**
 * Writes what is not thrown away: labels, photos, models and runs. The model in use comes before older ones, which are
 * left out where there is no room for them.
 *
 * @param stream stays open
 * @param room what the file may take
 * @throws AbortError; Trouble 'project-gone', 'project-too-large', 'not-read', or what the stream fails with
 */
export async function writeProject(
	stream: WritableStream,
	{ projectId, signal, onProgress, now }: SaveOptions,
	room: Room = ROOM
): Promise<SavedProject> {
	const { project, photos } = await contents(projectId);
	const runs = await listRuns(projectId);
	const current = project.modelId === null ? null : await readModel(project.modelId);
	const least = photoBytes(photos) + (current ? bytesOfModel(current) : 0);
	checkSize({ photos: photos.length, runs: runs.length, bytes: least }, room);
	const writer = await ProjectWriter.into(stream, project, now, room);
	let lost = 0;
	for await (const [photo, thumbnail, done] of withThumbnails(photos)) {
		signal.throwIfAborted();
		const picture = await readPicture(photo.id);
		if (picture) await writer.addPhoto({ photo, picture, thumbnail });
		else lost++;
		onProgress({ done, total: photos.length });
	}
	for (const run of runs.toReversed()) await writer.addRun(run);
	const added = current && (await writer.addModel(current.id, current));
	if (added === 'no room') throw projectTooLarge(room);
	const live = await readLiveModel(projectId);
	// Where there is no room for it, it is learned again.
	if (live) await writer.addModel('live', live);
	const others = runs.filter(({ modelId }) => modelId !== project.modelId);
	const unsound = added === 'unsound' ? runs.filter(({ modelId }) => modelId === project.modelId) : [];
	const without = [...unsound, ...(await addModels(writer, others, signal))];
	await writer.end(APP_VERSION);
	const backedUp = { time: now, changed: project.changed, until: photos.at(-1)?.added ?? 0 };
	return { photos: photos.length - lost, lost, backedUp, without };
}

/** Writes the runs' models. @returns runs whose models are left out */
async function addModels(
	writer: ProjectWriter,
	runs: readonly TrainingRun[],
	signal: AbortSignal
): Promise<TrainingRun[]> {
	const without = [];
	for (const run of runs) {
		signal.throwIfAborted();
		const model = run.modelId && (await readModel(run.modelId));
		if (model && (await writer.addModel(model.id, model)) !== 'in') without.push(run);
	}
	signal.throwIfAborted();
	return without;
}

/** Bytes of the file that a project would become, about. @throws Trouble 'project-gone', 'not-read' */
export async function fileBytes(projectId: string): Promise<number> {
	const { photos } = await contents(projectId);
	let bytes = photoBytes(photos) + photos.length * BESIDE_PHOTO;
	for (const { modelId } of await listRuns(projectId)) {
		const model = modelId && (await readModel(modelId));
		if (model) bytes += bytesOfModel(model);
	}
	return Math.min(bytes, ROOM.bytes);
}

const photoBytes = (photos: readonly Photo[]) => photos.reduce((sum, { bytes }) => sum + bytes, 0);

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
