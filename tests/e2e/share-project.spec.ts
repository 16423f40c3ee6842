/** A project saved as a file and opened again on a device that has never seen it; photos for other programs. */
import { readFileSync } from 'node:fs';
import type { BrowserContext, Download, Page } from '@playwright/test';
import { BlobReader, BlobWriter, TextReader, TextWriter, ZipReader, ZipWriter } from '@zip.js/zip.js';
import { inEverySize, sizes, soundInBothThemes, soundInEveryLook } from '../fixtures/axe';
import { withoutKeeping } from '../fixtures/app';
import { expect, test } from '../fixtures/screens';
import { LookPage } from '../pages/look';
import { photoFiles, TeachPage } from '../pages/teach';

test.use({ keepsApp: false });

/** A browser that shows no dialog to choose a place: files become downloads. */
async function downloading(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
}

/** A browser whose dialog chooses a file at once, and which writes nothing while `held`. */
async function choosing(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => {
		const names = async () => Array.fromAsync((await navigator.storage.getDirectory()).keys());
		let letGo: () => void;
		const held = new Promise<void>((resolve) => (letGo = resolve));
		const state = { held: null as Promise<void> | null };
		Object.assign(window, {
			names,
			hold: () => void (state.held = held),
			letGo: () => letGo(),
			async showSaveFilePicker({ suggestedName }: { suggestedName: string }) {
				const folder = await navigator.storage.getDirectory();
				const handle = await folder.getFileHandle(suggestedName, { create: true });
				const create = handle.createWritable.bind(handle);
				handle.createWritable = async () => {
					await state.held;
					return create();
				};
				return handle;
			}
		});
	});
}

/** Saves from the sheet that is open, and waits for the download. */
async function download(page: Page, title: string): Promise<Download> {
	const downloaded = page.waitForEvent('download');
	await page.getByRole('dialog', { name: title }).getByRole('button', { name: 'Save', exact: true }).click();
	return downloaded;
}

const zipFile = (path: string, name = 'Balcony.lensmith.zip') => ({
	name,
	mimeType: 'application/zip',
	buffer: readFileSync(path)
});

