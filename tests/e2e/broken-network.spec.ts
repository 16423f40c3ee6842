import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from '../fixtures/app';

/** A host that can be cut off, or stand behind a captive portal, for what the service worker fetches. */
class Weather {
	mode: 'fair' | 'cut' | 'portal' = 'fair';
	readonly asked: string[] = [];

	constructor(private readonly from: (path: string) => boolean) {}

	intercept = (request: IncomingMessage, response: ServerResponse): boolean => {
		const path = request.url ?? '/';
		this.asked.push(path);
		const precaching =
			request.headers['sec-fetch-dest'] === 'empty' && request.headers['service-worker'] === undefined;
		if (this.mode === 'fair' || !precaching || !this.from(path)) return false;
		if (this.mode === 'cut') response.destroy();
		else response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Welcome to the hotel</h1>');
		return true;
	};
}

test('a first visit that is cut off shows the page, says so, and is resumed where it stopped', async ({
	page,
	serve,
	shell
}) => {
	const weather = new Weather((path) => path.startsWith('/shelf.html'));
	weather.mode = 'cut';
	const server = await serve({ intercept: weather.intercept });
	await page.goto(`${server.url}/`);
	await shell.expectAt('/');
	await shell.expectSaid(/could not be kept whole: the connection was cut/i);
	expect(await shell.missing()).toBe('no active service worker');

	weather.mode = 'fair';
	await page.evaluate(() => window.dispatchEvent(new Event('online')));
	await shell.kept();
	expect(weather.asked.filter((path) => path.startsWith('/200.html'))).toHaveLength(1);
	await server.close();
	await page.reload();
	await shell.expectAt('/');
});

test('what a captive portal answers is never kept', async ({ page, serve, shell }) => {
	const weather = new Weather(() => true);
	weather.mode = 'portal';
	const server = await serve({ intercept: weather.intercept });
	await page.goto(`${server.url}/`);
	await shell.expectSaid(/something else came in place.*sign in/i);
	const kept = await page.evaluate(async () => {
		const texts: string[] = [];
		for (const name of await caches.keys()) {
			const cache = await caches.open(name);
			for (const answer of await cache.matchAll()) texts.push(await answer.text());
		}
		return texts;
	});
	expect(kept.filter((text) => text.includes('Welcome to the hotel'))).toEqual([]);

	weather.mode = 'fair';
	await page.evaluate(() => window.dispatchEvent(new Event('online')));
	await shell.kept();
});

test('what a captive portal answers for a script alone is said to be something else, too', async ({
	page,
	serve,
	shell
}) => {
	const weather = new Weather((path) => path.endsWith('.js'));
	weather.mode = 'portal';
	const { url } = await serve({ intercept: weather.intercept });
	await page.goto(`${url}/`);
	await shell.expectSaid(/something else came in place.*sign in/i);
});

test('a full disk is said to be full', async ({ page, serve, shell }) => {
	const { url } = await serve();
	const devtools = await page.context().newCDPSession(page);
	await devtools.send('Storage.overrideQuotaForOrigin', { origin: url, quotaSize: 300_000 });
	await page.goto(`${url}/`);
	await shell.expectSaid(/no space left/i);
});

test('a part that the browser dropped is said to be missing, refused from a portal, and fetched again', async ({
	page,
	serve,
	shell
}) => {
	const weather = new Weather(() => true);
	const { url } = await serve({ intercept: weather.intercept });
	await page.goto(`${url}/`);
	await shell.kept();
	const dropped = await page.evaluate(async () => {
		const name = (await caches.keys()).find((key) => key.startsWith('lensmith-precache-'));
		const cache = await caches.open(name ?? '');
		const parts = (await cache.keys()).filter(({ url }) => /shelf\.html|nodes\//.test(url));
		await Promise.all(parts.map((part) => cache.delete(part)));
		return parts.map((part) => new URL(part.url).pathname.slice(1)).sort();
	});
	expect(dropped.length).toBeGreaterThan(1);

	weather.mode = 'portal';
	expect([...((await shell.missing()) as string[])].sort()).toEqual(dropped);
	weather.mode = 'cut';
	expect([...((await shell.missing()) as string[])].sort()).toEqual(dropped);
	weather.mode = 'fair';
	expect(await shell.missing()).toEqual([]);
});
