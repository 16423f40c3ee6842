import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { NewPhoto } from '$lib/domain/project';
import { deleteDatabase } from '$lib/storage/database';
import * as photos from '$lib/storage/photos';
import { addProject } from '$lib/storage/projects';
import { Thumbnails } from './thumbnails.svelte';

vi.mock('$lib/storage/photos', { spy: true });
const readThumbnails = vi.mocked(photos.readThumbnails);

const ids = Array.from({ length: 70 }, (_, i) => `photo ${i}`);
const newPhoto = (id: string): NewPhoto => {
	const picture = { bytes: new ArrayBuffer(4), type: 'image/png' };
	return {
		photo: {
			...{ id, projectId: 'p', labelId: 'daisy', burstId: id, added: 2, source: 'camera', name: '' },
			...{ width: 4, height: 3, bytes: 4, sha256: id, hash: '0'.repeat(16), split: null, trashed: null }
		},
		...{ picture, thumbnail: picture }
	};
};

beforeEach(async () => {
	await addProject({
		...{ id: 'p', name: 'Plants', created: 1, changed: 1, backboneId: 'b', crop: 'centre' },
		...{ views: [], modelId: null, trashed: null },
		labels: [{ id: 'daisy', name: 'Daisy', colour: 0, off: false, trashed: null }]
	});
	await photos.addPhotos(ids.map(newPhoto));
});
afterEach(async () => {
	vi.restoreAllMocks();
	await deleteDatabase();
});

/** A clock on which each address that is made takes so many milliseconds. */
function slow(ms: number) {
	let now = 0;
	vi.spyOn(performance, 'now').mockImplementation(() => now);
	const make = URL.createObjectURL.bind(URL);
	return vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
		now += ms;
		return make(blob);
	});
}

test('the page has its turn while addresses are made, and all that is shown gets one', async () => {
	const made = slow(5);
	const atPause: number[] = [];
	const thumbnails = new Thumbnails(() => {
		atPause.push(made.mock.calls.length);
		return Promise.resolve();
	});
	thumbnails.show('daisy', [...ids, 'gone']);
	await vi.waitFor(() => expect(ids.every((id) => thumbnails.url(id))).toBe(true));
	expect(thumbnails.url('gone')).toBeUndefined();
	expect(made).toHaveBeenCalledTimes(ids.length);
	// Two fill a slice.
	expect(atPause.slice(0, 3)).toEqual([2, 4, 6]);
	thumbnails.clear();
});

test('while there is time, all of one reading come at once, and the page draws them once', async () => {
	vi.spyOn(performance, 'now').mockReturnValue(0);
	const made = vi.spyOn(URL, 'createObjectURL');
	const thumbnails = new Thumbnails();
	let together = 0;
	made.mockImplementationOnce(() => {
		queueMicrotask(() => (together = made.mock.calls.length));
		return 'blob:first';
	});
	thumbnails.show('daisy', ids);
	await vi.waitFor(() => expect(together).toBe(60));
	await vi.waitFor(() => expect(made).toHaveBeenCalledTimes(ids.length));
	thumbnails.clear();
});

test('what cannot be read and was cleared meanwhile is read when it is wanted again', async () => {
	const thumbnails = new Thumbnails();
	readThumbnails.mockImplementationOnce(() => {
		thumbnails.clear();
		thumbnails.show('daisy', ids.slice(0, 1));
		return Promise.reject(new Error('The database is closed.'));
	});
	thumbnails.show('daisy', ids.slice(0, 1));
	await vi.waitFor(() => expect(thumbnails.url('photo 0')).toBeDefined());
	thumbnails.clear();
});

test('what is cleared while addresses are made does not come back', async () => {
	slow(10);
	let cleared = false;
	const thumbnails = new Thumbnails(() => {
		if (!cleared) thumbnails.clear();
		cleared = true;
		return Promise.resolve();
	});
	const revoked = vi.spyOn(URL, 'revokeObjectURL');
	thumbnails.show('daisy', ids);
	await vi.waitFor(() => expect(cleared).toBe(true));
	thumbnails.show('daisy', ids.slice(0, 1));
	await vi.waitFor(() => expect(thumbnails.url('photo 0')).toBeDefined());
	expect(revoked).toHaveBeenCalledTimes(1);
	expect(ids.filter((id) => thumbnails.url(id))).toEqual(['photo 0']);
	thumbnails.clear();
});
