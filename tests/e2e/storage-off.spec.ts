import { expect, test } from '../fixtures/app';

test('where the browser keeps nothing the page says so, and works for the session', async ({
	page,
	serve,
	shell,
	look
}) => {
	await page.addInitScript(() => {
		for (const name of ['indexedDB', 'caches'])
			Object.defineProperty(window, name, { value: undefined, configurable: true, writable: true });
		// As Firefox does where a person blocks a site's data.
		const refused = () => new DOMException('The operation is insecure.', 'SecurityError');
		window.BroadcastChannel = function () {
			throw refused();
		} as unknown as typeof BroadcastChannel;
		LockManager.prototype.request = () => Promise.reject(refused());
	});
	const { url } = await serve();
	await page.goto(`${url}/about`);
	await expect(page.getByText(/does not keep data for this page \(a private window/).first()).toBeVisible();
	await expect(look.button('Status: Not kept offline')).toBeVisible();

	await page.getByLabel('Look at most').fill('4');
	await shell.go('Look');
	await look.choosePhoto('static/samples/coffee.jpg');
	await look.expectCoffee();
	await look.button(/^What is going on/).click();
	await expect(page.getByLabel('Look at most')).toHaveValue('4');
	await page.keyboard.press('Escape');
	await shell.expectSaid(/Everything works until the page is closed, then it is gone/);
});
