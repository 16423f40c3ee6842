/** From navigation to the first label, cold and warm, and what a first visit costs on the wire. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright';
import { atMost, median, plain, type Row } from '../report';
import type { Stage } from '../stage';
import type { Backend } from './gpu';
import { choose } from './settings';

/** @param alone there is no GPU to measure: what it would cost on the wire is computed */
export async function* visits(stage: Stage, backend: Backend, alone: boolean): AsyncGenerator<Row> {
	const area = 'see';
	const on = backend === 'webgpu' ? ' on WebGPU' : '';
	const cold: number[] = [];
	const warm: number[] = [];
	const bytes: number[] = [];
	for (let i = 0; i < stage.counts.visits; i++) {
		const context = await stage.context();
		await pin(context, stage, backend);
		const before = stage.bytesSent();
		const page = await context.newPage();
		cold.push(await untilFirstAnswer(page, stage.url));
		await readyOffline(page);
		bytes.push(stage.bytesSent() - before);
		await page.close();
		warm.push(await warmVisit(context, stage.url));
		await context.close();
	}
	const of = `${on}, median of ${stage.counts.visits}`;
	yield plain({
		area,
		name: `navigation to first label, cold${of}`,
		value: median(cold),
		unit: 'ms',
		rival: null
	});
	yield atMost(
		{ area, name: `navigation to first label, warm${of}`, value: median(warm), unit: 'ms', rival: null },
		1500
	);
	yield atMost(
		{
			area,
			name: `first visit until ready offline, on the wire, ${backend === 'wasm' ? 'no GPU' : 'with a GPU'}`,
			value: median(bytes) / 1e6,
			unit: 'MB',
			rival: null
		},
		backend === 'wasm' ? 6 : 8.5
	);
	if (alone) yield* computedWithGpu(median(bytes));
}

/** A browser that wants this backend and has kept nothing else of the app. */
async function pin(context: BrowserContext, stage: Stage, backend: Backend): Promise<void> {
	const page = await context.newPage();
	await untilFirstAnswer(page, stage.url);
	await readyOffline(page);
	await choose(page, { backend, maxFps: 15 });
	await page.goto(stage.emptyUrl);
	await page.evaluate(async () => {
		for (const registration of await navigator.serviceWorker.getRegistrations())
			await registration.unregister();
		await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
	});
	const devtools = await context.newCDPSession(page);
	await devtools.send('Network.clearBrowserCache');
	await page.close();
}

async function* computedWithGpu(bytes: number): AsyncGenerator<Row> {
	for (const [binary, words] of [
		['.jspi', 'JSPI'],
		['.asyncify', 'asyncify']
	] as const)
		yield atMost(
			{
				area: 'see',
				name: `the same with a GPU (${words}), computed from the engines' compressed sizes`,
				value: (bytes + compressed(binary) - compressed('')) / 1e6,
				unit: 'MB',
				rival: null
			},
			8.5
		);
}

/** Bytes of the Brotli copy of an engine that the server sends. */
function compressed(binary: '' | '.jspi' | '.asyncify'): number {
	const file = readdirSync('build/_app/immutable', { recursive: true, encoding: 'utf8' }).find((name) =>
		new RegExp(`ort-wasm-simd-threaded${binary.replace('.', '\\.')}-[\\w-]+\\.wasm\\.br$`).test(name)
	);
	if (!file) throw new Error(`The build has no compressed engine${binary}.`);
	return statSync(join('build/_app/immutable', file)).size;
}

async function warmVisit(context: BrowserContext, url: string): Promise<number> {
	const page = await context.newPage();
	const time = await untilFirstAnswer(page, url);
	await page.close();
	return time;
}

/** Milliseconds from the navigation to the first answer about the camera's picture. */
export async function untilFirstAnswer(page: Page, url: string): Promise<number> {
	await page.goto(`${url}/`);
	const handle = await page.waitForFunction(
		() => performance.getEntriesByName('lensmith:first-answer')[0]?.startTime,
		undefined,
		{ timeout: 120_000 } // WebGPU in software
	);
	return (await handle.jsonValue()) ?? NaN;
}

async function readyOffline(page: Page): Promise<void> {
	await page.getByRole('button', { name: /ready offline/i }).waitFor();
}
