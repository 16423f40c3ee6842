import { afterEach, expect, test, vi } from 'vitest';
import { withDatabase } from './database';
import { eraseEverything } from './everything';
import { addPhotos } from './photos';
import { addProject, listProjects } from './projects';
import { photo, project } from './suite/page';

afterEach(() => vi.restoreAllMocks());

const ours = ['lensmith-files-v1', 'lensmith-shared', `lensmith-precache-v2-${location.origin}/`];
/** Another copy of the app on this host, and another app. */
const others = [
	'lensmith-files-v1/app',
	'lensmith-shared/app',
	`lensmith-precache-v2-${location.origin}/app/`,
	'other-app'
];

async function fill() {
	await withDatabase((database) => database.put('settings', 'duo', 'backboneId'));
	await addProject(project());
	await addPhotos([photo(1)]);
	for (const name of [...ours, ...others]) await (await caches.open(name)).put('/x', new Response('x'));
}

test('takes back the database and our caches, and leaves those of others and of other copies', async () => {
	await fill();
	await eraseEverything();
	expect((await caches.keys()).sort()).toEqual(others.sort());
	expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain('lensmith');
	expect(await withDatabase((database) => database.getAll('settings'))).toEqual([]);
	expect(await withDatabase((database) => database.getAll('pictures'))).toEqual([]);
	expect(await listProjects()).toEqual([]);
});

test('a part that cannot be erased is named, and the rest goes all the same', async () => {
	await fill();
	vi.spyOn(caches, 'keys').mockRejectedValue(new DOMException('broken', 'UnknownError'));
	await expect(eraseEverything()).rejects.toMatchObject({
		code: 'erase-incomplete',
		message: expect.stringContaining('left: kept files.')
	});
	expect(await withDatabase((database) => database.getAll('settings'))).toEqual([]);
});
