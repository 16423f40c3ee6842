import { expect, test } from '../fixtures/screens';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

test('diagnostics say what runs here and can be copied', async ({ page, serve }) => {
	const { url } = await serve();
	await page.goto(`${url}/about`);
	const text = page.getByRole('region', { name: 'Text of the diagnostics' });
	await expect(text).toContainText('Engine: ready; wasm');
	await expect(text).toContainText('File: Model 1883238/1883238 kept');
	await expect(text).toContainText(/ONNX Runtime Web \d+\.\d+\.\d+, build wasm/);
	await page.evaluate(() =>
		window.dispatchEvent(new ErrorEvent('error', { error: new Error('went wrong') }))
	);
	await page.getByRole('button', { name: 'Copy' }).click();
	await expect(page.getByText('Copied.')).toBeVisible();
	const copied = await page.evaluate(() => navigator.clipboard.readText());
	expect(copied).toContain('Model: mobilenet-v1-025 d850aa23');
	expect(copied).toContain('went wrong');
});

test('erase everything asks first, then takes back what was kept', async ({ page, serve, shell }) => {
	const { url } = await serve();
	await page.goto(`${url}/about`);
	await page.getByLabel('Look at most').fill('4');
	await shell.kept();
	await page.getByRole('button', { name: 'Erase everything' }).click();
	const question = page.getByRole('alertdialog');
	await question.getByRole('button', { name: 'Keep it' }).click();
	await expect(question).toBeHidden();
	await expect(page.getByLabel('Look at most')).toHaveValue('4');

	await page.getByRole('button', { name: 'Erase everything' }).click();
	await question.getByRole('button', { name: 'Erase everything' }).click();
	await expect(page.getByRole('heading', { name: 'Everything is erased' })).toBeVisible();
	const left = () =>
		page.evaluate(async () => ({
			caches: await caches.keys(),
			databases: await indexedDB.databases(),
			workers: (await navigator.serviceWorker.getRegistrations()).length
		}));
	expect(await left()).toEqual({ caches: [], databases: [], workers: 0 });
	// What comes back to a page makes the app look again for what is missing.
	await page.evaluate(() => {
		dispatchEvent(new Event('online'));
		document.dispatchEvent(new Event('visibilitychange'));
	});
	expect(await left()).toEqual({ caches: [], databases: [], workers: 0 });

	await page.getByRole('link', { name: 'Start again' }).click();
	await shell.expectAt('/');
	await page.goto(`${url}/about`);
	await expect(page.getByLabel('Look at most')).toHaveValue('15');
});

test('what was tested and whose work it stands on is said', async ({ page, serve }) => {
	const { url } = await serve();
	await page.goto(`${url}/about`);
	await expect(page.getByRole('row', { name: /Safari on iPhone.*unverified/ })).toBeVisible();
	await expect(page.getByRole('row', { name: /Chromium.*WebAssembly.*tested/ })).toBeVisible();
	await page.getByText('Weights', { exact: true }).click();
	await expect(page.getByText(/TensorFlow authors; trained on ImageNet/).first()).toBeVisible();
});
