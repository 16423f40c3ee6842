import { expect, test } from 'vitest';
import type { Model } from '$lib/domain/model';
import { Trouble } from '$lib/domain/trouble';
import { model as row } from '$lib/storage/suite/page';
import { backbones } from '$models/catalog';
import { byModel, byNetworkOf, type Answerer } from './answerers';
import type { Engine } from './engine';
import { StatusBoard } from './engine-status';
import { TunedEngine } from './tuned-engine';

const network = backbones[0]!; // there is one
const tuned = (id: string): Model => ({ ...row(id), tail: new Map() });
const ground = { preference: 'wasm', threads: 1 } as const;

interface Given<T> {
	give(result: T): void;
	fail(cause: Error): void;
}

/** Calls whose results the test gives. */
function asked<T>() {
	const calls: Given<T>[] = [];
	return { calls, ask: () => new Promise<T>((give, fail) => calls.push({ give, fail })) };
}

const answered = { probabilities: Float32Array.of(0.2, 0.8), familiar: true, preprocess: 1, run: 2 };

/** A tuned engine on an engine and an assembly that do what the test says. */
function stage() {
	const made = asked<{ card: typeof network; files: ReadonlyMap<string, ArrayBuffer> }>();
	const classified = asked<typeof answered>();
	const board = new StatusBoard(false);
	const used: string[] = [];
	let files: ReadonlyMap<string, ArrayBuffer> = new Map();
	const engine = {
		get status() {
			return board.status;
		},
		subscribe: (listener: Parameters<Engine['subscribe']>[0]) => board.subscribe(listener),
		use: ({ id }: { id: string }, preference: string, threads: number) => {
			used.push([id, ...files.keys(), preference, threads].join(' '));
			board.change({ phase: 'warming', trouble: null });
			return Promise.resolve(true);
		},
		stop: () => board.change({ phase: 'idle' }),
		classify: classified.ask
	};
	const signals: AbortSignal[] = [];
	const one = new TunedEngine({
		engineWith: (given) => {
			files = given;
			return engine as unknown as Engine; // what it uses
		},
		make: (_model, signal) => (signals.push(signal), made.ask())
	});
	/** The assembly of the last model has ended, and the engine runs. */
	const run = async (id: string) => {
		made.calls.at(-1)?.give({
			card: { ...network, id },
			files: new Map([[`made:${id}`, new ArrayBuffer(1)]])
		});
		await expect.poll(() => one.status.phase).toBe('warming');
		board.change({ phase: 'ready' });
	};
	return { one, made: made.calls, classified: classified.calls, board, used, signals, run };
}

/** A picture that knows whether it was closed. */
function picture() {
	const one = { closed: false, close: () => void (one.closed = true) };
	return one as typeof one & ImageBitmap; // nobody looks at it
}

test('a model is put together once, and once more where it, or what it runs on, is another', async () => {
	const { one, made, used, run, signals } = stage();
	void one.use(tuned('a'), ground);
	void one.use(tuned('a'), ground);
	expect(one.status.phase).toBe('starting');
	await run('one');
	void one.use({ ...tuned('a'), created: 9001 }, ground);
	expect(signals[0]?.aborted).toBe(true);
	await run('two');
	void one.use({ ...tuned('a'), created: 9001 }, { ...ground, preference: 'webgpu' });
	await run('three');
	expect(made).toHaveLength(3);
	expect(used).toEqual(['one made:one wasm 1', 'two made:two wasm 1', 'three made:three webgpu 1']);
});

test('where it came to run on the CPU by itself, a wish for the CPU leaves it as it is', async () => {
	const { one, made, run, board } = stage();
	void one.use(tuned('a'), { ...ground, preference: 'auto' });
	await run('one');
	board.change({ backend: 'wasm' });
	void one.use(tuned('a'), ground);
	expect(made).toHaveLength(1);
	board.change({ backend: 'webgpu' });
	void one.use(tuned('a'), ground);
	expect(made).toHaveLength(2);
});

