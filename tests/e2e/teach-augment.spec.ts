/** Views: shown on a photo of one's own before they are switched on, and learned from once they are. */
import type { Page } from '@playwright/test';
import { soundInEveryLook } from '../fixtures/axe';
import { cameraFlags } from '../fixtures/flags';
import { browserWith, expect, test as base } from '../fixtures/screens';
import { TeachPage } from '../pages/teach';

const VIEWS = 7;

const test = base.extend({
	/** At the Train tab of a project of twelve photos, the views unfolded. */
	teach: async ({ page, serve }, use) => {
		const teach = new TeachPage(page);
		const { url } = await serve();
		await teach.open(url);
		await teach.start('Plants');
		await teach.addLabels('Daisy', 'Camomile');
		await teach.bring('Daisy', 6);
		await teach.bring('Camomile', 6, 20);
		await teach.step('Train');
		await page.getByText('Show each photo more than once').click();
		await expect(drawn(page)).toHaveCount(2 * VIEWS);
		await use(teach);
	}
});

test.use({ ...browserWith(...cameraFlags()), keepsApp: false });

const drawn = (page: Page) => page.locator('details canvas[data-drawn]');
const view = (page: Page, name: string) => page.getByRole('switch', { name: new RegExp(`^${name}`) });

/** What stands in each canvas, as one string each: before, after, before, … */
function pictures(page: Page): Promise<string[]> {
	return drawn(page).evaluateAll((all) =>
		all.map((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : ''))
	);
}

/** Photos whose features of this view are kept. */
function kept(page: Page, view: string): Promise<number> {
	return page.evaluate(async (view) => {
		const [database] = await indexedDB.databases();
		const opened = indexedDB.open(database?.name ?? '');
		await new Promise((resolve) => (opened.onsuccess = resolve));
		const all = opened.result.transaction('features').objectStore('features').getAllKeys();
		await new Promise((resolve) => (all.onsuccess = resolve));
		opened.result.close();
		return all.result.filter((key) => Array.isArray(key) && key[2] === view).length;
	}, view);
}

test('each view is shown on a photo of one’s own, before and after, and on another one', async ({
	page,
	teach
}) => {
	const first = await pictures(page);
	const [before] = first;
	expect(first.filter((_, i) => i % 2 === 0).every((picture) => picture === before)).toBe(true);
	// The photo itself, and seven others.
	expect(new Set(first).size).toBe(VIEWS + 1);
	await teach.button('Another photo').click();
	await expect.poll(async () => new Set([...first, ...(await pictures(page))]).size).toBe(2 * (VIEWS + 1));
});

test('a view that is switched on is looked at once for each photo, learned from, and undone by its name', async ({
	page,
	teach
}) => {
	await expect.poll(() => kept(page, 'centre mirrored')).toBe(12);
	expect(await kept(page, 'centre rotated')).toBe(0);
	await view(page, 'Tilted').check();
	await expect(page.getByText('Every photo is looked at 3 times')).toBeVisible();
	await expect.poll(() => kept(page, 'centre rotated')).toBe(12);
	await teach.button(/^(Train|Learn)/).click();
	await expect(page.getByText('In use', { exact: true }).first()).toBeVisible({ timeout: 30_000 });

	await page.reload();
	await page.getByText('Show each photo more than once').click();
	await expect(view(page, 'Tilted')).toBeChecked();
	await view(page, 'Mirrored').uncheck();
	await expect(page.getByText('Each photo is shown as it is, and tilted.')).toBeVisible();
	await page.keyboard.press('Control+z');
	await expect(view(page, 'Mirrored')).toBeChecked();
});

test('the views have no fault that axe finds, and nothing runs over the edge', async ({ page, teach }) => {
	test.setTimeout(120_000);
	await expect(teach.button('Another photo')).toBeVisible();
	await soundInEveryLook(page);
});
