/** Two tabs of a real browser on one database. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Edit, Label } from '$lib/domain/project';
import { deleteDatabase } from './database';
import { label, photo, photos, project, type Page } from './suite/page';
import { tab } from './suite/tab';

let one: Page & { close(): void };
let two: Page & { close(): void };
const modules = ['database', 'projects', 'photos', 'edits', 'trash'].map((name) => `storage/${name}.ts`);

beforeEach(async () => {
	await deleteDatabase();
	[one, two] = await Promise.all([tab<Page>(modules), tab<Page>(modules)]);
});
afterEach(() => {
	one.close();
	two.close();
});

const edit = (project: Edit['project'], photos: Edit['photos'] = []): Edit => ({
	projectId: 'p',
	project,
	photos
});

test('fifty edits of two tabs at once are all there, and undone in any order nothing else is', async () => {
	await one.addProject(project());
	await two.addPhotos(photos(1, 50));
	const undos = await Promise.all(
		photos(1, 50).map(({ photo: { id } }, index) =>
			(index % 2 ? one : two).applyEdit(edit({}, [{ id, change: { labelId: 'y' } }]), 5000 + index)
		)
	);
	expect((await one.listPhotos('p')).map(({ labelId }) => labelId)).toEqual(Array(50).fill('y'));
	await Promise.all(undos.slice(0, 25).map((undo, index) => (index % 3 ? two : one).applyEdit(undo, 6000)));
	const labels = (await two.listPhotos('p')).map(({ labelId }) => labelId);
	expect(labels).toEqual([...Array(25).fill('x'), ...Array(25).fill('y')]);
});

test('labels that two tabs change at once are all there', async () => {
	await one.addProject(project('p', { labels: [] }));
	const seen: Label[] = [];
	await Promise.all(
		['a', 'b', 'c', 'd', 'e', 'f'].map((id, index) =>
			(index % 2 ? one : two).applyEdit(
				{ ...edit({ labels: [...seen, label(id)] }), seen: { labels: seen } },
				5000 + index
			)
		)
	);
	const { labels } = (await two.readProject('p')) ?? project();
	expect(labels.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test('what one tab deletes for good the other can no longer edit, nor add to', async () => {
	await one.addProject(project());
	const undo = await one.applyEdit(edit({ trashed: 1 }), 5000);
	await two.emptyTrash();
	await expect(one.applyEdit(undo, 6000)).rejects.toMatchObject({ code: 'edit-outdated' });
	await expect(one.addPhotos([photo(1)])).rejects.toMatchObject({ code: 'project-gone' });
});

test('a tab that purges leaves alone what another is copying, and takes back what a closed one left', async () => {
	await one.addProject(project());
	await one.addPhotos(photos(1, 200));
	let ids = 0;
	const copy = { id: 'c', name: 'Copy', now: 9000, newId: () => `new ${++ids}` };
	const copying = one.duplicateProject('p', copy);
	while ((await two.listPhotos('c')).length === 0) await two.purgeTrash(0);
	await two.purgeTrash(0);
	await copying;
	expect(await two.listPhotos('c')).toHaveLength(200);
	void one.duplicateProject('p', { ...copy, id: 'd' }).catch(() => undefined);
	while ((await two.listPhotos('d')).length === 0);
	one.close();
	await expect.poll(() => two.purgeTrash(0).then(() => two.listPhotos('d'))).toEqual([]);
	expect(await two.listPhotos('c')).toHaveLength(200);
	expect((await two.listProjects()).map(({ id }) => id)).toEqual(['c', 'p']);
});
