/**
 * Kept copies of files of known content, in a cache of their own: big files stay out of the service worker's
 * precache, where one that does not fit would hold back every update (workbox#1312).
 */
import type { FileFacts } from '$lib/domain/card';

const CACHE = 'lensmith-files-v1';
/** Folders of files that come with the app. */
const shipped = ['models/', '_app/'];

/** True where files can be kept and checked: not over plain http. */
export function canKeep(): boolean {
	return Boolean(globalThis.caches && globalThis.crypto?.subtle);
}

/** The file's address. `base` is the app's base path (empty, `/app`) or its whole address. */
export function addressOf(file: FileFacts, base: string): URL {
	const root = new URL(base.endsWith('/') ? base : `${base}/`, globalThis.location?.href);
	return new URL(file.url, root);
}

/** Lower-case hexadecimal. */
export async function sha256Of(bytes: ArrayBuffer): Promise<string> {
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The bytes of the kept copy, unchecked; null without one, or where caches are closed to this page. */
export async function readCopy(file: FileFacts, base: string): Promise<ArrayBuffer | null> {
	const cache = await openCache();
	const copy = await cache?.match(keyOf(file, base)).catch(() => undefined);
	return (await copy?.arrayBuffer().catch(() => null)) ?? null;
}

/** Whether a copy is there, unchecked: quick enough for a list. `isKept` is the one to trust. */
export async function hasCopy(file: FileFacts, base: string): Promise<boolean> {
	const cache = await openCache();
	return Boolean(await cache?.match(keyOf(file, base)).catch(() => undefined));
}

/** Keeps a copy of bytes that were checked. @throws QuotaExceededError, or what closes caches to this page */
export async function writeCopy(file: FileFacts, base: string, bytes: ArrayBuffer): Promise<void> {
	const cache = await caches.open(CACHE);
	const headers = {
		'content-type': 'application/octet-stream',
		'content-length': String(bytes.byteLength)
	};
	await cache.put(keyOf(file, base), new Response(bytes, { headers }));
}

export async function deleteCopy(file: FileFacts, base: string): Promise<void> {
	const cache = await openCache();
	await cache?.delete(keyOf(file, base));
}

/**
 * Deletes what older versions of the app kept and this one does not know.
 *
 * @param hashes SHA-256 of every file that this version may want
 */
export async function keepOnly(hashes: ReadonlySet<string>, base: string): Promise<void> {
	const cache = await openCache();
	const { href: app } = addressOf({ url: '', sha256: '', bytes: 0 }, base);
	for (const { url } of (await cache?.keys()) ?? []) {
		// Another copy of the app may live beside or below this one; what was downloaded is the person's.
		const ours = shipped.some((folder) => url.startsWith(app + folder));
		const hash = new URL(url).searchParams.get('sha256') ?? '';
		if (ours && !hashes.has(hash)) await cache?.delete(url);
	}
}

/** Deletes every kept file. */
export async function eraseFiles(): Promise<void> {
	if (canKeep()) await caches.delete(CACHE);
}

function keyOf(file: FileFacts, base: string): string {
	const url = addressOf(file, base);
	url.searchParams.set('sha256', file.sha256);
	return url.href;
}

/** Firefox refuses caches in private windows. */
async function openCache(): Promise<Cache | null> {
	return canKeep() ? caches.open(CACHE).catch(() => null) : null;
}
