import 'fake-indexeddb/auto';
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import { openDB, unwrap } from 'idb';
import { beforeEach, expect, test, vi } from 'vitest';

/** A fresh page: its own modules on its own disk (or, with `disk`, on the one it shares with other tabs). */
async function page(disk: IDBFactory | undefined = new IDBFactory()) {
	vi.resetModules();
	vi.stubGlobal('indexedDB', disk);
	const [database, health, schema] = await Promise.all([
		import('./database'),
		import('./health'),
		import('./schema')
	]);
	return { ...database, ...health, ...schema, disk };
}
beforeEach(() => vi.unstubAllGlobals());

test('an older version keeps its data through every later migration', async () => {
	const { migrations, withDatabase } = await page();
	for (let version = 1; version <= migrations.length; version++) {
		vi.stubGlobal('indexedDB', new IDBFactory());
		const old = await openDB('lensmith', version, {
			upgrade: (database, _old, _new, transaction) =>
				migrations.slice(0, version).forEach((migrate) => migrate(database as never, transaction as never))
		});
		await old.put('settings', 'mobilenet', 'backboneId');
		old.close();
		const fresh = await page(globalThis.indexedDB);
		expect(await fresh.withDatabase((database) => database.get('settings', 'backboneId'))).toBe('mobilenet');
		expect(await fresh.withDatabase(async (database) => database.version)).toBe(migrations.length);
	}
	expect(await withDatabase(async (database) => [...database.objectStoreNames])).toEqual(
		expect.arrayContaining(['settings', 'downloads', 'errors'])
	);
});

test('a connection that the browser closed is opened again and the work is done once more', async () => {
	const { withDatabase, storageHealth } = await page();
	const opened: unknown[] = [];
	let tries = 0;
	await withDatabase(async (database) => {
		opened.push(database);
		// What Safari does to a page in the background.
		if (tries++ === 0) {
			forceCloseDatabase(unwrap(database) as never); // its types want the class, not the connection
		}
		await database.put('settings', 7, 'maxFps');
	});
	expect(tries).toBe(2);
	expect(opened[0]).not.toBe(opened[1]);
	expect(await withDatabase((database) => database.get('settings', 'maxFps'))).toBe(7);
	expect(storageHealth()).toEqual({ persistent: true });
});

test('work that the browser aborted together with its connection is done once more, other aborts are not', async () => {
	const { withDatabase } = await page();
	let tries = 0;
	const abort = () => Promise.reject(new DOMException('aborted', 'AbortError'));
	const work = async (database: Parameters<Parameters<typeof withDatabase>[0]>[0]) => {
		if (tries++ > 0) return 'done';
		forceCloseDatabase(unwrap(database) as never); // its types want the class, not the connection
		return abort();
	};
	expect(await withDatabase(work)).toBe('done');
	tries = 0;
	await expect(withDatabase(() => (tries++, abort()))).rejects.toMatchObject({ name: 'AbortError' });
	expect(tries).toBe(1);
});

test('a connection that is lost twice in one piece of work is told as not saved, and the next work goes on', async () => {
	const { withDatabase } = await page();
	const lost = withDatabase(async (database) => {
		database.close();
		return database.put('settings', 1, 'maxFps');
	});
	await expect(lost).rejects.toMatchObject({ code: 'database-lost' });
	await expect(withDatabase((database) => database.put('settings', 2, 'maxFps'))).resolves.toBe('maxFps');
});

test('a fault of the work itself is passed on and not repeated', async () => {
	const { withDatabase } = await page();
	let tries = 0;
	const work = withDatabase(async () => {
		tries++;
		throw new DOMException('full', 'QuotaExceededError');
	});
	await expect(work).rejects.toMatchObject({ name: 'QuotaExceededError' });
	expect(tries).toBe(1);
});

test('a database of a newer version is told and left as it is', async () => {
	const { withDatabase, storageHealth, migrations, disk } = await page();
	const newer = await openDB('lensmith', migrations.length + 1, {
		upgrade: (database) => void database.createObjectStore('settings')
	});
	await newer.put('settings', 'from the future', 'backboneId');
	newer.close();
	await expect(withDatabase(async () => 1)).rejects.toMatchObject({ code: 'database-newer' });
	expect(storageHealth()).toMatchObject({ persistent: false, reason: expect.stringContaining('Reload') });
	vi.stubGlobal('indexedDB', disk);
	const again = await openDB('lensmith', migrations.length + 1);
	expect(await again.get('settings', 'backboneId')).toBe('from the future');
});

/** A page of the next version, which brings one more migration. */
async function laterPage(disk: IDBFactory) {
	const later = await page(disk);
	// Readonly for the app; each page has its own copy of the list.
	(later.migrations as (() => void)[]).push(() => {});
	return later;
}

test('an open tab lets a newer version pass, and is asked to reload', async () => {
	const old = await page();
	await old.withDatabase((database) => database.put('settings', 5, 'maxFps'));
	const later = await laterPage(old.disk);
	expect(await later.withDatabase((database) => database.get('settings', 'maxFps'))).toBe(5);
	expect(later.storageHealth()).toEqual({ persistent: true });
	expect(old.storageHealth()).toMatchObject({ persistent: false, reason: expect.stringContaining('Reload') });
	await expect(old.withDatabase(async () => 1)).rejects.toMatchObject({ code: 'database-newer' });
});

test('an old tab that holds on is told of, and the work goes on once it has closed', async () => {
	const disk = new IDBFactory();
	vi.stubGlobal('indexedDB', disk);
	// A frozen tab: it has the database open and does not listen to `versionchange`.
	const holding = await openDB('lensmith', 1, {
		upgrade: (database) => void database.createObjectStore('settings')
	});
	const later = await laterPage(disk);
	await expect(later.withDatabase(async () => 1)).rejects.toMatchObject({ code: 'database-blocked' });
	expect(later.storageHealth()).toMatchObject({ reason: expect.stringContaining('Close that tab') });
	await expect(later.withDatabase(async () => 1)).rejects.toMatchObject({ code: 'database-blocked' });
	const well = new Promise((resolve) => later.watchStorageHealth(resolve));
	holding.close();
	expect(await well).toEqual({ persistent: true });
	expect(await later.withDatabase(async (database) => database.version)).toBe(later.migrations.length);
});

test('deleting leaves nothing, also while another tab has it open', async () => {
	const { withDatabase, deleteDatabase, disk } = await page();
	const other = await page(disk);
	await other.withDatabase((database) => database.put('settings', 5, 'maxFps'));
	await withDatabase((database) => database.put('settings', 6, 'maxFps'));
	await deleteDatabase();
	expect(await disk.databases()).toEqual([]);
	expect(await other.withDatabase((database) => database.getAll('settings'))).toEqual([]);
	expect(other.storageHealth()).toEqual({ persistent: true });
});

test('deleting tells of a tab that does not let go', async () => {
	const { deleteDatabase } = await page();
	const holding = await openDB('lensmith', 1);
	await expect(deleteDatabase()).rejects.toMatchObject({ code: 'database-blocked' });
	holding.close();
});
