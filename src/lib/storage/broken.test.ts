/** Its own file, so its own process: the memory database replaces IndexedDB for good. */
import { IDBFactory } from 'fake-indexeddb';
import { expect, test, vi } from 'vitest';

test('a database that cannot be opened gives way to memory, is told of, and can still be deleted', async () => {
	const broken = new IDBFactory();
	let opens = 0;
	broken.open = () => {
		opens++;
		throw new DOMException('Internal error opening backing store', 'UnknownError');
	};
	const deleted: string[] = [];
	const deleteDatabase = broken.deleteDatabase.bind(broken);
	broken.deleteDatabase = (name) => {
		deleted.push(name);
		return deleteDatabase(name);
	};
	vi.stubGlobal('indexedDB', broken);
	const database = await import('./database');
	const { storageHealth } = await import('./health');
	await database.withDatabase((rows) => rows.put('settings', 3, 'maxFps'));
	expect(await database.withDatabase((rows) => rows.get('settings', 'maxFps'))).toBe(3);
	expect(opens).toBe(2);
	expect(storageHealth()).toMatchObject({ persistent: false, reason: expect.stringContaining('Erase') });
	await database.deleteDatabase();
	expect(deleted).toEqual(['lensmith']);
	expect(await database.withDatabase((rows) => rows.getAll('settings'))).toEqual([]);
});
