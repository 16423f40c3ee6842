/** A project saved as a file and opened again on a device that has never seen it; photos for other programs. */
import type { BrowserContext, Download, Page } from '@playwright/test';
import { expect, test } from '../fixtures/screens';
import { LookPage } from '../pages/look';
import { photoFiles, TeachPage } from '../pages/teach';

/** A browser that shows no dialog to choose a place: files become downloads. */
async function downloading(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
}

/** Saves from the sheet that is open, and waits for the download. */
async function download(page: Page, title: string): Promise<Download> {
	const downloaded = page.waitForEvent('download');
	await page.getByRole('dialog', { name: title }).getByRole('button', { name: 'Save', exact: true }).click();
	return downloaded;
}

/** A project with two labels that was trained once, as a file. */
async function trainedFile(page: Page, teach: TeachPage, url: string): Promise<string> {
	await teach.open(url);
	await teach.start('Balcony');
	await teach.addLabels('Daisy', 'Stripes');
	await teach.bring('Daisy', 8);
	await teach.choose('Stripes', photoFiles(8, 'stripes', 0, 'stripes'));
	await expect(teach.said).toContainText('Added 8 photos to Stripes');
	await teach.step('Train');
	await teach.button('Train').click();
	await expect(page.getByText(/It learned 2 labels from 16 photos/)).toBeVisible();
	await teach.menu('Balcony', 'Save as a file');
	const file = await download(page, 'Save as a file');
	expect(file.suggestedFilename()).toBe('Balcony.lensmith.zip');
	return file.path();
}

const openFile = (page: Page, path: string) => page.getByLabel('A project file to open').setInputFiles(path);
const sheet = (page: Page) => page.getByRole('dialog', { name: 'Open a project' });

test.beforeEach(async ({ context }) => downloading(context));

test('a project goes to another device with its photos, labels, review and model', async ({
	page,
	teach,
	serve,
	browser
}) => {
	test.setTimeout(120_000);
	const { url } = await serve();
	const path = await trainedFile(page, teach, url);
	await expect(page.getByRole('dialog')).toContainText(/Handed “Balcony.lensmith.zip” with 16 photos/);
	await page.keyboard.press('Escape');
	await teach.step('Review');
	const judged = await page.getByRole('table').first().innerText();

	const context = await browser.newContext();
	// Nothing that was learned may be learned again.
	await context.addInitScript(() => {
		const put = IDBObjectStore.prototype.put;
		IDBObjectStore.prototype.put = function (...row) {
			if (this.name === 'models') Object.assign(window, { learned: row[0].id });
			return put.apply(this, row);
		};
	});
	const other = await context.newPage();
	const there = new TeachPage(other);
	await there.open(url);
	await openFile(other, path);
	await expect(sheet(other)).toContainText('“Balcony” is here: 2 labels, 16 photos.');
	await other.evaluate(() => Object.assign(window, { learned: null }));
	await there.button('Open it').click();
	await there.expectCount('Daisy', '8 photos');
	await there.expectCount('Stripes', '8 photos');
	await there.step('Review');
	await expect(other.getByRole('table').first()).toBeVisible();
	expect(await other.getByRole('table').first().innerText()).toBe(judged);
	await there.step('Train');
	await expect(other.getByText(/It learned 2 labels from 16 photos/)).toBeVisible();
	await expect(other.getByText(/Photos or labels changed since/)).toHaveCount(0);
	await there.step('Try');
	const [stripes] = photoFiles(1, 'new', 40, 'stripes');
	await other.getByLabel('Choose a photo', { exact: true }).setInputFiles(stripes!);
	await expect(new LookPage(other).answer.getByRole('listitem').first()).toContainText('Stripes');
	expect(await other.evaluate(() => (window as unknown as { learned: unknown }).learned)).toBeNull();
	await context.close();
});
