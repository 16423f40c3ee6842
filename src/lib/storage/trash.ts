/** What was thrown away: for TRASH_DAYS it can be taken back by an edit, then it is deleted for good. */
import { TRASH_DAYS, type Project } from '$lib/domain/project';
import { unlessCopying } from './copying';
import { isCopy, liveId } from './models';
import { ofLabel } from './summaries';
import { deletePhotos, sweep } from './sweep';
import { withThrown } from './thrown-models';
import { read, together, write } from './transaction';

const DAY = 86_400_000;

/** Projects that can be taken back, with all that is in them; latest first. @throws Trouble */
export async function listTrash(): Promise<Project[]> {
	const projects = await read(['projects'], (transaction) => transaction.objectStore('projects').getAll());
	return projects.filter(({ trashed }) => trashed !== null).sort(latest);
}

interface Trashable {
	trashed: number | null;
}
const latest = (a: Trashable, b: Trashable) => (b.trashed ?? 0) - (a.trashed ?? 0);
const before = ({ trashed }: Trashable, time: number) => trashed !== null && trashed <= time;

/**
 * Deletes for good what was thrown away more than TRASH_DAYS ago, and what an interrupted deletion or copy left.
 *
 * @param signal ends it
 * @returns how many photos went
 * @throws Trouble; what is left goes the next time
 */
export async function purgeTrash(now: number, signal?: AbortSignal): Promise<number> {
	return purge(now - TRASH_DAYS * DAY, undefined, signal);
}

/**
 * Deletes for good all that was thrown away: in one project, or everywhere.
 *
 * @param signal ends it
 * @returns how many photos went
 * @throws Trouble; what is left goes the next time
 */
export async function emptyTrash(projectId?: string, signal?: AbortSignal): Promise<number> {
	return purge(Infinity, projectId, signal);
}

async function purge(until: number, projectId?: string, signal?: AbortSignal): Promise<number> {
	for (const id of await dropRows(until, projectId)) {
		await dropModels(until, id);
		await dropLabels(until, id);
	}
	let deleted = await deletePhotos(
		(transaction, count) =>
			projectId === undefined
				? transaction.objectStore('photos').index('trashed').getAllKeys(IDBKeyRange.upperBound(until), count)
				: transaction.objectStore('photos').index('trashedByLabel').getAllKeys(ofProject(projectId), count),
		signal
	);
	if (signal?.aborted) return deleted;
	await unlessCopying(async () => {
		for (const id of await orphaned()) deleted += await sweep(id);
	});
	return deleted;
}

const ofProject = (projectId: string) => IDBKeyRange.bound([projectId], [projectId, []]);

/** Projects first lose their row, and are out of sight. @returns those that have labels or models to drop */
async function dropRows(until: number, projectId?: string): Promise<string[]> {
	return write(['projects'], async (transaction) => {
		const store = transaction.objectStore('projects');
		const projects = (await store.getAll()).filter(({ id }) => projectId === undefined || id === projectId);
		const [gone, there] = [
			projects.filter((project) => before(project, until)),
			projects.filter((project) => !before(project, until))
		];
		await Promise.all(gone.map(({ id }) => store.delete(id)));
		const waits = ({ labels, thrownModels = [] }: Project) =>
			[...labels, ...thrownModels].some((one) => before(one, until));
		return there.filter(waits).map(({ id }) => id);
	});
}

/** Their runs stay, without a model. */
async function dropModels(until: number, projectId: string): Promise<void> {
	await write(['projects', 'models', 'runs'], async (transaction) => {
		const project = await transaction.objectStore('projects').get(projectId);
		const thrown = project?.thrownModels ?? [];
		const gone = thrown.filter((model) => before(model, until));
		if (!project || gone.length === 0) return;
		const [models, runs] = [transaction.objectStore('models'), transaction.objectStore('runs')];
		// A tab of an older version knows no trash of models: it may have used one meanwhile, or copied the project.
		const isOwn = <T extends { projectId: string }>(row: T | undefined): row is T =>
			row?.projectId === projectId;
		const waits = gone.filter(({ id }) => id !== project.modelId);
		const dropped = (await Promise.all(waits.map(({ id }) => models.get(id)))).filter(isOwn);
		const rows = (await Promise.all(waits.map(({ runId }) => runs.get(runId)))).filter(isOwn);
		const live = await models.get(liveId(projectId));
		const ids = dropped.map(({ id }) => id);
		if (live && dropped.some((model) => isCopy(live, model))) ids.push(live.id);
		const rest = thrown.filter((model) => !gone.includes(model));
		await together<unknown>([
			...ids.map((id) => () => models.delete(id)),
			...rows.map((run) => () => runs.put({ ...run, modelId: null })),
			() => transaction.objectStore('projects').put(withThrown(project, rest))
		]);
	});
}

/**
 * Labels go with their photos, which count as thrown away with them; not while a photo of one was thrown away
 * later.
 */
async function dropLabels(until: number, projectId: string): Promise<void> {
	await write(['projects', 'photos'], async (transaction) => {
		const project = await transaction.objectStore('projects').get(projectId);
		if (!project) return;
		const photos = transaction.objectStore('photos');
		const gone = new Set<string>();
		for (const { id, trashed } of project.labels.filter((label) => before(label, until))) {
			const rows = await photos.index('byLabel').getAll(ofLabel(projectId, id));
			if (rows.some((photo) => (photo.trashed ?? 0) > until)) continue;
			gone.add(id);
			await Promise.all(
				rows.filter((photo) => photo.trashed === null).map((photo) => photos.put({ ...photo, trashed }))
			);
		}
		const labels = project.labels.filter(({ id }) => !gone.has(id));
		if (gone.size > 0) await transaction.objectStore('projects').put({ ...project, labels });
	});
}

/** Ids of projects that are gone, while something of them is left. */
async function orphaned(): Promise<string[]> {
	const stores = ['projects', 'photos', 'models', 'runs', 'activations', 'standings'] as const;
	return read([...stores], async (transaction) => {
		const projects = new Set(await transaction.objectStore('projects').getAllKeys());
		const next = (id: string) => `${id}\0`;
		const nextRows = ([id]: [string, number]): [string, number] => [id, Infinity];
		const [rows, ...owners] = await Promise.all([
			keys(transaction.objectStore('activations').openKeyCursor(), nextRows),
			keys(transaction.objectStore('photos').index('byProject').openKeyCursor(), next),
			keys(transaction.objectStore('models').index('byProject').openKeyCursor(), next),
			keys(transaction.objectStore('runs').index('byProject').openKeyCursor(), next),
			transaction.objectStore('standings').getAllKeys()
		]);
		const ids = new Set([...owners.flat(), ...rows.map(([id]) => id)]);
		return [...ids].filter((id) => !projects.has(id));
	});
}

interface Cursor<Key> {
	key: Key;
	continue(key: Key): Promise<Cursor<Key> | null>;
}

/** The keys of an index or store by one step each. @param next the least key that is of interest after one */
async function keys<Key>(opening: Promise<Cursor<Key> | null>, next: (key: Key) => Key): Promise<Key[]> {
	const keys: Key[] = [];
	for (let cursor = await opening; cursor; cursor = await cursor.continue(next(cursor.key)))
		keys.push(cursor.key);
	return keys;
}
