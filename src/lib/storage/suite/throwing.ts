import { expect, test } from 'vitest';
import { takeBackModel, throwAwayModel } from '$lib/domain/edits';
import type { Project } from '$lib/domain/project';
import { counter } from './keeping';
import {
	cut,
	DAY,
	dump,
	evaluation,
	model,
	onRequests,
	page,
	project,
	run,
	tunedModel,
	type Page
} from './page';

const OLD = 100 * DAY;
const NOW = OLD + 30 * DAY;
const outdated = { name: 'Trouble', code: 'edit-outdated' };

/** A project with three runs, the first of whose models is in use; another project with one. */
async function withRuns(): Promise<Page> {
	const here = await page();
	for (const id of ['p', 'q']) await here.addProject(project(id));
	await here.addRun(run('r1', 'm1', { started: 1 }), model('m1'), true);
	await here.addRun(run('r2', 'm2', { started: 2, evaluation: evaluation(0.9) }), tunedModel('m2'), false);
	await here.addRun(run('r3', 'm3', { started: 3 }), model('m3'), false);
	await here.addRun(run('rq', 'mq', { projectId: 'q' }), model('mq', 'q'), true);
	await here.saveLiveModel({ ...model('live'), created: 9001 });
	return here;
}

async function current(here: Page): Promise<Project> {
	const found = await here.readProject('p');
	if (!found) throw new Error('The project is gone.');
	return found;
}

/** As a page does it that has `project` before it. */
const throwAway = async (here: Page, id: string, trashed: number, project?: Project) => {
	const step = throwAwayModel(
		project ?? (await current(here)),
		{ id, runId: `r${id.slice(1)}`, trashed },
		id
	);
	return here.applyEdit(step.edit, trashed);
};

const modelsOf = async (here: Page) =>
	Object.fromEntries((await here.listRuns('p')).map(({ id, modelId }) => [id, modelId]));
const ALL = { r1: 'm1', r2: 'm2', r3: 'm3' };

