/** Small parts of sentences. */

import { isolated } from './names';

/** “daisy” */
export function quoted(name: string): string {
	return `“${isolated(name)}”`;
}

/** “a”, “b” and “c” */
export function listed(names: readonly string[]): string {
	const all = names.map(quoted);
	const last = all.pop() ?? '';
	return all.length > 0 ? `${all.join(', ')} and ${last}` : last;
}

/** 1 photo, 2 photos, 1,200 photos */
export function counted(count: number, noun: string): string {
	return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** 1,200. Whole numbers; by hand, as the first `toLocaleString` of a page takes it 10 ms to load its tables. */
export function grouped(count: number): string {
	return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A share as a whole number of hundredths that says 0 or 100 only where it is just that. @param share 0..1 */
export function hundredths(share: number): number {
	if (share <= 0 || share >= 1) return share <= 0 ? 0 : 100;
	return Math.min(99, Math.max(1, Math.round(100 * share)));
}
