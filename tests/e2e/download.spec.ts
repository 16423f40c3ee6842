/** Fetching a stronger backbone: the production build, the real worker under its own policy, a hub that misbehaves. */
import { cardName, expect, half, test, type Hub } from '../fixtures/hub';
import type { Page } from '@playwright/test';
import type { RunningServer } from '../../scripts/server';

let good: Hub['answer'];
let server: RunningServer;
test.beforeEach(async ({ hub, serve, buildForHub, models, look }) => {
	good = hub.answer;
	hub.ranges.length = 0;
	server = await serve({ root: buildForHub });
	await models.open(server.url);
	await look.readyOffline();
});
test.afterEach(({ hub }) => {
	hub.answer = good;
});

/** What is kept of files of the hub, whole ones and pieces. */
async function left(page: Page): Promise<{ files: number; pieces: number }> {
	return page.evaluate(async () => {
		const keys = await (await caches.open('lensmith-files-v1')).keys();
		const database = await new Promise<IDBDatabase>((resolve) => {
			const request = indexedDB.open('lensmith');
			request.onsuccess = () => resolve(request.result);
		});
		const pieces = await new Promise<number>((resolve) => {
			const request = database.transaction('downloads').objectStore('downloads').count();
			request.onsuccess = () => resolve(request.result);
		});
		database.close();
		return { files: keys.filter(({ url }) => url.startsWith('https://')).length, pieces };
	});
}

test('paused, it survives a reload; downloaded, it is used without any network', async ({
	hub,
	page,
	models,
	shell,
	look
}) => {
	const row = models.row(cardName);
	hub.answer = half(hub);
	await row.getByRole('button', { name: /^Download/ }).click();
	await expect(row).toContainText('2.9 MB of 5.9 MB');
	await row.getByRole('button', { name: 'Pause' }).click();
	await expect(row).toContainText('paused');

	await page.reload();
	await expect(row).toContainText('2.9 MB of 5.9 MB, paused');
	hub.answer = good;
	await row.getByRole('button', { name: 'Resume' }).click();
	await expect(row).toContainText('On this device');
	expect(hub.ranges).toEqual([undefined, `bytes=${hub.halfway}-`]);
	expect(await left(page)).toEqual({ files: 1, pieces: 0 });

	hub.answer = (_request, response) => response.destroy();
	await server.close();
	await page.reload();
	await row.getByRole('button', { name: 'Use' }).click();
	await expect(row).toContainText('In use');
	await look.readyOffline();
	await shell.go('Look');
	await look.choosePhoto('static/samples/coffee.jpg');
	await expect(look.answer).toContainText('banana');
	expect(hub.ranges).toHaveLength(2);
});

test('a cut connection is told, and resumed from where it was', async ({ hub, page, models }) => {
	const row = models.row(cardName);
	hub.answer = half(hub, true);
	await row.getByRole('button', { name: /^Download/ }).click();
	await expect(row.getByRole('alert')).toContainText('The connection ended on the way');
	hub.answer = good;
	await row.getByRole('button', { name: 'Resume' }).click();
	await expect(row).toContainText('On this device');
	await row.getByRole('button', { name: 'Remove' }).click();
	await expect(row.getByRole('button', { name: /^Download/ })).toBeVisible();
	expect(await left(page)).toEqual({ files: 0, pieces: 0 });
});

test('the keyboard’s focus stays while a download is started, paused, resumed, cancelled and removed', async ({
	hub,
	page,
	models
}) => {
	const row = models.row(cardName);
	const press = async (from: RegExp, to: RegExp) => {
		await row.getByRole('button', { name: from }).focus();
		await page.keyboard.press('Enter');
		await expect(row.getByRole('button', { name: to })).toBeFocused();
	};
	hub.answer = half(hub);
	await press(/^Download/, /^Pause/);
	await expect(row).toContainText('2.9 MB of 5.9 MB');
	await press(/^Pause/, /^Resume/);
	await press(/^Cancel/, /^Download/);
	hub.answer = good;
	await press(/^Download/, /^Use/);
	await press(/^Remove/, /^Download/);
});

test('cancelled, nothing of it stays', async ({ hub, page, models }) => {
	const row = models.row(cardName);
	hub.answer = half(hub);
	await row.getByRole('button', { name: /^Download/ }).click();
	await expect(row).toContainText('2.9 MB of 5.9 MB');
	await row.getByRole('button', { name: 'Cancel' }).click();
	await expect(row.getByRole('button', { name: /^Download/ })).toBeVisible();
	expect(await left(page)).toEqual({ files: 0, pieces: 0 });
});

const refusals: [string, (hub: Hub) => Hub['answer'], RegExp][] = [
	[
		'a file with another hash',
		({ file }) =>
			(_request, response) =>
				response.writeHead(200).end(Buffer.from(file).fill(1, 5_000_000, 5_000_001)),
		/sent something else than this file\. Nothing was kept/
	],
	[
		'a page to sign in',
		() => (_request, response) =>
			response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Hotel</h1>'),
		/A web page came in place of the file/
	],
	['a missing file', () => (_request, response) => response.writeHead(404).end(), /server refused the file/]
];
test('what is not the file is refused in words and leaves nothing behind', async ({ hub, page, models }) => {
	const row = models.row(cardName);
	for (const [what, answer, words] of refusals)
		await test.step(what, async () => {
			hub.answer = answer(hub);
			await row.getByRole('button', { name: /^Download/ }).click();
			await expect(row.getByRole('alert')).toContainText(words);
			expect(await left(page)).toEqual({ files: 0, pieces: 0 });
			await row.getByRole('button', { name: 'Cancel' }).click();
			await expect(row.getByRole('alert')).toBeHidden();
		});
});

test('damaged on this device, it is told and can be downloaded again', async ({ page, models, shell }) => {
	const row = models.row(cardName);
	await row.getByRole('button', { name: /^Download/ }).click();
	await expect(row).toContainText('On this device');
	await page.evaluate(async () => {
		const cache = await caches.open('lensmith-files-v1');
		const key = (await cache.keys()).find(({ url }) => url.startsWith('https://'));
		const bytes = new Uint8Array(await (await cache.match(key!))!.arrayBuffer());
		bytes[1_000_000]! ^= 1;
		await cache.put(key!, new Response(bytes));
	});
	await row.getByRole('button', { name: 'Use' }).click();
	await shell.expectSaid(/was damaged on this device\. Download it again/);
	await row.getByRole('button', { name: /^Download/ }).click();
	await expect(row).toContainText('On this device');
	await row.getByRole('button', { name: 'Use' }).click();
	await expect(row).toContainText('In use');
});

test('a full disk is told with the size that is needed, and nothing stays', async ({ page, models }) => {
	const row = models.row(cardName);
	const cdp = await page.context().newCDPSession(page);
	const { origin } = new URL(page.url());
	const { usage } = await cdp.send('Storage.getUsageAndQuota', { origin });
	await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + 2_000_000 });
	await row.getByRole('button', { name: /^Download/ }).click();
	await expect(row.getByRole('alert')).toContainText('6 MB are needed on this device. Nothing was kept');
	expect(await left(page)).toEqual({ files: 0, pieces: 0 });
	await expect(models.row('MobileNet')).toContainText('On this device');

	await cdp.send('Storage.overrideQuotaForOrigin', { origin });
	await row.getByRole('button', { name: 'Try again' }).click();
	await expect(row).toContainText('On this device');
});
