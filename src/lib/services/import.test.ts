/** Against a photo maker of the test, and a database in memory; with the real ones in `import.browser.test.ts`. */
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Project } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import type { DatasetItem } from '$lib/files/dataset';
import { deleteDatabase } from '$lib/storage/database';
import { applyEdit } from '$lib/storage/edits';
import { addProject, readProject } from '$lib/storage/projects';
import { listPhotos, readPicture } from '$lib/storage/photos';
import { importPhotos, labelsByName, type ImportOptions } from './import';
import type { MadePhoto } from './photo-maker';

const project: Project = {
	id: 'p',
	name: 'Pets',
	created: 1,
	changed: 1,
	backboneId: 'b',
	crop: 'centre',
	labels: [{ id: 'cats', name: 'Cats', colour: 0, off: false, trashed: null }],
	views: ['mirrored'],
	modelId: null,
	trashed: null
};

let ids = 0;
beforeEach(async () => {
	ids = 0;
	await addProject(project);
});
afterEach(async () => {
	vi.restoreAllMocks();
	await deleteDatabase();
});

function item(path: string, label: string | null = 'cats', split: DatasetItem['split'] = null): DatasetItem {
	return { path, label, split, read: () => Promise.resolve(new File([path], path)) };
}
const items = (count: number, label: string | null = 'cats') =>
	Array.from({ length: count }, (_, i) => item(`cats/${i}.jpg`, label));

/** Makes photos whose bytes are the file's text. */
async function make(source: Blob | ImageBitmap | VideoFrame): Promise<MadePhoto> {
	const text = await (source as Blob).text();
	if (text.includes('broken')) throw new Trouble('picture-broken', `“${text}” is damaged.`);
	const bytes = new TextEncoder().encode(text).buffer;
	const picture = { bytes, type: 'image/jpeg' };
	return {
		...{ picture, thumbnail: picture, width: 4, height: 3, bytes: bytes.byteLength },
		...{ sha256: `sha256 of ${text.split('/').at(-1)}`, hash: '0123456789abcdef' }
	};
}

const start = (options: Partial<ImportOptions> = {}) =>
	importPhotos({
		items: items(40),
		project,
		labelFor: labelsByName(project, null),
		maker: { make },
		signal: new AbortController().signal,
		onProgress: () => undefined,
		now: () => 1000,
		newId: () => `id ${ids++}`,
		...options
	});

describe('what comes in', () => {
	test('is kept with its facts, in the order of the files, each a burst of its own', async () => {
		const progress: string[] = [];
		const result = await start({
			items: [item('x/b.jpg', 'cats', 'test'), item('x\\a.jpg', ' CATS')],
			onProgress: ({ words }) => progress.push(words)
		});
		const photos = await listPhotos('p');
		expect(photos.map(({ id }) => id)).toEqual(result.photos);
		expect(photos).toMatchObject([
			{ name: 'b.jpg', labelId: 'cats', split: 'test', source: 'file', trashed: null, bytes: 7, width: 4 },
			{ name: 'a.jpg', labelId: 'cats', split: null }
		]);
		expect(new Set(photos.map(({ burstId }) => burstId)).size).toBe(2);
		expect(photos[1]?.added).toBeGreaterThan(photos[0]?.added ?? NaN);
		expect(new TextDecoder().decode((await readPicture(photos[0]?.id ?? ''))?.bytes)).toBe('x/b.jpg');
		expect(progress).toEqual(['0 of 2 photos', '1 of 2 photos', '2 of 2 photos']);
		expect(result).toMatchObject({ labels: [], duplicates: 0, failed: [], stopped: null, cancelled: false });
	});

	test('brings new labels, one for each name, in colours that are free', async () => {
		const sets = [item('1', 'dogs'), item('2', 'Dogs'), item('3', 'cats'), item('4', 'fish')];
		const result = await start({ items: sets });
		const { labels = [] } = (await readProject('p')) ?? {};
		expect(labels.map(({ name, colour }) => [name, colour])).toEqual([
			['Cats', 0],
			['dogs', 1],
			['fish', 2]
		]);
		expect(result.labels).toEqual(labels.slice(1).map(({ id }) => id));
		const photos = await listPhotos('p');
		const [dogs, fish] = result.labels;
		expect(photos.map(({ labelId }) => labelId)).toEqual([dogs, dogs, 'cats', fish]);
	});

	test('finds the label that another tab has made meanwhile', async () => {
		const dogs = { id: 'dogs', name: 'dogs', colour: 5, off: false, trashed: null };
		await applyEdit({ projectId: 'p', project: { labels: [...project.labels, dogs] }, photos: [] }, 5);
		expect((await start({ items: [item('1', 'Dogs')] })).labels).toEqual([]);
		expect(await listPhotos('p')).toMatchObject([{ labelId: 'dogs' }]);
	});

	test('without a label goes to the one that was chosen, or is named', async () => {
		const sets = [item('1.jpg', null)];
		expect((await start({ items: sets })).failed).toEqual([
			{ name: '1.jpg', reason: expect.stringContaining('no folder') }
		]);
		await start({ items: sets, labelFor: labelsByName(project, 'cats') });
		expect(await listPhotos('p')).toMatchObject([{ labelId: 'cats' }]);
	});

	test('can be taken back as one', async () => {
		const result = await start({ items: [item('1', 'dogs'), item('2', 'cats')] });
		const { labels = [] } = (await readProject('p')) ?? {};
		const back = labels.map((label) => (result.labels.includes(label.id) ? { ...label, trashed: 9 } : label));
		const photos = result.photos.map((id) => ({ id, change: { trashed: 9 } }));
		await applyEdit({ projectId: 'p', project: { labels: back }, photos }, 9);
		expect((await listPhotos('p')).every(({ trashed }) => trashed === 9)).toBe(true);
	});
});

