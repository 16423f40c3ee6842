/** Takes down, inside the page, what the app keeps and when, and the tasks that hold the page up. */
import type { BrowserContext, Page } from 'playwright';

interface Recorded {
	/** Rows written, the first one first; milliseconds since navigation. */
	puts: { store: string; key: string; at: number }[];
	/** Tasks of 50 ms and more. */
	tasks: { at: number; took: number }[];
}

export interface InPage {
	recorded: Recorded;
}

/** Call it before pages are opened. */
export async function record(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => {
		const recorded: Recorded = { puts: [], tasks: [] };
		Object.assign(globalThis, { recorded });
		new PerformanceObserver((list) => {
			for (const { startTime, duration } of list.getEntries())
				recorded.tasks.push({ at: startTime, took: duration });
		}).observe({ entryTypes: ['longtask'] });
		const put = IDBObjectStore.prototype.put;
		IDBObjectStore.prototype.put = function (...row) {
			recorded.puts.push({ store: this.name, key: String(row[0]?.id ?? ''), at: performance.now() });
			return put.apply(this, row);
		};
	});
}

/** Waits until so many rows of a store were written on this page. @returns when the last of them was */
export async function untilKept(page: Page, store: string, count: number): Promise<number> {
	const at = await page.waitForFunction(
		([store, count]) => {
			const { puts } = (globalThis as unknown as InPage).recorded;
			return puts.filter((put) => put.store === store)[count - 1]?.at;
		},
		[store, count] as const,
		{ timeout: 0, polling: 100 }
	);
	return (await at.jsonValue()) ?? NaN;
}

/** Milliseconds of the longest task between two moments; 0 where none was longer than 50 ms. */
export async function longestTask(page: Page, from: number, to: number): Promise<number> {
	// The browser tells of a task when it is over, and a little later.
	await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
	return page.evaluate(
		([from, to]) =>
			(globalThis as unknown as InPage).recorded.tasks
				.filter(({ at, took }) => at + took > from && at < to)
				.reduce((most, { took }) => Math.max(most, took), 0),
		[from, to] as const
	);
}
