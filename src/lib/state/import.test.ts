import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Project } from '$lib/domain/project';
import { deleteDatabase } from '$lib/storage/database';
import { listPhotos } from '$lib/storage/photos';
import { addProject } from '$lib/storage/projects';
import { Arrivals } from './arrivals.svelte';
import { ImportState } from './import.svelte';
import { ProjectState } from './project.svelte';
import { Room } from './room.svelte';

const shared = vi.hoisted(() => ({ files: [] as File[], forget: vi.fn(() => Promise.resolve()) }));
vi.mock('$lib/services/shell', () => ({
	readSharedPictures: () => Promise.resolve({ files: shared.files, forget: shared.forget })
}));

const project = (id: string): Project => ({
	...{ id, name: id, created: 1, changed: 1, backboneId: 'b', crop: 'centre' },
	...{ views: [], modelId: null, trashed: null },
	labels: ['x', 'y'].map((label) => ({
		...{ id: `${id} ${label}`, name: label, colour: 0, off: false, trashed: null }
	}))
});
const files = (...names: string[]) => names.map((name) => new File([name], name, { type: 'image/png' }));

let state: ProjectState;
let imports: ImportState;
/** Photos are made once it is resolved. */
let makeThem: () => void;
beforeEach(async () => {
	shared.files = [];
	shared.forget.mockClear();
	for (const id of ['a', 'b']) await addProject(project(id));
	state = new ProjectState();
	await state.open('a');
	const gate = new Promise<void>((resolve) => (makeThem = resolve));
	imports = new ImportState(state, new Room(), {
		async make(_source, name) {
			await gate;
			const picture = { bytes: new ArrayBuffer(4), type: 'image/png' };
			return {
				...{ picture, thumbnail: picture, width: 4, height: 3, bytes: 4 },
				...{ sha256: name, hash: '0'.repeat(16) }
			};
		}
	});
});
afterEach(() => deleteDatabase());

const kept = async (id: string) => (await listPhotos(id)).map(({ name, labelId }) => [name, labelId]);

test('what is brought goes into the project that was open then, however late its turn comes', async () => {
	await imports.bring(files('one.png'), 'a x');
	await imports.bring(files('two.png'), 'a y');
	await state.open('b');
	makeThem();
	await imports.give(null);
	expect(await kept('a')).toEqual([
		['one.png', 'a x'],
		['two.png', 'a y']
	]);
	expect(await kept('b')).toEqual([]);
	expect(state.undoWords).toBeNull();
	expect(imports.report).toBeNull();
	await vi.waitFor(() => expect(imports.progress).toBeNull());
});

test('a question of one project is not asked in another, and is asked again on return', async () => {
	await imports.bring(files('one.png'));
	expect(imports.asking?.count).toBe(1);
	await state.open('b');
	expect(imports.asking).toBeNull();
	makeThem();
	await imports.give('b x');
	expect(await kept('b')).toEqual([]);
	await state.open('a');
	expect(imports.asking?.count).toBe(1);
	await imports.give('b x');
	expect(imports.asking?.count).toBe(1);
	await imports.give('a y');
	expect(await kept('a')).toEqual([['one.png', 'a y']]);
});

test('what is brought while one question is open is asked about next', async () => {
	await imports.bring(files('one.png'));
	await imports.bring(files('two.png', 'three.png'));
	expect(imports.asking?.count).toBe(1);
	makeThem();
	await imports.give('a x');
	expect(imports.asking?.count).toBe(2);
	imports.refuse();
	expect(imports.asking).toBeNull();
	expect(await kept('a')).toEqual([['one.png', 'a x']]);
});

test('ending ends what waits for its turn too', async () => {
	await imports.bring(files('one.png'), 'a x');
	await imports.bring(files('two.png'), 'a y');
	await imports.bring(files('three.png'));
	const stopping = imports.stop();
	makeThem();
	await stopping;
	expect((await kept('a')).flat()).not.toContain('two.png');
	expect(imports.asking).toBeNull();
});

test('shared photos that are in are put away, and what arrived since waits on', async () => {
	const arrivals = new Arrivals();
	shared.files = files('shared.png');
	await imports.admit(arrivals);
	await arrivals.bring(files('later.png'));
	makeThem();
	await imports.give('a x');
	expect(shared.forget).toHaveBeenCalledTimes(1);
	expect(arrivals.sources.map(({ path }) => path)).toEqual(['later.png']);
	await arrivals.putAway();
	expect(arrivals.sources).toEqual([]);
	expect(shared.forget).toHaveBeenCalledTimes(1);
});

test('what arrived is asked about in the project that was chosen last', async () => {
	const arrivals = new Arrivals();
	await arrivals.bring(files('one.png'));
	await imports.admit(arrivals);
	await state.open('b');
	await imports.admit(arrivals);
	makeThem();
	await imports.give('b x');
	await state.open('a');
	expect(imports.asking).toBeNull();
	expect(await kept('b')).toEqual([['one.png', 'b x']]);
});
