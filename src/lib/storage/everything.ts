/**
 * Takes back all that the app keeps on this device. Works also where the database or the service worker
 * are broken, so that the reset is always a way out.
 */
import { Trouble } from '$lib/domain/trouble';
import { deleteDatabase } from './database';

const PREFIX = 'lensmith-';

/**
 * Deletes the database, our caches and our service worker. Other apps on the same host keep theirs.
 * The page must be reloaded afterwards.
 *
 * @throws Trouble 'erase-incomplete' naming what is left; the rest is gone all the same
 */
export async function eraseEverything(): Promise<void> {
	const parts: [string, Promise<unknown>][] = [
		['the offline copy of the app', unregister()],
		['kept files', deleteCaches()],
		['photos, models and settings', deleteDatabase()]
	];
	const results = await Promise.allSettled(parts.map(([, done]) => done));
	const failed = results.flatMap((result, index) =>
		result.status === 'rejected' ? [{ name: parts[index]?.[0], cause: result.reason as unknown }] : []
	);
	if (failed.length === 0) return;
	throw new Trouble(
		'erase-incomplete',
		`Not everything could be erased; left: ${failed.map(({ name }) => name).join(', ')}. Close other tabs of Lensmith and try again, or clear this site's data in the browser's settings.`,
		{ cause: failed[0]?.cause }
	);
}

async function unregister(): Promise<void> {
	// Only the one of this page: another app may live on the same host.
	const registration = await globalThis.navigator?.serviceWorker?.getRegistration();
	await registration?.unregister();
}

async function deleteCaches(): Promise<void> {
	if (!globalThis.caches) return;
	const names = await caches.keys();
	await Promise.all(names.filter((name) => name.startsWith(PREFIX)).map((name) => caches.delete(name)));
}
