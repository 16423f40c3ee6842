import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { NewPhoto } from '$lib/domain/project';
import { deleteDatabase } from '$lib/storage/database';
import { addPhotos } from '$lib/storage/photos';
import { addProject } from '$lib/storage/projects';
import { LargePhoto } from './large-photo.svelte';

const photo = (id: string, size: number): NewPhoto => {
	const picture = { bytes: new ArrayBuffer(size), type: 'image/png' };
	return {
		photo: {
			...{ id, projectId: 'p', labelId: 'x', burstId: id, added: size, source: 'camera', name: '' },
			...{ width: 4, height: 3, bytes: size, sha256: id, hash: '0'.repeat(16), split: null, trashed: null }
		},
		...{ picture, thumbnail: picture }
	};
};

beforeEach(async () => {
	await addProject({
		...{ id: 'p', name: 'Plants', created: 1, changed: 1, backboneId: 'b', crop: 'centre' },
		...{ views: [], modelId: null, trashed: null },
		labels: [{ id: 'x', name: 'x', colour: 0, off: false, trashed: null }]
	});
	await addPhotos([photo('one', 11), photo('two', 22)]);
});
afterEach(() => deleteDatabase());

const sizeOf = async (url: string | null) => (await (await fetch(url ?? '')).blob()).size;

test('only the photo that was asked for last is shown, and no picture is held beside it', async () => {
	const made = vi.spyOn(URL, 'createObjectURL');
	const givenBack = vi.spyOn(URL, 'revokeObjectURL');
	const large = new LargePhoto();
	await Promise.all([large.show('one'), large.show('two')]);
	expect(await sizeOf(large.url)).toBe(22);
	await large.show('one');
	expect(await sizeOf(large.url)).toBe(11);
	large.close();
	expect(large.photoId).toBeNull();
	expect(large.url).toBeNull();
	expect(givenBack.mock.calls.flat()).toEqual(made.mock.results.map(({ value }) => value as unknown));
});

test('a photo that is gone says so', async () => {
	const large = new LargePhoto();
	await large.show('nobody');
	expect(large.url).toBeNull();
	expect(large.trouble).toContain('not there any more');
	await large.show('one');
	expect(large.trouble).toBeNull();
});
