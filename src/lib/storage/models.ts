/** Training runs, and the models they made. Runs are kept as long as their project; so are models, unless thrown away. */
import { isTelling, type Standing } from '$lib/domain/evaluation';
import { bytesOfModel, type Model, type TrainingRun } from '$lib/domain/model';
import { Trouble } from '$lib/domain/trouble';
import { projectIn } from './owner';
import { compact } from './compact';
import { withThrown } from './thrown-models';
import { read, together, write } from './transaction';

/**
 * Keeps a run with the model it made, as a whole.
 *
 * @param makeCurrent the project uses that model from now on
 * @throws Trouble 'storage-full' or 'not-saved' (the model before it stays in use), 'project-gone'
 */
export async function addRun(run: TrainingRun, model: Model | null, makeCurrent: boolean): Promise<void> {
	const kept = model && compact(model);
	const row = kept ? { ...run, modelBytes: bytesOfModel(kept) } : run;
	await write(['projects', 'runs', 'models'], async (transaction) => {
		const project = await projectIn(transaction, run.projectId);
		const writing: (() => Promise<unknown>)[] = [() => transaction.objectStore('runs').put(row)];
		if (kept) writing.push(() => transaction.objectStore('models').put(kept));
		if (kept && makeCurrent) {
			const changed = Math.max(project.changed, kept.created);
			writing.push(() => transaction.objectStore('projects').put({ ...project, modelId: kept.id, changed }));
		}
		await together(writing);
	});
}

/** Newest first. Those whose model is in the trash are without one. @throws Trouble */
export async function listRuns(projectId: string): Promise<TrainingRun[]> {
	const { project, rows } = await read(['projects', 'runs'], async (transaction) => {
		const project = await transaction.objectStore('projects').get(projectId);
		const runs = transaction.objectStore('runs');
		const ids = await runs.index('byProject').getAllKeys(projectId);
		// One by one, as each has an answer for every photo: all at once would hold the page up.
		return { project, rows: await Promise.all(ids.map((id) => runs.get(id))) };
	});
	const thrown = new Set<string | null>(project?.thrownModels?.map(({ id }) => id));
	// A tab of an older version may use one that is in the trash.
	thrown.delete(project?.modelId ?? null);
	const runs = rows
		.filter((run) => run !== undefined)
		.map((run) => (thrown.has(run.modelId) ? { ...run, modelId: null } : run));
	return runs.sort((a, b) => b.started - a.started || (a.id < b.id ? -1 : 1));
}

/** null where there is none. @throws Trouble */
export async function readModel(id: string): Promise<Model | null> {
	return (await read(['models'], (transaction) => transaction.objectStore('models').get(id))) ?? null;
}

/** The run that made a model and judged it; null where it was not judged. @throws Trouble */
export async function readRunOf(modelId: string): Promise<TrainingRun | null> {
	const range = IDBKeyRange.bound([modelId], [modelId, []]);
	return read(['runs'], async (transaction) => {
		const runs = transaction.objectStore('runs');
		const id = await runs.index('standing').getKey(range);
		return (id === undefined ? null : await runs.get(id)) ?? null;
	});
}

/** How good a model is, from an index: no run is read. null where that was not judged. @throws Trouble */
export async function readStanding(modelId: string): Promise<Standing | null> {
	const range = IDBKeyRange.bound([modelId], [modelId, []]);
	const key = await read(['runs'], async (transaction) => {
		const cursor = await transaction.objectStore('runs').index('standing').openKeyCursor(range);
		return cursor?.key;
	});
	if (!key) return null;
	const [, value, low, high] = key;
	const accuracy = { value, low, high };
	return { accuracy, telling: isTelling(accuracy) };
}

/**
 * The project uses that model, which may be an older one, from now on; out of the trash where it was there.
 *
 * @throws Trouble 'project-gone', 'model-gone', 'storage-full', 'not-saved'; the model before it stays in use
 */
export async function useModel(projectId: string, modelId: string, now: number): Promise<void> {
	await write(['projects', 'models'], async (transaction) => {
		const project = await projectIn(transaction, projectId);
		const model = await transaction.objectStore('models').get(modelId);
		if (model?.projectId !== projectId)
			throw new Trouble(
				'model-gone',
				'This model is not there any more. The one in use stays. Train again to make a new one.'
			);
		const thrown = project.thrownModels?.filter(({ id }) => id !== modelId) ?? [];
		await transaction.objectStore('projects').put(withThrown({ ...project, modelId, changed: now }, thrown));
	});
}

/** A model that goes on learning between runs has a place of its own, one a project. */
export const liveId = (projectId: string) => `live ${projectId}`;

/**
 * Keeps what was learned since the last run, in place of what was kept so before. It can be learned again.
 *
 * @throws Trouble 'storage-full', 'not-saved', 'project-gone'; the one before it stays
 */
export async function saveLiveModel(model: Model): Promise<void> {
	const kept = compact({ ...model, id: liveId(model.projectId) });
	await write(
		['projects', 'models'],
		async (transaction) => {
			await projectIn(transaction, kept.projectId);
			await transaction.objectStore('models').put(kept);
		},
		'relaxed'
	);
}

/** Whether what goes on learning is a model as it was trained, which was taken back into use. Two can be of one moment. */
export function isCopy(live: Model, model: Model): boolean {
	if (live.created !== model.created || (live.tail === undefined) !== (model.tail === undefined))
		return false;
	const numbers = ({ head }: Model) => head.layers.flatMap(({ weights, bias }) => [...weights, ...bias]);
	const [one, other] = [numbers(live), numbers(model)];
	return one.length === other.length && one.every((number, i) => number === other[i]);
}

/** null where nothing was learned since the last run, or what was is a copy of a model in the trash. @throws Trouble */
export async function readLiveModel(projectId: string): Promise<Model | null> {
	return read(['projects', 'models'], async (transaction) => {
		const models = transaction.objectStore('models');
		const live = await models.get(liveId(projectId));
		if (!live) return null;
		const project = await transaction.objectStore('projects').get(projectId);
		for (const { id } of project?.thrownModels ?? []) {
			const model = id === project?.modelId ? undefined : await models.get(id);
			if (model && isCopy(live, model)) return null;
		}
		return live;
	});
}
