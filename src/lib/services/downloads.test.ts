/** The service with the real job behind a real channel; only the network, the caches and the thread are put in. */
import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BackboneCard } from '$lib/domain/card';
import { serve, type CallContext } from '$lib/rpc/channel';
import { downloadFile, type DownloadProgress } from '$lib/storage/download-job';
import { clearChunks, receivedChunks } from '$lib/storage/downloads';
import { lastErrors } from '$lib/storage/errors';
import { backbones } from '$models/catalog';
import { Downloads, type DownloadState } from './downloads';

const content = new Uint8Array(200_000).map((_, index) => (index * 7) % 256);
const sha256 = createHash('sha256').update(content).digest('hex');
const [some] = backbones;
const card = {
	...some,
	id: 'big',
	delivery: 'download',
	file: { url: 'https://hub.example/big.onnx', sha256, bytes: content.length }
} as BackboneCard;
const embedded = { ...card, id: 'small', delivery: 'embedded' } as BackboneCard;

let network: (signal: AbortSignal, from: number) => Response | Promise<Response>;
let channels: MessageChannel[];
let workers: EventTarget[];
let ended: number;
/** Web Locks, which a worker lets go of when it ends. */
let held: Set<string>;

/** A worker on this thread. */
function createWorker(): Worker {
	const channel = new MessageChannel();
	channels.push(channel);
	channel.port2.start();
	channel.port1.start();
	const fetch = async (_url: unknown, init?: RequestInit) => {
		const range = new Headers(init?.headers).get('range') ?? 'bytes=0-';
		return network(init?.signal as AbortSignal, Number(range.slice(6, -1)));
	};
	serve(channel.port2, {
		download: (file: BackboneCard['file'], context: CallContext<DownloadProgress>) =>
			downloadFile(file, { ...context, fetch, online: () => true })
	});
	const events = new EventTarget();
	workers.push(events);
	return Object.assign(events, {
		addEventListener: (type: string, listener: EventListener) =>
			type === 'message'
				? channel.port1.addEventListener(type, listener)
				: EventTarget.prototype.addEventListener.call(events, type, listener),
		postMessage: (message: unknown) => channel.port1.postMessage(message),
		terminate: () => {
			ended++;
			held.clear();
			channel.port1.close();
		}
	}) as unknown as Worker;
}

/** Sends up to `to`, then waits until it is given up. */
const stopsAt =
	(to: number): typeof network =>
	(signal, from) =>
		new Response(
			new ReadableStream({
				start(controller) {
					controller.enqueue(content.slice(from, to));
					signal.addEventListener('abort', () => controller.error(signal.reason));
				}
			}),
			{ status: from ? 206 : 200 }
		);
const good: typeof network = (_signal, from) =>
	new Response(content.slice(from), { status: from ? 206 : 200 });

function page() {
	const parts = { cards: [embedded, card], createWorker, persist: async () => true };
	const downloads = new Downloads(parts);
	const seen: DownloadState[] = [];
	downloads.subscribe((states) => seen.push(states.get('big') as DownloadState));
	return { downloads, seen, state: () => downloads.states.get('big') };
}
const reached = (downloads: Downloads, test: (state: DownloadState) => boolean) =>
	new Promise<void>((resolve) => {
		downloads.subscribe((states) => test(states.get('big') as DownloadState) && resolve());
	});

