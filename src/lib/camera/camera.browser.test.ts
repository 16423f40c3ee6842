/** Chromium's fake camera (a flag in vitest.config.ts), and a faked MediaDevices for what it cannot do. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Trouble } from '$lib/domain/trouble';
import { listCameras, onCamerasChanged, openCamera, type Camera, type CameraChange } from './camera';

let camera: Camera | null = null;
afterEach(() => {
	camera?.stop();
	camera = null;
	vi.useRealTimers();
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});

/** The real devices, with the calls counted and, where given, answered otherwise. */
function devices(answer?: (constraints: MediaStreamConstraints, call: number) => Promise<MediaStream>) {
	const asked: MediaTrackConstraints[] = [];
	const getUserMedia = async (constraints: MediaStreamConstraints) => {
		asked.push(constraints.video as MediaTrackConstraints);
		return answer?.(constraints, asked.length) ?? navigator.mediaDevices.getUserMedia(constraints);
	};
	// Only what the camera uses; the rest of MediaDevices would be dead weight.
	return { asked, media: { getUserMedia } as MediaDevices };
}
const refuse = (name: string, message = '') =>
	devices(() => Promise.reject(new DOMException(message, name))).media;
const trackOf = ({ stream }: Camera) => stream.getVideoTracks()[0] as MediaStreamTrack;
function changesOf(of: Camera) {
	const changes: [CameraChange, string?][] = [];
	of.onChange((change, trouble) => changes.push(trouble ? [change, trouble.code] : [change]));
	return changes;
}
const comeBack = () => document.dispatchEvent(new Event('visibilitychange'));
const settled = (watched: Camera) => new Promise<void>((resolve) => watched.onChange(() => resolve()));

test('opens a camera that is live, named, and about 640 × 480', async () => {
	camera = await openCamera({ facing: 'user' });
	expect(trackOf(camera)).toMatchObject({ readyState: 'live', kind: 'video' });
	expect(trackOf(camera).getSettings()).toMatchObject({ width: 640, height: 480 });
	expect(camera.label).toMatch(/fake/i);
	expect(camera.facing).toBe('user');
	const listed = await listCameras();
	expect(listed).toContainEqual(expect.objectContaining({ deviceId: camera.deviceId, label: camera.label }));
	const track = trackOf(camera);
	camera.stop();
	expect(track.readyState).toBe('ended');
});

test('asks for the camera that was chosen, else for the way to look', async () => {
	const { asked, media } = devices();
	const [chosen] = await listCameras();
	(await openCamera({ deviceId: chosen?.deviceId }, media)).stop();
	(await openCamera({}, media)).stop();
	expect(asked[0]).toMatchObject({ deviceId: { exact: chosen?.deviceId } });
	expect(asked[1]).toMatchObject({ facingMode: { ideal: 'environment' } });
	expect(asked[1]).not.toHaveProperty('deviceId');
});

test('takes another camera where the chosen one is gone', async () => {
	const { asked, media } = devices();
	camera = await openCamera({ deviceId: 'unplugged long ago' }, media);
	expect(trackOf(camera).readyState).toBe('live');
	expect(asked.map(({ deviceId }) => deviceId)).toEqual([{ exact: 'unplugged long ago' }, undefined]);
});

test.each([
	['NotAllowedError', '', 'camera-denied', /./],
	['NotAllowedError', 'Permission denied by system', 'camera-denied', /privacy settings/],
	['SecurityError', '', 'camera-denied', /its own tab/],
	['NotFoundError', '', 'camera-missing', /Connect one/],
	['OverconstrainedError', '', 'camera-missing', /Connect one/],
	['NotReadableError', '', 'camera-busy', /another app/],
	['AbortError', '', 'camera-busy', /another app/],
	['TypeError', '', 'camera-failed', /Try again/]
])('%s %s is told as %s, with the way out', async (name, message, code, words) => {
	const opening = openCamera({}, refuse(name, message));
	await expect(opening).rejects.toBeInstanceOf(Trouble);
	await expect(opening).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
	await expect(opening).rejects.toThrow('Photos from files still work.');
});

test('blocked for good, dismissed once, and forbidden by a policy have different ways out', async () => {
	const query = vi.spyOn(navigator.permissions, 'query');
	query.mockResolvedValue({ state: 'denied' } as PermissionStatus);
	await expect(openCamera({}, refuse('NotAllowedError'))).rejects.toThrow('site settings');
	query.mockResolvedValue({ state: 'prompt' } as PermissionStatus);
	await expect(openCamera({}, refuse('NotAllowedError'))).rejects.toThrow('choose “Allow”');
	query.mockRejectedValue(new TypeError('no such permission'));
	await expect(openCamera({}, refuse('NotAllowedError'))).rejects.toThrow('choose “Allow”');
	Object.defineProperty(document, 'featurePolicy', {
		configurable: true,
		value: { allowsFeature: (name: string) => name !== 'camera' }
	});
	await expect(openCamera({}, refuse('NotAllowedError'))).rejects.toThrow('forbids the camera');
	Reflect.deleteProperty(document, 'featurePolicy');
});

