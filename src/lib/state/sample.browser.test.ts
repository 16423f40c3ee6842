import { afterEach, expect, test, vi } from 'vitest';
import type { Photo } from '$lib/domain/project';
import { deleteDatabase } from '$lib/storage/database';
import { addPhotos } from '$lib/storage/photos';
import { addProject } from '$lib/storage/projects';
import { Sample } from './sample.svelte';

afterEach(() => deleteDatabase());

/** Photos of 600 × 400 with one colour each; `null` is no picture at all. */
async function keep(...made: { colour: string | null; burst: string }[]): Promise<Photo[]> {
	await addProject({
		...{ id: 'project', name: 'Things', created: 1, changed: 1, backboneId: 'small', crop: 'centre' },
		...{ views: [], modelId: null, trashed: null },
		labels: [{ id: 'label', name: 'a', colour: 0, off: false, trashed: null }]
	});
	const kept = await Promise.all(
		made.map(async ({ colour, burst }, i) => {
			const photo: Photo = {
				...{ id: `photo ${i}`, projectId: 'project', labelId: 'label', burstId: burst, added: i + 1 },
				...{ source: 'camera', name: '', width: 600, height: 400, bytes: 1, sha256: String(i) },
				...{ hash: '0'.repeat(16), split: null, trashed: null }
			};
			const picture = { bytes: await png(colour), type: 'image/png' };
			return { photo, picture, thumbnail: picture };
		})
	);
	await addPhotos(kept);
	return kept.map(({ photo }) => photo);
}

async function png(colour: string | null): Promise<ArrayBuffer> {
	if (colour === null) return new ArrayBuffer(9);
	const canvas = new OffscreenCanvas(600, 400);
	const context = canvas.getContext('2d');
	if (context) context.fillStyle = colour;
	context?.fillRect(0, 0, 600, 400);
	return (await canvas.convertToBlob()).arrayBuffer();
}

const shows = (sample: Sample, photoId: string | null) =>
	vi.waitFor(() => expect(sample.shown?.photoId ?? null).toBe(photoId));

test('shows the crop of a photo, then one of another burst, and gives it back', async () => {
	const photos = await keep(
		{ colour: '#ff0000', burst: 'one' },
		{ colour: '#ff0000', burst: 'one' },
		{ colour: '#0000ff', burst: 'two' }
	);
	const sample = new Sample();
	sample.see(photos, 'centre');
	await shows(sample, 'photo 0');
	const { width, height, data } = sample.shown?.pixels ?? { width: 0, height: 0, data: [] };
	expect([width, height, ...data.slice(0, 4)]).toEqual([384, 384, 255, 0, 0, 255]);
	sample.another();
	await shows(sample, 'photo 2');
	expect([...(sample.shown?.pixels.data.slice(0, 4) ?? [])]).toEqual([0, 0, 255, 255]);
	sample.see(photos.slice(1), 'centre');
	expect(sample.shown?.photoId).toBe('photo 2');
	sample.see(photos.slice(0, 2), 'centre');
	await shows(sample, 'photo 0');
	sample.another();
	await shows(sample, 'photo 1');
	sample.leave();
	expect(sample.shown).toBeNull();
});

test('a photo that cannot be read is told of, and another one is shown', async () => {
	const photos = await keep({ colour: null, burst: 'one' }, { colour: '#00ff00', burst: 'two' });
	const sample = new Sample();
	sample.see(photos, 'centre');
	await vi.waitFor(() => expect(sample.trouble).toContain('can no longer be read'));
	expect(sample.shown).toBeNull();
	sample.another();
	await shows(sample, 'photo 1');
	expect(sample.trouble).toBeNull();
});
