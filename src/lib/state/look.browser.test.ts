import { afterEach, expect, test, vi } from 'vitest';
import { Trouble } from '$lib/domain/trouble';
import { lastErrors } from '$lib/storage/errors';
import type { EngineState } from './engine.svelte';
import { LookState } from './look.svelte';
import type { SettingsState } from './settings.svelte';
import type { Viewfinder } from './viewfinder.svelte';

interface Asked<T> {
	give(result: T): void;
	fail(cause: Error): void;
}

/** Calls whose results the test gives. */
function asked<T>() {
	const calls: Asked<T>[] = [];
	const ask = (source: { close(): void }) =>
		new Promise<T>((give, fail) => {
			source.close();
			calls.push({ give, fail });
		});
	return { calls, ask };
}

const scores = (leader: number) => ({
	probabilities: Float32Array.from({ length: 4 }, (_, i) => (i === leader ? 1 : 0)),
	familiar: true,
	preprocess: 1,
	run: 2
});
const map = { width: 1, height: 1, values: new Float32Array([1]) };

/** The Look screen's state on an engine and a camera that do what the test says. */
function stage() {
	const classify = asked<ReturnType<typeof scores>>();
	const explain = asked<typeof map>();
	const service = {
		classify: classify.ask,
		explain: explain.ask,
		whenReady: () => new Promise<void>(() => undefined),
		subscribe: () => () => undefined
	};
	const value = { crop: 'centre' };
	const saves: (() => void)[] = [];
	const settings = {
		value,
		change: (patch: object) => {
			Object.assign(value, patch);
			return new Promise<void>((resolve) => saves.push(resolve));
		}
	};
	const viewfinder = {
		phase: 'live',
		muted: false,
		mirrored: false,
		allowed: () => Promise.resolve(true),
		stop: vi.fn(() => (viewfinder.phase = 'off')),
		start: vi.fn(() => (viewfinder.phase = 'live'))
	};
	const look = new LookState({
		// What the state uses of them.
		engine: { ready: true, card: { labels: { count: 1000 } }, service } as unknown as EngineState,
		settings: settings as unknown as SettingsState,
		viewfinder: viewfinder as unknown as Viewfinder
	});
	return { look, classify: classify.calls, explain: explain.calls, viewfinder, saves };
}

/** A picture file of one colour; its width tells it from others. */
async function picture(width: number): Promise<Blob> {
	const canvas = new OffscreenCanvas(width, 8);
	canvas.getContext('2d')?.fillRect(0, 0, width, 8);
	return canvas.convertToBlob();
}

/** A video that plays what a canvas shows. */
async function playing(): Promise<HTMLVideoElement> {
	const canvas = document.createElement('canvas');
	const context = canvas.getContext('2d');
	const draw = () => context?.fillRect(0, 0, Math.random() * 300, 150);
	draw();
	const timer = setInterval(draw, 20);
	const video = document.createElement('video');
	video.muted = true;
	video.srcObject = canvas.captureStream();
	document.body.append(video);
	await video.play();
	cleanUp.push(() => {
		clearInterval(timer);
		video.remove();
	});
	return video;
}

const cleanUp: (() => void)[] = [];
afterEach(() => {
	vi.useRealTimers();
	cleanUp.splice(0).forEach((clean) => clean());
	vi.restoreAllMocks();
});

/** How many noted errors say so. */
const noted = async (words: string) =>
	(await lastErrors()).filter(({ message }) => message.includes(words)).length;

const first = (look: LookState) => look.answer?.guesses[0]?.index;

/** Opens a picture and answers it. */
async function shown(leader = 1) {
	const parts = stage();
	void parts.look.incoming.open(await picture(10), 'one');
	await expect.poll(() => parts.classify.length).toBe(1);
	parts.classify[0]?.give(scores(leader));
	await expect.poll(() => first(parts.look)).toBe(leader);
	return parts;
}

