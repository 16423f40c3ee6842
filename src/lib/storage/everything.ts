/**
 * Takes back all that the app keeps on this device. Works also where the database or the service worker
 * are broken, so that the reset is always a way out.
 */
import { Trouble } from '$lib/domain/trouble';
import { deleteDatabase } from './database';
import { addressOf, CACHE } from './file-cache';

/**
 * Deletes the database, our caches and our service worker. Other apps on the same host keep theirs,
 * other copies of this one too.
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
	// Only our own: where we have none, the one of an app above us on this host would be found.
	const registration = await globalThis.navigator?.serviceWorker?.getRegistration(scope());
	if (registration?.scope === scope()) await registration.unregister();
}

async function deleteCaches(): Promise<void> {
	if (!globalThis.caches) return;
	const named = [CACHE, `lensmith-shared${APP_BASE}`];
	const ours = (name: string) =>
		named.includes(name) || (name.startsWith('lensmith-precache-') && name.endsWith(`-${scope()}`));
	await Promise.all((await caches.keys()).filter(ours).map((name) => caches.delete(name)));
}

/** Of our service worker: another copy of the app may live below another path of this host. */
function scope(): string {
	return addressOf({ url: '' }, APP_BASE).href;
}
