import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NewPhoto, Project } from '$lib/domain/project';
import { deleteDatabase } from '$lib/storage/database';
import { addRun } from '$lib/storage/models';
import { addPhotos, listPhotos } from '$lib/storage/photos';
import { addProject, readProject } from '$lib/storage/projects';
import { model, run } from '$lib/storage/suite/page';
import { ProjectState } from './project.svelte';

const project = (id: string): Project => ({
	...{ id, name: `Project ${id}`, created: 1, changed: 1, backboneId: 'b', crop: 'centre' },
	...{ views: [], modelId: null, trashed: null },
	labels: [{ id: 'daisy', name: 'Daisy', colour: 0, off: false, trashed: null }]
});

function photo(id: string, projectId: string): NewPhoto {
	const picture = { bytes: new ArrayBuffer(4), type: 'image/png' };
	return {
		photo: {
			...{ id, projectId, labelId: 'daisy', burstId: id, added: 2, source: 'camera', name: '' },
			...{ width: 4, height: 3, bytes: 4, sha256: id, hash: '0'.repeat(16), split: null, trashed: null }
		},
		...{ picture, thumbnail: picture }
	};
}

let state: ProjectState;
beforeEach(async () => {
	for (const id of ['a', 'b']) {
		await addProject(project(id));
		await addPhotos([photo(`${id} 1`, id), photo(`${id} 2`, id)]);
	}
	state = new ProjectState();
	await state.open('a');
});
afterEach(() => deleteDatabase());

const shown = async (id: string) =>
	(await listPhotos(id)).filter(({ trashed }) => trashed === null).map((one) => one.id);

test('a burst that ends while a step is undone is the next step to undo, and its own', async () => {
	await state.rename('Flowers');
	const undoing = state.undo();
	await state.allArrived('a', ['a 1', 'a 2']);
	await undoing;
	expect(state.undoWords).toBe('Added 2 photos to Daisy');
	await state.undo();
	expect(await shown('a')).toEqual([]);
	expect((await readProject('a'))?.name).toBe('Project a');
	expect(state.undoWords).toBeNull();
});

test('photos that arrived in a project that was left are no step of the one that is open', async () => {
	await state.open('b');
	await state.allArrived('a', ['a 1', 'a 2']);
	expect(state.undoWords).toBeNull();
	expect(state.said).toBeNull();
});

test('a change that is kept after its project was left changes it, and is no step of the next', async () => {
	const first = state.rename('Flowers');
	const second = state.addLabel('Rose');
	await state.open('b');
	expect(await first).toBe(true);
	expect(await second).not.toBeNull();
	expect(state.undoWords).toBeNull();
	expect(await readProject('b')).toEqual({ ...project('b'), changed: 2 });
	const { name, labels } = (await readProject('a')) ?? {};
	expect([name, labels?.map((label) => label.name)]).toEqual(['Flowers', ['Daisy', 'Rose']]);
});

test('undoing that is still going on when its project is left undoes nothing of the next', async () => {
	await state.rename('Flowers');
	const undoing = state.undo();
	const again = state.undo();
	await state.open('b');
	await state.rename('Birds');
	await Promise.all([undoing, again]);
	expect(state.undoWords).toBe('Renamed Project b to Birds');
	await state.redo();
	expect((await readProject('b'))?.name).toBe('Birds');
});

test('a doubted label that was said to be right stays so, what is shown as what is kept, until undone', async () => {
	const both = async () => {
		const kept = (await listPhotos('a')).map(({ confirmed }) => confirmed);
		expect(state.photos.map(({ confirmed }) => confirmed).reverse()).toEqual(kept);
		return kept;
	};
	await state.confirmPhotos(['a 1']);
	expect(state.undoWords).toBe('Kept 1 photo as Daisy');
	expect(await both()).toEqual(['daisy', undefined]);
	await state.undo();
	expect(await both()).toEqual([undefined, undefined]);
	await state.redo();
	expect(await both()).toEqual(['daisy', undefined]);
	await state.doubtPhotos(['a 1']);
	expect(await both()).toEqual([undefined, undefined]);
});

test('a model goes to the trash and comes back by undoing, or out of the trash, which can be undone', async () => {
	const there = () => state.current?.thrownModels?.map(({ id, runId }) => [id, runId]) ?? [];
	await addRun(run('r', 'm', { projectId: 'a' }), model('m', 'a'), false);
	expect(await state.throwAwayModel({ id: 'm', runId: 'r' }, 'Head')).toBe(true);
	expect(state.said).toMatchObject({ words: 'Threw away the model “Head”', action: 'Undo' });
	expect(there()).toEqual([['m', 'r']]);
	await state.undo();
	expect(there()).toEqual([]);
	await state.redo();
	await state.takeBackModel('m', 'Head');
	expect(state.undoWords).toBe('Took back the model “Head”');
	expect(there()).toEqual([]);
	await state.undo();
	expect(there()).toEqual([['m', 'r']]);
	expect((await readProject('a'))?.thrownModels).toEqual(state.current?.thrownModels);
});

test('only what is moved or thrown away is selected no more', async () => {
	state.select(new Set(['a 1', 'a 2']));
	await state.throwAwayPhotos(['a 1']);
	expect([...state.selected]).toEqual(['a 2']);
	await state.undo();
	expect([...state.selected]).toEqual(['a 2']);
	await state.movePhotos(['a 1'], 'daisy');
	expect([...state.selected]).toEqual(['a 2']);
	await state.movePhotos(['a 2'], 'daisy');
	expect([...state.selected]).toEqual([]);
});

test('undoing and doing again tell which photos changed, and nothing where there is nothing to do', async () => {
	await state.throwAwayPhotos(['a 1']);
	await state.throwAwayPhotos(['a 2']);
	expect(await state.undo()).toEqual(['a 2']);
	expect(await state.undo()).toEqual(['a 1']);
	expect(await state.undo()).toEqual([]);
	expect(await state.redo()).toEqual(['a 1']);
	await state.rename('Flowers');
	expect(await state.undo()).toEqual([]);
});
