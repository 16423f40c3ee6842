import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FileFacts } from '$lib/domain/card';
import { hasCopy, readCopy, sha256Of, writeCopy } from './file-cache';
import { keepOnly, renew } from './renewal';

const base = `${location.origin}/app/`;
const bytesOf = (text: string) => new TextEncoder().encode(text).buffer;

async function file(url: string, text: string): Promise<FileFacts> {
	return { url, sha256: await sha256Of(bytesOf(text)), bytes: text.length };
}
const keep = async (one: FileFacts, text: string) => writeCopy(one, base, bytesOf(text));
const kept = async (one: FileFacts) => {
	const bytes = await readCopy(one, base);
	return bytes && new TextDecoder().decode(bytes);
};

let asked: string[];
/** A server that has these files, by the end of their address. */
function server(files: Record<string, string>) {
	return async (input: URL | RequestInfo) => {
		const { pathname } = new URL(String(input));
		asked.push(pathname);
		const text = files[pathname];
		if (text === undefined) throw new TypeError('Failed to fetch');
		return new Response(text);
	};
}

beforeEach(async () => {
	await caches.delete('lensmith-files-v1');
	asked = [];
});
afterEach(() => vi.restoreAllMocks());

test('what is kept of the version before is fetched in its new form, and nothing else', async () => {
	const engine = '_app/immutable/workers/assets/ort-wasm-simd-threaded';
	const old = await file(`${engine}-DcHrbrbl.wasm`, 'engine 1');
	const oldLabels = await file('models/m/labels.json', '["1"]');
	await keep(old, 'engine 1');
	await keep(oldLabels, '["1"]');
	const engine2 = await file(`${engine}-a_b-c0ZZ.wasm`, 'engine 2');
	const gpu = await file(`${engine}.jspi-CZzFqCHi.wasm`, 'another');
	const labels2 = await file('models/m/labels.json', '["2"]');
	const other = await file('models/other/model.onnx', 'other');
	const fetch = server({
		[`/app/${engine2.url}`]: 'engine 2',
		[`/app/${labels2.url}`]: '["2"]'
	});
	await renew([engine2, gpu, labels2, other], { base, fetch });
	expect(await Promise.all([engine2, labels2].map(kept))).toEqual(['engine 2', '["2"]']);
	expect(asked).toEqual([`/app/${engine2.url}`, `/app/${labels2.url}`]);
	// The version before goes on with its own until no tab of it is open.
	expect(await Promise.all([old, oldLabels].map(kept))).toEqual(['engine 1', '["1"]']);
});

test('where only the address changed, the copy is kept under the new one, without the network', async () => {
	const old = await file('models/m/labels.json', '["1"]');
	await keep(old, '["1"]');
	const moved = { ...old, url: 'models/names/labels.json' };
	await renew([old, moved], { base, fetch: server({}) });
	expect(await kept(moved)).toBe('["1"]');
	expect(asked).toEqual([]);
});

test('a damaged copy is not passed on', async () => {
	const old = await file('_app/immutable/ort-00000000.wasm', 'engine');
	await keep(old, 'damage');
	const moved = { ...old, url: '_app/immutable/ort-11111111.wasm' };
	await renew([moved], { base, fetch: server({ [`/app/${moved.url}`]: 'engine' }) });
	expect(await kept(moved)).toBe('engine');
});

test.each([
	['cannot be reached', {}, 'file-offline'],
	['has other content', { '/app/models/m/labels.json': '["3"]' }, 'file-wrong']
])('where the server %s it fails, and the old copy stays', async (_what, files, code) => {
	const old = await file('models/m/labels.json', '["1"]');
	await keep(old, '["1"]');
	const next = await file('models/m/labels.json', '["2"]');
	await expect(renew([next], { base, fetch: server(files) })).rejects.toMatchObject({ code });
	expect(await kept(old)).toBe('["1"]');
	expect(await hasCopy(next, base)).toBe(false);
});

test('a full disk does not hold the new version back', async () => {
	const old = await file('models/m/labels.json', '["1"]');
	await keep(old, '["1"]');
	const next = await file('models/m/labels.json', '["2"]');
	const moved = { ...old, url: 'models/names/labels.json' };
	vi.spyOn(Cache.prototype, 'put').mockRejectedValue(new DOMException('full', 'QuotaExceededError'));
	await renew([next, moved], { base, fetch: server({ '/app/models/m/labels.json': '["2"]' }) });
	expect(await kept(old)).toBe('["1"]');
});

test('what an older version kept is let go; what was downloaded, and what this one wants, is not', async () => {
	const old = await file('models/m/model.onnx', 'old');
	const now = await file('models/m/model.onnx', 'now');
	const hub = await file('https://hub.test/model.onnx', 'hub');
	const neighbour = await file(`${location.origin}/app/other/models/m/model.onnx`, 'old');
	for (const one of [old, now, hub, neighbour]) await keep(one, 'x');
	await keepOnly([now], base);
	expect(await Promise.all([old, now, hub, neighbour].map((one) => hasCopy(one, base)))).toEqual([
		false,
		true,
		true,
		true
	]);
});
