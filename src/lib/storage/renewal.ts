/**
 * Engines, backbones and labels when a new version of the app comes: what this device keeps of the version
 * before is fetched in its new form before that version starts, so that it stays ready without a network.
 * Runs in the service worker too, whose scope is `base` there: no Svelte, no DOM, no database.
 */
import type { FileFacts } from '$lib/domain/card';
import {
	addressOf,
	copiesOf,
	hasCopy,
	keepOnly,
	readCopy,
	sha256Of,
	writeCopy,
	type CopyName
} from './file-cache';
import { openVerified, type OpenOptions } from './verified';

export { keepOnly };

/**
 * Keeps the new form of every file of which some form is kept. Nothing is fetched that is here already, and
 * what does not fit on the disk is left out: a version that waited for space would wait for ever (workbox#1312).
 *
 * @param files the engines, backbones and labels that come with the new version
 * @throws Trouble of the file that is not to be had; what was kept before is untouched
 */
export async function renew(files: readonly FileFacts[], options: OpenOptions): Promise<void> {
	const { base } = options;
	const copies = await copiesOf(base);
	const known = new Set(copies.map((copy) => nameOf(copy, base)));
	for (const file of files) {
		if (await hasCopy(file, base)) continue;
		const moved = copies.find(({ sha256 }) => sha256 === file.sha256);
		if (moved && (await keepUnder(file, moved, base))) continue;
		if (known.has(nameOf(file, base))) await openVerified(file, options);
	}
}

/** @returns whether the bytes were right; a full disk is no reason to fetch them */
async function keepUnder(to: CopyName, from: CopyName, base: string): Promise<boolean> {
	const bytes = await readCopy(from, base);
	if (!bytes || (await sha256Of(bytes)) !== to.sha256) return false;
	await writeCopy(to, base, bytes).catch(() => undefined);
	return true;
}

/** The path without what a build puts in: `_app/immutable/…/engine-Ab3_x-9Z.wasm` is the same file in each. */
function nameOf(file: CopyName, base: string): string {
	const { pathname } = addressOf(file, base);
	return pathname.includes('/_app/') ? pathname.replace(/[.-][\w-]{8}(?=\.\w+$)/, '') : pathname;
}
