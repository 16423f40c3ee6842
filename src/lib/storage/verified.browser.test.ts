import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FileFacts } from '$lib/domain/card';
import { sha256Of } from './file-cache';
import { forget, hasCopy, openVerified } from './verified';

const base = '/app';
const content = new Uint8Array(3000).map((_, i) => (i * 31) % 251);
let file: FileFacts;

/** A network of prepared answers, one a request. */
function network(...answers: (() => Response | Promise<Response>)[]) {
	const asked: { url: string; cache?: RequestCache }[] = [];
	const fetch = async (url: URL | RequestInfo, init?: RequestInit) => {
		asked.push({ url: String(url), cache: init?.cache });
		const answer = answers[asked.length - 1];
		if (!answer) throw new Error('one request too many');
		return answer();
	};
	return { asked, fetch };
}
const right = () => new Response(content);
const offline = () => Promise.reject<Response>(new TypeError('Failed to fetch'));
const portal = () =>
	new Response('<html>Sign in</html>', { headers: { 'content-type': 'text/HTML; charset=utf-8' } });
const other = () => new Response(content.map((byte) => byte ^ 1));
const inTwoPieces = (end: (controller: ReadableStreamDefaultController) => void) =>
	new Response(
		new ReadableStream({
			start(controller) {
				controller.enqueue(content.slice(0, 1000));
				end(controller);
			}
		})
	);
const cut = () => inTwoPieces((controller) => controller.error(new TypeError('network error')));
const short = () => inTwoPieces((controller) => controller.close());
const long = () => new Response(new Uint8Array(content.length + 1));

beforeEach(async () => {
	await caches.delete('lensmith-files-v1');
	file = { url: 'models/m/model.onnx', sha256: await sha256Of(content.buffer), bytes: content.length };
});
afterEach(() => {
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});
const open = (fetch: typeof globalThis.fetch) => openVerified(file, { base, fetch });
const cacheKeys = async () => (await (await caches.open('lensmith-files-v1')).keys()).map(({ url }) => url);
const keyOfFile = () => `${location.origin}/app/models/m/model.onnx?sha256=${file.sha256}`;

test('comes from the network once, and from the kept copy ever after', async () => {
	const seen: number[] = [];
	const { asked, fetch } = network(right);
	const first = await openVerified(file, { base, fetch, onProgress: (n) => seen.push(n) });
	expect(first).toMatchObject({ from: 'network', kept: true });
	expect(new Uint8Array(first.bytes)).toEqual(content);
	expect(seen.at(-1)).toBe(content.length);
	expect(asked).toEqual([{ url: `${location.origin}/app/models/m/model.onnx`, cache: 'default' }]);
	expect(await cacheKeys()).toEqual([keyOfFile()]);
	const second = await open(fetch);
	expect(second).toMatchObject({ from: 'kept', kept: true });
	expect(new Uint8Array(second.bytes)).toEqual(content);
	expect(asked).toHaveLength(1);
});

test.each([
	['offline', [offline], 'file-offline'],
	['a sign-in page', [portal, portal], 'file-html'],
	['other content', [other, other], 'file-wrong'],
	['too short', [short, short], 'file-wrong'],
	['too long', [long, long], 'file-wrong'],
	['a cut connection', [cut], 'file-cut'],
	['a missing file', [() => new Response('', { status: 404 })], 'file-refused']
])('%s is refused in words and nothing is kept', async (_name, answers, code) => {
	const { fetch, asked } = network(...answers);
	await expect(open(fetch)).rejects.toMatchObject({
		name: 'Trouble',
		code,
		message: expect.stringContaining('“m/model.onnx”')
	});
	expect(asked).toHaveLength(answers.length);
	expect(await cacheKeys()).toEqual([]);
});

test.each([
	['an older version', other],
	['a sign-in page', portal]
])('%s in the HTTP cache is passed by', async (_name, stale) => {
	const { asked, fetch } = network(stale, right);
	expect(await open(fetch)).toMatchObject({ from: 'network', kept: true });
	expect(asked.map(({ cache }) => cache)).toEqual(['default', 'reload']);
});

