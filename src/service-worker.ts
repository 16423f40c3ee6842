/**
 * Keeps the app's own small files and answers with them, so that it opens without a network.
 * Engines and backbones are fetched by services into a cache of their own; of those that are kept there it
 * brings the new form along with a new version.
 * May import nothing of ours but the headers and `storage/renewal` (with its type), which it shares with the page
 * so that both agree on names and checks. `scripts/build/precache.ts` fills in the three `self.__…` places.
 */
import { cacheNames, setCacheNameDetails } from 'workbox-core';
import { PrecacheController, PrecacheRoute, type PrecacheEntry } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { headersFor } from '../scripts/headers.js';
import type { FileFacts } from './lib/domain/card';
import { keepOnly, renew } from './lib/storage/renewal';

declare const self: ServiceWorkerGlobalScope & {
	__WB_MANIFEST: PrecacheEntry[];
	__INLINE_SCRIPTS: string[];
	__LARGE_FILES: FileFacts[];
};

const scope = new URL(self.registration.scope);
const inlineScripts = self.__INLINE_SCRIPTS;
const largeFiles = self.__LARGE_FILES;
const sharedCache = `lensmith-shared${APP_BASE}`;

setCacheNameDetails({ prefix: 'lensmith' });

/** The answer with the headers that its host did not send. */
function withHeaders(response: Response, pathname: string): Response {
	const headers = new Headers(response.headers);
	const path = pathname.slice(scope.pathname.length);
	for (const [name, value] of Object.entries(headersFor(path, inlineScripts)))
		if (!headers.has(name)) headers.set(name, value);
	return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** Whether an answer is the file that was asked for; captive portals answer 200 with a page of their own. */
async function isOurs(url: string, response: Response): Promise<boolean> {
	if (!response.ok) return false;
	if (!new URL(url).pathname.endsWith('.html')) return true; // the browser has held it against its hash
	return (await response.clone().text()).includes('__sveltekit_');
}

/** The last file of the shell that could not be fetched. */
let unfetched = '';

const precache = new PrecacheController({
	plugins: [
		{
			fetchDidFail: async ({ request }) => void (unfetched = request.url),
			cacheWillUpdate: async ({ request, response }) =>
				(await isOurs(request.url, response)) ? response : null,
			handlerWillRespond: async ({ request, response }) =>
				withHeaders(response, new URL(request.url).pathname)
		}
	]
});
precache.addToCacheList(self.__WB_MANIFEST);

self.addEventListener('install', (event) => event.waitUntil(install(event)));

/** All or nothing: where a file is not to be had, the version before goes on, and the next look tries again. */
async function install(event: ExtendableEvent): Promise<void> {
	try {
		await precache.install(event);
		await renew(largeFiles, { base: scope.href });
	} catch (cause) {
		const why = await whyOf(cause);
		for (const page of await self.clients.matchAll({ type: 'window', includeUncontrolled: true }))
			page.postMessage({ type: 'NOT_INSTALLED', why });
		throw cause;
	}
}

/** What the page has words for (see `services/shell`). */
async function whyOf(cause: unknown): Promise<'full' | 'wrong' | 'network'> {
	if (!(cause instanceof Error)) return 'network';
	if (cause.name === 'QuotaExceededError') return 'full';
	if (cause.name === 'bad-precaching-response') return 'wrong';
	const code = 'code' in cause ? String(cause.code) : '';
	if (/^file-(html|wrong|refused)$/.test(code)) return 'wrong';
	// A wrong hash and a cut connection fail alike; that something answers tells them apart.
	const answer = unfetched ? await fetch(unfetched, { cache: 'no-store' }).catch(() => null) : null;
	return answer ? 'wrong' : 'network';
}

self.addEventListener('activate', (event) => event.waitUntil(activate(event)));

async function activate(event: ExtendableEvent): Promise<void> {
	const all = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
	const windows = all.filter(({ url }) => url.startsWith(scope.href)); // of others on this host, too
	// Other tabs may still run the version before: its chunks and its engine stay until no such tab is open.
	if (windows.length <= 1)
		await Promise.all([precache.activate(event), deleteOlderPrecaches(), keepOnly(largeFiles, scope.href)]);
	await self.clients.claim();
}

/** Workbox's own clean-up would also take the caches of an app that lives below this one's scope. */
async function deleteOlderPrecaches(): Promise<void> {
	const older = (await caches.keys()).filter(
		(name) =>
			name.startsWith('lensmith-precache-') && name.endsWith(scope.href) && name !== cacheNames.precache
	);
	await Promise.all(older.map((name) => caches.delete(name)));
}

registerRoute(new PrecacheRoute(precache, { ignoreURLParametersMatching: [/./] }));
/** A file of its own, such as a model, opened in a tab. */
const file = /\.(?!html)[a-z0-9]+$/i;
// Not a NavigationRoute: that one would take `/teach?from=a.b` for a file.
registerRoute(
	({ request, url }) => request.mode === 'navigate' && !file.test(url.pathname),
	precache.createHandlerBoundToURL('200.html')
);

/** A chunk of the version before, for a tab that has not agreed to reload yet. */
registerRoute(
	({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith(`${scope.pathname}_app/immutable/`),
	async ({ url, request }) => {
		const kept = await caches.match(request, { cacheName: cacheNames.precache });
		return kept ? withHeaders(kept, url.pathname) : fetch(request);
	}
);

registerRoute(
	({ url, sameOrigin }) => sameOrigin && url.pathname === `${scope.pathname}share`,
	async ({ request }) => {
		const arrived = await keepShared(request).catch(() => 0); // no form, or no space left
		const landing = arrived === 0 ? './?shared=nothing' : arrived === 1 ? './?shared' : './teach?shared';
		return Response.redirect(new URL(landing, scope).href, 303);
	},
	'POST'
);

/** All pictures of the form, in place of what was shared before, or none. @returns how many */
async function keepShared(request: Request): Promise<number> {
	const form = await request.formData();
	const pictures = form.getAll('picture').filter((entry) => entry instanceof File);
	if (pictures.length === 0) return 0;
	const cache = await caches.open(sharedCache);
	const before = await cache.keys();
	const kept: string[] = [];
	try {
		for (const picture of pictures) {
			const headers = { 'Content-Type': picture.type, 'X-File-Name': encodeURIComponent(picture.name) };
			const url = new URL(`shared-picture/${crypto.randomUUID()}`, scope).href;
			await cache.put(url, new Response(picture, { headers }));
			kept.push(url);
		}
	} catch (cause) {
		await Promise.all(kept.map((url) => cache.delete(url)));
		throw cause;
	}
	await Promise.all(before.map((older) => cache.delete(older)));
	return pictures.length;
}

self.addEventListener('message', (event) => {
	const { type } = event.data as { type?: unknown };
	if (type === 'SKIP_WAITING') event.waitUntil(self.skipWaiting());
	if (type === 'MISSING')
		event.waitUntil(
			missing()
				.catch(() => ['the app itself'])
				.then((paths) => event.ports[0]?.postMessage(paths))
		);
});

/** Paths of the shell that are not kept, after an attempt to fetch them again. */
async function missing(): Promise<string[]> {
	const cache = await caches.open(cacheNames.precache);
	const kept = new Set((await cache.keys()).map((request) => request.url)); // one question, not one a file
	const lost: string[] = [];
	for (const [url, key] of precache.getURLsToCacheKeys()) {
		if (kept.has(key)) continue;
		if (!(await repair(cache, url, key))) lost.push(new URL(url).pathname.slice(scope.pathname.length));
	}
	return lost;
}

async function repair(cache: Cache, url: string, key: string): Promise<boolean> {
	try {
		const integrity = precache.getIntegrityForCacheKey(key) ?? '';
		const response = await fetch(new Request(url, { integrity, cache: 'reload' }));
		if (!(await isOurs(url, response))) return false;
		await cache.put(key, response);
		return true;
	} catch {
		return false; // no network: it is said to be missing
	}
}
