/** One tab at a time works on the pieces of a file that is being downloaded. */
import type { FileFacts } from '$lib/domain/card';
import { downloadTrouble } from './download-words';

/** @throws Trouble 'download-elsewhere' where another tab is at it; what `work` throws */
export async function alone(file: FileFacts, work: () => Promise<void>): Promise<void> {
	const locks = globalThis.navigator?.locks;
	if (!locks) return work();
	const name = `lensmith-download${APP_BASE}-${file.sha256}`;
	await locks.request(name, { ifAvailable: true }, async (held) => {
		if (!held) throw downloadTrouble('download-elsewhere', file);
		await work();
	});
}
