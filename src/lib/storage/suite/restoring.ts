import { expect, test, vi } from 'vitest';
import { counter } from './keeping';
import {
	cut,
	dump,
	model,
	onRequests,
	page,
	photo,
	photos,
	project,
	run,
	tunedModel,
	type Page
} from './page';

/** One after the other, and what is done before the next. */
async function* each<T>(list: readonly T[], before: () => void = () => undefined): AsyncGenerator<T> {
	for (const one of list) {
		before();
		yield one;
	}
}

const whole = project('r', { modelId: 'rm' });
const six = photos(1, 6, { projectId: 'r' });

/** A restoration in three bits, whose photos come from a generator. */
const restored = (before?: () => void) => ({
	models: each([tunedModel('rm', 'r')]),
	runs: each([run('rr', 'rm', { projectId: 'r' })]),
	photos: each([six.slice(0, 2), six.slice(2, 4), six.slice(4)], before)
});

/** Another project is there. */
async function filled(): Promise<Page> {
	const here = await page();
	await here.addProject(project());
	await here.addPhotos(photos(1, 2));
	await here.addRun(run('r1', 'm1'), model('m1'), true);
	return here;
}

export function restoring(): void {
	test('a project is there with all of it, under its own ids, and without thumbnails where it has none', async () => {
		const here = await filled();
		const some = six.map((one, i) => (i === 0 ? { ...one, thumbnail: null } : one));
		await here.restoreProject(whole, { ...restored(), photos: each([some]) });
		const next = await page();
		expect(await next.readProject('r')).toEqual(whole);
		expect(await next.listPhotos('r')).toEqual(six.map((one) => one.photo));
		expect(await next.readPicture('r-00006')).toEqual(photo(6).picture);
		expect(await next.readThumbnails(['r-00001', 'r-00002'])).toEqual([null, photo(2).thumbnail]);
		expect(await next.readModel('rm')).toEqual(tunedModel('rm', 'r'));
		expect((await next.listRuns('r')).map(({ id }) => id)).toEqual(['rr']);
	});

	test('cut off at any request it does not show, and the next purge takes it back', async () => {
		for (let n = 1, killed = true; killed; n++) {
			await (await page()).deleteDatabase();
			const here = await filled();
			const before = await dump(here);
			killed = false;
			const end = onRequests((count, transaction) => {
				if (count < n) return;
				killed = true;
				cut(transaction);
			});
			const failed = await here.restoreProject(whole, restored()).then(
				() => false,
				(cause: unknown) => {
					expect(cause).toMatchObject({ name: 'Trouble' });
					return true;
				}
			);
			end();
			expect(failed).toBe(killed);
			const next = await page();
			expect(Boolean(await next.readProject('r'))).toBe(!killed);
			if (!killed) continue;
			await next.purgeTrash(0);
			expect(await dump(next)).toEqual(before);
		}
	});

	test('that fails or is ended while it comes leaves nothing, at once', async () => {
		const here = await filled();
		const before = await dump(here);
		for (let bits = 0; bits < 3; bits++) {
			let come = 0;
			const failing = restored(() => {
				if (come++ === bits) throw new DOMException('', 'AbortError');
			});
			await expect(here.restoreProject(whole, failing)).rejects.toMatchObject({ name: 'AbortError' });
			expect(await dump(here)).toEqual(before);
		}
	});

	test('on a full disk it leaves nothing', async () => {
		const here = await filled();
		const before = await dump(here);
		const original = IDBObjectStore.prototype.put;
		for (let room = 0; room < 20; room += 3) {
			let puts = 0;
			vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...row) {
				if (++puts > room) throw new DOMException('full', 'QuotaExceededError');
				return original.apply(this, row);
			});
			await expect(here.restoreProject(whole, restored())).rejects.toMatchObject({ code: 'storage-full' });
			vi.restoreAllMocks();
			expect(await dump(here)).toEqual(before);
		}
	});

	test('takes nothing from another project, whatever ids it brings', async () => {
		const here = await filled();
		const before = await dump(here);
		const theirs = photo(1, { projectId: 'r', id: 'p-00001' });
		const odd = [
			{ ...restored(), photos: each([[theirs]]) },
			{ ...restored(), models: each([{ ...model('m1'), projectId: 'r' }]) },
			{ ...restored(), runs: each([run('r1', null, { projectId: 'r' })]) }
		];
		for (const parts of odd) {
			await expect(here.restoreProject(whole, parts)).rejects.toMatchObject({ code: 'id-taken' });
			expect(await dump(here)).toEqual(before);
		}
		await expect(here.restoreProject(project('p'), restored())).rejects.toMatchObject({ code: 'id-taken' });
		expect(await dump(here)).toEqual(before);
		const none = { photos: ['r-00001'], models: ['rm'], runs: ['rr'] };
		expect(await here.anyTaken('r', none)).toBe(false);
		expect(await here.anyTaken('r', { ...none, photos: ['r-00001', 'p-00002'] })).toBe(true);
		expect(await here.anyTaken('r', { ...none, models: ['m1'] })).toBe(true);
		expect(await here.anyTaken('r', { ...none, runs: ['r1'] })).toBe(true);
	});

	test('what a killed one left is not mixed with what comes', async () => {
		const here = await filled();
		// As a kill leaves it: rows without their project.
		await here.addProject(project('r'));
		await here.addPhotos(photos(3, 9, { projectId: 'r' }));
		await here.withDatabase((database) => database.delete('projects', 'r'));
		expect(await here.anyTaken('r', { photos: ['r-00003'], models: [], runs: [] })).toBe(false);
		await here.restoreProject(whole, restored());
		expect(await here.listPhotos('r')).toEqual(six.map((one) => one.photo));
	});

	test('a backup is noted as no change, stays when the project changes, and is none of a copy', async () => {
		const here = await filled();
		const before = await here.readProject('p');
		const backedUp = { time: 9999, changed: 9000, until: 2002 };
		await here.noteBackup('p', backedUp);
		expect(await here.readProject('p')).toEqual({ ...before, backedUp });
		const undo = await here.applyEdit({ projectId: 'p', project: { name: 'New' }, photos: [] }, 9500);
		expect(await here.readProject('p')).toMatchObject({ name: 'New', backedUp });
		await here.applyEdit(undo, 9600);
		expect(await here.readProject('p')).toEqual({ ...before, backedUp });
		await here.duplicateProject('p', { id: 'q', name: 'Copy', now: 9999, newId: counter() });
		expect(await here.readProject('q')).not.toHaveProperty('backedUp');
		await expect(here.noteBackup('gone', backedUp)).rejects.toMatchObject({ code: 'project-gone' });
	});
}
