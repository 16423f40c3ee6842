/** Whether hours of camera cost memory: the level late against the level early, after garbage collection. */
import type { Page } from 'playwright';
import { atMost, plain, type Row } from '../report';
import type { Stage } from '../stage';
import { untilFirstAnswer } from './visits';

const EARLY = 500;

interface Counting {
	answers: number;
}

/** @param late frame at which the level is compared with that at frame 500 */
export async function* memory(stage: Stage, late: number): AsyncGenerator<Row> {
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
	await allowThirty(page);
	await untilFirstAnswer(page, stage.url);
	const early = await levelAt(page, EARLY);
	yield plain({ area: 'see', name: `memory at frame ${EARLY}`, value: early / 1e6, unit: 'MB', rival: null });
	const then = await levelAt(page, late);
	yield atMost(
		{
			area: 'see',
			name: `memory at frame ${late} ÷ at frame ${EARLY}`,
			value: then / early,
			unit: '×',
			rival: `${(early / 1e6).toFixed(1)} MB`
		},
		1.05
	);
	await context.close();
}

/** Thirty answers a second, as the settings allow at most. */
async function allowThirty(page: Page): Promise<void> {
	await page.evaluate(
		() =>
			new Promise<void>((resolve, reject) => {
				const opening = indexedDB.open('lensmith');
				opening.onerror = () => reject(new Error('the settings could not be opened'));
				opening.onsuccess = () => {
					const database = opening.result;
					const writing = database.transaction('settings', 'readwrite');
					writing.objectStore('settings').put(30, 'maxFps');
					writing.oncomplete = () => {
						database.close();
						resolve();
					};
				};
			})
	);
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
