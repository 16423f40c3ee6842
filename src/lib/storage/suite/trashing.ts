import { expect, test } from 'vitest';
import { counter } from './keeping';
import {
	cut,
	DAY,
	dump,
	feature,
	halves,
	label,
	model,
	onRequests,
	page,
	photo,
	photos,
	project,
	run,
	tuning,
	BACKBONE
} from './page';
import type { Page } from './page';

const OLD = 100 * DAY;
const NOW = OLD + 30 * DAY;
/** One of them is thrown away a moment later than 30 days ago. */
const LATE = OLD + 1;

/** Two projects, each with all that a project has; what of it is in the trash is said by the edits of each test. */
async function filled(): Promise<Page> {
	const here = await page();
	for (const id of ['p', 'q']) {
		await here.addProject(project(id, { labels: [label('x'), label('y'), label('z')] }));
		const some = [
			...photos(1, 3, { projectId: id }),
			...photos(4, 6, { projectId: id, labelId: 'y' }),
			...photos(7, 8, { projectId: id, labelId: 'z' })
		];
		await here.addPhotos(some);
		for (const view of ['centre', 'centre mirrored'])
			await here.putFeatures(
				id,
				BACKBONE,
				view,
				some.map((one) => feature(one))
			);
		await here.addRun(run(`${id} run`, `${id} model`, { projectId: id }), model(`${id} model`, id), true);
		await here.putRows(
			id,
			[0, 1].map((row) => ({ row, halves: halves(row) }))
		);
		await here.keepTuning(tuning(id));
	}
	return here;
}

const trash = (here: Page, ids: string[], trashed: number) =>
	here.applyEdit(
		{ projectId: 'p', project: {}, photos: ids.map((id) => ({ id, change: { trashed } })) },
		trashed
	);
const trashLabel = (here: Page, id: string, trashed: number) =>
	here.applyEdit(
		{
			projectId: 'p',
			project: { labels: ['x', 'y', 'z'].map((one) => label(one, one === id ? { trashed } : {})) },
			photos: []
		},
		trashed
	);
const trashProject = (here: Page, trashed: number) =>
	here.applyEdit({ projectId: 'p', project: { trashed }, photos: [] }, trashed);

/** The rows that name none of these. */
const without = (rows: string[], ...ids: string[]) =>
	rows.filter((row) => !ids.some((id) => row.includes(`"${id}"`)));
const everyPhoto = Array.from({ length: 8 }, (_, index) => `p-0000${index + 1}`);

