import { backbones } from '$models/catalog';
import { afterEach, describe, expect, test } from 'vitest';
import { Trouble } from '$lib/domain/trouble';
import { topK } from '$lib/domain/prediction';
import { VIEWS, type ViewName } from '$lib/domain/view';
import { Engine, type EngineParts } from './engine';
import type { EngineStatus } from './engine-status';

const card = backbones[0];
if (!card) throw new Error('the catalogue is empty');

type Fault =
	| 'zeros'
	| 'plausible'
	| 'no-gpu-session'
	| 'no-threads'
	| 'lose-device'
	| 'silent'
	| 'throw-late'
	| 'runs-throw'
	| 'nan-later'
	| 'dies-at-start'
	| 'overlap';

const healthy = () =>
	new Worker(new URL('../../../workers/inference.worker.ts', import.meta.url), { type: 'module' });
const faulty = (fault: Fault) =>
	new Worker(new URL('../../../tests/fixtures/faulty.worker.ts', import.meta.url), {
		type: 'module',
		name: fault
	});

const engines: Engine[] = [];
function make(parts: Partial<EngineParts> = {}) {
	const engine = new Engine({
		createWorker: healthy,
		open,
		has: async () => false,
		isolated: false,
		ios: false,
		...parts
	});
	engines.push(engine);
	return engine;
}
const open: EngineParts['open'] = async (file) => {
	const response = await fetch(new URL(file.url, location.origin));
	return { bytes: await response.arrayBuffer(), from: 'network', kept: false };
};
afterEach(() => engines.splice(0).forEach((engine) => engine.stop()));

async function coffee() {
	const response = await fetch('/samples/coffee.jpg');
	return createImageBitmap(await response.blob());
}

async function mirrorOf(picture: ImageBitmap) {
	const canvas = new OffscreenCanvas(picture.width, picture.height);
	const context = canvas.getContext('2d');
	context?.scale(-1, 1);
	context?.drawImage(picture, -picture.width, 0);
	return canvas.transferToImageBitmap();
}

async function names(engine: Engine) {
	const { probabilities } = await engine.classify(await coffee(), 'centre');
	return topK(probabilities, 5).map(({ index }) => engine.labels[index]);
}

/** The first status that fits. */
function reached(engine: Engine, fits: (status: EngineStatus) => boolean): Promise<EngineStatus> {
	return new Promise((resolve) => {
		const stop = engine.subscribe((status) => {
			if (!fits(status)) return;
			resolve(status);
			queueMicrotask(() => stop());
		});
	});
}

