import { afterEach, expect, test, vi } from 'vitest';
import { openCamera } from './camera';
import { frames } from './frames';

afterEach(() => vi.unstubAllGlobals());

/** A video whose frames are shown when the test says; its picture comes from a canvas. */
function scripted() {
	const asked = new Map<number, (now: number) => void>();
	let last = 0;
	const video = Object.assign(document.createElement('canvas'), {
		videoWidth: 300,
		videoHeight: 150,
		requestVideoFrameCallback(callback: (now: number) => void) {
			asked.set(++last, callback);
			return last;
		},
		cancelVideoFrameCallback: (id: number) => void asked.delete(id)
	});
	video.getContext('2d')?.fillRect(0, 0, 9, 9);
	const show = (now: number) => {
		const callbacks = [...asked.values()];
		asked.clear();
		for (const callback of callbacks) callback(now);
	};
	// The element's own members are not used; a canvas is what both ways of taking a frame accept.
	return { video: video as unknown as HTMLVideoElement, asked, show };
}

test('gives fresh, upright frames of the camera, and ends when told', async () => {
	const camera = await openCamera();
	const video = Object.assign(document.createElement('video'), { muted: true, srcObject: camera.stream });
	await video.play();
	const abort = new AbortController();
	const times: (number | null)[] = [];
	for await (const frame of frames(video, { signal: abort.signal, maxFps: 60 })) {
		expect(frame).toBeInstanceOf(VideoFrame);
		const { displayWidth, displayHeight, timestamp } = frame as VideoFrame;
		expect([displayWidth, displayHeight]).toEqual([video.videoWidth, video.videoHeight]);
		times.push(timestamp);
		frame.close();
		if (times.length === 4) abort.abort();
	}
	expect(new Set(times).size).toBe(4);
	camera.stop();
});

test('a bitmap is taken where there are no VideoFrames', async () => {
	vi.stubGlobal('VideoFrame', undefined);
	const camera = await openCamera();
	const video = Object.assign(document.createElement('video'), { muted: true, srcObject: camera.stream });
	await video.play();
	const { signal } = new AbortController();
	const { value } = await frames(video, { signal, maxFps: 60 }).next();
	expect(value).toBeInstanceOf(ImageBitmap);
	expect([(value as ImageBitmap).width, (value as ImageBitmap).height]).toEqual([640, 480]);
	camera.stop();
});

test('fresh frames also come where the browser does not tell when it shows one', async () => {
	const camera = await openCamera();
	const video = Object.assign(document.createElement('video'), { muted: true, srcObject: camera.stream });
	Object.defineProperty(video, 'requestVideoFrameCallback', { value: undefined });
	const abort = new AbortController();
	const taken = frames(video, { signal: abort.signal, maxFps: 60 });
	const first = taken.next();
	await video.play();
	const times = new Set<number>();
	for (let next = await first; !next.done; next = await taken.next()) {
		times.add(video.currentTime);
		next.value.close();
		if (times.size === 3) break;
	}
	video.pause();
	const none = taken.next();
	abort.abort();
	expect(await none).toEqual({ done: true, value: undefined });
	camera.stop();
});

test('a frame that carries its rotation beside the pixels is taken as an upright bitmap', async () => {
	const camera = await openCamera();
	const video = Object.assign(document.createElement('video'), { muted: true, srcObject: camera.stream });
	await video.play();
	const close = vi.spyOn(VideoFrame.prototype, 'close');
	const rotated = { configurable: true, get: () => 90 };
	const own = Object.getOwnPropertyDescriptor(VideoFrame.prototype, 'rotation');
	Object.defineProperty(VideoFrame.prototype, 'rotation', rotated);
	const { value } = await frames(video, { signal: new AbortController().signal, maxFps: 60 }).next();
	if (own) Object.defineProperty(VideoFrame.prototype, 'rotation', own);
	else Reflect.deleteProperty(VideoFrame.prototype, 'rotation');
	expect(value).toBeInstanceOf(ImageBitmap);
	expect(close).toHaveBeenCalledTimes(1);
	close.mockRestore();
	camera.stop();
});

test('of a camera’s thirty frames a second, fifteen are taken, however unevenly they come', async () => {
	const { video, asked, show } = scripted();
	const taken = frames(video, { signal: new AbortController().signal, maxFps: 15 });
	const at: number[] = [];
	const jitter = [0, 2, -2, 1, -1, 2, 0, -2];
	let next = taken.next();
	for (let n = 0; n < 30; n++) {
		const now = 1000 + n * (1000 / 30) + (jitter[n % jitter.length] ?? 0);
		show(now);
		// A frame that comes too early is passed by at once, and the next one is asked for.
		if (asked.size > 0) continue;
		await next;
		at.push(n);
		next = taken.next();
	}
	expect(at).toEqual(Array.from({ length: 15 }, (_, index) => index * 2));
});

test('nothing is asked of the video, so nothing queues, while the consumer is busy', async () => {
	const { video, asked, show } = scripted();
	const taken = frames(video, { signal: new AbortController().signal, maxFps: 60 });
	expect(asked.size).toBe(0);
	const first = taken.next();
	expect(asked.size).toBe(1);
	show(0);
	expect((await first).value).toBeInstanceOf(ImageBitmap);
	expect(asked.size).toBe(0);
});

test('ends while waiting for a frame, and asks for no more', async () => {
	const { video, asked } = scripted();
	const abort = new AbortController();
	const waiting = frames(video, { signal: abort.signal, maxFps: 60 }).next();
	abort.abort();
	expect(await waiting).toEqual({ done: true, value: undefined });
	expect(asked.size).toBe(0);
});

test('a video that gives no frames at all is told in words', async () => {
	const { video, show, asked } = scripted();
	vi.stubGlobal('createImageBitmap', () => Promise.reject(new DOMException('', 'InvalidStateError')));
	const told = frames(video, { signal: new AbortController().signal, maxFps: 60 }).next();
	const failure = expect(told).rejects.toMatchObject({ code: 'camera-failed' });
	for (let n = 0; n < 30; n++) {
		await vi.waitUntil(() => asked.size > 0, { interval: 1 });
		show(n * 100);
	}
	await failure;
});
