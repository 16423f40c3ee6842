/** The download against a real server on this machine that misbehaves in every way we know of. */
import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FileFacts } from '$lib/domain/card';
import { clearChunks, receivedChunks } from './downloads';
import { downloadFile, type DownloadContext, type DownloadProgress } from './download-job';
import { readCopy } from './file-cache';

const content = new Uint8Array(3 * 2 ** 20 + 12_345);
for (let i = 0; i < content.length; i++) content[i] = (i * 2_654_435_761) >>> 24;
const half = content.length / 2 + 0.5;
const sha256 = createHash('sha256').update(content).digest('hex');

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let answer: Answer;
let ranges: (string | undefined)[];
let file: FileFacts;

/** The Cache API for Node: what file-cache uses of it. */
function memoryCaches() {
	const rows = new Map<string, Response>();
	const cache = {
		match: async (key: string) => rows.get(key)?.clone(),
		put: async (key: string, response: Response) => void rows.set(key, response),
		delete: async (key: string) => rows.delete(key)
	};
	return { open: async () => cache, cache };
}
let disk: ReturnType<typeof memoryCaches>;

beforeEach(async () => {
	disk = memoryCaches();
	vi.stubGlobal('caches', disk);
	ranges = [];
	server = createServer((request, response) => {
		ranges.push(request.headers.range);
		answer(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	file = { url: `http://127.0.0.1:${port}/resolve/main/m.onnx`, sha256, bytes: content.length };
});
afterEach(async () => {
	await clearChunks(sha256);
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
	vi.useRealTimers();
	vi.unstubAllGlobals();
	vi.restoreAllMocks();
});

/** A good server: whole or from where it is asked. */
const good: Answer = (request, response) => {
	const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
	const headers = { etag: '"v1"', 'content-length': content.length - start };
	const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
	if (start > 0) response.writeHead(206, { ...headers, ...range });
	else response.writeHead(200, headers);
	response.end(content.subarray(start));
};
/** Promises the whole and hangs up in the middle. */
const hangsUp: Answer = (_request, response) => {
	response.writeHead(200, { etag: '"v1"', 'content-length': content.length });
	response.write(content.subarray(0, half), () => response.destroy());
};
const status =
	(code: number, type = 'text/plain'): Answer =>
	(_request, response) => {
		response.writeHead(code, { 'content-type': type });
		response.end('<html>words</html>');
	};
const sends =
	(bytes: Uint8Array, headers = {}): Answer =>
	(_request, response) => {
		response.writeHead(200, { 'content-length': bytes.length, ...headers });
		response.end(bytes);
	};

function run(context: Partial<DownloadContext> = {}) {
	const seen: DownloadProgress[] = [];
	const report = (progress: DownloadProgress) => seen.push(progress);
	const done = downloadFile(file, { signal: new AbortController().signal, report, ...context });
	return { done, seen };
}
const kept = async () => {
	const copy = await readCopy(file, file.url);
	return copy && new Uint8Array(copy);
};
const pieces = async () => (await receivedChunks(sha256)).bytes;
/** Leaves the first half behind, as a cut connection does. */
async function cutInTheMiddle() {
	answer = hangsUp;
	await expect(run().done).rejects.toMatchObject({ code: 'download-cut' });
	expect(await pieces()).toBe(half);
	expect(await kept()).toBeNull();
	ranges = [];
}

test('a whole file is kept under its address and hash, with progress, and no pieces stay', async () => {
	answer = good;
	const { done, seen } = run();
	await done;
	expect(Buffer.compare((await kept()) ?? new Uint8Array(), content)).toBe(0);
	expect(await pieces()).toBe(0);
	expect(seen[0]).toEqual({ phase: 'downloading', received: 0 });
	expect(seen.at(-1)).toEqual({ phase: 'checking', received: content.length });
	const received = seen.map((progress) => progress.received);
	expect(received).toEqual(received.toSorted((a, b) => a - b));
	expect(ranges).toEqual([undefined]);
});

test('a cut connection is told, and the next try asks for the rest only', async () => {
	await cutInTheMiddle();
	answer = good;
	const { done, seen } = run();
	await done;
	expect(ranges).toEqual([`bytes=${half}-`]);
	expect(seen[0]).toEqual({ phase: 'downloading', received: half });
	expect(Buffer.compare((await kept()) ?? new Uint8Array(), content)).toBe(0);
	expect(await pieces()).toBe(0);
});

test.each<[string, Answer]>([
	['ignores the range', sends(content, { etag: '"v1"' })],
	[
		'has another version by now',
		(request, response) => {
			if (!request.headers.range) return good(request, response);
			response.writeHead(206, {
				etag: '"v2"',
				'content-range': `bytes ${half}-${content.length - 1}/${content.length}`
			});
			response.end(content.subarray(half).map((byte) => byte ^ 1));
		}
	],
	[
		'answers another range',
		(request, response) => {
			if (!request.headers.range) return good(request, response);
			response.writeHead(206, { etag: '"v1"', 'content-range': `bytes 0-9/${content.length}` });
			response.end(content.subarray(0, 10));
		}
	],
	[
		'says that the range cannot be satisfied',
		(request, response) => (request.headers.range ? status(416)(request, response) : good(request, response))
	]
])('a server that %s is asked for the whole', async (_what, other) => {
	await cutInTheMiddle();
	answer = other;
	await run().done;
	expect(Buffer.compare((await kept()) ?? new Uint8Array(), content)).toBe(0);
	expect(ranges[0]).toBe(`bytes=${half}-`);
});

test('pausing keeps what was received', async () => {
	const abort = new AbortController();
	answer = (_request, response) => {
		response.writeHead(200, { 'content-length': content.length });
		response.write(content.subarray(0, half));
	};
	const { done } = run({
		signal: abort.signal,
		report: ({ received }) => received === half && abort.abort()
	});
	await expect(done).rejects.toMatchObject({ name: 'AbortError' });
	expect(await pieces()).toBe(half);
});

test('a connection on which nothing comes any more counts as cut', async () => {
	answer = (_request, response) => {
		response.writeHead(200, { 'content-length': content.length });
		response.write(content.subarray(0, half));
	};
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
	const silence = ({ received }: DownloadProgress) => received === half && vi.advanceTimersByTime(60_000);
	await expect(run({ report: silence }).done).rejects.toMatchObject({ code: 'download-cut' });
	expect(await pieces()).toBe(half);
});

const wrong = content.map((byte, index) => (index === 99 ? byte ^ 1 : byte));
test.each<[string, string, Answer]>([
	['the wrong content', 'download-wrong', sends(wrong)],
	['too short a file', 'download-wrong', sends(content.subarray(0, 1000))],
	['too long a file', 'download-wrong', sends(new Uint8Array(content.length + 1))],
	[
		'more than there should be, without saying how much',
		'download-wrong',
		(_request, response) => {
			response.writeHead(200);
			response.end(new Uint8Array(content.length + 1));
		}
	],
	['a sign-in page', 'download-html', status(200, 'text/html; charset=utf-8')],
	['a missing file', 'download-refused', status(404, 'text/html')],
	['a busy server', 'download-refused', status(503)],
	['an unsatisfiable whole', 'download-refused', status(416)]
])('%s is refused in words, and nothing is left', async (_what, code, other) => {
	answer = other;
	await expect(run().done).rejects.toMatchObject({ name: 'Trouble', code });
	expect(await kept()).toBeNull();
	expect(await pieces()).toBe(0);
});

test.each<[string, string, Answer]>([
	['a sign-in page', 'download-html', status(200, 'text/html')],
	['a busy server', 'download-refused', status(503)]
])('%s on the way does not cost what was received', async (_what, code, other) => {
	await cutInTheMiddle();
	answer = other;
	await expect(run().done).rejects.toMatchObject({ code });
	expect(await pieces()).toBe(half);
});

test('without a network it says so, and keeps what was received', async () => {
	await cutInTheMiddle();
	const fetch = vi.fn<typeof globalThis.fetch>();
	await expect(run({ online: () => false, fetch }).done).rejects.toMatchObject({ code: 'download-offline' });
	expect(fetch).not.toHaveBeenCalled();
	fetch.mockRejectedValue(new TypeError('Failed to fetch'));
	await expect(run({ fetch }).done).rejects.toMatchObject({ code: 'download-offline' });
	expect(await pieces()).toBe(half);
});

test('a disk that is full on the way: the space is given back and the size told', async () => {
	answer = good;
	const put = IDBObjectStore.prototype.put;
	let rows = 0;
	vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
		if (++rows > 2) throw new DOMException('full', 'QuotaExceededError');
		return put.apply(this, args);
	});
	await expect(run().done).rejects.toMatchObject({
		code: 'download-full',
		message: expect.stringContaining('4 MB are needed')
	});
	expect(rows).toBe(3);
	expect(await pieces()).toBe(0);
});

test('a disk without room for pieces and copy together: the pieces go first', async () => {
	answer = good;
	const put = disk.cache.put;
	disk.cache.put = async (key, response) => {
		if ((await pieces()) > 0) throw new DOMException('full', 'QuotaExceededError');
		await put(key, response);
	};
	await run().done;
	expect(Buffer.compare((await kept()) ?? new Uint8Array(), content)).toBe(0);
});

test('a disk without room for the copy leaves nothing', async () => {
	answer = good;
	disk.cache.put = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
	await expect(run().done).rejects.toMatchObject({ code: 'download-full' });
	expect(await pieces()).toBe(0);
});

test('where nothing can be kept, nothing is fetched', async () => {
	vi.stubGlobal('caches', undefined);
	await expect(run().done).rejects.toMatchObject({ code: 'download-nowhere' });
	expect(ranges).toEqual([]);
});

test('of two tabs, one downloads', async () => {
	const held = { request: (_name: string, _options: object, work: (lock: null) => unknown) => work(null) };
	vi.stubGlobal('navigator', { locks: held });
	await expect(run().done).rejects.toMatchObject({ code: 'download-elsewhere' });
	expect(ranges).toEqual([]);
});

test('what another tab has kept meanwhile is not fetched again', async () => {
	answer = good;
	await run().done;
	const { done, seen } = run();
	await done;
	expect(seen).toEqual([]);
	expect(ranges).toHaveLength(1);
});