test('an insecure page has no camera and says so', async () => {
	vi.spyOn(navigator, 'mediaDevices', 'get').mockReturnValue(undefined as unknown as MediaDevices);
	await expect(openCamera()).rejects.toMatchObject({ code: 'camera-insecure' });
	expect(await listCameras()).toEqual([]);
	onCamerasChanged(() => {})();
});

test('given up while the person is being asked: the camera does not stay on', async () => {
	const abort = new AbortController();
	let late: MediaStream | undefined;
	const { media } = devices(async (constraints) => {
		late = await navigator.mediaDevices.getUserMedia(constraints);
		abort.abort();
		return late;
	});
	await expect(openCamera({ signal: abort.signal }, media)).rejects.toMatchObject({ name: 'AbortError' });
	expect(late?.getVideoTracks().map(({ readyState }) => readyState)).toEqual(['ended']);
});

test('an unplugged camera is told, and tried once when the person returns', async () => {
	const { asked, media } = devices();
	camera = await openCamera({}, media);
	const { deviceId } = camera;
	const changes = changesOf(camera);
	const before = trackOf(camera);
	before.stop();
	before.dispatchEvent(new Event('ended'));
	expect(changes).toEqual([['ended', 'camera-unplugged']]);
	const back = settled(camera);
	comeBack();
	comeBack();
	await back;
	expect(changes.slice(1)).toEqual([['restarted']]);
	expect(asked).toHaveLength(2);
	expect(asked[1]).toMatchObject({ deviceId: { exact: deviceId } });
	expect(trackOf(camera)).not.toBe(before);
	expect(trackOf(camera).readyState).toBe('live');
	comeBack();
	expect(asked).toHaveLength(2);
});

test.each([
	['OverconstrainedError', 'others are there'],
	['NotFoundError', 'none is left']
])('a camera that is gone when the person returns is told, not replaced: %s, %s', async (name) => {
	const { asked, media } = devices((constraints, call) =>
		call === 2 ? Promise.reject(new DOMException('', name)) : navigator.mediaDevices.getUserMedia(constraints)
	);
	camera = await openCamera({}, media);
	const changes = changesOf(camera);
	trackOf(camera).stop();
	const told = settled(camera);
	comeBack();
	await told;
	expect(changes).toEqual([['ended', 'camera-unplugged']]);
	expect(asked).toHaveLength(2);
	const opening = openCamera({ deviceId: 'unplugged long ago', only: true });
	await expect(opening).rejects.toMatchObject({ code: 'camera-unplugged' });
});

test('a camera that ended without a word in the background comes back, or tells why not', async () => {
	const { asked, media } = devices((constraints, call) =>
		call === 2
			? Promise.reject(new DOMException('', 'NotReadableError'))
			: navigator.mediaDevices.getUserMedia(constraints)
	);
	camera = await openCamera({}, media);
	const changes = changesOf(camera);
	trackOf(camera).stop();
	const first = settled(camera);
	comeBack();
	await first;
	expect(changes).toEqual([['ended', 'camera-busy']]);
	const second = settled(camera);
	comeBack();
	await second;
	expect(changes.slice(1)).toEqual([['restarted']]);
	expect(asked).toHaveLength(3);
});

test('a picture held back is told; still held back some time after the return, the camera starts again', async () => {
	const { asked, media } = devices();
	camera = await openCamera({}, media);
	const changes = changesOf(camera);
	const track = trackOf(camera);
	let muted = true;
	Object.defineProperty(track, 'muted', { get: () => muted });
	track.dispatchEvent(new Event('mute'));
	vi.useFakeTimers();
	comeBack();
	muted = false;
	track.dispatchEvent(new Event('unmute'));
	vi.runAllTimers();
	expect(changes).toEqual([['muted'], ['unmuted']]);
	expect(asked).toHaveLength(1);
	muted = true;
	comeBack();
	const back = settled(camera);
	vi.runAllTimers();
	vi.useRealTimers();
	await back;
	expect(changes.slice(2)).toEqual([['restarted']]);
});

