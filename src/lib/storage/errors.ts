/**
 * The last errors, for the diagnostics a person may copy. Words only: no photo, no file contents.
 */
import { withDatabase } from './database';
import type { ErrorRow } from './schema';

export type { ErrorRow };

const KEPT = 50;
const LONGEST = 500;

/** Notes an error. Never fails: an error log that throws hides the first error. */
export async function noteError(where: string, error: unknown, time = Date.now()): Promise<void> {
	const row: ErrorRow = { time, where, message: wordsOf(error) };
	try {
		await withDatabase(async (database) => {
			const { store, done } = database.transaction('errors', 'readwrite');
			await store.add(row);
			let surplus = (await store.count()) - KEPT;
			let cursor = surplus > 0 ? await store.openCursor() : null;
			for (; cursor && surplus > 0; surplus--) {
				await cursor.delete();
				cursor = await cursor.continue();
			}
			await done;
		});
	} catch {
		// Nothing is left to tell it to; `storageHealth` already says that nothing can be saved.
	}
}

/** The last errors, oldest first, at most 50. Empty where the database cannot be read. */
export async function lastErrors(): Promise<ErrorRow[]> {
	return withDatabase((database) => database.getAll('errors')).catch(() => []);
}

/** The error and what is behind it: what a person was told, and what an engine said. */
function chain(error: unknown, depth = 3): string[] {
	if (!(error instanceof Error)) return [String(error)];
	const behind = error.cause === undefined || depth === 1 ? [] : chain(error.cause, depth - 1);
	return [`${error.name}: ${error.message}`, ...behind];
}

function wordsOf(error: unknown): string {
	const words = chain(error).join(' ← ');
	// A data: address holds the bytes of a picture.
	return words.replace(/data:[^\s'")]*/g, 'data:…').slice(0, LONGEST);
}