export function trashing(): void {
	test('the trash lists the projects that can be taken back, the latest first', async () => {
		const here = await filled();
		await here.addProject(project('r'));
		expect(await here.listTrash()).toEqual([]);
		await trashProject(here, 5000);
		await here.applyEdit({ projectId: 'q', project: { trashed: 6000 }, photos: [] }, 6000);
		expect((await here.listTrash()).map(({ id }) => id)).toEqual(['q', 'p']);
	});

	test('after thirty days photos go with all that is theirs, and nothing else does', async () => {
		const here = await filled();
		await trash(here, ['p-00001', 'p-00005'], OLD);
		await trash(here, ['p-00002'], LATE);
		const before = await dump(here);
		expect(await here.purgeTrash(NOW - 1)).toBe(0);
		expect(await dump(here)).toEqual(before);
		expect(await here.purgeTrash(NOW)).toBe(2);
		expect(await dump(here)).toEqual(without(before, 'p-00001', 'p-00005'));
	});

	test('after thirty days a project goes with all that is its own, and nothing else does', async () => {
		const here = await filled();
		const undo = await trashProject(here, OLD);
		const before = await dump(here);
		expect(await here.purgeTrash(NOW - 1)).toBe(0);
		expect(await dump(here)).toEqual(before);
		expect(await here.purgeTrash(NOW)).toBe(8);
		expect(await dump(here)).toEqual(without(before, 'p', ...everyPhoto));
		await expect(here.applyEdit(undo, NOW)).rejects.toMatchObject({ code: 'edit-outdated' });
		expect(await here.readThumbnails(['p-00001'])).toEqual([null]);
	});

	test('after thirty days a label goes with its photos, unless one of them was thrown away later', async () => {
		const here = await filled();
		await trash(here, ['p-00007'], LATE);
		await trashLabel(here, 'z', OLD);
		const before = await dump(here);
		expect(await here.purgeTrash(NOW)).toBe(0);
		expect(await dump(here)).toEqual(before);
		expect(await here.purgeTrash(NOW + 1)).toBe(2);
		expect((await here.readProject('p'))?.labels).toEqual([label('x'), label('y')]);
		const rest = without(await dump(here), 'p');
		expect(rest).toEqual(without(before, 'p', 'p-00007', 'p-00008'));
		expect((await here.listPhotos('p')).map(({ id }) => id)).toEqual(everyPhoto.slice(0, 6));
	});

	test('the trash can be emptied at once, in one project or everywhere', async () => {
		const here = await filled();
		await trash(here, ['p-00001'], NOW);
		await trashLabel(here, 'y', NOW);
		await here.applyEdit(
			{ projectId: 'q', project: {}, photos: [{ id: 'q-00001', change: { trashed: NOW } }] },
			NOW
		);
		expect(await here.emptyTrash('p')).toBe(4);
		expect((await here.listPhotos('p')).map(({ id }) => id)).toEqual([2, 3, 7, 8].map((n) => `p-0000${n}`));
		expect(await here.listPhotos('q')).toHaveLength(8);
		await trashProject(here, NOW);
		expect(await here.emptyTrash('q')).toBe(1);
		expect(await here.listPhotos('p')).toHaveLength(4);
		expect(await here.emptyTrash()).toBe(4);
		expect(await here.listTrash()).toEqual([]);
		expect(without(await dump(here), 'q', ...everyPhoto.map((id) => id.replace('p', 'q')))).toEqual([]);
	});

	test.each(['rows', 'standing'])('what a training left of a project that is gone goes: %s', async (left) => {
		const here = await filled();
		const before = await dump(here);
		if (left === 'standing') await here.keepTuning(tuning('gone'));
		else for (const id of ['gone', 'gone too']) await here.putRows(id, [{ row: 7, halves: halves(7) }]);
		expect(await here.purgeTrash(NOW)).toBe(0);
		expect(await dump(here)).toEqual(before);
	});

	test('more than one transaction holds', async () => {
		const here = await filled();
		await here.addPhotos(photos(100, 420, { trashed: OLD }));
		await trashProject(here, OLD);
		expect(await here.purgeTrash(NOW)).toBe(329);
		expect((await dump(here)).filter((row) => /"p("|-| )/.test(row))).toEqual([]);
	});

	test('cut off at any request, what goes is old or gone as a person sees it, and the next purge ends it', async () => {
		for (let n = 1, killed = true; killed; n++) {
			const here = await page();
			await here.deleteDatabase();
			const filledHere = await filled();
			await trash(filledHere, ['p-00001'], OLD);
			await trashLabel(filledHere, 'y', OLD);
			await filledHere.applyEdit({ projectId: 'q', project: { trashed: OLD }, photos: [] }, OLD);
			killed = await cutOff(n, () => filledHere.purgeTrash(NOW));
			const next = await page();
			const labels = (await next.readProject('p'))?.labels.map(({ id }) => id) ?? [];
			const shown = (await next.listPhotos('p')).filter(({ trashed }) => trashed === null);
			// A label is there with all its photos, or it is not there.
			expect(shown.filter(({ labelId }) => labelId === 'y')).toHaveLength(labels.includes('y') ? 3 : 0);
			if (await next.readProject('q')) expect(await next.listPhotos('q')).toHaveLength(8);
			for (const { id } of await next.listPhotos('p')) {
				expect(await next.readPicture(id)).not.toBeNull();
				expect(await next.readThumbnails([id])).not.toContain(null);
			}
			await next.purgeTrash(NOW);
			const left = await dump(next);
			expect(left.filter((row) => /"q|"p-0000[1456]"/.test(row))).toEqual([]);
			expect(await next.listPhotos('p')).toHaveLength(4);
		}
	});

	test('a copy cut off at any request does not show, and the next purge takes it back', async () => {
		for (let n = 1, killed = true; killed; n++) {
			await (await page()).deleteDatabase();
			const here = await filled();
			const before = await dump(here);
			const copy = { id: 'c', name: 'Copy', now: 9000, newId: counter() };
			killed = await cutOff(n, () => here.duplicateProject('p', copy));
			const next = await page();
			if (await next.readProject('c')) {
				expect(await next.listPhotos('c')).toHaveLength(8);
				expect(await next.listRuns('c')).toHaveLength(1);
			} else {
				await next.purgeTrash(0);
				expect(await dump(next)).toEqual(before);
			}
		}
	});

	test('a copy that is ended does not show, and leaves nothing', async () => {
		const here = await filled();
		await here.addPhotos(photos(100, 199));
		const before = await dump(here);
		for (const requests of [1, 250, 700]) {
			const end = new AbortController();
			let begun = 0;
			const unhook = onRequests((_count, { mode }) => {
				if (mode === 'readwrite' && ++begun === requests) end.abort();
			});
			const copy = { id: 'c', name: 'Copy', now: 9000, newId: counter(), signal: end.signal };
			await expect(here.duplicateProject('p', copy).finally(unhook)).rejects.toMatchObject({
				name: 'AbortError'
			});
			expect(await here.readProject('c')).toBeNull();
			expect(await dump(here)).toEqual(before);
		}
	});

	test('a purge that is ended leaves the rest for the next', async () => {
		const here = await filled();
		await here.addPhotos(photos(100, 420, { trashed: OLD }));
		expect(await here.purgeTrash(NOW, AbortSignal.abort())).toBe(100);
		expect(await here.purgeTrash(NOW)).toBe(221);
	});

	test('a copy that is being made is not taken for the rest of a killed one', async () => {
		const here = await filled();
		// Tabs know of each other by locks; where there are none, each page has a database of its own.
		const other = globalThis.navigator?.locks ? await page() : here;
		const copying = here.duplicateProject('p', { id: 'c', name: 'Copy', now: 9000, newId: counter() });
		await Promise.all([other.purgeTrash(0), here.purgeTrash(0), other.purgeTrash(0)]);
		await copying;
		await other.purgeTrash(0);
		expect(await here.listPhotos('c')).toHaveLength(8);
		expect(await here.readPicture((await here.listPhotos('c'))[7]?.id ?? '')).toEqual(photo(8).picture);
	});
}

/** Runs `work` on a page that is killed at the n-th request. @returns whether it came that far */
async function cutOff(n: number, work: () => Promise<unknown>): Promise<boolean> {
	let killed = false;
	const end = onRequests((count, transaction) => {
		if (count < n) return;
		killed = true;
		cut(transaction);
	});
	const failed = await work().then(
		() => false,
		(cause: unknown) => {
			expect(cause).toMatchObject({ name: 'Trouble' });
			return true;
		}
	);
	end();
	expect(failed).toBe(killed);
	return killed;
}
