import type { BrowserContext, Page } from '@playwright/test';
import { expect, test } from '../fixtures/screens';
import { LookPage } from '../pages/look';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

/** What the browser keeps of the app. */
const leftIn = (page: Page) =>
	page.evaluate(async () => ({
		caches: await caches.keys(),
		databases: (await indexedDB.databases()).map(({ name }) => name),
		workers: (await navigator.serviceWorker.getRegistrations()).length
	}));

const nothing = { caches: [], databases: [], workers: 0 };

async function erase(page: Page): Promise<void> {
	await page.getByRole('button', { name: 'Erase everything' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Erase everything' }).click();
}

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
	// Before the page has started nobody hears what is typed.
	await shell.kept();
	await page.getByLabel('Look at most').fill('4');
	await page.getByRole('button', { name: 'Erase everything' }).click();
	const question = page.getByRole('alertdialog');
	const photos = /your projects, your photos and what was learned/i;
	await expect(question).toContainText(photos);
	await expect(page.getByText(photos)).toHaveCount(2);
	await question.getByRole('button', { name: 'Keep it' }).click();
	await expect(question).toBeHidden();
	await expect(page.getByLabel('Look at most')).toHaveValue('4');

	await erase(page);
	await expect(page.getByRole('heading', { name: 'Everything is erased', exact: true })).toBeVisible();
	expect(await leftIn(page)).toEqual(nothing);

	await page.getByRole('link', { name: 'Start again' }).click();
	await shell.expectAt('/');
	await page.goto(`${url}/about`);
	await expect(page.getByLabel('Look at most')).toHaveValue('15');
});

test('erasing in one tab ends the work of the others, which keep nothing again', async ({
	page,
	context,
	serve,
	look
}) => {
	const { url } = await serve();
	await page.goto(`${url}/about`);
	await look.readyOffline();
	const other = await context.newPage();
	await other.goto(`${url}/about`);
	await new LookPage(other).readyOffline();
	await erase(page);
	for (const tab of [page, other])
		await expect(tab.getByRole('heading', { name: 'Everything is erased', exact: true })).toBeVisible();
	await other.evaluate(() => {
		dispatchEvent(new Event('online'));
		document.dispatchEvent(new Event('visibilitychange'));
	});
	expect(await leftIn(other)).toEqual(nothing);
});

/** A tab that neither hears of the erasing nor ends its work. */
async function busyTab(context: BrowserContext, url: string): Promise<Page> {
	const busy = await context.newPage();
	await busy.goto(`${url}/favicon.svg`);
	await busy.evaluate(
		() =>
			new Promise((held) => {
				void navigator.locks.request('lensmith-tab', { mode: 'shared' }, () => {
					held(true);
					return new Promise(() => {});
				});
			})
	);
	return busy;
}

test('when the tab that erases is closed midway, the others say so and can go on', async ({
	page,
	context,
	serve,
	shell
}) => {
	const { url } = await serve();
	await page.goto(`${url}/about`);
	await shell.kept();
	const eraser = await context.newPage();
	await eraser.goto(`${url}/about`);
	const busy = await busyTab(context, url);
	await erase(eraser);
	await expect(page.getByRole('heading', { name: 'Erasing everything' })).toBeVisible();
	await eraser.close();
	await busy.close();
	await expect(page.getByRole('heading', { name: 'Not everything is erased' })).toBeVisible();
	await expect(page.getByText(/was closed before it had told how it ended/)).toBeVisible();
	await page.getByRole('button', { name: 'Try again' }).click();
	await expect(page.getByRole('heading', { name: 'Everything is erased', exact: true })).toBeVisible();
	expect(await leftIn(page)).toEqual(nothing);
});

test('a tab that goes on with its work is told of', async ({ page, context, serve, shell }) => {
	const { url } = await serve();
	await page.goto(`${url}/about`);
	await shell.kept();
	const busy = await busyTab(context, url);
	await erase(page);
	await expect(page.getByRole('heading', { name: 'Not everything is erased' })).toBeVisible();
	await expect(page.getByText(/other tabs of Lensmith are still open/)).toBeVisible();
	await busy.close();
	await page.getByRole('button', { name: 'Try again' }).click();
	await expect(page.getByRole('heading', { name: 'Everything is erased', exact: true })).toBeVisible();
	expect(await leftIn(page)).toEqual(nothing);
});

test('erased while parts of it were missing, the app does not begin to fetch or keep them again', async ({
	page,
	serve,
	look
}) => {
	let broken = true;
	const { url } = await serve({
		intercept: ({ url: path = '' }, response) => {
			if (!broken || !/model\.onnx|shelf\.html/.test(path)) return false;
			response.destroy();
			return true;
		}
	});
	// What fetches or keeps begins with one of these two.
	await page.addInitScript(() => {
		const begun: string[] = [];
		Object.assign(window, { begun });
		window.Worker = class extends Worker {
			constructor(address: string | URL, options?: WorkerOptions) {
				super(address, options);
				begun.push('engine');
			}
		};
		const { register } = ServiceWorkerContainer.prototype;
		ServiceWorkerContainer.prototype.register = function (address, options) {
			begun.push('shell');
			return register.call(this, address, options);
		};
	});
	const begunAgain = () =>
		page.evaluate(async () => {
			const { begun } = window as unknown as { begun: string[] };
			begun.length = 0;
			dispatchEvent(new Event('online'));
			document.dispatchEvent(new Event('visibilitychange'));
			// What was chosen is looked up first, without leaving the page's own turn.
			await new Promise((turn) => setTimeout(turn));
			return [...new Set(begun)].sort();
		});
	await page.goto(`${url}/about`);
	await expect(look.button('Status: Something is missing')).toBeVisible();
	await expect.poll(begunAgain).toEqual(['engine', 'shell']);
	await expect(look.button('Status: Something is missing')).toBeVisible();

	await erase(page);
	await expect(page.getByRole('heading', { name: 'Everything is erased', exact: true })).toBeVisible();
	broken = false;
	expect(await begunAgain()).toEqual([]);
	expect(await leftIn(page)).toEqual(nothing);
});

test('what was tested and whose work it stands on is said', async ({ page, serve }) => {
	const { url } = await serve();
	await page.goto(`${url}/about`);
	await expect(page.getByRole('row', { name: /Safari on iPhone.*unverified/ })).toBeVisible();
	await expect(page.getByRole('row', { name: /Chromium.*WebAssembly.*tested/ })).toBeVisible();
	await page.getByText('Weights', { exact: true }).click();
	await expect(page.getByText(/TensorFlow authors; trained on ImageNet/).first()).toBeVisible();
});
