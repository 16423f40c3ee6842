/** One tab at a time works on the pieces of a file that is being downloaded. */
import type { FileFacts } from '$lib/domain/card';
import { downloadTrouble } from './download-words';

/**
 * @param patience milliseconds that another may still be at it
 * @throws Trouble 'download-elsewhere' where another tab is at it; what `work` throws
 */
export async function alone(file: FileFacts, work: () => Promise<void>, patience = 0): Promise<void> {
	const locks = globalThis.navigator?.locks;
	if (!locks) return work();
	const name = `lensmith-download${APP_BASE}-${file.sha256}`;
	const wait = patience > 0 ? { signal: AbortSignal.timeout(patience) } : { ifAvailable: true };
	const begun = { work: null as Promise<void> | null };
	try {
		await locks.request(name, wait, (held) => (begun.work = held && work()));
	} catch (cause) {
		if (begun.work || !wait.signal?.aborted) throw cause;
	}
	if (!begun.work) throw downloadTrouble('download-elsewhere', file);
}
