import { afterEach, expect, test, vi } from 'vitest';
import { withDatabase } from './database';
import { eraseEverything } from './everything';

afterEach(() => vi.restoreAllMocks());

async function fill() {
	await withDatabase((database) => database.put('settings', 'duo', 'backboneId'));
	for (const name of ['lensmith-files-v1', 'lensmith-precache-v2', 'other-app'])
		await (await caches.open(name)).put('/x', new Response('x'));
}

test('takes back the database and our caches, and leaves those of others', async () => {
	await fill();
	await eraseEverything();
	expect((await caches.keys()).filter((name) => name !== 'other-app')).toEqual([]);
	expect(await caches.has('other-app')).toBe(true);
	expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain('lensmith');
	expect(await withDatabase((database) => database.getAll('settings'))).toEqual([]);
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
