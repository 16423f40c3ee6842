import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { dump, page, photo, project } from './page';

/** What version 1 wrote: rows of a device that had it, its stores as it made them. */
const version1 = {
	settings: [
		['backboneId', 'mobilenet-v2'],
		['backend', 'wasm'],
		['cameraId', null],
		['maxFps', 8],
		['threads', 2]
	],
	downloads: [
		{ sha256: 'a'.repeat(64), offset: 0, bytes: new Uint8Array([1, 2, 3]).buffer, etag: '"v1"' },
		{ sha256: 'a'.repeat(64), offset: 3, bytes: new Uint8Array([4, 5]).buffer, etag: '"v1"' }
	],
	errors: [{ time: 1_700_000_000_000, where: 'camera', message: 'Trouble: The camera is busy.' }]
};

async function writeVersion1(): Promise<void> {
	const database = await openDB('lensmith', 1, {
		upgrade(database) {
			database.createObjectStore('settings');
			database.createObjectStore('downloads', { keyPath: ['sha256', 'offset'] });
			database.createObjectStore('errors', { autoIncrement: true });
		}
	});
	for (const [key, value] of version1.settings) await database.put('settings', value, String(key));
	for (const row of version1.downloads) await database.put('downloads', row);
	for (const row of version1.errors) await database.add('errors', row);
	database.close();
}

export function migrating(): void {
	test('a device of version 1 keeps what it had, and can keep projects', async () => {
		await writeVersion1();
		const here = await page();
		expect(await here.readSettings()).toMatchObject({
			backboneId: 'mobilenet-v2',
			backend: 'wasm',
			crop: 'centre',
			cameraId: null,
			facing: 'environment',
			mirrorFront: true,
			maxFps: 8,
			threads: 2
		});
		expect(await here.receivedChunks('a'.repeat(64))).toEqual({ bytes: 5, etag: '"v1"' });
		const joined = await here.joinChunks('a'.repeat(64), 5);
		expect([...new Uint8Array(joined ?? new ArrayBuffer(0))]).toEqual([1, 2, 3, 4, 5]);
		expect(await here.lastErrors()).toEqual(version1.errors);
		expect(await dump(here)).toEqual([]);
		await here.addProject(project());
		await here.addPhotos([photo(1)]);
		const next = await page();
		expect(await next.listPhotos('p')).toEqual([photo(1).photo]);
		expect(await next.readSettings()).toMatchObject({ backboneId: 'mobilenet-v2' });
	});

	test('a new device comes straight to the same stores as one that had version 1', async () => {
		const fresh = await shape();
		await (await page()).deleteDatabase();
		await writeVersion1();
		expect(await shape()).toEqual(fresh);
		expect(fresh).toHaveLength(10);
	});
}

/** Stores and indexes of the database. */
async function shape(): Promise<unknown[]> {
	const { withDatabase } = await page();
	return withDatabase(async (database) => {
		const names = [...database.objectStoreNames];
		const transaction = database.transaction(names);
		return names.map((name) => {
			const { keyPath, autoIncrement, indexNames } = transaction.objectStore(name);
			return { name, keyPath, autoIncrement, indexes: [...indexNames].sort() };
		});
	});
}