test('what was given up while it was put together never runs', async () => {
	const { one, made, used } = stage();
	const using = one.use(tuned('a'), ground);
	one.stop();
	made[0]?.give({ card: network, files: new Map() });
	await using;
	expect(used).toEqual([]);
	expect(one.status.phase).toBe('idle');
});

test('a model is never answered by the network of another', async () => {
	const { one, classified, run } = stage();
	let current = tuned('a');
	const answerer = one.answerer(() => current);
	void one.use(current, ground);
	const early = picture();
	await expect(answerer.answer(early, 'centre')).rejects.toMatchObject({ code: 'engine-busy' });
	expect(early.closed).toBe(true);
	await run('one');

	const right = answerer.answer(picture(), 'centre');
	classified[0]?.give(answered);
	expect(await right).toBe(answered);

	const late = answerer.answer(picture(), 'centre');
	current = tuned('b');
	classified[1]?.give(answered);
	await expect(late).rejects.toMatchObject({ code: 'engine-restarting' });
	await expect(answerer.answer(picture(), 'centre')).rejects.toMatchObject({ code: 'engine-busy' });
	expect(classified).toHaveLength(2);
});

test('whoever waits goes on when it is ready, and when it is left', async () => {
	const { one, run } = stage();
	const { signal } = new AbortController();
	const answerer = one.answerer(() => tuned('a'));
	void one.use(tuned('a'), ground);
	const ready = answerer.whenReady(signal);
	await run('one');
	await ready;
	void one.use(tuned('b'), ground);
	const left = answerer.whenReady(signal);
	one.stop();
	await expect(left).rejects.toMatchObject({ name: 'AbortError' });
});

test.each([
	[
		'file-missing',
		new Trouble('file-missing', 'The network is not here. Go online.'),
		/^The network is not here/
	],
	[
		'tuned-failed',
		new Trouble('share-failed', 'The file could not be made.'),
		/Close other tabs and try again/
	],
	['tuned-failed', new Error('boom'), /Close other tabs and try again/]
])('a failure is told in words (%s), and it can be tried again', async (code, cause, words) => {
	const { one, made, run } = stage();
	const using = one.use(tuned('a'), ground);
	made[0]?.fail(cause);
	await using;
	expect(one.status).toMatchObject({ phase: 'failed', trouble: { code } });
	expect(one.status.trouble?.message).toMatch(words);
	void one.again();
	expect(one.status).toMatchObject({ phase: 'starting', trouble: null });
	await run('one');
	expect(one.status.phase).toBe('ready');
});

test('a fine-tuned model is asked of its own network, any other of the backbone’s', async () => {
	let current: Model | null = row('plain');
	const of = (name: string): Answerer => ({
		sureFrom: name.length,
		answer: () => Promise.reject(new Error(name)),
		whenReady: () => Promise.reject(new Error(name))
	});
	const both = byNetworkOf(() => current, { tuned: of('tuned'), backbone: of('backbone') });
	const { signal } = new AbortController();
	for (const [model, name] of [
		[row('plain'), 'backbone'],
		[tuned('a'), 'tuned'],
		[null, 'backbone']
	] as const) {
		current = model;
		expect(both.sureFrom).toBe(name.length);
		await expect(both.answer(picture(), 'centre')).rejects.toThrow(name);
		await expect(both.whenReady(signal)).rejects.toThrow(name);
	}
});

test('features of the backbone as it came answer no fine-tuned model', async () => {
	const features = Float32Array.of(1, 0, 0, 0);
	const observe = () => Promise.resolve({ features, preprocess: 1, run: 1 });
	const ask = (model: Model) =>
		byModel({ observe, whenReady: () => Promise.resolve() }, () => model).answer(picture(), 'centre');
	expect((await ask(row('plain'))).probabilities).toHaveLength(2);
	await expect(ask(tuned('a'))).rejects.toMatchObject({ code: 'engine-restarting' });
});
