/** What the person is told of imports: what was left out, and why. */
import type { Dataset } from '$lib/files/dataset';
import type { ImportResult } from '$lib/services/import';

export interface ImportReport {
	added: number;
	known: number;
	failed: readonly { name: string; words: string }[];
	stopped: string | null;
	/** Names of what it did not come to, where it stopped. */
	rest: readonly string[];
}

/**
 * There is something to read only where something was left out.
 *
 * @param unread what the person has not read yet; it stays with what is new
 */
export function withResult(
	unread: ImportReport | null,
	skipped: Dataset['skipped'],
	{ photos, duplicates, failed, stopped, rest }: ImportResult
): ImportReport | null {
	const left = [...failed, ...skipped.map(({ path, reason }) => ({ name: path, reason }))];
	if (left.length === 0 && duplicates === 0 && !stopped) return unread;
	const words = new Set([unread?.stopped, stopped?.message].filter((one) => typeof one === 'string'));
	return {
		added: (unread?.added ?? 0) + photos.length,
		known: (unread?.known ?? 0) + duplicates,
		failed: [...(unread?.failed ?? []), ...left.map(({ name, reason }) => ({ name, words: reason }))],
		stopped: words.size > 0 ? [...words].join(' ') : null,
		rest: [...(unread?.rest ?? []), ...rest]
	};
}
