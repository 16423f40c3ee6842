import type { Page } from '@playwright/test';
import { covered, inEverySize, soundInBothThemes, soundInEveryLook } from '../fixtures/axe';
import { expect, test } from '../fixtures/screens';

/** Buttons and the like that a finger would miss: under 44 pixels one way. */
function small(page: Page): Promise<string[]> {
	return page.evaluate(() =>
		[...document.querySelectorAll('button, a.button, nav a, select, summary, input[role=switch]')]
			.filter((one) => one.checkVisibility())
			.map((one) => ({
				name: one.textContent?.trim() || one.getAttribute('aria-label'),
				box: (one.closest('label') ?? one).getBoundingClientRect()
			}))
			.filter(({ box }) => box.width < 44 || box.height < 43.5)
			.map(({ name, box }) => `${name}: ${box.width} × ${box.height}`)
	);
}

test.describe('in both themes and every size, no fault that axe finds', () => {
	test.beforeEach(() => test.setTimeout(120_000));

	test('on any place of the app; nothing runs over the edge, and fingers find every button', async ({
		page,
		look,
		serve
	}) => {
		const { url } = await serve();
		for (const path of ['/', '/shelf', '/about', '/teach', '/many'])
			await test.step(path, async () => {
				await page.goto(url + path);
				await look.ready();
				await inEverySize(page, async (size) => {
					await soundInBothThemes(page);
					if (size === 'phone') expect(await small(page)).toEqual([]);
				});
			});
	});

	test('in what went wrong, in a question and in a model’s card', async ({ page, look, models, serve }) => {
		const { url } = await serve();
		await page.addInitScript(() => {
			navigator.mediaDevices.getUserMedia = () =>
				Promise.reject(new DOMException('refused', 'NotAllowedError'));
		});
		await look.open(url);
		await page.getByRole('button', { name: 'Start the camera' }).first().click();
		await expect(page.getByRole('alert')).toBeVisible();
		await soundInEveryLook(page);

		await models.open(url);
		await inEverySize(page, async () => {
			const card = await models.details('MobileNetV2');
			await expect(card).toBeVisible();
			await soundInBothThemes(page);
			await page.keyboard.press('Escape');
			await expect(card).toBeHidden();
		});

		await page.goto(`${url}/about`);
		await inEverySize(page, async () => {
			await look.button('Erase everything').click();
			await expect(page.getByRole('alertdialog')).toBeVisible();
			await soundInBothThemes(page);
			await look.button('Keep it').click();
			await expect(page.getByRole('alertdialog')).toBeHidden();
		});
	});

	test('where an engine cannot be fetched', async ({ context, page, look, serve }) => {
		const { url } = await serve();
		await context.route('**/model.onnx*', (route) => route.fulfill({ status: 503, body: '' }));
		await page.goto(`${url}/`);
		await look.choosePhoto('static/samples/coffee.jpg');
		await expect(look.answer.getByRole('button', { name: 'Try again' })).toBeVisible();
		await inEverySize(page, async () => {
			expect(await covered(page)).toEqual([]);
			await soundInBothThemes(page);
		});
	});

	test('in answers, doubt, heat and sheets', async ({ page, look, serve }) => {
		const { url } = await serve();
		await look.open(url);
		await inEverySize(page, async () => {
			await look.choosePhoto('static/samples/motorcycles.jpg');
			// What is read out may still speak of the picture before.
			await expect(look.answer).toContainText(/like crash helmet \(/);
			await soundInBothThemes(page);
			await look.choosePhoto('static/samples/coffee.jpg');
			await look.expectCoffee();
			await expect(look.answer).toContainText('Not sure');
			await look.picture.click();
			await expect(look.heat).toBeVisible();
			await soundInBothThemes(page);
			expect(await covered(page)).toEqual([]);
			for (const name of ['Camera options', /^What is going on/, /^Status/]) {
				await look.button(name).click();
				await expect(page.getByRole('dialog')).toBeVisible();
				await soundInBothThemes(page);
				await page.keyboard.press('Escape');
				await expect(page.getByRole('dialog')).toBeHidden();
			}
		});
	});
});

test('the keyboard alone reaches everything: skip link, places, status, a sample, where it looked', async ({
	page,
	look,
	serve
}) => {
	const { url } = await serve();
	await look.open(url);
	await page.keyboard.press('Tab');
	await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
	for (const name of ['Look', 'Teach', 'Models']) {
		await page.keyboard.press('Tab');
		await expect(page.getByRole('link', { name, exact: true })).toBeFocused();
	}
	await page.keyboard.press('Tab');
	await expect(look.button(/^Status/)).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('dialog', { name: 'Status' })).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(look.button(/^Status/)).toBeFocused();

	await look.button(/helmets beside/).focus();
	await page.keyboard.press('Enter');
	await expect(look.answer).toContainText('crash helmet');
	await look.picture.focus();
	await page.keyboard.press('Space');
	await expect(look.heat).toBeVisible();
	const second = look.answer.getByRole('listitem').nth(1).getByRole('button');
	await second.focus();
	await page.keyboard.press('Enter');
	await expect(second).toHaveAttribute('aria-pressed', 'true');
});

test('the viewfinder and what opens over it are dark in the light theme too', async ({
	page,
	look,
	serve
}) => {
	await page.emulateMedia({ colorScheme: 'light' });
	const { url } = await serve();
	await look.open(url);
	await look.choosePhoto('static/samples/coffee.jpg');
	await expect(look.answer).toContainText('Not sure');
	await look.button('Camera options').click();
	const lightness = (color: string) => Number(/oklch\(([\d.]+)/.exec(color)?.[1]);
	for (const part of [look.answer, page.getByRole('dialog')])
		expect(lightness(await part.evaluate((one) => getComputedStyle(one).color))).toBeGreaterThan(0.9);
	expect(
		lightness(await page.getByRole('dialog').evaluate((one) => getComputedStyle(one).backgroundColor))
	).toBeLessThan(0.3);
});
