/** What every benchmark runs on: the production build on a server of its own, and a real browser. */
import { existsSync, readdirSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type BrowserContext } from 'playwright';
import { findBrowser } from '../../scripts/browser';
import { startServer } from '../../scripts/server';

export interface Stage {
	/** Address of the app, without a slash at its end. */
	url: string;
	browserName: string;
	/** Address of the inference worker's script. */
	workerUrl: string;
	/** A fresh profile; `arguments_` make a browser of its own. */
	context(arguments_?: string[]): Promise<BrowserContext>;
	/** Bytes the server has sent so far, headers included, counted on the sockets. */
	bytesSent(): number;
	close(): Promise<void>;
}

const flags = [
	'--no-sandbox',
	'--use-fake-device-for-media-stream',
	'--use-fake-ui-for-media-stream',
	'--disable-background-networking',
	'--disable-component-update'
];

/** @throws where there is no build */
export async function openStage(): Promise<Stage> {
	if (!existsSync('build/200.html')) throw new Error('There is no build. Run `npm run build` first.');
	const server = await startServer({ root: 'build', port: 0 });
	const counter = await countingProxy(server.port);
	const executablePath = findBrowser();
	const browsers: Browser[] = [];
	const launch = async (more: string[] = []) => {
		const browser = await chromium.launch({ executablePath, args: [...flags, ...more] });
		browsers.push(browser);
		return browser;
	};
	const first = await launch();
	const url = `http://localhost:${counter.port}`;
	return {
		url,
		browserName: `Chromium ${first.version()}`,
		workerUrl: `${url}/_app/immutable/workers/${workerFile('inference')}`,
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
