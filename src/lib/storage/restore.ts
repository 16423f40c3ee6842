/** Projects that come from a file. They show only when they are whole: the project's own row comes last. */
import { bytesOfModel, type Model, type TrainingRun } from '$lib/domain/model';
import type { NewPhoto, PictureBytes, Project } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { compact } from './compact';
import { whileCopying } from './copying';
import { sweep } from './sweep';
import { read, together, write, type Writing } from './transaction';

/** A photo that comes from a file, where its thumbnail may be missing. */
export type RestoredPhoto = Omit<NewPhoto, 'thumbnail'> & { thumbnail: PictureBytes | null };

/** What comes, bit by bit; each bit is kept before the next is asked for. */
export interface Restored {
	photos: AsyncIterable<readonly RestoredPhoto[]>;
	models: AsyncIterable<Model>;
	runs: AsyncIterable<TrainingRun>;
}

/** Ids that rows of a project would have. */
export interface RowIds {
	photos: readonly string[];
	models: readonly string[];
	runs: readonly string[];
}

/**
 * Keeps all that comes, then the project's row. What an interrupted restoration of the same project left goes first.
 *
 * @throws Trouble 'id-taken' (a row of that id belongs to another project), 'storage-full', 'not-saved', or what the
 *   iterables throw; nothing of it is left then
 */
export function restoreProject(project: Project, { photos, models, runs }: Restored): Promise<void> {
	return whileCopying(async () => {
		try {
			const there = await read(['projects'], (transaction) =>
				transaction.objectStore('projects').getKey(project.id)
			);
			if (there !== undefined) throw taken();
			await sweep(project.id);
			const bytes = new Map<string | null, number>();
			for await (const model of models) {
				await put('models', compact(model));
				bytes.set(model.id, bytesOfModel(model));
			}
			for await (const run of runs) {
				const modelBytes = bytes.get(run.modelId);
				await put('runs', modelBytes === undefined ? run : { ...run, modelBytes });
			}
			for await (const some of photos) await putPhotos(some);
			await write(['projects'], async (transaction) => {
				const store = transaction.objectStore('projects');
				const there = await store.get(project.id);
				// Run again after the connection was lost: the first time may have been saved all the same.
				if (there && JSON.stringify(there) !== JSON.stringify(project)) throw taken();
				await store.put(project);
			});
		} catch (cause) {
			// Gives the room back at once; what cannot be swept now is swept with the trash.
			await sweep(project.id).catch(() => undefined);
			throw cause;
		}
	});
}

/**
 * Whether something else has one of the ids that rows of this project are to have. What an interrupted restoration of it
 * left goes first.
 *
 * @throws Trouble
 */
export async function anyTaken(projectId: string, { photos, models, runs }: RowIds): Promise<boolean> {
	await sweep(projectId);
	return read(['photos', 'models', 'runs'], async (transaction) => {
		const keys = await together([
			...photos.map((id) => () => transaction.objectStore('photos').getKey(id)),
			...models.map((id) => () => transaction.objectStore('models').getKey(id)),
			...runs.map((id) => () => transaction.objectStore('runs').getKey(id))
		]);
		return keys.some((key) => key !== undefined);
	});
}

function put(store: 'models', row: Model): Promise<void>;
function put(store: 'runs', row: TrainingRun): Promise<void>;
async function put(store: 'models' | 'runs', row: Model | TrainingRun): Promise<void> {
	await write([store], async (transaction) => {
		const rows = transaction.objectStore(store);
		own(await rows.get(row.id), row.projectId);
		await rows.put(row);
	});
}

async function putPhotos(photos: readonly RestoredPhoto[]): Promise<void> {
	await write(['photos', 'pictures', 'thumbnails'], async (transaction) => {
		const rows = transaction.objectStore('photos');
		const there = await together(
			photos.map(
				({ photo }) =>
					() =>
						rows.get(photo.id)
			)
		);
		photos.forEach(({ photo }, i) => own(there[i], photo.projectId));
		await together(photos.flatMap((one) => putPhoto(transaction, one)));
	});
}

function putPhoto(
	transaction: Writing<'photos' | 'pictures' | 'thumbnails'>,
	{ photo, picture, thumbnail }: RestoredPhoto
): (() => Promise<unknown>)[] {
	const writing = [
		() => transaction.objectStore('photos').put(photo),
		() => transaction.objectStore('pictures').put(picture, photo.id)
	];
	if (thumbnail) writing.push(() => transaction.objectStore('thumbnails').put(thumbnail, photo.id));
	return writing;
}

/** A row that another project has must not be overwritten, whatever a file says. @throws Trouble 'id-taken' */
function own(row: { projectId: string } | undefined, projectId: string): void {
	if (row && row.projectId !== projectId) throw taken();
}

const taken = () =>
	new Trouble(
		'id-taken',
		'Something on this device was kept under the same name meanwhile. Nothing was added. Open the file once more.'
	);
