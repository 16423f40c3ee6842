/** A thousand files through the real photo worker into the real database. */
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Project } from '$lib/domain/project';
import { readDataset, type DatasetItem, type SourceFile } from '$lib/files/dataset';
import { addProject, readProject } from '$lib/storage/projects';
import { listPhotos, readPicture, readThumbnails } from '$lib/storage/photos';
import { importPhotos, labelsByName, type ImportProgress } from './import';
import { makePhotoMaker } from './photo-maker';

/** Another one for each test. */
let project: Project;
const empty: Project = {
	id: '',
	name: 'A thousand',
	created: 1,
	changed: 1,
	backboneId: 'b',
	crop: 'centre',
	labels: [],
	views: ['mirrored'],
	modelId: null,
	trashed: null
};
const COUNT = 1000;
/** Every fiftieth is damaged, in one of three ways. */
const isCorrupt = (index: number) => index % 50 === 7;

const maker = makePhotoMaker();
beforeEach(async () => {
	project = { ...empty, id: crypto.randomUUID() };
	await addProject(project);
});
afterAll(() => maker.stop());

async function picture(index: number): Promise<Blob> {
	const context = new OffscreenCanvas(24, 18).getContext('2d');
	if (!context) throw new Error('no canvas');
	for (let bit = 0; bit < 12; bit++) {
		context.fillStyle = index & (1 << bit) ? '#fa0' : '#028';
		context.fillRect((bit % 4) * 6, Math.floor(bit / 4) * 6, 6, 6);
	}
	const blob = await context.canvas.convertToBlob({ type: index % 2 ? 'image/jpeg' : 'image/png' });
	if (!isCorrupt(index)) return blob;
	return (
		[blob.slice(0, blob.size / 3), new Blob(['no picture']), new Blob([])][Math.floor(index / 50) % 3] ?? blob
	);
}

async function thousand(): Promise<DatasetItem[]> {
	const sources = Array.from({ length: COUNT }, (_, index): SourceFile => ({
		path: `set/${['cats', 'dogs', 'fish'][index % 3]}/${index}.jpg`,
		size: 1,
		read: () => picture(index)
	}));
	return (await readDataset(sources)).items;
}

const start = (
	items: DatasetItem[],
	more: { signal?: AbortSignal; onProgress?(told: ImportProgress): void } = {}
) =>
	importPhotos({
		...{ items, project, labelFor: labelsByName(project, null), maker },
		signal: new AbortController().signal,
		onProgress: () => undefined,
		now: () => Date.now(),
		newId: () => crypto.randomUUID(),
		...more
	});

test('the damaged ones are named, the rest is in, under its labels and in order', async () => {
	const told: ImportProgress[] = [];
	const result = await start(await thousand(), { onProgress: (progress) => told.push(progress) });
	const corrupt = Array.from({ length: COUNT }, (_, index) => index).filter(isCorrupt);
	expect(result.failed.map(({ name }) => name)).toEqual(
		corrupt.map((index) => `set/${['cats', 'dogs', 'fish'][index % 3]}/${index}.jpg`)
	);
	for (const { name, reason } of result.failed) expect(reason).toContain(`“${name.split('/').at(-1)}”`);
	expect(result).toMatchObject({ stopped: null, cancelled: false, duplicates: 0 });
	const photos = await listPhotos(project.id);
	expect(photos.map(({ id }) => id)).toEqual(result.photos);
	expect(photos).toHaveLength(COUNT - corrupt.length);
	expect(new Set(photos.map(({ sha256 }) => sha256)).size).toBe(photos.length);
	const { labels = [] } = (await readProject(project.id)) ?? {};
	expect(labels.map(({ name }) => name)).toEqual(['cats', 'dogs', 'fish']);
	expect(
		photos.map(({ name, labelId }) => parseInt(name) % 3 === labels.findIndex(({ id }) => id === labelId))
	).not.toContain(false);
	expect(told.at(-1)).toMatchObject({ done: COUNT, total: COUNT, words: '1,000 of 1,000 photos' });
	const [last] = photos.slice(-1);
	if (!last) throw new Error('nothing was kept');
	const own = await (await picture(parseInt(last.name))).arrayBuffer();
	expect(new Uint8Array((await readPicture(last.id))?.bytes ?? [])).toEqual(new Uint8Array(own));
	expect((await readThumbnails([last.id]))[0]).toMatchObject({ type: 'image/jpeg' });

	const again = await start(await thousand());
	expect(again).toMatchObject({ duplicates: photos.length, photos: [], labels: [] });
});

test('a cancel midway keeps what is done', async () => {
	const cancel = new AbortController();
	const result = await start(await thousand(), {
		signal: cancel.signal,
		onProgress: ({ done }) => done === 300 && cancel.abort()
	});
	expect(result).toMatchObject({ cancelled: true, stopped: null });
	const seen = result.photos.length + result.failed.length;
	expect(seen).toBeGreaterThanOrEqual(300);
	expect(seen).toBeLessThan(310);
	expect((await listPhotos(project.id)).map(({ id }) => id)).toEqual(result.photos);
	expect(maker.free).toBe(true);
});