async function damage() {
	const cache = await caches.open('lensmith-files-v1');
	const flipped = content.slice();
	flipped[1234] = (flipped[1234] ?? 0) ^ 4;
	await cache.put(keyOfFile(), new Response(flipped));
}
test('a flipped bit in the kept copy is noticed and the file fetched again', async () => {
	await open(network(right).fetch);
	await damage();
	expect(await hasCopy(file, base)).toBe(true);
	const again = await open(network(right).fetch);
	expect(again).toMatchObject({ from: 'network', kept: true });
	expect(new Uint8Array(again.bytes)).toEqual(content);
	expect(await open(network().fetch)).toMatchObject({ from: 'kept' });
});
test('a flipped bit without a network is told, and the damaged copy is gone', async () => {
	await damage();
	await expect(open(network(offline).fetch)).rejects.toMatchObject({ code: 'file-damaged' });
	expect(await cacheKeys()).toEqual([]);
});

test('a full disk costs the copy, not the bytes', async () => {
	vi.spyOn(Cache.prototype, 'put').mockRejectedValue(new DOMException('full', 'QuotaExceededError'));
	const opened = await open(network(right).fetch);
	expect(opened).toMatchObject({ from: 'network', kept: false });
	expect(new Uint8Array(opened.bytes)).toEqual(content);
});

test('an insecure page fetches and keeps nothing', async () => {
	vi.stubGlobal('caches', undefined);
	vi.spyOn(crypto, 'subtle', 'get').mockReturnValue(undefined as unknown as SubtleCrypto);
	expect(await open(network(right).fetch)).toMatchObject({ from: 'network', kept: false });
	await expect(open(network(portal, portal).fetch)).rejects.toMatchObject({ code: 'file-html' });
	expect(await hasCopy(file, base)).toBe(false);
});

test('a browser that refuses caches still checks the hash', async () => {
	vi.spyOn(caches, 'open').mockRejectedValue(new DOMException('private', 'SecurityError'));
	expect(await open(network(right).fetch)).toMatchObject({ kept: false });
	await expect(open(network(other, other).fetch)).rejects.toMatchObject({ code: 'file-wrong' });
});

test('a file of another host is never fetched by the page, only taken from its kept copy', async () => {
	file = { ...file, url: 'https://hub.example/m/model.onnx' };
	await expect(open(network().fetch)).rejects.toMatchObject({ code: 'file-not-downloaded' });
	const cache = await caches.open('lensmith-files-v1');
	await cache.put(`${file.url}?sha256=${file.sha256}`, right());
	expect(await open(network().fetch)).toMatchObject({ from: 'kept' });
});

test('giving up ends it as given up', async () => {
	const abort = new AbortController();
	const fetch = async () => {
		abort.abort();
		return cut();
	};
	await expect(openVerified(file, { base, fetch, signal: abort.signal })).rejects.toMatchObject({
		name: 'AbortError'
	});
});

test('stopped while the last bytes came, nothing is kept', async () => {
	const abort = new AbortController();
	const onProgress = (received: number) => received === content.length && abort.abort();
	const opening = openVerified(file, { base, fetch: network(right).fetch, signal: abort.signal, onProgress });
	await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
	expect(await cacheKeys()).toEqual([]);
});

test('forgetting deletes one file', async () => {
	const second = { ...file, url: 'models/n/model.onnx' };
	await openVerified(file, { base, fetch: network(right).fetch });
	await openVerified(second, { base, fetch: network(right).fetch });
	await forget(file, base);
	expect(await hasCopy(file, base)).toBe(false);
	expect(await hasCopy(second, base)).toBe(true);
});

test('a network that goes silent is told, and leaves nothing', async () => {
	const silent = ({ signal }: RequestInit) =>
		new Response(
			new ReadableStream({
				start(controller) {
					controller.enqueue(content.slice(0, 1000));
					signal?.addEventListener('abort', () => controller.error(signal.reason));
				}
			})
		);
	const fetch = async (_url: URL | RequestInfo, init?: RequestInit) => silent(init ?? {});
	await expect(openVerified(file, { base, fetch, patience: 20 })).rejects.toMatchObject({
		code: 'file-stalled'
	});
	expect(await cacheKeys()).toEqual([]);
});

test('a damaged download is told as damaged', async () => {
	const far = { ...file, url: 'https://hub.test/model.onnx' };
	const key = `https://hub.test/model.onnx?sha256=${file.sha256}`;
	await (await caches.open('lensmith-files-v1')).put(key, new Response('damaged'));
	await expect(openVerified(far, { base })).rejects.toMatchObject({ code: 'file-download-damaged' });
	await expect(openVerified(far, { base })).rejects.toMatchObject({ code: 'file-not-downloaded' });
});
