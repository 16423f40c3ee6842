/** Cameras that come and go as the test says, on the real class and streams made from a canvas. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listCameras } from '$lib/camera/camera';
import type { SettingsState } from './settings.svelte';
import { Viewfinder } from './viewfinder.svelte';

const { mediaDevices } = navigator;
/** What is connected. */
let connected: string[];
/** Which camera was opened, in order; '' is whichever the browser likes. */
let opened: string[];
let tracks: MediaStreamTrack[];
/** Holds the next opening back. */
let hold: Promise<void> | null;
let muted: boolean;
let viewfinder: Viewfinder;
let unfollow: () => void;

beforeEach(() => {
	[connected, opened, tracks, hold, muted] = [['desk', 'lid'], [], [], null, false];
	vi.spyOn(mediaDevices, 'enumerateDevices').mockImplementation(() =>
		Promise.resolve(
			connected.map((deviceId) => ({ deviceId, kind: 'videoinput', label: deviceId }) as MediaDeviceInfo)
		)
	);
	vi.spyOn(mediaDevices, 'getUserMedia').mockImplementation(async ({ video } = {}) => {
		const { deviceId } = video as { deviceId?: { exact: string } };
		opened.push(deviceId?.exact ?? '');
		await hold;
		if (connected.length === 0) throw new DOMException('', 'NotFoundError');
		const found = deviceId ? connected.find((id) => id === deviceId.exact) : connected[0];
		if (!found) throw new DOMException('', 'OverconstrainedError');
		const stream = document.createElement('canvas').captureStream(0);
		const [track] = stream.getVideoTracks();
		if (!track) throw new Error('no track');
		track.getSettings = () => ({ deviceId: found, facingMode: found === 'lid' ? 'user' : 'environment' });
		Object.defineProperty(track, 'muted', { get: () => muted });
		tracks.push(track);
		return stream;
	});
	const value = { cameraId: null as string | null, facing: 'environment', mirrorFront: true };
	const settings = {
		value,
		load: () => Promise.resolve(),
		change: (patch: object) => Promise.resolve(Object.assign(value, patch))
	};
	viewfinder = new Viewfinder(settings as unknown as SettingsState); // what it uses of them
	unfollow = viewfinder.follow();
});
afterEach(() => {
	unfollow();
	viewfinder.stop();
	vi.useRealTimers();
	vi.restoreAllMocks();
});

/** The list of cameras is another one now, and the page is told. */
async function connect(...now: string[]) {
	connected = now;
	mediaDevices.dispatchEvent(new Event('devicechange'));
	await expect.poll(() => viewfinder.cameras.map(({ deviceId }) => deviceId)).toEqual(now);
	await listCameras();
}
function unplug(...left: string[]) {
	tracks.at(-1)?.stop();
	tracks.at(-1)?.dispatchEvent(new Event('ended'));
	return connect(...left);
}

test('a camera that is unplugged comes back when it is connected again, and no other in its place', async () => {
	await viewfinder.start();
	await unplug('lid');
	expect([viewfinder.phase, viewfinder.trouble?.code, opened]).toEqual(['off', 'camera-unplugged', ['']]);
	await connect('lid', 'third');
	expect([viewfinder.phase, opened]).toEqual(['off', ['']]);
	await connect('lid', 'third', 'desk');
	await expect.poll(() => viewfinder.phase).toBe('live');
	expect(viewfinder.camera?.deviceId).toBe('desk');
	expect(opened).toEqual(['', 'desk']);
});

test('a camera that another app took stays off though something else is connected', async () => {
	await viewfinder.start();
	await unplug('desk', 'lid');
	await connect('desk', 'lid', 'third');
	expect([viewfinder.phase, opened]).toEqual(['off', ['']]);
	await viewfinder.start();
	expect(viewfinder.phase).toBe('live');
});

test('a lost camera that comes back does not take the place of the one that was chosen meanwhile', async () => {
	await viewfinder.start();
	await unplug('lid');
	await viewfinder.choose('lid');
	await connect('lid', 'desk');
	expect(opened).toEqual(['', 'lid']);
	viewfinder.stop();
	await connect('lid');
	await connect('lid', 'desk');
	expect([viewfinder.phase, opened]).toEqual(['off', ['', 'lid']]);
});

test('the first camera that is connected starts where there was none', async () => {
	connected = [];
	await viewfinder.start();
	expect(viewfinder.trouble?.code).toBe('camera-missing');
	await connect('desk');
	await expect.poll(() => viewfinder.phase).toBe('live');
});

test('the last picture stands, and nothing can be set, while another camera takes over', async () => {
	await viewfinder.start();
	const { stream } = viewfinder;
	let release = () => {};
	hold = new Promise((resolve) => (release = resolve));
	const flipping = viewfinder.flip();
	await expect.poll(() => opened.length).toBe(2);
	expect(tracks[0]?.readyState).toBe('ended');
	expect([viewfinder.phase, viewfinder.stream]).toEqual(['changing', stream]);
	expect([viewfinder.mirrored, viewfinder.capabilities, viewfinder.canFlip]).toEqual([false, null, false]);
	release();
	await flipping;
	expect([viewfinder.phase, viewfinder.mirrored]).toEqual(['live', true]);
	expect(viewfinder.stream).not.toBe(stream);
	connected = [];
	await viewfinder.choose('desk');
	expect([viewfinder.phase, viewfinder.stream]).toEqual(['off', null]);
});

test('a camera that begins without a picture is given a while to wake, then it is said', async () => {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
	muted = true;
	await viewfinder.start();
	vi.advanceTimersByTime(2900);
	expect(viewfinder.muted).toBe(false);
	vi.advanceTimersByTime(200);
	expect(viewfinder.muted).toBe(true);
	tracks[0]?.dispatchEvent(new Event('unmute'));
	expect(viewfinder.muted).toBe(false);
});