describe('a real photo', () => {
	test('is named by the real backbone on WASM, and says where it looked', async () => {
		const engine = make();
		await engine.use(card, 'wasm');
		expect(engine.status).toMatchObject({ phase: 'ready', backend: 'wasm', threads: 1, trouble: null });
		const named = await names(engine);
		expect(named[0]).toBe('mortar');
		expect(named.slice(0, 4)).toContain('cup');
		const mortar = engine.labels.indexOf('mortar');
		const heat = await engine.explain(await coffee(), 'centre', mortar);
		expect([heat.width, heat.height, heat.data.length]).toEqual([7, 7, 49]);
		expect(Math.max(...heat.data)).toBe(1);
		// The cup stands in the middle: what speaks for it is there and not in the corners.
		const at = (x: number, y: number) => heat.data[y * 7 + x] ?? NaN;
		expect(at(3, 3)).toBeGreaterThan(Math.max(at(0, 0), at(6, 0), at(0, 6), at(6, 6)));
	});

	test('has the same scores on software WebGPU, within 1e-3', async () => {
		const engine = make();
		await engine.use(card, 'webgpu');
		expect(engine.status).toMatchObject({ phase: 'ready', backend: 'webgpu', note: null });
		const reference = make();
		await reference.use(card, 'wasm');
		const gpu = (await engine.classify(await coffee(), 'centre')).probabilities;
		const cpu = (await reference.classify(await coffee(), 'centre')).probabilities;
		let most = 0;
		for (const [i, p] of cpu.entries()) most = Math.max(most, Math.abs(p - (gpu[i] ?? NaN)));
		expect(most).toBeLessThan(1e-3);
	}, 120_000);

	test('gives features of a picture and of its mirror image', async () => {
		const engine = make();
		await engine.use(card, 'wasm');
		const both = { photoId: 'coffee', views: ['plain', 'mirrored'] as const };
		const [plain, mirrored] = await engine.embed(await coffee(), 'centre', both);
		expect(plain?.length).toBe(256);
		expect(plain?.some((x) => x > 0)).toBe(true);
		expect((await engine.observe(await coffee(), 'centre')).features).toEqual(plain);
		const turned = await engine.embed(await mirrorOf(await coffee()), 'centre', both);
		for (const [i, x] of turned[0]?.entries() ?? []) expect(x).toBeCloseTo(mirrored?.[i] ?? NaN, 2);
		for (const [i, x] of plain?.entries() ?? []) expect(x).toBeCloseTo(turned[1]?.[i] ?? NaN, 2);
		expect(plain).not.toEqual(mirrored);
	});

	test('gives the same features of a view again, others of another view and of another photo', async () => {
		const engine = make();
		await engine.use(card, 'wasm');
		const of = async (photoId: string, views: readonly ViewName[]) =>
			engine.embed(await coffee(), 'centre', { photoId, views });
		const all = await of('one', VIEWS);
		expect(new Set(all.map(String)).size).toBe(VIEWS.length);
		const two = (['rotated', 'noisy'] as const).map((view) => all[VIEWS.indexOf(view)]);
		expect(await of('one', ['rotated', 'noisy'])).toEqual(two);
		expect((await of('two', ['rotated']))[0]).not.toEqual(two[0]);
	});

	test('a software adapter counts as no GPU unless asked for', async () => {
		const engine = make();
		await engine.use(card, 'auto');
		expect(engine.status).toMatchObject({ phase: 'ready', backend: 'wasm' });
		expect(engine.status.note).toContain('software');
	});
});

