import { afterEach, expect, test, vi } from 'vitest';
import { Trouble } from '$lib/domain/trouble';
import { byBackbone, type Answerer } from './answerers';
import { Look, type WatchOptions } from './look';

interface Frame extends ImageBitmap {
	number: number;
}

/** A camera that makes a frame whenever one is asked for, and knows which are still open. */
function camera() {
	const open = new Set<Frame>();
	let made = 0;
	let streams = 0;
	async function* frames(signal: AbortSignal) {
		streams++;
		while (!signal.aborted) {
			const number = made++;
			const frame = { number, close: () => open.delete(frame) } as unknown as Frame; // what the loop uses of it
			open.add(frame);
			yield frame;
			await new Promise((resolve) => setTimeout(resolve));
		}
	}
	return { frames, open, made: () => made, streams: () => streams };
}

/** An engine whose answers the test gives. */
function engine() {
	const asked: { frame: Frame; answer(leader: number): void; fail(cause: Error): void }[] = [];
	let ready = () => {};
	return {
		asked,
		becomeReady: () => ready(),
		classify: vi.fn(
			(frame: VideoFrame | ImageBitmap) =>
				new Promise<Awaited<ReturnType<Answerer['answer']>> & { probabilities: Float32Array<ArrayBuffer> }>(
					(resolve, reject) => {
						frame.close();
						const answer = (leader: number) =>
							resolve({
								probabilities: Float32Array.from({ length: 3 }, (_, i) => (i === leader ? 1 : 0)),
								familiar: true,
								preprocess: 1,
								run: 2
							});
						asked.push({ frame: frame as Frame, answer, fail: reject });
					}
				)
		),
		whenReady: () => new Promise<void>((resolve) => (ready = resolve))
	};
}

const running: AbortController[] = [];
function watch(look: Look, options: Partial<WatchOptions>) {
	const abort = new AbortController();
	running.push(abort);
	const seen: number[] = [];
	const fps: (number | null)[] = [];
	const troubles: string[] = [];
	const ended = look.watch({
		frames: camera().frames,
		crop: () => 'centre',
		onSeen: ({ answer, timings }) => {
			seen.push(answer.guesses[0]?.index ?? -1);
			fps.push(timings.fps);
		},
		onTrouble: ({ code }) => troubles.push(code),
		signal: abort.signal,
		...options
	});
	return { seen, fps, troubles, ended, stop: () => abort.abort() };
}

/** Enough for whatever wants to happen to have happened. */
async function severalTurns() {
	for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve));
}

function setHidden(hidden: boolean) {
	vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden);
	document.dispatchEvent(new Event('visibilitychange'));
}

afterEach(() => {
	running.splice(0).forEach((abort) => abort.abort());
	vi.restoreAllMocks();
});

test('one frame at a time: the next is made only when the last is answered', async () => {
	const [source, fake] = [camera(), engine()];
	const { seen } = watch(new Look(byBackbone(fake, () => null)), { frames: source.frames });
	await expect.poll(() => fake.asked.length).toBe(1);
	await severalTurns();
	expect(source.made()).toBe(1);
	fake.asked[0]?.answer(1);
	await expect.poll(() => fake.asked.length).toBe(2);
	expect(source.made()).toBe(2);
	expect(seen).toEqual([1]);
	expect(source.open.size).toBe(0);
});

test('an answer to what was asked before a reset is dropped (40)', async () => {
	const fake = engine();
	const look = new Look(byBackbone(fake, () => null));
	const { seen } = watch(look, {});
	await expect.poll(() => fake.asked.length).toBe(1);
	look.reset();
	fake.asked[0]?.answer(1);
	await expect.poll(() => fake.asked.length).toBe(2);
	fake.asked[1]?.answer(2);
	await expect.poll(() => seen).toEqual([2]);
});

test('stands still while the page is hidden, and resumes once', async () => {
	const [source, fake] = [camera(), engine()];
	const { seen } = watch(new Look(byBackbone(fake, () => null)), { frames: source.frames });
	await expect.poll(() => fake.asked.length).toBe(1);
	setHidden(true);
	fake.asked[0]?.answer(1);
	await severalTurns();
	expect([fake.asked.length, seen.length]).toEqual([1, 0]);
	setHidden(false);
	document.dispatchEvent(new Event('visibilitychange'));
	await expect.poll(() => fake.asked.length).toBe(2);
	expect(source.streams()).toBe(2);
	expect(source.open.size).toBe(0);
});

test('frames a second leave out the time that the page was hidden', async () => {
	const fake = engine();
	let now = 0;
	vi.spyOn(performance, 'now').mockImplementation(() => now);
	const { fps } = watch(new Look(byBackbone(fake, () => null)), {});
	const answerAt = async (time: number) => {
		const asked = fake.asked.length;
		now = time;
		const seen = fps.length;
		fake.asked.at(-1)?.answer(1);
		await expect.poll(() => fps.length).toBe(seen + 1);
		await expect.poll(() => fake.asked.length).toBe(asked + 1);
	};
	await expect.poll(() => fake.asked.length).toBe(1);
	await answerAt(100);
	await answerAt(200);
	expect(fps.at(-1)).toBe(10);
	setHidden(true);
	fake.asked.at(-1)?.answer(1);
	await severalTurns();
	setHidden(false);
	await expect.poll(() => fake.asked.length).toBe(4);
	await answerAt(60_000);
	await answerAt(60_050);
	expect(fps.at(-1)).toBe(20);
});

test('waits for an engine that starts again, without a word', async () => {
	const fake = engine();
	const { seen, troubles } = watch(new Look(byBackbone(fake, () => null)), {});
	await expect.poll(() => fake.asked.length).toBe(1);
	fake.asked[0]?.fail(new Trouble('engine-restarting', 'again'));
	await severalTurns();
	expect(fake.asked.length).toBe(1);
	fake.becomeReady();
	await expect.poll(() => fake.asked.length).toBe(2);
	fake.asked[1]?.answer(0);
	await expect.poll(() => seen).toEqual([0]);
	expect(troubles).toEqual([]);
});

test('a frame that cannot be classified is told, and the loop goes on', async () => {
	const fake = engine();
	const { troubles } = watch(new Look(byBackbone(fake, () => null)), {});
	await expect.poll(() => fake.asked.length).toBe(1);
	fake.asked[0]?.fail(new Trouble('engine-failed', 'words'));
	await expect.poll(() => fake.asked.length).toBe(2);
	expect(troubles).toEqual(['engine-failed']);
});

test('ends when it is told to, with every frame closed', async () => {
	const [source, fake] = [camera(), engine()];
	const { ended, stop } = watch(new Look(byBackbone(fake, () => null)), { frames: source.frames });
	await expect.poll(() => fake.asked.length).toBe(1);
	stop();
	fake.asked[0]?.answer(0);
	await ended;
	expect(source.open.size).toBe(0);
});
