import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { finish } from './finish';

let root: string;
const worker = 'start(self.__WB_MANIFEST, self.__INLINE_SCRIPTS, self.__LARGE_FILES)';

async function write(file: string, text: string): Promise<void> {
	await mkdir(join(root, file, '..'), { recursive: true });
	await writeFile(join(root, file), text);
}

const read = (file: string) => readFile(join(root, file), 'utf8');
const run = (maxFileMiB?: number) => finish({ root, base: '', maxFileMiB, log: () => undefined });

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'lensmith-'));
	await write('200.html', '<script>start(200)</script><script type="application/json">{}</script>');
	await write('index.html', '<script>start(1)</script><script type="module" src="./x.js"></script>');
	await write('_app/immutable/entry/app.js', 'export default 1;'.repeat(200));
	await write('_app/immutable/assets/ort.wasm', 'wasm'.repeat(1000));
	await write('_app/immutable/workers/assets/tfjs-backend-wasm-simd-Ab3.wasm', 'tf'.repeat(1000));
	await write('models/small/model.onnx', 'onnx'.repeat(1000));
	await write('models/small/labels.json', '[]');
	await write('service-worker.js', worker);
});

afterEach(() => rm(root, { recursive: true }));

it('lists the shell with TensorFlow.js, and no other engine or backbone', async () => {
	await run();
	const source = await read('service-worker.js');
	const tf = '_app/immutable/workers/assets/tfjs-backend-wasm-simd-Ab3.wasm';
	for (const file of ['200.html', 'index.html', '_app/immutable/entry/app.js', tf])
		expect(source).toContain(`"${file}"`);
	const shell = source.slice(0, source.indexOf('["sha256-'));
	for (const file of ['ort.wasm', 'model.onnx', 'labels.json', '404.html']) expect(shell).not.toContain(file);
});

it('gives the service worker the facts of engines, backbones and labels', async () => {
	await write('models/small/card.json', '{}');
	await run();
	const facts = (url: string, text: string) => ({
		url,
		sha256: createHash('sha256').update(text).digest('hex'),
		bytes: text.length
	});
	const known = [
		facts('_app/immutable/assets/ort.wasm', 'wasm'.repeat(1000)),
		facts('models/small/labels.json', '[]'),
		facts('models/small/model.onnx', 'onnx'.repeat(1000))
	];
	expect(await read('service-worker.js')).toContain(`, ${JSON.stringify(known)})`);
});

it('gives the service worker and the headers the hash of each inline script that runs', async () => {
	await run();
	for (const text of ['start(200)', 'start(1)']) {
		const hash = `sha256-${createHash('sha256').update(text).digest('base64')}`;
		expect(await read('service-worker.js')).toContain(hash);
		expect(await read('_headers')).toContain(`'${hash}'`);
	}
	expect((await read('service-worker.js')).match(/sha256-[^"]+","sha256-[^"]+"\],/)).not.toBeNull();
});

it('compresses what was written last', async () => {
	await write('service-worker.js', `${worker};${'long();'.repeat(300)}`);
	await run();
	const source = await read('service-worker.js');
	expect(brotliDecompressSync(await readFile(join(root, 'service-worker.js.br'))).toString()).toBe(source);
	expect(gunzipSync(await readFile(join(root, 'service-worker.js.gz'))).toString()).toBe(source);
	expect(await readdir(join(root, 'models/small'))).toContain('model.onnx.br');
});

it('stops where a file is too large for the shell', async () => {
	await write('huge.js', 'x'.repeat(4 * 2 ** 20));
	await expect(run()).rejects.toThrow('huge.js');
});

it.each(['__INLINE_SCRIPTS', '__LARGE_FILES'])('stops where the service worker has no %s', async (place) => {
	await write('service-worker.js', worker.replace(`self.${place}`, '[]'));
	await expect(run()).rejects.toThrow(place);
});

it('leaves out what a host would refuse', async () => {
	await write('_app/immutable/assets/large.wasm', 'w'.repeat(2 * 2 ** 20));
	await run(1);
	const left = await readdir(join(root, '_app/immutable/assets'));
	expect(left.some((name) => name.startsWith('large'))).toBe(false);
	expect(left).toContain('ort.wasm');
});