describe('faults', () => {
	test('a GPU that computes nonsense is found by the self-test and left (7)', async () => {
		const engine = make({ createWorker: () => faulty('zeros') });
		await engine.use(card, 'webgpu');
		expect(engine.status).toMatchObject({ phase: 'ready', backend: 'wasm' });
		expect(engine.status.note).toContain('CPU');
		expect((await names(engine))[0]).toBe('mortar');
	});

	test.each([
		['the card has what is right', card],
		['the card has nothing, as of a network made here', { ...card, golden: undefined }]
	])('a GPU whose nonsense looks like answers is left (7): %s', async (_, network) => {
		const engine = make({ createWorker: () => faulty('plausible') });
		await engine.use(network, 'webgpu');
		expect(engine.status).toMatchObject({ phase: 'ready', backend: 'wasm' });
		expect(engine.status.note).toContain('CPU');
		expect((await names(engine))[0]).toBe('mortar');
	});

	test('a GPU that computes what the CPU does is used, also where the card has nothing', async () => {
		const engine = make({ patience: { load: 150_000 } });
		await engine.use({ ...card, golden: undefined }, 'webgpu');
		expect(engine.status).toMatchObject({ phase: 'ready', backend: 'webgpu', note: null });
	}, 180_000);

	test('a GPU on which no session starts: a new worker, once more, then the CPU (14)', async () => {
		let workers = 0;
		const engine = make({
			createWorker: () => {
				workers++;
				return faulty('no-gpu-session');
			}
		});
		await engine.use(card, 'webgpu');
		expect(workers).toBe(3);
		expect(engine.status).toMatchObject({ phase: 'ready', backend: 'wasm' });
	});

	test('an engine that cannot start with threads starts with one (14)', async () => {
		const engine = make({ createWorker: () => faulty('no-threads'), isolated: true });
		await engine.use(card, 'wasm', 2);
		expect(engine.status).toMatchObject({ phase: 'ready', backend: 'wasm', threads: 1 });
		expect((await names(engine))[0]).toBe('mortar');
	});

	test('a lost device: a new worker on the CPU, and words that say so (5)', async () => {
		const engine = make({ createWorker: () => faulty('lose-device') });
		await engine.use(card, 'webgpu');
		expect(engine.status.backend).toBe('webgpu');
		// The fixture destroys the device when it is first asked to time a run.
		engine.time(1).catch(() => undefined);
		const after = await reached(engine, ({ phase, backend }) => phase === 'ready' && backend === 'wasm');
		expect(after.note).toContain('graphics processor');
		expect((await names(engine))[0]).toBe('mortar');
	}, 60_000);

	test('a lost device without a network: the binary that is here does the work on the CPU (5)', async () => {
		let offline = false;
		const engine = make({
			createWorker: () => faulty('lose-device'),
			has: async ({ url }) => url.includes('jspi'),
			open: async (file, options) => {
				if (offline && /threaded\.wasm/.test(file.url))
					throw new Trouble('file-offline', 'Not on this device yet.');
				return open(file, options);
			}
		});
		await engine.use(card, 'webgpu');
		offline = true;
		engine.time(1).catch(() => undefined);
		await reached(engine, ({ phase, backend }) => phase === 'ready' && backend === 'wasm');
		expect(engine.status.files[0]?.file.url).toContain('jspi');
		expect((await names(engine))[0]).toBe('mortar');
	}, 60_000);

	test('a lost device on a slow network: the binary that is here is taken at once (5)', async () => {
		let slow = false;
		const engine = make({
			createWorker: () => faulty('lose-device'),
			has: async ({ url }) => url.includes('jspi'),
			open: async (file, options) =>
				slow && /threaded\.wasm/.test(file.url) ? new Promise<never>(() => {}) : open(file, options)
		});
		await engine.use(card, 'webgpu');
		slow = true;
		engine.time(1).catch(() => undefined);
		await reached(engine, ({ phase, backend }) => phase === 'ready' && backend === 'wasm');
		expect(engine.status.binary).toBe('jspi');
		expect((await names(engine))[0]).toBe('mortar');
	}, 60_000);

	test('a network that is not to be had is no reason to fetch the other engine', async () => {
		const opened: string[] = [];
		const engine = make({
			open: async (file, options) => {
				opened.push(file.url.replace(/^.*\//, ''));
				if (file === card.file) throw new Trouble('file-offline', 'Not on this device yet.');
				return open(file, options);
			}
		});
		await expect(engine.use(card, 'webgpu')).rejects.toThrow('Not on this device yet.');
		expect(opened).toHaveLength(3);
		expect(opened.filter((name) => name.includes('.wasm')).join()).toMatch(/jspi|asyncify/);
		const states = engine.status.files.map(({ what, state }) => `${what} ${state}`);
		expect(states).toEqual(['engine checked', 'backbone failed', 'labels checked']);
	});

	test('a host without the GPU engine: the CPU does the work', async () => {
		const engine = make({
			open: async (file, options) => {
				if (file.url.includes('jspi')) throw new Trouble('file-refused', 'The server lacks it.');
				return open(file, options);
			}
		});
		await engine.use(card, 'webgpu');
		expect(engine.status).toMatchObject({ phase: 'ready', backend: 'wasm' });
		expect(engine.status.note).toContain('CPU');
	});

	test('an engine that falls again and again is left alone, in words, until it is asked for again', async () => {
		const engine = make({ createWorker: () => faulty('throw-late') });
		await engine.use(card, 'wasm');
		const failed = reached(engine, ({ phase }) => phase === 'failed');
		const stop = engine.subscribe(({ phase }) => {
			if (phase === 'ready')
				void coffee()
					.then((picture) => engine.classify(picture, 'centre'))
					.catch(() => undefined);
		});
		expect((await failed).trouble?.code).toBe('engine-unsteady');
		stop();
		await engine.use(card, 'wasm');
		expect(engine.status.phase).toBe('ready');
	}, 60_000);

	test('a worker that never answers is replaced, and its call rejected (18)', async () => {
		let first = true;
		const createWorker = () => {
			const worker = first ? faulty('silent') : healthy();
			first = false;
			return worker;
		};
		const engine = make({ createWorker, patience: { frame: 3000 } });
		await engine.use(card, 'wasm');
		await expect(engine.classify(await coffee(), 'centre')).rejects.toBeInstanceOf(Trouble);
		await reached(engine, ({ phase, note }) => phase === 'ready' && note !== null);
		expect((await names(engine))[0]).toBe('mortar');
	});

	test('a worker that throws outside a call is replaced (18)', async () => {
		let first = true;
		const createWorker = () => {
			const worker = first ? faulty('throw-late') : healthy();
			first = false;
			return worker;
		};
		const engine = make({ createWorker });
		await engine.use(card, 'wasm');
		await expect(engine.classify(await coffee(), 'centre')).rejects.toMatchObject({
			code: 'engine-restarting'
		});
		await reached(engine, ({ phase, note }) => phase === 'ready' && note !== null);
		expect((await names(engine))[0]).toBe('mortar');
	});

	test('a network that fails on every picture is brought up anew (14)', async () => {
		let first = true;
		const createWorker = () => {
			const worker = first ? faulty('runs-throw') : healthy();
			first = false;
			return worker;
		};
		const engine = make({ createWorker });
		await engine.use(card, 'wasm');
		for (let i = 0; i < 3; i++)
			await expect(engine.classify(await coffee(), 'centre')).rejects.toMatchObject({
				code: 'picture-failed'
			});
		await reached(engine, ({ phase, note }) => phase === 'ready' && note !== null);
		expect((await names(engine))[0]).toBe('mortar');
	});

	test('scores that are no numbers are refused', async () => {
		const engine = make({ createWorker: () => faulty('nan-later') });
		await engine.use(card, 'wasm');
		await expect(engine.classify(await coffee(), 'centre')).rejects.toMatchObject({
			code: 'picture-failed'
		});
	});

	test('a worker that dies while it starts: the words are of the start, and ask for a reload (19)', async () => {
		const engine = make({ createWorker: () => faulty('dies-at-start') });
		await expect(engine.use(card, 'wasm')).rejects.toMatchObject({ code: 'engine-failed' });
		expect(engine.status.trouble?.message).toContain('reload');
	});

	test('two backbones asked for at once: one after the other, the last one wins (22)', async () => {
		const engine = make({ createWorker: () => faulty('overlap') });
		const both = await Promise.all([engine.use(card, 'wasm'), engine.use(card, 'wasm')]);
		expect(both).toEqual([false, true]);
		expect(engine.status.phase).toBe('ready');
		expect((await names(engine))[0]).toBe('mortar');
	});

	test('a file that cannot be had ends the start with its words, and can be tried again', async () => {
		let offline = true;
		const engine = make({
			open: async (file, options) => {
				if (offline && file === card.file) throw new Trouble('file-offline', 'Not on this device yet.');
				return open(file, options);
			}
		});
		await expect(engine.use(card, 'wasm')).rejects.toThrow('Not on this device yet.');
		expect(engine.status).toMatchObject({ phase: 'failed', trouble: { code: 'file-offline' } });
		expect(engine.status.files.find(({ what }) => what === 'backbone')?.state).toBe('failed');
		offline = false;
		await engine.use(card, 'wasm');
		expect(engine.status.phase).toBe('ready');
	});

	test('whoever waits for it is told at once when it is ready, and is forgotten', async () => {
		const engine = make();
		await engine.use(card, 'wasm');
		await engine.whenReady(new AbortController().signal);
		await expect(engine.whenReady(AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
		expect(await engine.use(card, 'wasm')).toBe(true);
	});

	test('a picture asked about while it starts is refused in words and closed', async () => {
		const engine = make();
		const picture = await coffee();
		await expect(engine.classify(picture, 'centre')).rejects.toMatchObject({ code: 'engine-busy' });
		expect(picture.width).toBe(0);
	});
});
