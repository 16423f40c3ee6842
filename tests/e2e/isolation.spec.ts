import { expect, test } from '../fixtures/app';

test('a host with headers isolates the first visit', async ({ page, serve, shell }) => {
	const { url } = await serve();
	await page.goto(`${url}/`);
	expect(await shell.isolated()).toBe(true);
});

test('a host without headers: isolated from the second visit on, without a reload of its own', async ({
	page,
	serve,
	shell,
	look
}) => {
	const { url, close } = await serve({ headers: false });
	await page.goto(`${url}/`);
	await shell.mark();
	expect(await shell.isolated()).toBe(false);
	await look.readyOffline();
	expect(await shell.marked()).toBe(true);

	for (const path of ['/', '/shelf', '/no/such/place']) {
		await page.goto(url + path);
		expect(await shell.isolated(), path).toBe(true);
	}
	await close();
	await shell.forgetHttp();
	await page.goto(`${url}/`);
	await look.choosePhoto('static/samples/coffee.jpg');
	await look.expectCoffee();
});

test('a host without headers: the service worker gives pages and workers their policy', async ({
	page,
	serve,
	shell
}) => {
	const { url } = await serve({ headers: false });
	await page.goto(`${url}/`);
	await shell.kept();
	const answer = await page.goto(`${url}/shelf`);
	expect(answer?.fromServiceWorker()).toBe(true);
	expect(answer?.headers()['content-security-policy']).toContain("frame-ancestors 'none'");
	expect(answer?.headers()['permissions-policy']).toContain('camera=(self)');
});

test.describe('a page that never gets isolated', () => {
	test.use({ serviceWorkers: 'block' });

	test('runs with one thread, also where more were found faster before', async ({ page, serve, shell }) => {
		const { url } = await serve({ headers: false });
		await page.goto(`${url}/about`);
		const diagnostics = page.getByRole('region', { name: 'Text of the diagnostics' });
		await expect(diagnostics).toContainText('Engine: ready');
		await page.evaluate(
			() =>
				new Promise<void>((resolve) => {
					const opening = indexedDB.open('lensmith');
					opening.onsuccess = () => {
						const writing = opening.result.transaction('settings', 'readwrite');
						writing.objectStore('settings').put(4, 'threads');
						writing.oncomplete = () => {
							opening.result.close();
							resolve();
						};
					};
				})
		);
		await page.reload();
		await expect(diagnostics).toContainText('"threads":4');
		await expect(diagnostics).toContainText(/Engine: ready; wasm; .*; 1 thread\(s\)/);
		expect(await shell.isolated()).toBe(false);
	});
});
