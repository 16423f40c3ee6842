/** From navigation to the first label, cold and warm, and what a first visit costs on the wire. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright';
import { atMost, median, plain, type Row } from '../report';
import type { Stage } from '../stage';

const VISITS = 5;

export async function* visits(stage: Stage): AsyncGenerator<Row> {
	const area = 'see';
	const cold: number[] = [];
	const warm: number[] = [];
	const bytes: number[] = [];
	for (let i = 0; i < VISITS; i++) {
		const context = await stage.context();
		const before = stage.bytesSent();
		const page = await context.newPage();
		cold.push(await untilFirstAnswer(page, stage.url));
		await readyOffline(page);
		bytes.push(stage.bytesSent() - before);
		await page.close();
		warm.push(await warmVisit(context, stage.url));
		await context.close();
	}
	const of = `median of ${VISITS}`;
	yield plain({
		area,
		name: `navigation to first label, cold, ${of}`,
		value: median(cold),
		unit: 'ms',
		rival: null
	});
	yield atMost(
		{ area, name: `navigation to first label, warm, ${of}`, value: median(warm), unit: 'ms', rival: null },
		1500
	);
	yield atMost(
		{
			area,
			name: 'first visit until ready offline, on the wire, no GPU',
			value: median(bytes) / 1e6,
			unit: 'MB',
			rival: null
		},
		6
	);
	for (const [binary, words] of [
		['.jspi', 'JSPI'],
		['.asyncify', 'asyncify']
	] as const)
		yield atMost(
			{
				area,
				name: `the same with a GPU (${words}), computed from the engines' compressed sizes`,
				value: (median(bytes) + compressed(binary) - compressed('')) / 1e6,
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
		() => performance.getEntriesByName('lensmith:first-answer')[0]?.startTime
	);
	return (await handle.jsonValue()) ?? NaN;
}

async function readyOffline(page: Page): Promise<void> {
	await page.getByRole('button', { name: /ready offline/i }).waitFor();
}