test('two wishes to start again are one', async () => {
	const { asked, media } = devices();
	camera = await openCamera({}, media);
	await Promise.all([camera.restart(), camera.restart()]);
	expect(asked).toHaveLength(2);
});

test('a camera that was stopped stays stopped', async () => {
	const { asked, media } = devices();
	camera = await openCamera({}, media);
	const changes = changesOf(camera);
	const restarting = camera.restart();
	camera.stop();
	await restarting;
	expect(trackOf(camera).readyState).toBe('ended');
	comeBack();
	expect(asked).toHaveLength(2);
	expect(changes).toEqual([]);
});

describe('torch and zoom', () => {
	const size = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
	/** A phone's rear camera: Chromium's fake one has neither torch nor zoom to set. */
	function phone(capabilities: object, refuses: (constraints: MediaTrackConstraints) => string | null) {
		let held: MediaTrackConstraints = {};
		const track = Object.assign(new EventTarget(), {
			label: 'camera2 0, facing back',
			readyState: 'live',
			muted: false,
			stop() {},
			getSettings: () => ({ deviceId: 'rear' }),
			getCapabilities: () => capabilities,
			// As specified: what is not told again holds no longer.
			applyConstraints: async (constraints: MediaTrackConstraints) => {
				const name = refuses(constraints);
				if (name) throw new DOMException('', name);
				held = constraints;
			}
		});
		const stream = { getVideoTracks: () => [track], getTracks: () => [track] };
		const { media } = devices(async () => stream as unknown as MediaStream);
		return { media, held: () => held };
	}
	const rear = { torch: true, zoom: { min: 1, max: 8, step: 0.1 } };
	test('are offered where the track has them, and each is told with the other and with the size', async () => {
		const { media, held } = phone(rear, () => null);
		camera = await openCamera({}, media);
		expect(camera.facing).toBe('environment');
		expect(camera.capabilities).toEqual(rear);
		await camera.setTorch(true);
		expect(held()).toEqual({ ...size, advanced: [{ torch: true }] });
		await camera.setZoom(2.5);
		expect(held()).toEqual({ ...size, advanced: [{ torch: true, zoom: 2.5 }] });
		await camera.setTorch(false);
		expect(held()).toEqual({ ...size, advanced: [{ torch: false, zoom: 2.5 }] });
	});
	test('are told together where the browser wants them apart from the size, as Chromium does', async () => {
		const { media, held } = phone(rear, (told) => ('width' in told ? 'OverconstrainedError' : null));
		camera = await openCamera({}, media);
		await camera.setTorch(true);
		await camera.setZoom(2.5);
		expect(held()).toEqual({ advanced: [{ torch: true, zoom: 2.5 }] });
	});
	test('without them, nothing is offered', async () => {
		camera = await openCamera({}, phone({}, () => null).media);
		expect(camera.capabilities).toEqual({ torch: false, zoom: null });
		camera = await openCamera({}, phone({ zoom: { min: 1, max: 1, step: 0 } }, () => null).media);
		expect(camera.capabilities).toEqual({ torch: false, zoom: null });
	});
	test('a torch that refuses is told in words, and leaves the zoom to be set', async () => {
		const { media, held } = phone(rear, ({ advanced = [] }) =>
			advanced.some((set) => 'torch' in set && set.torch) ? 'OperationError' : null
		);
		camera = await openCamera({}, media);
		await expect(camera.setTorch(true)).rejects.toMatchObject({ code: 'camera-failed' });
		await camera.setZoom(3);
		expect(held().advanced).toEqual([{ zoom: 3 }]);
	});
});

test('cameras before and after they may be named, and which way they look', async () => {
	const device = (deviceId: string, label: string, facingMode?: string[], kind = 'videoinput') => ({
		deviceId,
		label,
		kind,
		...(facingMode && { getCapabilities: () => ({ facingMode }) })
	});
	const enumerateDevices = async () => [
		device('mic', 'Microphone', undefined, 'audioinput'),
		device('a', '', ['environment']),
		device('b', 'Front Camera'),
		device('c', 'USB background camera'),
		device('', '')
	];
	expect(await listCameras({ enumerateDevices } as unknown as MediaDevices)).toEqual([
		{ deviceId: 'a', label: 'Camera 1', facing: 'environment' },
		{ deviceId: 'b', label: 'Front Camera', facing: 'user' },
		{ deviceId: 'c', label: 'USB background camera' }
	]);
});

test('a camera that comes or goes is told until one no longer listens', () => {
	const changed = vi.fn();
	const end = onCamerasChanged(changed);
	navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
	end();
	navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
	expect(changed).toHaveBeenCalledTimes(1);
});
