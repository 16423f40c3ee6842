/** Copies of a project. They show only when they are whole: the project's own row comes last. */
import { markOfAll } from '$lib/domain/dataset';
import type { Model, TrainingRun } from '$lib/domain/model';
import type { Photo, Project } from '$lib/domain/project';
import { whileCopying } from './copying';
import { projectIn } from './owner';
import { ofPhoto, sweep } from './sweep';
import { liveId } from './models';
import { read, write } from './transaction';

/** Photos copied at a time, some megabytes. */
const CHUNK = 32;

export interface Copy {
	/** Of the new project. */
	id: string;
	name: string;
	/** Milliseconds since 1970. */
	now: number;
	/** A fresh UUID each time. */
	newId(): string;
	/** Ends it. */
	signal?: AbortSignal;
}

/**
 * Copies what is not thrown away: labels under their ids, photos, features, models and runs under new ones.
 *
 * @returns the new project
 * @throws Trouble 'storage-full', 'not-saved', 'project-gone'; the signal's reason; nothing of the copy is left then
 */
export function duplicateProject(id: string, copy: Copy): Promise<Project> {
	return whileCopying(async () => {
		try {
			return await duplicate(id, copy);
		} catch (cause) {
			// Gives the room back at once; what cannot be swept now is swept with the trash.
			await sweep(copy.id).catch(() => undefined);
			throw cause;
		}
	});
}

async function duplicate(id: string, copy: Copy): Promise<Project> {
	const { project, photos, models, runs } = await contents(id);
	const ids = photos.map((photo) => photo.id);
	const newIds = new Map([...ids, ...models, ...runs].map((old) => [old, copy.newId()]));
	const renamed = photos.map((photo) => ({ ...photo, id: newIds.get(photo.id) ?? photo.id }));
	// Ids are part of what a model was learned from: one that is up to date stays so.
	const marks = new Map([[markOfAll(project, photos), markOfAll(project, renamed)]]);
	for (let start = 0; start < ids.length; start += CHUNK) {
		copy.signal?.throwIfAborted();
		await copyPhotos(ids.slice(start, start + CHUNK), newIds, copy.id);
	}
	for (const model of models) {
		// It may be gone by now.
		if (!(await copyModel(model, newIds, copy.id))) newIds.delete(model);
	}
	for (const run of runs) await copyRun(run, newIds, marks, copy.id);
	copy.signal?.throwIfAborted();
	const made: Project = {
		...project,
		id: copy.id,
		name: copy.name,
		created: copy.now,
		changed: copy.now,
		labels: project.labels.filter(({ trashed }) => trashed === null),
		modelId: (project.modelId && newIds.get(project.modelId)) || null,
		trashed: null
	};
	delete made.backedUp; // no file holds the copy
	delete made.thrownModels; // they are not in it
	await write(['projects'], (transaction) => transaction.objectStore('projects').put(made));
	return made;
}

/** The project, its photos in the order they were added, and the ids of what goes with it. */
async function contents(id: string) {
	return read(['projects', 'photos', 'models', 'runs'], async (transaction) => {
		const project = await projectIn(transaction, id);
		const [photos, models, runs] = await Promise.all([
			transaction.objectStore('photos').index('byProject').getAll(id),
			transaction.objectStore('models').index('byProject').getAllKeys(id),
			transaction.objectStore('runs').index('byProject').getAllKeys(id)
		]);
		const labels = new Set(project.labels.filter(({ trashed }) => trashed === null).map((label) => label.id));
		const thrown = new Set(project.thrownModels?.map((model) => model.id));
		const there = (photo: Photo) => photo.trashed === null && labels.has(photo.labelId);
		return {
			project,
			photos: photos.filter(there).sort((a, b) => a.added - b.added || (a.id < b.id ? -1 : 1)),
			models: models.filter((model) => model !== liveId(id) && !thrown.has(model)),
			runs
		};
	});
}

/** New ones by the old ones. */
type NewIds = ReadonlyMap<string, string>;

/** Those of the photos that are still there, whole: with picture, thumbnail and features. */
async function copyPhotos(ids: readonly string[], newIds: NewIds, projectId: string): Promise<void> {
	await write(['photos', 'pictures', 'thumbnails', 'features'], async (transaction) => {
		const photos = transaction.objectStore('photos');
		const features = transaction.objectStore('features');
		const pictures = [transaction.objectStore('pictures'), transaction.objectStore('thumbnails')];
		const copyOne = async (id: string) => {
			const newId = newIds.get(id) ?? id;
			const photo = await photos.get(id);
			if (!photo) return;
			await photos.put({ ...photo, id: newId, projectId });
			for (const store of pictures) {
				const row = await store.get(id);
				if (row) await store.put(row, newId);
			}
			for (const row of await features.getAll(ofPhoto(id)))
				await features.put({ ...row, photoId: newId, projectId });
		};
		await Promise.all(ids.map(copyOne));
	});
}

/** @returns whether it is still there */
async function copyModel(id: string, newIds: NewIds, projectId: string): Promise<boolean> {
	return write(['models'], async (transaction) => {
		const store = transaction.objectStore('models');
		const model: Model | undefined = await store.get(id);
		if (model) await store.put({ ...model, id: newIds.get(id) ?? id, projectId });
		return model !== undefined;
	});
}

/** Names the photos and the model by their new ids. */
async function copyRun(
	id: string,
	newIds: NewIds,
	marks: ReadonlyMap<string, string>,
	projectId: string
): Promise<void> {
	const renamed = <T extends { photoId: string }>(rows: readonly T[]) =>
		rows.map((row) => ({ ...row, photoId: newIds.get(row.photoId) ?? row.photoId }));
	await write(['runs'], async (transaction) => {
		const store = transaction.objectStore('runs');
		const run: TrainingRun | undefined = await store.get(id);
		if (!run) return;
		const evaluation = run.evaluation && {
			...run.evaluation,
			verdicts: renamed(run.evaluation.verdicts),
			suspects: renamed(run.evaluation.suspects)
		};
		const modelId = (run.modelId && newIds.get(run.modelId)) || null;
		const from = marks.get(run.from) ?? run.from;
		await store.put({ ...run, id: newIds.get(id) ?? id, projectId, modelId, from, evaluation });
	});
}
