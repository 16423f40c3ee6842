import { expect, test } from 'vitest';
import { markOfAll } from '$lib/domain/dataset';
import { bytesOf, dump, feature, label, model, page, photo, photos, project, run, BACKBONE } from './page';

export function keeping(): void {
	test('projects are listed by their last change, without those thrown away, and are there on the next visit', async () => {
		const first = await page();
		await first.addProject(project('a', { changed: 1 }));
		await first.addProject(project('b', { changed: 3 }));
		await first.addProject(project('c', { changed: 2, trashed: 5 }));
		const next = await page();
		expect((await next.listProjects()).map(({ id }) => id)).toEqual(['b', 'a']);
		expect(await next.readProject('b')).toEqual(project('b', { changed: 3 }));
		expect(await next.readProject('c')).toMatchObject({ trashed: 5 });
		expect(await next.readProject('d')).toBeNull();
	});

	test('photos come back byte for byte, in the order they were added', async () => {
		const first = await page();
		await first.addProject(project());
		const two = [photo(2), photo(1, { labelId: 'y' })];
		const large = { bytes: bytesOf(7, 1_000_003), type: 'image/png' };
		await first.addPhotos([...two, { ...photo(3, { trashed: 2500 }), picture: large }]);
		const next = await page();
		expect((await next.listPhotos('p')).map(({ id }) => id)).toEqual(['p-00001', 'p-00002', 'p-00003']);
		expect((await next.listPhotos('p'))[1]).toEqual(photo(2).photo);
		expect(await next.readPicture('p-00002')).toEqual(photo(2).picture);
		const back = await next.readPicture('p-00003');
		expect(back?.type).toBe('image/png');
		expect(same(back?.bytes, large.bytes)).toBe(true);
		expect(await next.readPicture('p-00004')).toBeNull();
		expect(await next.readThumbnails(['p-00003', 'nobody', 'p-00001'])).toEqual([
			photo(3).thumbnail,
			null,
			photo(1).thumbnail
		]);
		expect((await next.readProject('p'))?.changed).toBe(2003);
	});

	test('photos of a project or a label that is gone are refused as a whole', async () => {
		const { addProject, addPhotos, ...rest } = await page();
		await addProject(project());
		const before = await dump(await page());
		await expect(addPhotos([photo(1), photo(2, { projectId: 'gone' })])).rejects.toMatchObject({
			code: 'project-gone'
		});
		await expect(addPhotos([photo(1), photo(2, { labelId: 'gone' })])).rejects.toMatchObject({
			code: 'label-gone'
		});
		expect(await dump(await page())).toEqual(before);
		await expect(addPhotos([])).resolves.toBeUndefined();
		expect(await rest.listPhotos('p')).toEqual([]);
	});

	test('a summary counts what is there and shows photos of several labels', async () => {
		const { addProject, addPhotos, applyEdit, photoSummaries } = await page();
		const labels = [label('x'), label('empty'), label('y'), label('gone')];
		await addProject(project('p', { labels }));
		await addProject(project('q'));
		await addPhotos([
			...photos(1, 2, { trashed: 3000 }),
			...photos(3, 9),
			photo(20, { labelId: 'y', trashed: 3000 }),
			photo(21, { labelId: 'y' }),
			photo(22, { labelId: 'gone' }),
			photo(1, { projectId: 'q' })
		]);
		const thrown = [...labels.slice(0, 3), label('gone', { trashed: 5 })];
		await applyEdit({ projectId: 'p', project: { labels: thrown }, photos: [] }, 4000);
		const { counts, first } = await photoSummaries('p');
		expect([...counts]).toEqual([
			['x', 7],
			['empty', 0],
			['y', 1]
		]);
		expect(first).toEqual(['p-00003', 'p-00021', 'p-00004', 'p-00005']);
		expect(await photoSummaries('nobody')).toEqual({ counts: new Map(), first: [] });
	});

	test('five thousand photos are listed, summed up and copied', async () => {
		const { addProject, addPhotos, listPhotos, photoSummaries, duplicateProject } = await page();
		await addProject(project());
		const all = photos(1, 5000);
		for (let start = 0; start < all.length; start += 500) await addPhotos(all.slice(start, start + 500));
		const listed = await listPhotos('p');
		expect(listed).toEqual(all.map((one) => one.photo));
		expect((await photoSummaries('p')).counts.get('x')).toBe(5000);
		await duplicateProject('p', { id: 'q', name: 'Copy', now: 9000, newId: counter() });
		expect((await photoSummaries('q')).counts.get('x')).toBe(5000);
	});

	test('a copy has all that is there under new ids, and nothing of the trash', async () => {
		const here = await page();
		const labels = [label('x'), label('y')];
		await here.addProject(project('p', { labels: [...labels, label('z')] }));
		const two = photos(1, 2);
		const trash = [photo(3, { trashed: 2900 }), photo(4, { labelId: 'z' })];
		await here.addPhotos([...two, ...trash]);
		const thrown = [...labels, label('z', { trashed: 5 })];
		await here.applyEdit({ projectId: 'p', project: { labels: thrown }, photos: [] }, 5000);
		await here.putFeatures(
			'p',
			BACKBONE,
			'centre',
			[...two, ...trash].map((one) => feature(one))
		);
		const verdict = { given: 0, answer: 1, probabilities: [0.4, 0.6] };
		const suspect = { given: 0.05, other: 1, otherProbability: 0.9, volunteer: true };
		const evaluation = {
			...emptyEvaluation,
			verdicts: [
				{ ...verdict, photoId: 'p-00001' },
				{ ...verdict, photoId: 'purged' }
			],
			suspects: [{ ...suspect, photoId: 'p-00002' }]
		};
		await here.addRun(run('r1', 'm1', { evaluation }), model('m1'), true);
		const before = await dump(here);

		const made = await here.duplicateProject('p', { id: 'q', name: 'Copy', now: 9999, newId: counter() });
		expect(made).toMatchObject({ id: 'q', name: 'Copy', created: 9999, changed: 9999, trashed: null });
		expect(made.labels).toEqual([label('x'), label('y')]);
		expect(await here.readProject('q')).toEqual(made);
		const copies = await here.listPhotos('q');
		expect(copies).toEqual(
			two.map(({ photo }, index) => ({ ...photo, id: copies[index]?.id, projectId: 'q' }))
		);
		const ids = copies.map(({ id }) => id);
		expect(await here.readPicture(ids[1] ?? '')).toEqual(photo(2).picture);
		expect(await here.readThumbnails(ids)).toEqual(two.map(({ thumbnail }) => thumbnail));
		const features = await here.readFeatures('q', BACKBONE, 'centre');
		expect([...features.values()]).toEqual(two.map((one) => feature(one).vector));
		expect([...features.keys()]).toEqual(ids);
		const [copied, ...others] = await here.listRuns('q');
		expect(others).toEqual([]);
		expect(copied?.modelId).toBe(made.modelId);
		expect(copied?.evaluation?.verdicts.map(({ photoId }) => photoId)).toEqual([ids[0], 'purged']);
		expect(copied?.evaluation?.suspects.map(({ photoId }) => photoId)).toEqual([ids[1]]);
		expect(await here.readModel(made.modelId ?? '')).toEqual({
			...model(made.modelId ?? ''),
			projectId: 'q'
		});

		await here.applyEdit({ projectId: 'q', project: { trashed: 1 }, photos: [] }, 10_000);
		await here.emptyTrash('q');
		expect(await dump(here)).toEqual(before);
	});

	test('a model that is up to date is so in a copy, one that is not is not', async () => {
		const here = await page();
		await here.addProject(project());
		await here.addPhotos(photos(1, 3));
		const now = markOfAll(
			project(),
			photos(1, 3).map((one) => one.photo)
		);
		await here.addRun(run('r1', 'm1', { from: now, started: 2 }), model('m1'), true);
		await here.addRun(run('r2', null, { from: 'before', started: 1 }), null, false);
		// Ids that sort otherwise than the photos came.
		let count = 9;
		await here.duplicateProject('p', { id: 'q', name: 'Copy', now: 9999, newId: () => `new ${count--}` });
		const copied = markOfAll(project('q'), await here.listPhotos('q'));
		expect(copied).not.toBe(now);
		expect((await here.listRuns('q')).map(({ from }) => from)).toEqual([copied, 'before']);
	});

	test('a project that is gone cannot be copied', async () => {
		const { duplicateProject } = await page();
		const copy = { id: 'q', name: 'Copy', now: 1, newId: counter() };
		await expect(duplicateProject('p', copy)).rejects.toMatchObject({ code: 'project-gone' });
		expect(await dump(await page())).toEqual([]);
	});
}

/** Fresh ids, in the order of asking. */
export function counter(): () => string {
	let count = 0;
	return () => `new ${String(++count).padStart(6, '0')}`;
}

function same(a: ArrayBuffer | undefined, b: ArrayBuffer): boolean {
	const [left, right] = [new Uint8Array(a ?? new ArrayBuffer(0)), new Uint8Array(b)];
	return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

const estimate = { value: 0.5, low: 0.2, high: 0.8 };
const emptyEvaluation = {
	source: 'folds' as const,
	labels: ['x', 'y'],
	photos: 2,
	groups: 2,
	accuracy: estimate,
	telling: false,
	perLabel: [],
	confusion: [],
	binary: null,
	reliability: [],
	calibrationError: 0,
	gainFromDoubling: 0,
	strangers: null
};