beforeEach(() => {
	const rows = new Map<string, Response>();
	vi.stubGlobal('caches', {
		open: async () => ({
			match: async (key: string) => rows.get(key)?.clone(),
			put: async (key: string, response: Response) => void rows.set(key, response),
			delete: async (key: string) => rows.delete(key)
		})
	});
	held = new Set();
	const request = async (name: string, _options: object, work: (lock: object | null) => Promise<void>) => {
		if (held.has(name)) return work(null);
		held.add(name);
		return work({}).finally(() => held.delete(name));
	};
	vi.stubGlobal('navigator', { locks: { request } });
	channels = [];
	workers = [];
	ended = 0;
});
afterEach(async () => {
	for (const { port1, port2 } of channels) {
		port1.close();
		port2.close();
	}
	await clearChunks(sha256);
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

test('only downloadable backbones are listed, absent at first', () => {
	const { downloads } = page();
	expect([...downloads.states]).toEqual([
		['big', { phase: 'absent', received: 0, total: content.length, trouble: null }]
	]);
	return expect(downloads.start('small')).rejects.toThrow('not a downloadable');
});

test('a download is told from start to end, is there for the next page, and the worker goes', async () => {
	network = good;
	const { downloads, seen, state } = page();
	await downloads.start('big');
	expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['absent', 'downloading', 'checking', 'kept']);
	expect(state()).toEqual({ phase: 'kept', received: content.length, total: content.length, trouble: null });
	expect([workers.length, ended]).toEqual([1, 1]);
	const next = page();
	await next.downloads.refresh();
	expect(next.state()?.phase).toBe('kept');
	await next.downloads.start('big');
	expect(workers).toHaveLength(1);
	await next.downloads.remove('big');
	expect(next.state()).toMatchObject({ phase: 'absent', received: 0 });
	const last = page();
	await last.downloads.refresh();
	expect(last.state()?.phase).toBe('absent');
});

test('paused, it shows as paused after a reload, and goes on from there', async () => {
	network = stopsAt(150_000);
	const first = page();
	const started = first.downloads.start('big');
	await reached(first.downloads, ({ received }) => received === 150_000);
	await first.downloads.pause('big');
	await started;
	expect(first.state()).toMatchObject({ phase: 'paused', received: 150_000, trouble: null });
	const second = page();
	await second.downloads.refresh();
	expect(second.state()).toMatchObject({ phase: 'paused', received: 150_000 });
	network = good;
	await second.downloads.start('big');
	expect(second.state()?.phase).toBe('kept');
	expect(second.seen.every(({ received }, index) => index === 0 || received >= 150_000)).toBe(true);
	await second.downloads.remove('big');
});

test('cancelled, nothing of it stays', async () => {
	network = stopsAt(150_000);
	const { downloads, state } = page();
	const started = downloads.start('big');
	await reached(downloads, ({ received }) => received === 150_000);
	await downloads.cancel('big');
	await started;
	expect(state()).toMatchObject({ phase: 'absent', received: 0 });
	expect((await receivedChunks(sha256)).bytes).toBe(0);
});

test('while another tab downloads it, nothing of it is cleared away, and it says so', async () => {
	network = stopsAt(150_000);
	const { downloads, state } = page();
	const started = downloads.start('big');
	await reached(downloads, ({ received }) => received === 150_000);
	const other = page();
	for (const verb of ['cancel', 'remove'] as const) {
		await other.downloads[verb]('big');
		expect(other.state()).toMatchObject({ phase: 'failed', trouble: { code: 'download-elsewhere' } });
	}
	await downloads.pause('big');
	await started;
	expect(state()).toMatchObject({ phase: 'paused', received: 150_000 });
	await other.downloads.cancel('big');
	expect(other.state()).toMatchObject({ phase: 'absent', received: 0, trouble: null });
});

test('what another tab has kept, or lost, since this one looked is known at the start', async () => {
	network = good;
	const first = page();
	const second = page();
	await first.downloads.start('big');
	await second.downloads.start('big');
	expect(second.state()?.phase).toBe('kept');
	expect(workers).toHaveLength(1);
	await first.downloads.remove('big');
	await second.downloads.start('big');
	expect(workers).toHaveLength(2);
	expect(second.state()?.phase).toBe('kept');
	await second.downloads.remove('big');
});

test('pause and resume in one breath is a resume; two starts are one', async () => {
	network = stopsAt(150_000);
	const { downloads, state } = page();
	const started = downloads.start('big');
	await reached(downloads, ({ received }) => received === 150_000);
	const froms: number[] = [];
	network = (signal, from) => {
		froms.push(from);
		return good(signal, from);
	};
	const pausing = downloads.pause('big');
	await Promise.all([downloads.start('big'), downloads.start('big'), pausing, started]);
	expect(state()?.phase).toBe('kept');
	expect(froms).toEqual([150_000]);
	await downloads.remove('big');
});

test('paused before it has begun, it does not begin', async () => {
	network = good;
	const { downloads, state } = page();
	const started = downloads.start('big');
	await downloads.pause('big');
	await started;
	expect(state()).toMatchObject({ phase: 'absent', received: 0 });
});

test('a failure is told with its words, noted, and can be tried again', async () => {
	network = () => new Response('<html>', { headers: { 'content-type': 'text/html' } });
	const { downloads, state } = page();
	await downloads.start('big');
	expect(state()).toMatchObject({ phase: 'failed', received: 0 });
	expect(state()?.trouble).toMatchObject({ name: 'Trouble', code: 'download-html' });
	await downloads.refresh();
	expect(state()).toMatchObject({ phase: 'failed', trouble: { code: 'download-html' } });
	expect((await lastErrors()).at(-1)).toMatchObject({
		where: 'download',
		message: expect.stringContaining('sign in')
	});
	network = good;
	await downloads.start('big');
	expect(state()).toMatchObject({ phase: 'kept', trouble: null });
	await downloads.remove('big');
});

test('a worker that dies fails the download; the next try has a new worker', async () => {
	network = stopsAt(150_000);
	const { downloads, state } = page();
	const started = downloads.start('big');
	await reached(downloads, ({ received }) => received === 150_000);
	workers[0]?.dispatchEvent(new Event('error'));
	await started;
	expect(state()).toMatchObject({ phase: 'failed', trouble: { code: 'download-failed' } });
	network = good;
	await downloads.start('big');
	expect(state()?.phase).toBe('kept');
	expect(workers).toHaveLength(2);
	await downloads.remove('big');
});

test('a worker that does not answer to a pause is given up', async () => {
	const { downloads, state } = page();
	const asked = new Promise<void>((resolve) => {
		network = () => {
			resolve();
			return new Promise(() => {});
		};
	});
	const started = downloads.start('big');
	await asked;
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
	const paused = downloads.pause('big');
	vi.advanceTimersByTime(10_000);
	await Promise.all([paused, started]);
	expect(state()).toMatchObject({ phase: 'absent', received: 0 });
	expect(ended).toBe(1);
});
