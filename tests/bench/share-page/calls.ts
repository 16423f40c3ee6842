/** Takes down, inside the page, what it asks of its workers and when each answers, as `rpc/channel` speaks. */
import type { BrowserContext, Page } from 'playwright';

export interface Call {
	method: string;
	/** Milliseconds since navigation. */
	from: number;
	to: number;
}

interface Recorded {
	calls: Call[];
	/** When a received model was kept. */
	kept: number;
}

interface InPage {
	asked: Recorded;
}

/** Call it before pages are opened. */
export async function recordCalls(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => {
		const asked: Recorded = { calls: [], kept: NaN };
		Object.assign(globalThis, { asked });
		const { postMessage } = Worker.prototype;
		Worker.prototype.postMessage = function (message, ...rest: never[]) {
			const from = performance.now();
			if (message?.kind === 'call')
				this.addEventListener('message', ({ data }) => {
					if (data.id === message.id && (data.kind === 'done' || data.kind === 'failed'))
						asked.calls.push({ method: message.method, from, to: performance.now() });
				});
			postMessage.call(this, message, ...rest);
		};
		const put = IDBObjectStore.prototype.put;
		IDBObjectStore.prototype.put = function (...row) {
			if (this.name === 'received')
				this.transaction.addEventListener('complete', () => (asked.kept = performance.now()));
			return put.apply(this, row);
		};
	});
}

/** What was asked since the last time, the first call first. */
export async function takeCalls(page: Page): Promise<Recorded> {
	const recorded = await page.evaluate(() => {
		const { asked } = globalThis as unknown as InPage;
		return { calls: asked.calls.splice(0), kept: asked.kept };
	});
	recorded.calls.sort((a, b) => a.from - b.from);
	return recorded;
}

/** Milliseconds of all calls of a method. @throws Error where there was none */
export function took(calls: readonly Call[], method: string): number {
	const times = calls.filter((call) => call.method === method).map(({ from, to }) => to - from);
	if (times.length === 0) throw new Error(`Nobody called “${method}”.`);
	return times.reduce((sum, time) => sum + time);
}
