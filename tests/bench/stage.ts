/** What every benchmark runs on: the production build on a server of its own, and a real browser. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type BrowserContext } from 'playwright';
import { findBrowser } from '../../scripts/browser';
import { startServer } from '../../scripts/server';

export interface Stage {
	/** Address of the app, without a slash at its end. */
	url: string;
	/** Address of a page of the same origin with nothing on it, isolated as the app is. */
	emptyUrl: string;
	browserName: string;
	/** Address of the inference worker's script. */
	workerUrl: string;
	/** Address of the training worker's script. */
	trainingWorkerUrl: string;
	/** Folder of ONNX Runtime as its package has it. */
	ortUrl: string;
	/** A software adapter counts as a GPU; to try these rows where there is none. */
	anyGpu: boolean;
	counts: Counts;
	/** A fresh profile; `arguments_` make a browser of its own. */
	context(arguments_?: string[]): Promise<BrowserContext>;
	/** Bytes the server has sent so far, headers included, counted on the sockets. */
	bytesSent(): number;
	close(): Promise<void>;
}

/** How often things are measured. */
const counts = {
	warmUp: 100,
	frames: 300,
	rounds: 5,
	first: 60,
	visits: 5,
	early: 500,
	late: 2000,
	photos: [100, 1000, 5000],
	/** Of one project that is saved and opened, so often. */
	saved: { photos: 1000, rounds: 3 }
};
type Counts = typeof counts;
/** Enough to see that everything runs; the figures say nothing. */
const few: Counts = {
	...{ warmUp: 1, frames: 2, rounds: 1, first: 2, visits: 1, early: 2, late: 4, photos: [20] },
	saved: { photos: 40, rounds: 1 }
};

export interface StageOptions {
	/** More flags for the browser, such as those that give it the GPU. */
	flags?: string[];
	anyGpu?: boolean;
	quick?: boolean;
}

const flags = [
	'--no-sandbox',
	'--use-fake-device-for-media-stream',
	'--use-fake-ui-for-media-stream',
	'--disable-background-networking',
	'--disable-component-update'
];

/** @throws where there is no build */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
	if (!existsSync('build/200.html')) throw new Error('There is no build. Run `npm run build` first.');
	const server = await startServer({
		root: 'build',
		port: 0,
		intercept: (...both) => emptyPage(...both) || ortFile(...both)
	});
	const counter = await countingProxy(server.port);
	const executablePath = findBrowser();
	const browsers: Browser[] = [];
	const launch = async (more: string[] = []) => {
		const browser = await chromium.launch({
			executablePath,
			args: [...flags, ...(options.flags ?? []), ...more]
		});
		browsers.push(browser);
		return browser;
	};
	const first = await launch();
	const url = `http://localhost:${counter.port}`;
	return {
		url,
		emptyUrl: url + emptyPath,
		ortUrl: url + ortPath,
		anyGpu: options.anyGpu ?? false,
		counts: options.quick ? few : counts,
		browserName: `Chromium ${first.version()}`,
		workerUrl: `${url}/_app/immutable/workers/${workerFile('inference')}`,
		trainingWorkerUrl: `${url}/_app/immutable/workers/${workerFile('training')}`,
		context: async (more) => {
			const browser = more ? await launch(more) : first;
			const context = await browser.newContext({ permissions: ['camera'] });
			// The runner of these scripts names every function through a helper that pages do not have.
			await context.addInitScript('globalThis.__name = (f) => f');
			return context;
		},
		bytesSent: counter.bytes,
		async close() {
			await Promise.all(browsers.map((browser) => browser.close()));
			counter.close();
			await server.close();
		}
	};
}

const emptyPath = '/bench-empty';

function emptyPage(request: IncomingMessage, response: ServerResponse): boolean {
	if (request.url !== emptyPath) return false;
	response.writeHead(200, {
		'Content-Type': 'text/html',
		'Cross-Origin-Opener-Policy': 'same-origin',
		'Cross-Origin-Embedder-Policy': 'require-corp'
	});
	response.end('<!doctype html><title>bench</title>');
	return true;
}

const ortPath = '/bench-ort/';

function ortFile({ url = '' }: IncomingMessage, response: ServerResponse): boolean {
	const name = url.startsWith(ortPath) ? url.slice(ortPath.length) : '';
	if (!/^[\w.-]+\.(mjs|wasm)$/.test(name)) return false;
	const type = name.endsWith('.mjs') ? 'text/javascript' : 'application/wasm';
	response.writeHead(200, { 'Content-Type': type, 'Cross-Origin-Resource-Policy': 'same-origin' });
	response.end(readFileSync(`node_modules/onnxruntime-web/dist/${name}`));
	return true;
}

function workerFile(name: string): string {
	const file = readdirSync('build/_app/immutable/workers').find(
		(entry) => entry.startsWith(`${name}.worker-`) && entry.endsWith('.js')
	);
	if (!file) throw new Error(`The build has no ${name} worker.`);
	return file;
}

/** Passes everything on and counts what comes back: the bytes on the wire, not what a browser makes of them. */
async function countingProxy(target: number) {
	let bytes = 0;
	const proxy = createServer((client) => {
		const server = connect(target, 'localhost');
		server.on('data', (chunk) => (bytes += chunk.length));
		client.pipe(server).pipe(client);
		const end = () => {
			client.destroy();
			server.destroy();
		};
		client.on('error', end).on('close', end);
		server.on('error', end).on('close', end);
	});
	await new Promise<void>((resolve) => proxy.listen(0, 'localhost', resolve));
	return {
		port: (proxy.address() as AddressInfo).port,
		bytes: () => bytes,
		close: () => proxy.close()
	};
}
