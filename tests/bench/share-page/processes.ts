/** Memory that the browser's processes hold, seen from outside: asking the page would make it collect first. */
import { existsSync, readFileSync } from 'node:fs';
import type { BrowserContext } from 'playwright';

const EVERY_MS = 50;
const PAGE_BYTES = 4096;

export interface Growth {
	/** Bytes of the pages' processes at most, beyond what they held at first. */
	pages: number;
	/** The same of the whole browser. */
	browser: number;
}

/** Samples while something is done. @returns null where there is no /proc */
export async function growthWhile(
	context: BrowserContext,
	work: () => Promise<unknown>
): Promise<Growth | null> {
	const session = await context.browser()?.newBrowserCDPSession();
	if (!session || !existsSync('/proc/self/statm')) {
		await work();
		return null;
	}
	const { processInfo } = await session.send('SystemInfo.getProcessInfo');
	const all = processInfo.map(({ id }) => id);
	const pages = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
	const [first, most] = [
		{ pages: held(pages), browser: held(all) },
		{ pages: 0, browser: 0 }
	];
	const sampling = setInterval(() => {
		most.pages = Math.max(most.pages, held(pages) - first.pages);
		most.browser = Math.max(most.browser, held(all) - first.browser);
	}, EVERY_MS);
	try {
		await work();
	} finally {
		clearInterval(sampling);
		await session.detach();
	}
	return most;
}

/** Resident bytes; pages that processes share count once for each. */
function held(processes: readonly number[]): number {
	return processes.reduce((sum, id) => {
		const path = `/proc/${id}/statm`;
		const [, resident] = existsSync(path) ? readFileSync(path, 'utf8').split(' ') : [];
		return sum + PAGE_BYTES * Number(resident ?? 0);
	}, 0);
}
