import { openDB, type IDBPDatabase } from 'idb';
import { expect, test } from 'vitest';
import { received, receivedFiles } from './receiving';
import { dump, evaluation, halves, page, photo, project, run, tuning } from './page';

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

function storesOfVersion2(database: IDBPDatabase): void {
	database.createObjectStore('settings');
	database.createObjectStore('downloads', { keyPath: ['sha256', 'offset'] });
	database.createObjectStore('errors', { autoIncrement: true });
	database.createObjectStore('projects', { keyPath: 'id' });
	const photos = database.createObjectStore('photos', { keyPath: 'id' });
	photos.createIndex('byProject', 'projectId');
	photos.createIndex('byLabel', ['projectId', 'labelId', 'added']);
	photos.createIndex('trashed', 'trashed');
	photos.createIndex('trashedByLabel', ['projectId', 'labelId', 'trashed']);
	database.createObjectStore('pictures');
	database.createObjectStore('thumbnails');
	const features = database.createObjectStore('features', { keyPath: ['photoId', 'backbone', 'view'] });
	features.createIndex('byProjectView', ['projectId', 'backbone', 'view']);
	database.createObjectStore('models', { keyPath: 'id' }).createIndex('byProject', 'projectId');
	database.createObjectStore('runs', { keyPath: 'id' }).createIndex('byProject', 'projectId');
}

/** The stores of version 2, as it made them, with a project, a photo and a judged run in them. */
async function writeVersion2(): Promise<void> {
	const database = await openDB('lensmith', 2, {
		upgrade: storesOfVersion2
	});
	await database.put('projects', project('p', { modelId: 'm' }));
	await database.put('photos', photo(1).photo);
	for (const one of runsOfVersion2) await database.put('runs', one);
	database.close();
}

/** The stores of version 4, as it made them, with a received model beside what version 2 had. */
async function writeVersion4(): Promise<void> {
	const database = await openDB('lensmith', 4, {
		upgrade(database, _old, _new, transaction) {
			storesOfVersion2(database);
			const accuracy = ['value', 'low', 'high'].map((figure) => `evaluation.accuracy.${figure}`);
			transaction.objectStore('runs').createIndex('standing', ['modelId', ...accuracy]);
			database.createObjectStore('received', { keyPath: 'id' });
			database.createObjectStore('receivedFiles');
		}
	});
	await database.put('projects', project('p', { modelId: 'm' }));
	await database.put('photos', photo(1).photo);
	for (const one of runsOfVersion2) await database.put('runs', one);
	await database.put('received', received('f1'));
	await database.put('receivedFiles', receivedFiles.onnx.slice().buffer, ['f1', 'model', 0]);
	database.close();
}

/** One that was judged, one of too few photos for that, and one that failed. */
const runsOfVersion2 = [
	run('r', 'm', { evaluation: evaluation(0.9) }),
	run('s', 'few', { evaluation: null }),
	run('t', null, { state: 'failed', evaluation: null })
];

export function migrating(): void {
	test('a device of version 4 keeps what it had, and can keep where a training stands', async () => {
		await writeVersion4();
		const here = await page();
		expect(await here.listProjects()).toEqual([project('p', { modelId: 'm' })]);
		expect(await here.listPhotos('p')).toEqual([photo(1).photo]);
		expect(await here.readStanding('m')).toEqual({ accuracy: evaluation(0.9).accuracy, telling: true });
		expect(await here.listReceived()).toEqual([received('f1')]);
		expect(await here.readTuning('p')).toBeNull();
		await here.putRows('p', [{ row: 3, halves: halves(3) }]);
		await here.keepTuning(tuning());
		const next = await page();
		expect(await next.readRows('p', [3])).toEqual([halves(3)]);
		expect(await next.readTuning('p')).toEqual(tuning());
	});

	test('a device of version 2 keeps what it had, and knows how good its models are', async () => {
		await writeVersion2();
		const here = await page();
		expect(await here.listProjects()).toEqual([project('p', { modelId: 'm' })]);
		expect(await here.listPhotos('p')).toEqual([photo(1).photo]);
		expect(await here.listRuns('p')).toHaveLength(runsOfVersion2.length);
		expect(await here.listRuns('p')).toEqual(expect.arrayContaining(runsOfVersion2));
		expect(await here.readStanding('m')).toEqual({ accuracy: evaluation(0.9).accuracy, telling: true });
		expect(await here.readStanding('few')).toBeNull();
	});

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

	test('a new device comes straight to the same stores as one that had an older version', async () => {
		const fresh = await shape();
		await (await page()).deleteDatabase();
		await writeVersion1();
		expect(await shape()).toEqual(fresh);
		await (await page()).deleteDatabase();
		await writeVersion2();
		expect(await shape()).toEqual(fresh);
		await (await page()).deleteDatabase();
		await writeVersion4();
		expect(await shape()).toEqual(fresh);
		expect(fresh).toHaveLength(14);
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
