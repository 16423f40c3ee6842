import { expect, test } from '../fixtures/app';

test('below a base path the app opens, is kept, and opens without a server', async ({
	page,
	serve,
	shell,
	buildBelowApp,
	look
}) => {
	const server = await serve({ root: buildBelowApp, base: '/app' });
	await page.goto(`${server.url}/`);
	await look.readyOffline();
	expect(await shell.isolated()).toBe(true);
	expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.scope)).toBe(
		`${server.url}/`
	);
	await server.close();
	await shell.forgetHttp();

	await page.reload();
	await shell.expectAt('/app/');
	await shell.go('Models');
	await shell.expectAt('/app/shelf');
	await page.reload();
	await shell.expectAt('/app/shelf');
	await shell.go('Look');
	await look.choosePhoto('static/samples/coffee.jpg');
	await look.expectCoffee();
	await page.goto(`${server.url}/no/such/place`);
	await expect(shell.place('Look')).toBeVisible();
});

test('below a base path the manifest’s addresses exist', async ({ page, serve, buildBelowApp }) => {
	const { url } = await serve({ root: buildBelowApp, base: '/app' });
	await page.goto(`${url}/`);
	const href = await page.locator('link[rel=manifest]').getAttribute('href');
	const address = new URL(href ?? '', page.url());
	const manifest = await (await page.request.get(address.href)).json();
	expect(manifest.screenshots.map((one: { form_factor: string }) => one.form_factor)).toEqual([
		'narrow',
		'wide'
	]);
	const parts = [...manifest.icons, ...manifest.screenshots].map(({ src }: { src: string }) => src);
	const places = [
		manifest.start_url,
		manifest.scope,
		...manifest.shortcuts.map((one: { url: string }) => one.url)
	];
	for (const part of [...parts, ...places]) {
		const { href, pathname } = new URL(part, address);
		expect(pathname).toMatch(/^\/app\//);
		expect((await page.request.get(href)).status(), href).toBe(200);
	}
});

test('below a base path everything is kept and erased under names of its own', async ({
	page,
	serve,
	look,
	buildBelowApp
}) => {
	const { url } = await serve({ root: buildBelowApp, base: '/app' });
	await page.goto(`${url}/about`);
	await look.readyOffline();
	const kept = async () => {
		const names = await page.evaluate(async () => [
			...(await indexedDB.databases()).map(({ name }) => `database ${name}`),
			...(await caches.keys())
		]);
		return names.sort();
	};
	const own = ['database lensmith/app', 'lensmith-files-v1/app', `lensmith-precache-v2-${url}/`];
	expect(await kept()).toEqual(own);

	// Another copy of the app, at the root of the host.
	await page.evaluate(async () => {
		await Promise.all(
			['lensmith-files-v1', `lensmith-precache-v2-${location.origin}/`].map((name) => caches.open(name))
		);
		await new Promise((resolve) => (indexedDB.open('lensmith').onsuccess = resolve));
	});
	await page.getByRole('button', { name: 'Erase everything' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Erase everything' }).click();
	await expect(page.getByRole('heading', { name: 'Everything is erased', exact: true })).toBeVisible();
	const { origin } = new URL(url);
	expect(await kept()).toEqual(['database lensmith', 'lensmith-files-v1', `lensmith-precache-v2-${origin}/`]);
});