test('a picture that decodes slowly does not replace a newer one, nor come after the camera', async () => {
	const { look } = stage();
	const decode = globalThis.createImageBitmap.bind(globalThis);
	const slow: (() => void)[] = [];
	vi.spyOn(globalThis, 'createImageBitmap').mockImplementationOnce(async (blob: ImageBitmapSource) => {
		await new Promise<void>((resolve) => slow.push(resolve));
		return decode(blob);
	});
	const older = look.incoming.open(await picture(10), 'older');
	await expect.poll(() => slow.length).toBe(1);
	void look.incoming.open(await picture(20), 'newer');
	await expect.poll(() => look.still?.name).toBe('newer');
	slow[0]?.();
	await older;
	expect(look.still?.name).toBe('newer');

	vi.mocked(globalThis.createImageBitmap).mockImplementationOnce(async (blob: ImageBitmapSource) => {
		await new Promise<void>((resolve) => slow.push(resolve));
		return decode(blob);
	});
	const late = look.incoming.open(await picture(30), 'late');
	await expect.poll(() => slow.length).toBe(2);
	await look.live();
	slow[1]?.();
	await late;
	expect(look.mode).toBe('live');
});

test('the camera goes off under an opened picture and comes back after it', async () => {
	const { look, viewfinder } = await shown();
	expect(viewfinder.phase).toBe('off');
	await look.live();
	expect(viewfinder.phase).toBe('live');
});

test('a picture has its own times, without frames a second, and they go with it', async () => {
	const { look } = await shown();
	expect(look.timings).toMatchObject({ preprocess: 1, run: 2, fps: null });
	await look.live();
	expect(look.timings).toBeNull();
});

test('a change of crop is answered before it is saved', async () => {
	const { look, classify, saves } = await shown();
	const saved = look.setCrop('whole');
	await expect.poll(() => classify.length).toBe(2);
	expect(saves).toHaveLength(1);
	saves[0]?.();
	await saved;
});

test('the camera stays off where the screen is left before it was told that it may come on', async () => {
	const { look, viewfinder } = stage();
	viewfinder.phase = 'off';
	let tell = (_allowed: boolean) => {};
	viewfinder.allowed = () => new Promise((resolve) => (tell = resolve));
	const entering = look.enter();
	look.leave();
	tell(true);
	await entering;
	expect(viewfinder.start).not.toHaveBeenCalled();
	const again = look.enter();
	tell(true);
	await again;
	expect(viewfinder.start).toHaveBeenCalledTimes(1);
});

test('what a change of crop outdates is dropped: answers, heat and its failure', async () => {
	const { look, classify, explain } = await shown();
	void look.explain(1);
	await expect.poll(() => explain.length).toBe(1);
	void look.setCrop('whole');
	await expect.poll(() => classify.length).toBe(2);
	void look.setCrop('centre');
	await expect.poll(() => classify.length).toBe(3);
	classify[2]?.give(scores(3));
	await expect.poll(() => first(look)).toBe(3);
	classify[1]?.give(scores(2));
	explain[0]?.give(map);
	const failing = look.explain(3);
	await expect.poll(() => explain.length).toBe(2);
	void look.setCrop('whole');
	explain[1]?.fail(new Error('late'));
	await failing;
	expect(look.heat).toBeNull();
	expect(look.note).toBeNull();
	await expect.poll(() => classify.length).toBe(4);
	classify[3]?.give(scores(0));
	await expect.poll(() => first(look)).toBe(0);
});

test('a network that does not tell where it looked leaves the answer and says so beside it', async () => {
	const { look, explain } = await shown();
	const asking = look.explain(1);
	await expect.poll(() => explain.length).toBe(1);
	explain[0]?.fail(new Trouble('explain-failed', 'no map'));
	await asking;
	expect([look.note, look.trouble, first(look)]).toEqual(['no map', null, 1]);
});

