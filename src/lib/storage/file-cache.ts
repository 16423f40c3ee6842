/**
 * Kept copies of files of known content, in a cache of their own: big files stay out of the service worker's
 * precache, where one that does not fit would hold back every update (workbox#1312).
 */
import type { FileFacts } from '$lib/domain/card';

/** Another copy of the app, below another path of this host, has its own. */
export const CACHE = `lensmith-files-v1${APP_BASE}`;
/** Folders of files that come with the app. */
const shipped = ['models/', '_app/'];

/** What a copy is kept under. */
export type CopyName = Pick<FileFacts, 'url' | 'sha256'>;

/** True where files can be kept and checked: not over plain http. */
export function canKeep(): boolean {
	return Boolean(globalThis.caches && globalThis.crypto?.subtle);
}

/** The file's address. `base` is the app's base path (empty, `/app`) or its whole address. */
export function addressOf(file: Pick<FileFacts, 'url'>, base: string): URL {
	const root = new URL(base.endsWith('/') ? base : `${base}/`, globalThis.location?.href);
	return new URL(file.url, root);
}

/** Lower-case hexadecimal. */
export async function sha256Of(bytes: ArrayBuffer): Promise<string> {
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The bytes of the kept copy, unchecked; null without one, or where caches are closed to this page. */
export async function readCopy(file: CopyName, base: string): Promise<ArrayBuffer | null> {
	const cache = await openCache();
	const copy = await cache?.match(keyOf(file, base)).catch(() => undefined);
	return (await copy?.arrayBuffer().catch(() => null)) ?? null;
}

/** Whether a copy is there, unchecked: quick enough for a list. `openVerified` is the one to trust. */
export async function hasCopy(file: CopyName, base: string): Promise<boolean> {
	const cache = await openCache();
	return Boolean(await cache?.match(keyOf(file, base)).catch(() => undefined));
}

/** Keeps a copy of bytes that were checked. @throws QuotaExceededError, or what closes caches to this page */
export async function writeCopy(file: CopyName, base: string, bytes: ArrayBuffer): Promise<void> {
	const cache = await caches.open(CACHE);
	const headers = {
		'content-type': 'application/octet-stream',
		'content-length': String(bytes.byteLength)
	};
	await cache.put(keyOf(file, base), new Response(bytes, { headers }));
}

export async function deleteCopy(file: CopyName, base: string): Promise<void> {
	const cache = await openCache();
	await cache?.delete(keyOf(file, base));
}

/** The kept files that came with the app, of this version or of others. */
export async function copiesOf(base: string): Promise<CopyName[]> {
	const cache = await openCache();
	const { href: app } = addressOf({ url: '' }, base);
	const keys = ((await cache?.keys()) ?? []).map(({ url }) => new URL(url));
	return keys
		.filter(({ href }) => shipped.some((folder) => href.startsWith(app + folder)))
		.map(({ origin, pathname, searchParams }) => ({
			url: origin + pathname,
			sha256: searchParams.get('sha256') ?? ''
		}));
}

/**
 * Deletes what came with older versions of the app and this one does not know; what was downloaded is the person's.
 *
 * @param files every file that comes with this version
 */
export async function keepOnly(files: readonly CopyName[], base: string): Promise<void> {
	const wanted = new Set(files.map((file) => keyOf(file, base)));
	for (const copy of await copiesOf(base)) if (!wanted.has(keyOf(copy, base))) await deleteCopy(copy, base);
}

function keyOf(file: CopyName, base: string): string {
	const url = addressOf(file, base);
	url.searchParams.set('sha256', file.sha256);
	return url.href;
}

/** Firefox refuses caches in private windows. */
async function openCache(): Promise<Cache | null> {
	return canKeep() ? caches.open(CACHE).catch(() => null) : null;
}
