/** Whether hours of camera cost memory: the level late against the level early, after garbage collection. */
import type { Page } from 'playwright';
import { atMost, plain, type Row } from '../report';
import type { Stage } from '../stage';
import type { Backend } from './gpu';
import { choose } from './settings';
import { untilFirstAnswer } from './visits';

interface Counting {
	answers: number;
}

/** @param late frame at which the level is compared with that at frame 500 */
export async function* memory(stage: Stage, backend: Backend, late: number): AsyncGenerator<Row> {
	const on = backend === 'webgpu' ? ' on WebGPU' : '';
	const { early: soon } = stage.counts;
	// Measures at once instead of waiting for the next collection.
	const context = await stage.context(['--enable-blink-features=ForceEagerMeasureMemory']);
	await context.addInitScript(() => {
		Object.assign(globalThis, { answers: 0 });
		new PerformanceObserver((list) => {
			(globalThis as unknown as Counting).answers += list.getEntriesByName('lensmith:answer').length;
		}).observe({ entryTypes: ['mark'] });
	});
	const page = await context.newPage();
	await untilFirstAnswer(page, stage.url);
	await choose(page, { backend, maxFps: 30 }); // thirty a second, as the settings allow at most
	await untilFirstAnswer(page, stage.url);
	const early = await levelAt(page, soon);
	yield plain({
		area: 'see',
		name: `memory at frame ${soon}${on}`,
		value: early / 1e6,
		unit: 'MB',
		rival: null
	});
	const then = await levelAt(page, late);
	yield atMost(
		{
			area: 'see',
			name: `memory at frame ${late} ÷ at frame ${soon}${on}`,
			value: then / early,
			unit: '×',
			rival: `${(early / 1e6).toFixed(1)} MB`
		},
		1.05
	);
	await context.close();
}

/** Bytes of the page, its workers and their wasm memories, collected, once so many frames were answered. */
async function levelAt(page: Page, frame: number): Promise<number> {
	await page.waitForFunction((n) => (globalThis as unknown as Counting).answers >= n, frame, {
		timeout: 0,
		polling: 250
	});
	return page.evaluate(async () => {
		const { bytes } = await (
			performance as Performance & { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> }
		).measureUserAgentSpecificMemory();
		return bytes;
	});
}