test('freezing keeps the shown answer until the still has its own', async () => {
	const { look, classify } = stage();
	cleanUp.push(look.watch(await playing(), 60));
	await expect.poll(() => classify.length).toBe(1);
	classify[0]?.give(scores(2));
	await expect.poll(() => first(look)).toBe(2);
	const before = classify.length;
	void look.freeze();
	await expect.poll(() => look.mode).toBe('still');
	expect([first(look), look.timings]).toEqual([2, null]);
	await expect.poll(() => classify.length).toBeGreaterThan(before);
	classify.at(-1)?.give(scores(3));
	await expect.poll(() => first(look)).toBe(3);
});

test('a frame that cannot be taken is said, and the camera goes on', async () => {
	const { look, viewfinder } = stage();
	cleanUp.push(look.watch(await playing(), 60));
	await expect.poll(() => look.canFreeze).toBe(true);
	viewfinder.phase = 'changing';
	expect([look.mode, look.canFreeze]).toEqual(['live', false]);
	viewfinder.phase = 'live';
	vi.spyOn(globalThis, 'createImageBitmap').mockRejectedValue(new DOMException('no', 'InvalidStateError'));
	expect(await look.freeze()).toBe(false);
	expect([look.mode, look.note]).toEqual(['live', 'The picture could not be frozen. Try again.']);
});

test('a turned phone starts the answer anew', async () => {
	const { look, classify } = stage();
	const video = await playing();
	cleanUp.push(look.watch(video, 60));
	await expect.poll(() => classify.length).toBe(1);
	classify[0]?.give(scores(2));
	await expect.poll(() => first(look)).toBe(2);
	video.dispatchEvent(new Event('resize'));
	expect([look.answer, look.timings]).toEqual([null, null]);
});

test('a camera without readable pictures is said in words and noted once', async () => {
	const { look } = stage();
	const video = await playing();
	vi.spyOn(video, 'requestVideoFrameCallback').mockImplementation(() => {
		throw new TypeError('not supported');
	});
	cleanUp.push(look.watch(video, 60));
	await expect.poll(() => look.trouble).toMatch(/sends no pictures that can be read.*Photos still work/);
	await expect.poll(() => noted('can be read')).toBe(1);
});

test('a camera that sends no first picture is said after a while, until the picture comes', async () => {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
	const { look } = stage();
	const video = document.createElement('video');
	cleanUp.push(look.watch(video, 60));
	vi.advanceTimersByTime(2900);
	expect(look.trouble).toBeNull();
	vi.advanceTimersByTime(200);
	expect(look.trouble).toMatch(/sends no picture right now/);
	video.dispatchEvent(new Event('loadeddata'));
	expect(look.trouble).toBeNull();
	video.dispatchEvent(new Event('emptied'));
	vi.advanceTimersByTime(3100);
	expect(look.trouble).toMatch(/sends no picture right now/);
	void look.incoming.open(await picture(10), 'one');
	vi.useRealTimers();
	await expect.poll(() => look.mode).toBe('still');
	expect(look.trouble).toBeNull();
});

test('a picture that cannot be opened is told by its name, and noted without it', async () => {
	const { look } = stage();
	await look.incoming.open(new Blob(['no picture']), 'my daughter.jpg');
	expect(look.incoming.trouble).toContain('my daughter.jpg');
	await expect.poll(() => noted('picture-unsupported')).toBe(1);
	expect(await noted('my daughter')).toBe(0);
});

test('a fault of every frame is one row', async () => {
	const { look, classify } = stage();
	cleanUp.push(look.watch(await playing(), 60));
	for (let n = 0; n < 5; n++) {
		await expect.poll(() => classify.length).toBe(n + 1);
		classify[n]?.fail(new Trouble('engine-failed', 'every frame is broken'));
	}
	await expect.poll(() => look.trouble).toBe('every frame is broken');
	await expect.poll(() => noted('every frame is broken')).toBe(1);
});