describe('what is there already', () => {
	test('is left out and counted: kept before, or twice among the files', async () => {
		await start({ items: items(3) });
		const result = await start({ items: [...items(5), item('again/4.jpg')] });
		expect(result).toMatchObject({ duplicates: 4, photos: { length: 2 } });
		expect(await listPhotos('p')).toHaveLength(5);
	});

	test('comes again where it was thrown away', async () => {
		const { photos } = await start({ items: items(1) });
		await applyEdit(
			{ projectId: 'p', project: {}, photos: [{ id: photos[0] ?? '', change: { trashed: 5 } }] },
			5
		);
		expect(await start({ items: items(1) })).toMatchObject({ duplicates: 0, photos: { length: 1 } });
	});

	test('stays before what is added, also where its clock was ahead', async () => {
		const ahead = await start({ items: items(1), now: () => 9e12 });
		const now = await start({ items: [item('new')] });
		expect((await listPhotos('p')).map(({ id }) => id)).toEqual([...ahead.photos, ...now.photos]);
	});
});

describe('what goes wrong', () => {
	test('a file that cannot be read is named, and the rest goes on', async () => {
		const lost = { ...item('lost.jpg'), read: () => Promise.reject(new Error('NotFoundError')) };
		const result = await start({ items: [...items(20), item('broken.jpg'), lost, ...items(22).slice(20)] });
		expect(result.failed).toEqual([
			{ name: 'broken.jpg', reason: '“broken.jpg” is damaged.' },
			{ name: 'lost.jpg', reason: expect.stringContaining('Choose it once more') }
		]);
		expect(result).toMatchObject({ photos: { length: 22 }, stopped: null });
	});

	test('a photo maker that dies gets one more try for each', async () => {
		let deaths = 0;
		const flaky = (source: Blob | ImageBitmap | VideoFrame) =>
			deaths++ === 1 ? Promise.reject(new Trouble('photo-maker-died', 'It died.')) : make(source);
		expect(await start({ items: items(4), maker: { make: flaky } })).toMatchObject({
			photos: { length: 4 },
			failed: []
		});
		const dead = () => Promise.reject(new Trouble('photo-maker-died', 'It died.'));
		expect((await start({ items: [item('bad')], maker: { make: dead } })).failed).toEqual([
			{ name: 'bad', reason: 'It died.' }
		]);
	});

	test('a cancel leaves what is done, and what it was at', async () => {
		const cancel = new AbortController();
		let made = 0;
		const result = await start({
			items: items(100),
			signal: cancel.signal,
			maker: {
				make: async (source) => {
					if (++made === 40) cancel.abort(new Error('cancelled'));
					return make(source);
				}
			}
		});
		expect(result).toMatchObject({ cancelled: true, stopped: null, failed: [] });
		expect(result.photos.length).toBeGreaterThanOrEqual(40);
		expect(result.photos.length).toBeLessThanOrEqual(42);
		expect((await listPhotos('p')).map(({ id }) => id)).toEqual(result.photos);
	});

	test('a full device ends it in words, with what was kept before', async () => {
		let puts = 0;
		const put = IDBObjectStore.prototype.put;
		// As browsers do it: the requests are taken, and the transaction ends with the reason.
		const fill = (transaction: IDBTransaction) => {
			Object.defineProperty(transaction, 'error', { value: new DOMException('full', 'QuotaExceededError') });
			transaction.abort();
		};
		vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...row) {
			if (this.name === 'pictures' && ++puts === 20) queueMicrotask(() => fill(this.transaction));
			return put.apply(this, row);
		});
		const result = await start();
		expect(result.stopped).toMatchObject({ code: 'storage-full' });
		expect(result.stopped?.message).toContain('safe');
		expect(result).toMatchObject({ cancelled: false, photos: { length: 16 } });
		expect(result.rest).toEqual(
			items(40)
				.slice(16)
				.map(({ path }) => path)
		);
		expect((await listPhotos('p')).map(({ id }) => id)).toEqual(result.photos);
	});

	test('at an address that is not secure it says so and takes nothing', async () => {
		vi.stubGlobal('isSecureContext', false);
		const result = await start();
		vi.unstubAllGlobals();
		expect(result).toMatchObject({ photos: [], stopped: { code: 'not-secure' }, rest: { length: 40 } });
		expect(await listPhotos('p')).toEqual([]);
	});

	test('a project that is gone ends it in words', async () => {
		expect((await start({ project: { id: 'gone' }, items: [item('1', 'dogs')] })).stopped).toMatchObject({
			code: 'project-gone'
		});
		expect((await start({ project: { id: 'gone' } })).stopped).toMatchObject({ code: 'project-gone' });
	});

	test('more labels than a project can have end it before they are made', async () => {
		const many = Array.from({ length: 1001 }, (_, i) => item(`${i}`, `label ${i}`));
		const result = await start({ items: many });
		expect(result.stopped).toMatchObject({ code: 'too-many-labels' });
		const { labels = [] } = (await readProject('p')) ?? {};
		expect(labels.length).toBeLessThanOrEqual(1000);
		expect(await listPhotos('p')).toHaveLength(result.photos.length);
	});
});

test('no more than three files are in memory beside a batch', async () => {
	let open = 0;
	let most = 0;
	const counting = items(50).map((one) => ({
		...one,
		read: async () => {
			most = Math.max(most, ++open);
			return one.read();
		}
	}));
	await start({ items: counting, maker: { make: (source) => make(source).finally(() => open--) } });
	expect(most).toBe(3);
});
