import { openDB } from 'idb';
import { afterEach, expect, test, vi } from 'vitest';
import { counter } from './keeping';
import { received, receivedFiles } from './receiving';
import {
	cut,
	dump,
	feature,
	halves,
	loseConnection,
	model,
	onRequests,
	page,
	photo,
	photos,
	project,
	repeatWrites,
	run,
	tuning,
	BACKBONE,
	type Page,
	type Place
} from './page';

async function filled(): Promise<Page> {
	const here = await page();
	await here.addProject(project());
	await here.addPhotos(photos(1, 3));
	await here.putFeatures(
		'p',
		BACKBONE,
		'centre',
		photos(1, 2).map((one) => feature(one))
	);
	await here.addRun(run('r0', 'm0'), model('m0'), false);
	await here.addRun(run('r1', 'm1'), model('m1'), true);
	await here.addReceived(received('f1'), receivedFiles);
	await here.putRows('p', [{ row: 0, halves: halves(0) }]);
	await here.keepTuning(tuning());
	return here;
}

/** Everything that writes, on a project of three photos. */
const writes: Record<string, (here: Page) => Promise<unknown>> = {
	addProject: ({ addProject }) => addProject(project('n')),
	addPhotos: ({ addPhotos }) => addPhotos(photos(11, 13)),
	applyEdit: ({ applyEdit }) =>
		applyEdit(
			{
				projectId: 'p',
				project: { name: 'New' },
				photos: [
					{ id: 'p-00001', change: { labelId: 'y' } },
					{ id: 'p-00002', change: { trashed: 5000 } }
				]
			},
			5000
		),
	throwAwayModel: ({ applyEdit }) =>
		applyEdit(
			{
				projectId: 'p',
				project: { thrownModels: [{ id: 'm0', runId: 'r0', trashed: 5000 }] },
				photos: [],
				seen: { thrownModels: [] }
			},
			5000
		),
	putFeatures: ({ putFeatures }) =>
		putFeatures(
			'p',
			BACKBONE,
			'whole',
			photos(1, 3).map((one) => feature(one))
		),
	addRun: ({ addRun }) => addRun(run('r2', 'm2'), model('m2'), true),
	useModel: ({ useModel }) => useModel('p', 'm1', 9999),
	noteBackup: ({ noteBackup }) => noteBackup('p', { time: 9999, changed: 9000, until: 2003 }),
	addReceived: ({ addReceived }) => addReceived(received('f2'), receivedFiles),
	putRows: ({ putRows }) =>
		putRows(
			'p',
			[0, 1, 2].map((row) => ({ row, halves: halves(row + 5) }))
		),
	keepTuning: ({ keepTuning }) => keepTuning(tuning('p', { saved: 9999 })),
	changeReceived: ({ changeReceived }) => changeReceived('f1', { name: 'New', trashed: 9000 })
};
const everyWrite = Object.entries(writes);

export function faults(place: Place): void {
	afterEach(() => vi.restoreAllMocks());

	test.each(everyWrite)('%s cut off at any request leaves all or nothing', async (_name, write) => {
		let whole: string[] = [];
		for (let n = 1, killed = true; killed; n++) {
			await place.fresh();
			const here = await filled();
			const before = await dump(here);
			await write(here);
			whole = await dump(here);
			await place.fresh();
			const again = await filled();
			killed = false;
			const end = onRequests((count, transaction) => {
				if (count !== n) return;
				killed = true;
				cut(transaction);
			});
			await write(again).then(
				() => expect(killed).toBe(false),
				(cause: unknown) => expect(cause).toMatchObject({ code: 'not-saved' })
			);
			end();
			expect(await dump(await page())).toEqual(killed ? before : whole);
		}
		expect(whole).not.toEqual([]);
	});

	test.each(everyWrite)('%s on a full disk says so and leaves what was there', async (_name, write) => {
		const here = await filled();
		const before = await dump(here);
		const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
			throw new DOMException('full', 'QuotaExceededError');
		});
		const full = { code: 'storage-full', message: expect.stringContaining('empty the trash') };
		await expect(write(here)).rejects.toMatchObject(full);
		put.mockRestore();
		const end = onRequests((_count, transaction) => {
			Object.defineProperty(transaction, 'error', {
				value: new DOMException('full', 'QuotaExceededError')
			});
			cut(transaction);
			end();
		});
		await expect(write(here)).rejects.toMatchObject(full);
		expect(await dump(await page())).toEqual(before);
		await write(here);
	});

	test('a copy on a full disk leaves nothing', async () => {
		const here = await filled();
		const before = await dump(here);
		const original = IDBObjectStore.prototype.put;
		for (let room = 0; room < 12; room++) {
			let puts = 0;
			vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...row) {
				if (++puts > room) throw new DOMException('full', 'QuotaExceededError');
				return original.apply(this, row);
			});
			const copy = { id: 'c', name: 'Copy', now: 9000, newId: counter() };
			await expect(here.duplicateProject('p', copy)).rejects.toMatchObject({ code: 'storage-full' });
			vi.restoreAllMocks();
			expect(await dump(here)).toEqual(before);
		}
	});

	test.each(everyWrite)('%s goes through where the connection was lost', async (_name, write) => {
		const here = await filled();
		await write(here);
		const whole = await dump(here);
		await place.fresh();
		const again = await filled();
		await loseConnection(again, place);
		await write(again);
		expect(await dump(again)).toEqual(whole);
	});

	test('what is done twice, as the first time was not known to be saved, is as done once', async () => {
		const results = [];
		for (const repeat of [() => () => undefined, () => repeatWrites(place)]) {
			await place.fresh();
			const here = await filled();
			const before = await dump(here);
			const end = repeat();
			for (const [, write] of everyWrite) await write(here);
			await here.duplicateProject('p', { id: 'c', name: 'Copy', now: 9000, newId: counter() });
			const undo = await writes.applyEdit?.(here);
			const after = await dump(here);
			await here.applyEdit({ projectId: 'c', project: { trashed: 1 }, photos: [] }, 1);
			await here.emptyTrash();
			end();
			results.push({ before, undo, after, emptied: await dump(here) });
		}
		expect(results[1]).toEqual(results[0]);
	});

	test('an old tab that holds on is told of, nothing is lost, and the work goes on once it has closed', async () => {
		const holding = await openDB('lensmith', 1, {
			upgrade(database) {
				database.createObjectStore('settings');
				database.createObjectStore('downloads', { keyPath: ['sha256', 'offset'] });
				database.createObjectStore('errors', { autoIncrement: true });
			}
		});
		const here = await page();
		await expect(here.addProject(project())).rejects.toMatchObject({ code: 'database-blocked' });
		await expect(here.listPhotos('p')).rejects.toMatchObject({ code: 'database-blocked' });
		const well = new Promise((resolve) => here.watchStorageHealth(resolve));
		holding.close();
		expect(await well).toEqual({ persistent: true });
		await here.addProject(project());
		await here.addPhotos([photo(1)]);
		expect(await here.listPhotos('p')).toEqual([photo(1).photo]);
	});

	test('deleting the database takes all of it', async () => {
		const here = await filled();
		await here.deleteDatabase();
		expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain('lensmith');
		expect(await dump(here)).toEqual([]);
	});
}
