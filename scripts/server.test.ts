import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatHeaders, headerRules } from './build/headers-file';
import { startServer, type RunningServer, type ServerOptions } from './server';

let root: string;
const running: RunningServer[] = [];
const engine = '_app/immutable/assets/engine.wasm';
const download = '_app/immutable/workers/download.worker-Ab1.js';
const files = [
	'200.html',
	'index.html',
	'teach.html',
	engine,
	download,
	'service-worker.js',
	'manifest.webmanifest'
];

beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), 'lensmith-'));
	for (const file of files) {
		await mkdir(join(root, file, '..'), { recursive: true });
		await writeFile(join(root, file), file);
	}
	await writeFile(join(root, `${engine}.br`), brotliCompressSync(engine));
	await writeFile(join(root, '_headers'), formatHeaders(headerRules(files, ['sha256-AAA='], '/app')));
});

afterAll(async () => {
	await Promise.all(running.map((server) => server.close()));
	await rm(root, { recursive: true });
});

async function start(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
	const server = await startServer({ root, port: 0, base: '/app', ...options });
	running.push(server);
	return server;
}

/** Without a client's own decompression. */
function raw(url: string, headers: Record<string, string>) {
	return new Promise<{ status?: number; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
		request(url, { headers }, (response) => {
			response.resume();
			resolve({ status: response.statusCode, headers: response.headers });
		})
			.on('error', reject)
			.end();
	});
}

describe('a server with headers', () => {
	it('isolates every answer and gives pages their policy', async () => {
		const { url } = await start();
		for (const path of ['/', '/teach', '/teach/some/project']) {
			const { headers } = await fetch(url + path);
			expect(headers.get('cross-origin-opener-policy'), path).toBe('same-origin');
			expect(headers.get('cross-origin-embedder-policy'), path).toBe('require-corp');
			expect(headers.get('content-security-policy'), path).toContain("'sha256-AAA='");
			expect(headers.get('cache-control'), path).toMatch(/^no-cache/);
		}
	});

	it('lets only the download worker reach the hub', async () => {
		const { url } = await start();
		const policyOf = async (path: string) =>
			(await fetch(url + path)).headers.get('content-security-policy') ?? '';
		expect(await policyOf(`/${download}`)).toMatch(/connect-src 'self' https:\/\/huggingface\.co /);
		expect(await policyOf('/')).toContain("connect-src 'self';");
		expect(await policyOf('/service-worker.js')).toContain("connect-src 'self';");
	});

	it('sends the compressed copy with the type of the file, whole files to a range', async () => {
		const { url } = await start();
		const { headers } = await raw(`${url}/${engine}`, { 'accept-encoding': 'gzip, br' });
		expect(headers['content-encoding']).toBe('br');
		expect(headers['content-type']).toBe('application/wasm');
		expect(headers['cache-control']).toContain('immutable');
		const part = await raw(`${url}/${engine}`, { 'accept-encoding': 'br', range: 'bytes=2-' });
		expect(part.status).toBe(206);
		expect(part.headers['content-encoding']).toBeUndefined();
		expect(part.headers['content-range']).toBe(`bytes 2-${engine.length - 1}/${engine.length}`);
	});

	it('says 304 to who has it, 404 for a file that is not there', async () => {
		const { url } = await start();
		const { headers } = await raw(`${url}/teach.html`, {});
		expect((await raw(`${url}/teach.html`, { 'if-none-match': String(headers.etag) })).status).toBe(304);
		expect((await fetch(`${url}/models/none.onnx`)).status).toBe(404);
		expect((await fetch(url.replace('/app', '/other'))).status).toBe(404);
	});

	it('answers an unknown deep link with the fallback page', async () => {
		const { url } = await start();
		expect(await (await fetch(`${url}/teach/some/project`)).text()).toBe('200.html');
	});
});

it('imitates a host without headers', async () => {
	const { url } = await start({ headers: false });
	const { headers } = await fetch(`${url}/`);
	expect(headers.get('cross-origin-opener-policy')).toBeNull();
	expect(headers.get('content-security-policy')).toBeNull();
});

it('goes on to the next port where one is taken, if asked to', async () => {
	const { port } = await start();
	await expect(start({ port })).rejects.toThrow('EADDRINUSE');
	expect((await start({ port, orNext: true })).port).toBeGreaterThan(port);
});

it('answers an address that is none instead of falling over', async () => {
	const server = await start({ base: '' });
	const status = (path: string) =>
		new Promise((resolve, reject) => {
			const asked = request({ port: server.port, host: 'localhost', path }, (response) => {
				response.resume();
				resolve(response.statusCode);
			});
			asked.on('error', reject).end();
		});
	expect([200, 404]).toContain(await status('//'));
	expect([200, 400, 404]).toContain(await status('/%'));
	expect(await status('/teach')).toBe(200);
});