/** A project with two labels and a few photos, as a file. */
async function smallFile(page: Page, teach: TeachPage, url: string): Promise<string> {
	await teach.open(url);
	await teach.start('Balcony');
	await teach.addLabels('Daisy', 'Camomile');
	await teach.bring('Daisy', 3);
	await teach.bring('Camomile', 2, 50);
	await teach.menu('Balcony', 'Save as a file');
	const path = await (await download(page, 'Save as a file')).path();
	await teach.button('Done').click();
	return path;
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

test('a project goes to another device with its photos, labels, review and model', async ({
	page,
	teach,
	serve,
	browser
}) => {
	test.setTimeout(120_000);
	await downloading(page.context());
	const { url } = await serve();
	const path = await trainedFile(page, teach, url);
	await expect(page.getByRole('dialog')).toContainText(/Handed “Balcony.lensmith.zip” with 16 photos/);
	await page.keyboard.press('Escape');
	await teach.step('Review');
	const judged = await page.getByRole('table').first().innerText();

	const context = await browser.newContext();
	await withoutKeeping(context);
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

test('one that is here already is recognised, and comes in as a copy where that is wanted', async ({
	page,
	teach,
	serve
}) => {
	await downloading(page.context());
	const { url } = await serve();
	const path = await smallFile(page, teach, url);
	// Dropped on the list, dropped in a project: either way it is no photo.
	await teach.open(url);
	await teach.dropOnPage([zipFile(path)]);
	await expect(sheet(page)).toContainText('You have “Balcony” already, just as it is in the file.');
	await teach.button('Open mine').click();
	await expect(page.getByRole('heading', { level: 1, name: 'Balcony' })).toBeVisible();
	await expect(sheet(page)).toBeHidden();
	await teach.bring('Daisy', 1, 90);
	await teach.dropOnPage([zipFile(path)]);
	await expect(sheet(page)).toContainText(/differs from the file: 6 photos here, 5 in the file.*saved today/);
	await teach.button('Add the file as a copy').click();
	await expect(sheet(page)).toContainText('“Balcony (2)” is here: 2 labels, 5 photos.');
	await teach.button('Open it').click();
	await teach.expectCount('Daisy', '3 photos');
	await teach.open(url);
	await expect(page.getByRole('article')).toHaveCount(2);

	// In the trash it is recognised as well.
	await teach.menu('Balcony', 'Throw away');
	await expect(page.getByRole('article')).toHaveCount(1);
	await openFile(page, path);
	await expect(sheet(page)).toContainText(/“Balcony” is in your trash, and it differs/);
	await teach.button('Take it back').click();
	await teach.expectCount('Daisy', '4 photos');
});

test('what is no project file, or damaged, is told, and nothing is added', async ({ page, teach, serve }) => {
	await downloading(page.context());
	const { url } = await serve();
	const path = await smallFile(page, teach, url);
	await teach.open(url);
	const whole = zipFile(path);
	const cut = { ...whole, buffer: whole.buffer.subarray(0, whole.buffer.length - 5000) };
	for (const [file, words] of [
		[cut, /could not be opened/],
		[{ ...whole, buffer: Buffer.from('no zip at all') }, /could not be opened/]
	] as const) {
		await page.getByLabel('A project file to open').setInputFiles(file);
		await expect(sheet(page)).toContainText(words);
		await teach.button('Got it').click();
	}
	await expect(page.getByRole('article')).toHaveCount(1);
});

test('a project whose network is not here comes in all the same, and says which it is', async ({
	page,
	teach,
	serve,
	browser
}) => {
	await downloading(page.context());
	const { url } = await serve();
	const path = await smallFile(page, teach, url);
	const context = await browser.newContext();
	await withoutKeeping(context);
	const there = new TeachPage(await context.newPage());
	await there.open(url);
	for (const [network, words] of [
		['mobilenetv2-12', /taught with MobileNetV2, which is not on this device/],
		['of-the-future', /a network that this version does not know/]
	] as const) {
		const reader = new ZipReader(new BlobReader(new Blob([readFileSync(path)])));
		const writer = new ZipWriter(new BlobWriter());
		for (const entry of await reader.getEntries()) {
			if (entry.directory) continue;
			const manifest =
				entry.filename === 'lensmith.json' && JSON.parse(await entry.getData(new TextWriter()));
			const project = {
				...manifest.project,
				backboneId: network,
				id: manifest.project?.id.replace(/^.{8}/, network.length.toString(16).padStart(8, '0'))
			};
			await writer.add(
				entry.filename,
				manifest
					? new TextReader(JSON.stringify({ ...manifest, project }))
					: new BlobReader(await entry.getData(new BlobWriter()))
			);
		}
		const buffer = Buffer.from(await (await writer.close()).arrayBuffer());
		await there.page.getByLabel('A project file to open').setInputFiles({ ...zipFile(path), buffer });
		await expect(sheet(there.page)).toContainText('is here: 2 labels, 5 photos');
		await expect(sheet(there.page)).toContainText(words);
		await there.page.keyboard.press('Escape');
	}
	await expect(there.page.getByRole('article')).toHaveCount(2);
	await context.close();
});

test('it counts as saved once the file is whole, and not when it was given up', async ({
	page,
	teach,
	serve
}) => {
	await choosing(page.context());
	const { url } = await serve();
	await teach.open(url);
	await teach.start('Balcony');
	await teach.addLabels('Daisy', 'Camomile');
	await teach.bring('Daisy', 2);
	const dialog = page.getByRole('dialog', { name: 'Save as a file' });
	const save = dialog.getByRole('button', { name: 'Save', exact: true });
	await page.evaluate('hold()');
	await teach.menu('Balcony', 'Save as a file');
	await save.click();
	await dialog.getByRole('button', { name: 'Cancel' }).click();
	await page.evaluate('letGo()');
	await expect(save).toBeVisible();
	await expect(dialog).not.toContainText(/Saved|newer/);
	expect(await page.evaluate('names()')).toEqual([]);

	await save.click();
	await expect(dialog).toContainText('Saved “Balcony.lensmith.zip” with 2 photos.');
	expect(await page.evaluate('names()')).toEqual(['Balcony.lensmith.zip']);
	await teach.button('Done').click();
	await teach.open(url);
	await expect(page.getByRole('article')).toContainText('Saved as a file today');
	await page.getByRole('link', { name: 'Balcony' }).click();
	await teach.bring('Camomile', 1, 50);
	await teach.menu('Balcony', 'Save as a file');
	await expect(dialog).toContainText('1 photo is newer than the file saved today.');
	await page.keyboard.press('Escape');
	await teach.undo();
	await teach.expectCount('Camomile', '0 photos');
	await teach.menu('Balcony', 'Save as a file');
	await expect(dialog).toContainText('Changed since it was saved as a file today.');
});

test('the photos alone go into folders that the app reads again, with their labels', async ({
	page,
	teach,
	serve
}) => {
	await downloading(page.context());
	const { url } = await serve();
	await teach.open(url);
	await teach.start('Balcony');
	await teach.addLabels('Daisy / white', 'daisy: White');
	await teach.bring('Daisy / white', 3);
	await teach.bring('daisy: White', 2, 50);
	await teach.menu('Balcony', 'Save the photos');
	const file = await download(page, 'Save the photos');
	expect(file.suggestedFilename()).toBe('Balcony photos.zip');
	const path = await file.path();
	await expect(page.getByRole('dialog')).toContainText('Handed “Balcony photos.zip” with 5 photos');
	await teach.button('Done').click();
	await page.getByRole('link', { name: 'All projects' }).click();
	await teach.start('Once more');
	await teach.dropOnPage([zipFile(path, 'photos.zip')]);
	await teach.expectCount('Daisy / white', '3 photos');
	await teach.expectCount('daisy: White', '2 photos');
});

test.describe('kept for later', () => {
	test.use({ keepsApp: true });

	test('the sheets have no fault that axe finds, and the keyboard leads through them', async ({
		page,
		teach,
		serve
	}) => {
		test.setTimeout(120_000);
		await downloading(page.context());
		const { url } = await serve();
		await teach.open(url);
		await expect(teach.button('Open a project file')).toBeVisible();
		await soundInEveryLook(page);
		await page.setViewportSize(sizes.phone);
		await teach.start('Balcony');
		await teach.addLabels('Daisy');
		await teach.bring('Daisy', 2);
		await inEverySize(page, async () => {
			await teach.menu('Balcony', 'Save the photos');
			await soundInBothThemes(page);
			await page.keyboard.press('Escape');
			await teach.menu('Balcony', 'Save as a file');
			await expect(teach.button('Save')).toBeFocused();
			await soundInBothThemes(page);
			const downloaded = page.waitForEvent('download');
			await page.keyboard.press('Enter');
			const path = await (await downloaded).path();
			await expect(teach.button('Done')).toBeFocused();
			await soundInBothThemes(page);
			await page.keyboard.press('Enter');
			await page.getByRole('link', { name: 'All projects' }).click();
			await openFile(page, path);
			await expect(teach.button('Open mine')).toBeFocused();
			await soundInBothThemes(page);
			await teach.button('Add the file as a copy').click();
			await expect(teach.button('Open it')).toBeFocused();
			await soundInBothThemes(page);
			// The project that was here, under its own name, again.
			await page.keyboard.press('Escape');
			await page.getByRole('link', { name: 'Balcony', exact: true }).click();
		});
	});
});
