/** Its own file: the memory database replaces IndexedDB for good. In a browser, where the real one must give way. */
import { expect, test, vi } from 'vitest';
import { feature, photo, photos, project } from './suite/page';

test('where the browser has no storage, all works for the session and the person is told', async () => {
	vi.stubGlobal('indexedDB', undefined);
	const { readSettings, writeSettings } = await import('./settings');
	const { storageHealth } = await import('./health');
	const { lastErrors, noteError } = await import('./errors');
	const { withDatabase } = await import('./database');
	expect(await readSettings()).toMatchObject({ backboneId: null, maxFps: 15 });
	await writeSettings({ maxFps: 10 });
	expect((await readSettings()).maxFps).toBe(10);
	expect(await withDatabase((database) => database.get('settings', 'maxFps'))).toBe(10);
	const { addProject, duplicateProject, listProjects } = await import('./projects');
	const { addPhotos, listPhotos, photoSummaries, readPicture } = await import('./photos');
	const { applyEdit } = await import('./edits');
	const { emptyTrash } = await import('./trash');
	const { putFeatures, readFeatures } = await import('./features');
	const { askToPersist, roomFor, storageUsage } = await import('./usage');
	await addProject(project());
	await addPhotos(photos(1, 3));
	const undo = await applyEdit(
		{ projectId: 'p', project: {}, photos: [{ id: 'p-00001', change: { trashed: 1 } }] },
		5000
	);
	expect((await photoSummaries('p')).counts.get('x')).toBe(2);
	await applyEdit(undo, 6000);
	expect(await readPicture('p-00001')).toEqual(photo(1).picture);
	await putFeatures('p', 'b', 'centre', [feature(photo(1))]);
	expect((await readFeatures('p', 'b', 'centre')).get('p-00001')).toEqual(feature(photo(1)).vector);
	let ids = 0;
	await duplicateProject('p', { id: 'q', name: 'Copy', now: 7000, newId: () => `new ${++ids}` });
	expect((await listProjects()).map(({ id }) => id)).toEqual(['q', 'p']);
	await applyEdit({ projectId: 'p', project: { trashed: 1 }, photos: [] }, 8000);
	expect(await emptyTrash()).toBe(3);
	expect(await listPhotos('q')).toHaveLength(3);
	expect(await storageUsage()).toBeNull();
	expect(await roomFor(1e15)).toBe(true);
	expect(typeof (await askToPersist())).toBe('boolean');
	await noteError('camera', new Error('gone'));
	expect(await lastErrors()).toMatchObject([{ where: 'camera', message: 'Error: gone' }]);
	expect(storageHealth()).toMatchObject({
		persistent: false,
		reason: expect.stringContaining('until the page is closed')
	});
});
