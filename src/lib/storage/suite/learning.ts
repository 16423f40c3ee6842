import { expect, test } from 'vitest';
import {
	evaluation,
	feature,
	model,
	page,
	photo,
	photos,
	project,
	run,
	tunedModel,
	BACKBONE,
	type Page
} from './page';

async function withPhotos(): Promise<Page> {
	const here = await page();
	await here.addProject(project());
	await here.addProject(project('q'));
	await here.addPhotos([...photos(1, 3), photo(1, { projectId: 'q' })]);
	return here;
}

export function learning(): void {
	test('features are kept by photo, backbone and view, not of photos that are gone', async () => {
		const here = await withPhotos();
		const rows = photos(1, 4).map((one) => feature(one));
		await here.putFeatures('p', BACKBONE, 'centre', rows);
		await here.putFeatures('p', BACKBONE, 'whole', rows.slice(0, 1));
		await here.putFeatures('p', 'other', 'centre', rows.slice(1, 2));
		await here.putFeatures('q', BACKBONE, 'centre', [feature(photo(1, { projectId: 'q' }))]);
		const next = await page();
		expect(await next.readFeatures('p', BACKBONE, 'centre')).toEqual(
			new Map(rows.slice(0, 3).map(({ photoId, vector }) => [photoId, vector]))
		);
		expect([...(await next.readFeatures('p', BACKBONE, 'whole')).keys()]).toEqual(['p-00001']);
		expect(await next.readFeatures('q', 'other', 'centre')).toEqual(new Map());
	});

	test('of a view into a larger buffer only the view is kept', async () => {
		const here = await withPhotos();
		const batch = Float32Array.from({ length: 400 }, (_, index) => index);
		const vector = batch.subarray(8, 12);
		await here.putFeatures('p', BACKBONE, 'centre', [{ photoId: 'p-00001', vector }]);
		const kept = (await here.readFeatures('p', BACKBONE, 'centre')).get('p-00001');
		expect(kept).toEqual(new Float32Array([8, 9, 10, 11]));
		expect(kept?.buffer.byteLength).toBe(16);
		const made = model('m');
		const layers = [
			{ weights: batch.subarray(0, 8), bias: batch.subarray(8, 10), activation: 'linear' as const }
		];
		const tail = new Map([['bias', { dims: [3], data: batch.subarray(20, 23) }]]);
		await here.addRun(run('r', 'm'), { ...made, head: { ...made.head, layers }, tail }, false);
		const back = await here.readModel('m');
		const { weights, bias } = back?.head.layers[0] ?? {};
		expect([weights?.buffer.byteLength, bias?.buffer.byteLength]).toEqual([32, 8]);
		const tuned = back?.tail?.get('bias');
		expect(tuned).toEqual({ dims: [3], data: Float32Array.of(20, 21, 22) });
		expect(tuned?.data.buffer.byteLength).toBe(12);
	});

	test('ten thousand features are read at once', async () => {
		const here = await withPhotos();
		const all = photos(1000, 5999);
		for (let start = 0; start < all.length; start += 500) {
			const some = all.slice(start, start + 500);
			await here.addPhotos(some);
			for (const view of ['centre', 'centre mirrored'])
				await here.putFeatures(
					'p',
					BACKBONE,
					view,
					some.map((one) => feature(one, 256))
				);
		}
		const views = ['centre', 'centre mirrored'].map((view) => here.readFeatures('p', BACKBONE, view));
		for (const features of await Promise.all(views)) {
			expect(features.size).toBe(5000);
			expect(features.get('p-05999')).toEqual(feature(photo(5999), 256).vector);
		}
	});

	test('a run is kept with its model, which is in use from then on if wanted, and an older one can be again', async () => {
		const here = await withPhotos();
		await here.addRun(run('r1', 'm1', { started: 1 }), model('m1'), true);
		await here.addRun(run('r2', 'm2', { started: 3 }), model('m2'), false);
		await here.addRun(run('r3', null, { started: 2 }), null, true);
		expect(await here.readProject('p')).toMatchObject({ modelId: 'm1', changed: 9000 });
		expect((await here.listRuns('p')).map(({ id }) => id)).toEqual(['r2', 'r3', 'r1']);
		expect(await (await page()).readModel('m2')).toEqual(model('m2'));
		expect(await here.readModel('m3')).toBeNull();
		await here.useModel('p', 'm2', 9500);
		expect(await here.readProject('p')).toMatchObject({ modelId: 'm2', changed: 9500 });
		await expect(here.useModel('p', 'm3', 9600)).rejects.toMatchObject({ code: 'model-gone' });
		await expect(here.useModel('q', 'm2', 9600)).rejects.toMatchObject({ code: 'model-gone' });
		await expect(here.useModel('r', 'm2', 9600)).rejects.toMatchObject({ code: 'project-gone' });
		const gone = run('r4', 'm4', { projectId: 'gone' });
		await expect(here.addRun(gone, model('m4', 'gone'), true)).rejects.toMatchObject({
			code: 'project-gone'
		});
		expect(await here.readModel('m4')).toBeNull();
		expect(await here.readProject('p')).toMatchObject({ modelId: 'm2', changed: 9500 });
	});

	test('a fine-tuned model keeps the layers that it learned, in a copy of its project too', async () => {
		const here = await withPhotos();
		const gain = { value: 0.05, low: -0.01, high: 0.11 };
		await here.addRun(run('r', 'm', { gain }), tunedModel('m'), true);
		await here.addRun(run('r2', 'plain'), model('plain'), false);
		await here.saveLiveModel(tunedModel('live'));
		const next = await page();
		expect(await next.readModel('m')).toEqual(tunedModel('m'));
		expect((await next.readLiveModel('p'))?.tail).toEqual(tunedModel('m').tail);
		expect('tail' in ((await next.readModel('plain')) ?? {})).toBe(false);
		let count = 0;
		const copy = { id: 'copy', name: 'Copy', now: 9600, newId: () => `new ${++count}` };
		const { modelId } = await next.duplicateProject('p', copy);
		expect((await next.readModel(modelId ?? ''))?.tail).toEqual(tunedModel('m').tail);
		expect((await next.listRuns('copy')).map((one) => one.gain)).toContainEqual(gain);
	});

	test('how good a model is stands in an index, also of an older one that is used again and in a copy', async () => {
		const here = await withPhotos();
		await here.addRun(run('r1', 'm1', { evaluation: evaluation(0.9) }), model('m1'), true);
		await here.addRun(
			run('r2', 'm2', { evaluation: evaluation(0.8, { accuracy: { value: 0.8, low: 0.5, high: 0.9 } }) }),
			model('m2'),
			true
		);
		await here.addRun(run('r3', 'm3'), model('m3'), false);
		await here.addRun(run('r4', null, { evaluation: evaluation(0.7) }), null, false);
		const first = { accuracy: evaluation(0.9).accuracy, telling: true };
		expect(await here.readStanding('m1')).toEqual(first);
		expect(await here.readStanding('m2')).toMatchObject({ telling: false, accuracy: { low: 0.5 } });
		expect(await here.readStanding('m3')).toBeNull();
		expect(await here.readStanding('m')).toBeNull();
		await here.useModel('p', 'm1', 9500);
		let count = 0;
		const copy = { id: 'copy', name: 'Copy', now: 9600, newId: () => `new ${++count}` };
		const { modelId } = await here.duplicateProject('p', copy);
		expect(await here.readStanding(modelId ?? '')).toEqual(first);
	});
}