export function throwing(): void {
	test('a model that is thrown away leaves its run as it was, and undoing gives back the same rows', async () => {
		const here = await withRuns();
		const before = await dump(here);
		const undo = await throwAway(here, 'm2', OLD);
		const next = await page();
		expect(await modelsOf(next)).toEqual({ ...ALL, r2: null });
		expect((await next.listRuns('p'))[1]).toMatchObject({ id: 'r2', evaluation: evaluation(0.9) });
		expect(await next.readModel('m2')).toEqual(tunedModel('m2'));
		const redo = await here.applyEdit(undo, 6000);
		expect(await dump(here)).toEqual(before);
		const undoAgain = await here.applyEdit(redo, OLD + 1);
		expect(await modelsOf(here)).toEqual({ ...ALL, r2: null });
		await here.applyEdit(undoAgain, 6000);
		expect(await dump(here)).toEqual(before);
	});

	test('a run says what its model takes, also of a project from a file', async () => {
		const here = await withRuns();
		const bytes = Object.fromEntries((await here.listRuns('p')).map((one) => [one.id, one.modelBytes]));
		// Eight weights, two biases, twelve of the gate; the tuned one's six besides.
		expect(bytes).toEqual({ r1: 88, r2: 112, r3: 88 });
		async function* one<T>(row: T) {
			yield row;
		}
		await here.restoreProject(project('f'), {
			models: one(tunedModel('mf', 'f')),
			runs: one(run('rf', 'mf', { projectId: 'f' })),
			photos: one([])
		});
		expect((await here.listRuns('f'))[0]?.modelBytes).toBe(112);
	});

	test('the one in use stays, also where another tab took it into use meanwhile', async () => {
		const here = await withRuns();
		const seen = await current(here);
		await expect(throwAway(here, 'm1', OLD)).rejects.toMatchObject(outdated);
		await (await page()).useModel('p', 'm2', 5000);
		const before = await dump(here);
		await expect(throwAway(here, 'm2', OLD, seen)).rejects.toMatchObject(outdated);
		expect(await dump(here)).toEqual(before);
		await throwAway(here, 'm1', OLD, seen);
		expect(await modelsOf(here)).toEqual({ ...ALL, r1: null });
	});

	test('one that is taken into use comes out of the trash', async () => {
		const here = await withRuns();
		const undo = await throwAway(here, 'm2', OLD);
		await throwAway(here, 'm3', OLD);
		await here.useModel('p', 'm2', 5000);
		expect(await current(here)).toMatchObject({ modelId: 'm2', thrownModels: [{ id: 'm3' }] });
		await expect(here.applyEdit(undo, 6000)).rejects.toMatchObject(outdated);
		await here.emptyTrash('p');
		expect(await here.readModel('m2')).toEqual(tunedModel('m2'));
		expect(await modelsOf(here)).toEqual({ ...ALL, r3: null });
	});

	test('two tabs throw away at once, and each takes back its own', async () => {
		const first = await withRuns();
		const second = await page();
		const seen = await current(first);
		const undo = await throwAway(first, 'm3', OLD + 1, seen);
		await throwAway(second, 'm2', OLD, seen);
		expect((await current(first)).thrownModels?.map(({ id }) => id)).toEqual(['m2', 'm3']);
		await first.applyEdit(undo, 6000);
		expect(await modelsOf(first)).toEqual({ ...ALL, r2: null });
		await second.applyEdit(takeBackModel(await current(second), 'm2', '').edit, 7000);
		expect(await modelsOf(first)).toEqual(ALL);
		expect('thrownModels' in (await current(first))).toBe(false);
	});

	test('after thirty days it is gone for good, and its run stays; nothing else goes', async () => {
		const here = await withRuns();
		const seen = await current(here);
		const undo = await throwAway(here, 'm2', OLD);
		await throwAway(here, 'm3', OLD + 1);
		await here.purgeTrash(NOW - 1);
		expect(await here.readModel('m2')).not.toBeNull();
		expect(await here.purgeTrash(NOW)).toBe(0);
		expect([await here.readModel('m2'), await here.readModel('m3')]).toEqual([null, model('m3')]);
		expect(await modelsOf(here)).toEqual({ ...ALL, r2: null, r3: null });
		await expect(here.applyEdit(undo, NOW)).rejects.toMatchObject(outdated);
		await here.emptyTrash('q');
		expect(await here.readModel('m3')).not.toBeNull();
		await here.emptyTrash('p');
		expect(await here.readModel('m3')).toBeNull();
		expect(await modelsOf(here)).toEqual({ r1: 'm1', r2: null, r3: null });
		expect(await current(here)).toEqual({ ...seen, changed: OLD + 1 });
		expect((await here.readRunOf('m2')) ?? (await here.readStanding('m2'))).toBeNull();
		for (const id of ['m1', 'mq', 'live p']) expect(await here.readModel(id)).not.toBeNull();
	});

	test('cut off at any request, emptying takes a model with what its run says of it, or leaves both', async () => {
		for (let n = 1, killed = true; killed; n++) {
			await (await page()).deleteDatabase();
			const here = await withRuns();
			await throwAway(here, 'm2', OLD);
			killed = false;
			const end = onRequests((count, transaction) => {
				if (count < n) return;
				killed = true;
				cut(transaction);
			});
			await here.emptyTrash('p').catch((cause: unknown) => expect(cause).toMatchObject({ name: 'Trouble' }));
			end();
			const next = await page();
			const waits = (await current(next)).thrownModels !== undefined;
			expect((await next.readModel('m2')) !== null).toBe(waits);
			if (waits) await next.applyEdit(takeBackModel(await current(next), 'm2', '').edit, 6000);
			expect((await modelsOf(next)).r2).toBe(waits ? 'm2' : null);
			if (!killed) expect(waits).toBe(false);
		}
	});

	test('what is in the trash already is not thrown away again, nor what is not there', async () => {
		const here = await withRuns();
		const seen = await current(here);
		const undo = await throwAway(here, 'm2', OLD);
		for (const before of [seen, await current(here)])
			await expect(throwAway(here, 'm2', OLD + 1, before)).rejects.toMatchObject(outdated);
		const redo = await here.applyEdit(undo, 6000);
		const other = await page();
		await throwAway(other, 'm2', OLD);
		await other.emptyTrash('p');
		await expect(here.applyEdit(redo, 7000)).rejects.toMatchObject(outdated);
		await expect(throwAway(here, 'mq', OLD)).rejects.toMatchObject(outdated);
		expect((await current(here)).thrownModels).toBeUndefined();
	});

	test('a model that was taken back into use and then thrown away answers no more, and goes with its copy', async () => {
		const here = await withRuns();
		await here.saveLiveModel({ ...tunedModel('m2'), created: 77 });
		await here.addRun(run('r4', 'm4', { started: 4 }), { ...tunedModel('m4'), created: 77 }, false);
		const undo = await throwAway(here, 'm4', OLD);
		expect(await here.readLiveModel('p')).toBeNull();
		await here.applyEdit(undo, 6000);
		expect(await here.readLiveModel('p')).not.toBeNull();
		// One of the same moment that is another: the head that a tuned model was held against.
		await here.addRun(run('r5', 'm5', { started: 5 }), { ...model('m5'), created: 77 }, false);
		await throwAway(here, 'm5', OLD);
		expect(await here.readLiveModel('p')).not.toBeNull();
		await here.emptyTrash('p');
		expect([await here.readModel('m5'), await here.readModel('live p')]).toEqual([null, expect.anything()]);
		await throwAway(here, 'm4', OLD);
		await here.emptyTrash('p');
		expect(await here.readModel('live p')).toBeNull();
	});

	test('one that an older version took into use, or copied, is not deleted', async () => {
		const here = await withRuns();
		await throwAway(here, 'm2', OLD);
		const thrownModels = [{ id: 'm3', runId: 'r3', trashed: OLD }];
		for (const row of [
			{ ...(await current(here)), modelId: 'm2' },
			{ ...project('q'), modelId: 'mq', thrownModels }
		])
			await here.withDatabase((database) => database.put('projects', row));
		expect(await modelsOf(here)).toEqual(ALL);
		for (const id of ['p', 'q']) await here.emptyTrash(id);
		expect(await modelsOf(here)).toEqual(ALL);
		for (const id of ['m2', 'm3']) expect(await here.readModel(id)).not.toBeNull();
		expect((await current(here)).thrownModels).toBeUndefined();
	});

	test('a copy of the project is without it, and its trash is empty', async () => {
		const here = await withRuns();
		await throwAway(here, 'm2', OLD);
		const copy = { id: 'c', name: 'Copy', now: 9000, newId: counter() };
		const made = await here.duplicateProject('p', copy);
		expect(made.thrownModels).toBeUndefined();
		const runs = await here.listRuns('c');
		expect(runs.map(({ started, modelId }) => [started, modelId !== null])).toEqual([
			[3, true],
			[2, false],
			[1, true]
		]);
		const models = (await dump(here)).filter((row) => row.startsWith('["models"') && row.includes('"c"'));
		expect(models).toHaveLength(2);
	});
}
