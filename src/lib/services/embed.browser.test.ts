import { backbones } from '$models/catalog';
import { afterEach, expect, test, vi } from 'vitest';
import { Trouble } from '$lib/domain/trouble';
import { VIEWS } from '$lib/domain/view';
import type { Photo, PictureBytes } from '$lib/domain/project';
import { addPhotos } from '$lib/storage/photos';
import { addProject } from '$lib/storage/projects';
import { readFeatures } from '$lib/storage/features';
import { deleteDatabase } from '$lib/storage/database';
import type { Engine } from './engine';
import { Features } from './embed';

afterEach(() => deleteDatabase());

const sha256 = backbones[0]?.file.sha256 ?? '';
const project = { id: 'project', crop: 'centre' as const };

async function jpeg(colour: string): Promise<PictureBytes> {
	const canvas = new OffscreenCanvas(8, 8);
	const context = canvas.getContext('2d');
	if (context) context.fillStyle = colour;
	context?.fillRect(0, 0, 8, 8);
	const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
	return { bytes: await blob.arrayBuffer(), type: blob.type };
}

async function keep(...pictures: PictureBytes[]): Promise<Photo[]> {
	await addProject({
		...project,
		name: 'Things',
		created: 1,
		changed: 1,
		backboneId: 'small',
		labels: [{ id: 'label', name: 'a', colour: 0, off: false, trashed: null }],
		views: ['mirrored'],
		modelId: null,
		trashed: null
	});
	const photos = pictures.map((picture, i): Photo => ({
		id: `photo ${i}`,
		projectId: project.id,
		labelId: 'label',
		burstId: `burst ${i}`,
		added: i + 1,
		source: 'camera',
		name: '',
		width: 8,
		height: 8,
		bytes: picture.bytes.byteLength,
		sha256: String(i),
		hash: '0'.repeat(16),
		split: null,
		trashed: null
	}));
	await addPhotos(photos.map((photo, i) => ({ photo, picture: pictures[i]!, thumbnail: pictures[i]! }))); // as many as photos
	return photos;
}

/** An engine that says how often it was asked, and answers with that number. */
function counting() {
	let asked = 0;
	const embed = vi.fn<Engine['embed']>(async (source, _crop, looks) => {
		source.close();
		asked++;
		return looks.views.map((view) =>
			Float32Array.of(
				asked,
				VIEWS.findIndex((one) => one === view)
			)
		);
	});
	return { embed, whenReady: vi.fn<Engine['whenReady']>(async () => undefined) };
}

const quiet = (signal = new AbortController().signal) => ({
	views: ['mirrored'] as const,
	signal,
	onPhoto: vi.fn<(done: number) => void>(),
	onTrouble: vi.fn<(photo: Photo, trouble: Trouble) => void>()
});

test('each photo is looked at once, in both views, and what was found is there after a reload', async () => {
	const photos = await keep(await jpeg('red'), await jpeg('blue'));
	const engine = counting();
	const features = new Features(engine, project, sha256);
	const options = quiet();
	await features.add(photos, options);
	await features.add(photos, options);
	expect(engine.embed).toHaveBeenCalledTimes(2);
	expect(options.onPhoto.mock.calls).toEqual([[1], [2]]);
	const again = new Features(engine, project, sha256);
	await again.load();
	expect([...(again.of('photo 1', 'plain') ?? [])]).toEqual([2, -1]);
	expect([...(again.of('photo 1', 'mirrored') ?? [])]).toEqual([2, 0]);
	expect(again.of('photo 1', 'rotated')).toBeNull();
	await again.add(photos, options);
	expect(engine.embed).toHaveBeenCalledTimes(2);
});

test('only the views that are missing are computed', async () => {
	const photos = await keep(await jpeg('red'));
	const engine = counting();
	const features = new Features(engine, project, sha256);
	await features.add(photos, { ...quiet(), views: [] });
	await features.add(photos, { ...quiet(), views: ['mirrored', 'rotated'] });
	await features.add(photos, { ...quiet(), views: ['rotated', 'blurred'] });
	expect(engine.embed.mock.calls.map(([, , looks]) => looks)).toEqual([
		{ photoId: 'photo 0', views: ['plain'] },
		{ photoId: 'photo 0', views: ['mirrored', 'rotated'] },
		{ photoId: 'photo 0', views: ['blurred'] }
	]);
	expect([...(await readFeatures(project.id, sha256, 'centre rotated')).keys()]).toEqual(['photo 0']);
});

test('a damaged photo is told of, and the others go on', async () => {
	const photos = await keep(
		await jpeg('red'),
		{ bytes: new ArrayBuffer(9), type: 'image/jpeg' },
		await jpeg('blue')
	);
	const options = quiet();
	const features = new Features(counting(), project, sha256);
	await features.add(photos, options);
	expect(options.onTrouble.mock.calls.map(([{ id }, { code }]) => [id, code])).toEqual([
		['photo 1', 'photo-damaged']
	]);
	expect(features.has('photo 2', ['mirrored'])).toBe(true);
});

test('an engine that starts again is waited for, and the photo is looked at then', async () => {
	const photos = await keep(await jpeg('red'));
	const engine = counting();
	engine.embed.mockRejectedValueOnce(new Trouble('engine-restarting', 'again'));
	const features = new Features(engine, project, sha256);
	const options = quiet();
	await features.add(photos, options);
	expect(engine.whenReady).toHaveBeenCalledTimes(1);
	expect(options.onTrouble).not.toHaveBeenCalled();
	expect(features.has('photo 0', ['mirrored'])).toBe(true);
});

test('stopped midway, what was found is kept', async () => {
	const photos = await keep(await jpeg('red'), await jpeg('blue'), await jpeg('green'));
	const stop = new AbortController();
	const options = { ...quiet(stop.signal), onPhoto: (done: number) => done === 2 && stop.abort() };
	const features = new Features(counting(), project, sha256);
	await expect(features.add(photos, options)).rejects.toThrow('abort');
	expect([...(await readFeatures(project.id, sha256, 'centre')).keys()]).toEqual(['photo 0', 'photo 1']);
});

test('what another tab found is taken over, and only the rest is looked at', async () => {
	const photos = await keep(await jpeg('red'), await jpeg('blue'));
	const [engine, another] = [counting(), counting()];
	const features = new Features(engine, project, sha256);
	await features.load();
	await new Features(another, project, sha256).add(photos.slice(0, 1), quiet());
	await features.find(photos, ['mirrored']);
	expect(photos.map(({ id }) => features.has(id, ['mirrored']))).toEqual([true, false]);
	expect([...(features.of('photo 0', 'mirrored') ?? [])]).toEqual([1, 0]);
	await features.add(photos, quiet());
	expect(engine.embed).toHaveBeenCalledTimes(1);
	expect(features.has('photo 1', ['mirrored'])).toBe(true);
});
