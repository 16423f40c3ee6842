/** A page with nothing on it but the rival, isolated as the app is. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { fetchFiles } from '../../../models/build/fetch';
import { mobilenetFiles } from '../../../models/build/sources';

const wasmFolder = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';
const types: Record<string, string> = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };

/** @param network fetches the rival network's files too */
export async function serveRival({ network = true } = {}): Promise<{ url: string; close(): void }> {
	const [model = '', weights = ''] = network ? await fetchFiles(mobilenetFiles) : [];
	const script = await bundle();
	const files: Record<string, () => Uint8Array | string> = {
		'/': () => '<!doctype html><title>rival</title><script type="module" src="/rival.js"></script>',
		'/rival.js': () => script,
		'/model/model.json': () => model,
		'/model/group1-shard1of1.bin': () => weights
	};
	const server = createServer((request, response) => {
		const path = request.url ?? '/';
		const wasm = /^\/wasm\/([\w.-]+\.wasm)$/.exec(path)?.[1];
		const body = files[path]?.() ?? (wasm ? readFileSync(join(wasmFolder, wasm)) : undefined);
		if (body === undefined) return void response.writeHead(404).end();
		const type = path === '/' ? 'html' : (path.split('.').at(-1) ?? '');
		response.writeHead(200, {
			'Content-Type': types[type] ?? 'application/octet-stream',
			'Cross-Origin-Opener-Policy': 'same-origin',
			'Cross-Origin-Embedder-Policy': 'require-corp'
		});
		response.end(body);
	});
	await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
	const { port } = server.address() as AddressInfo; // it listens on a port
	return { url: `http://localhost:${port}/`, close: () => server.close() };
}

async function bundle(): Promise<string> {
	const outDir = mkdtempSync(join(tmpdir(), 'lensmith-rival-'));
	await build({
		configFile: false,
		logLevel: 'error',
		build: {
			outDir,
			lib: { entry: 'tests/bench/rival/rival.ts', formats: ['es'], fileName: () => 'rival.js' }
		}
	});
	const script = readFileSync(join(outDir, 'rival.js'), 'utf8');
	rmSync(outDir, { recursive: true });
	return script;
}
