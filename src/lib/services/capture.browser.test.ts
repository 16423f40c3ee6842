import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openCamera, type Camera } from '$lib/camera/camera';
import type { Photo, Project } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { addProject } from '$lib/storage/projects';
import { listPhotos, readPicture } from '$lib/storage/photos';
import { capture, captureAfter, type CaptureOptions } from './capture';
import { makePhotoMaker } from './photo-maker';

/** Another one for each test. */
let project: Project;
const empty: Project = {
	id: '',
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

let camera: Camera;
let video: HTMLVideoElement;
const maker = makePhotoMaker();

beforeEach(async () => {
	project = { ...empty, id: crypto.randomUUID() };
	await addProject(project);
	camera = await openCamera();
	video = Object.assign(document.createElement('video'), { muted: true, srcObject: camera.stream });
	await video.play();
});
afterEach(() => {
	camera.stop();
	maker.stop();
});

function options(more: Partial<CaptureOptions> = {}): CaptureOptions {
	return {
		...{ video, projectId: project.id, labelId: 'cats', maker, rate: 10 },
		signal: new AbortController().signal,
		onPhoto: () => undefined,
		now: () => Date.now(),
		newId: () => crypto.randomUUID(),
		...more
	};
}

test('a burst is kept photo by photo, in order, under one id, and ends by itself', async () => {
	const told: Photo[] = [];
	const { burstId, photos } = await capture(options({ most: 4, onPhoto: (photo) => told.push(photo) }));
	const kept = await listPhotos(project.id);
	expect(kept).toHaveLength(4);
	expect(kept.map(({ id }) => id)).toEqual(photos);
	expect(new Set(kept.map((photo) => photo.burstId))).toEqual(new Set([burstId]));
	expect(new Set(kept.map(({ added }) => added)).size).toBe(4);
	expect(kept[0]).toMatchObject({
		...{ labelId: 'cats', source: 'camera', name: '', split: null },
		...{ width: video.videoWidth, height: video.videoHeight }
	});
	expect(told.map(({ id }) => id).sort()).toEqual([...photos].sort());
	expect((await readPicture(kept[0]?.id ?? ''))?.type).toBe('image/jpeg');
});

test('letting go ends it, and what was taken is kept', async () => {
	const button = new AbortController();
	let count = 0;
	const { photos } = await capture(
		options({ signal: button.signal, onPhoto: () => ++count === 2 && button.abort() })
	);
	expect(photos.length).toBeGreaterThanOrEqual(2);
	expect(photos.length).toBeLessThanOrEqual(4);
	expect((await listPhotos(project.id)).map(({ id }) => id)).toEqual(photos);
});

test('a tap takes one photo, a single shot too', async () => {
	const button = new AbortController();
	const tap = capture(options({ signal: button.signal }));
	button.abort();
	expect((await tap).photos).toHaveLength(1);
	expect((await capture(options({ most: 1 }))).photos).toHaveLength(1);
	expect(await listPhotos(project.id)).toHaveLength(2);
});

test('nothing is taken where it was given up before', async () => {
	expect(await capture(options({ signal: AbortSignal.abort() }))).toMatchObject({ photos: [], dropped: 0 });
});

test('frames that come while two are being made are dropped and closed', async () => {
	const waiting: (() => void)[] = [];
	const slow = {
		favourFrames: () => () => undefined,
		get free() {
			return waiting.length < 2;
		},
		make: (...[source, name]: Parameters<typeof maker.make>) =>
			new Promise<void>((resolve) => waiting.push(resolve)).then(() => maker.make(source, name))
	};
	const button = new AbortController();
	const closed = vi.spyOn(VideoFrame.prototype, 'close');
	const burst = capture(options({ maker: slow, signal: button.signal }));
	await expect.poll(() => closed.mock.calls.length).toBeGreaterThan(2);
	expect(waiting).toHaveLength(2);
	button.abort();
	waiting.forEach((go) => go());
	const { photos, dropped } = await burst;
	expect(photos).toHaveLength(2);
	expect(dropped).toBeGreaterThan(2);
	closed.mockRestore();
});

test('a trouble ends it in words, with what was kept before', async () => {
	let made = 0;
	const failing = {
		favourFrames: () => () => undefined,
		free: true,
		make: (...[source, name]: Parameters<typeof maker.make>) =>
			++made > 2 ? Promise.reject(new Trouble('photo-failed', 'No memory.')) : maker.make(source, name)
	};
	const told: string[] = [];
	await expect(
		capture(options({ maker: failing, onPhoto: ({ id }) => told.push(id) }))
	).rejects.toMatchObject({ code: 'photo-failed', message: 'No memory.' });
	expect((await listPhotos(project.id)).map(({ id }) => id)).toEqual(told);
	expect(told.length).toBeGreaterThanOrEqual(1);
	await expect(capture(options({ projectId: 'gone' }))).rejects.toMatchObject({ code: 'project-gone' });
});

test('hands free: it counts down, then takes its burst', async () => {
	const ticks: number[] = [];
	const shot = captureAfter(1, (left) => ticks.push(left), options({ most: 2 }));
	expect(ticks).toEqual([1]);
	expect((await shot)?.photos).toHaveLength(2);
	expect(ticks).toEqual([1, 0]);
});

test('given up while it counts, it takes nothing', async () => {
	const stop = new AbortController();
	const shot = captureAfter(60, () => undefined, options({ signal: stop.signal }));
	stop.abort();
	expect(await shot).toBeNull();
	expect(await listPhotos(project.id)).toEqual([]);
});
