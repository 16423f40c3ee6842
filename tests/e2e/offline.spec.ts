import { readFileSync } from 'node:fs';
import { expect, test } from '../fixtures/app';

const coffee = 'static/samples/coffee.jpg';

test('after one visit the app opens without a server, at any deep link', async ({ page, serve, shell }) => {
	const server = await serve();
	await page.goto(`${server.url}/`);
	await shell.kept();
	await server.close();
	await shell.forgetHttp();

	await page.reload();
	await shell.expectAt('/');
	await shell.go('Models');
	await shell.expectAt('/shelf');
	await page.reload();
	await shell.expectAt('/shelf');
});

test('a deep link that was never opened opens without a server', async ({ page, serve, shell }) => {
	const server = await serve();
	await page.goto(`${server.url}/`);
	await shell.kept();
	await server.close();
	await shell.forgetHttp();

	await page.goto(`${server.url}/shelf?from=elsewhere`);
	await shell.expectAt('/shelf');
	await page.goto(`${server.url}/no/such/place`);
	await expect(shell.place('Look')).toBeVisible();
	for (const path of ['/about?v=1.5', '/no/such/place?from=mail.app']) {
		await page.goto(server.url + path);
		await expect(shell.place('Look'), path).toBeVisible();
	}
});

test('a chunk that the first visit did not need is there before any reload', async ({
	page,
	serve,
	shell
}) => {
	const server = await serve();
	await page.goto(`${server.url}/`);
	await shell.kept();
	await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
	await server.close();
	await shell.forgetHttp();
	await shell.go('Models');
	await shell.expectAt('/shelf');
});

test('without a server, after a reload of a deep link, a photo is still classified', async ({
	page,
	serve,
	shell,
	look
}) => {
	const server = await serve();
	await page.goto(`${server.url}/shelf`);
	await look.readyOffline();
	await server.close();
	await shell.forgetHttp();

	await page.reload();
	await shell.expectAt('/shelf');
	await shell.go('Look');
	await look.choosePhoto(coffee);
	await look.expectCoffee();
});

test('without a server a sample of the app is still there to try', async ({ page, serve, shell, look }) => {
	const server = await serve();
	await page.goto(`${server.url}/`);
	await look.readyOffline();
	await server.close();
	await shell.forgetHttp();

	await page.reload();
	await page.getByRole('button', { name: 'A white mug on a wooden table' }).click();
	await look.expectCoffee();
});

test('a photo shared from another app is looked at, once, without a server too', async ({
	page,
	serve,
	shell,
	look
}) => {
	const server = await serve();
	await page.goto(`${server.url}/`);
	await look.readyOffline();
	await server.close();
	await shell.forgetHttp();

	const bytes = [...readFileSync(coffee)];
	const landed = await page.evaluate(async (data) => {
		const form = new FormData();
		form.append('picture', new File([new Uint8Array(data)], 'käffchen.jpg', { type: 'image/jpeg' }));
		return (await fetch('./share', { method: 'POST', body: form })).url;
	}, bytes);
	expect(landed).toBe(`${server.url}/?shared`);

	await page.goto(landed);
	await look.expectCoffee();
	expect(await page.evaluate(async () => (await (await caches.open('lensmith-shared')).keys()).length)).toBe(
		0
	);
	await page.reload();
	await expect(look.page.getByRole('heading', { level: 1 })).toBeVisible();
	await expect(page.getByText(/did not arrive/i)).toHaveCount(0);
});

test('something shared that is no photo is said to have been lost', async ({ page, serve, shell }) => {
	const { url } = await serve();
	await page.goto(`${url}/`);
	await shell.kept();
	await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
	const landed = await page.evaluate(async () => {
		const form = new FormData();
		form.append('title', 'only words');
		return (await fetch('./share', { method: 'POST', body: form })).url;
	});
	await page.goto(landed);
	await expect(page.getByText(/did not arrive/i).first()).toBeVisible();
});
