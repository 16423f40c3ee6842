/** A fine-tuned model goes wherever a model goes: one is made, and taken to each place in turn. */
import { readFileSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';
import type { Browser, Page } from '@playwright/test';
import { readModel } from '../../src/lib/onnx/model';
import { withoutKeeping } from '../fixtures/app';
import { expect, test } from '../fixtures/screens';
import { LookPage } from '../pages/look';
import type { ModelsPage } from '../pages/models';
import type { ShareSheet } from '../pages/share';
import { TeachPage } from '../pages/teach';

test.use({ keepsApp: false });

/** As Try and Look have it where they are not sure. */
const ANSWER = /(Daisy|Stripes)[\s,(]*(\d+)\s*%/;

interface Top {
	label: string;
	/** Whole hundredths. */
	percent: number;
}

/** The best answer to a photo of neither label, which leaves some doubt. */
async function top(look: LookPage): Promise<Top> {
	await look.choosePhoto('static/samples/motorcycles.jpg');
	await expect(look.answer).toContainText(/Not sure.*%/s, { timeout: 30_000 });
	const [, label = '', percent] = ANSWER.exec(await look.answer.innerText()) ?? [];
	return { label, percent: Number(percent) };
}

/** A point more or less is rounding. */
function expectAlike(answer: Top, tried: Top): void {
	expect(answer.label).toBe(tried.label);
	expect(Math.abs(answer.percent - tried.percent)).toBeLessThanOrEqual(1);
}

/** The project's model answers on the Look screen, and shows where it looked. */
async function looked(page: Page, look: LookPage) {
	await page.getByRole('link', { name: 'Models', exact: true }).click();
	await page.getByRole('button', { name: 'Use Balcony' }).click();
	await page.getByRole('link', { name: 'Look', exact: true }).click();
	await look.ready();
	const answer = await top(look);
	await look.picture.click();
	await expect(look.heat).toContainText(`“${answer.label}”`);
	const { clearest, darkest } = await look.heatRange();
	expect(darkest - clearest).toBeGreaterThan(40);
	return answer;
}

/** All that can be made of it. @returns the ONNX file with the weights as they are */
async function shared(share: ShareSheet): Promise<Buffer> {
	const sizes: number[] = [];
	let whole: Buffer = Buffer.alloc(0);
	for (const [name, precision] of [
		['Runs anywhere', 'fp32'],
		['16 bits', 'fp16'],
		['8 bits', 'int8']
	] as const) {
		const { bytes } = await share.save(name);
		const row = share.sheet.getByRole('radio', { name });
		await expect(row).toHaveAccessibleName(/Answers (all 24|\d+ of 24) photos/);
		const metadata = new Map(readModel(bytes).metadataProps.map(({ key, value }) => [key, value]));
		expect(JSON.parse(metadata.get('lensmith') ?? '')).toMatchObject({ precision, measured: { photos: 24 } });
		await (await InferenceSession.create(bytes)).release();
		sizes.push(bytes.length);
		if (precision === 'fp32') whole = bytes;
	}
	expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
	const teachable = share.sheet.getByRole('radio', { name: /Teachable Machine/ });
	await expect(teachable).toBeDisabled();
	await expect(teachable).toHaveAccessibleName(/own layers were trained/);
	return whole;
}

/** The file as somebody else would open it. */
async function received(models: ModelsPage, look: LookPage, url: string, file: Buffer) {
	await models.open(url);
	await models.choose('from a friend.onnx', file);
	await models.sheet.getByRole('button', { name: 'Look with it' }).click({ timeout: 60_000 });
	await look.ready();
	return top(look);
}

/** The whole project on a device that has never seen it. */
async function opened(browser: Browser, url: string, path: string) {
	const context = await browser.newContext();
	await withoutKeeping(context);
	const there = new TeachPage(await context.newPage());
	const file = { name: 'Balcony.lensmith.zip', mimeType: 'application/zip', buffer: readFileSync(path) };
	await there.open(url);
	await there.page.getByLabel('A project file to open').setInputFiles(file);
	await there.button('Open it').click();
	await there.step('Train');
	const run = there.page
		.getByRole('region', { name: 'Training runs' })
		.getByRole('listitem')
		.filter({ hasText: 'Fine-tuned, 2 blocks, 3 epochs' });
	await expect(run).toContainText('In use');
	await expect(there.page.getByText(/better than the head|more often than the head/).first()).toBeVisible();
	await expect(there.page.getByText('its model is not here')).toHaveCount(1);
	await there.step('Try');
	const answer = await top(new LookPage(there.page));
	await context.close();
	return answer;
}

/** How many rows stores have. */
const rowsOf = (page: Page, stores: readonly string[]) =>
	page.evaluate(
		(stores) =>
			new Promise<Record<string, number>>((resolve, reject) => {
				const opening = indexedDB.open('lensmith');
				opening.onerror = () => reject(opening.error);
				opening.onsuccess = () => {
					const transaction = opening.result.transaction(stores);
					const counts = stores.map((name) => [name, transaction.objectStore(name).count()] as const);
					transaction.oncomplete = () => {
						opening.result.close();
						resolve(Object.fromEntries(counts.map(([name, { result }]) => [name, result])));
					};
				};
			}),
		stores
	);

/** The head's model makes room, which another tab follows. */
async function room(page: Page, teach: TeachPage): Promise<void> {
	const other = await page.context().newPage();
	await other.goto(page.url());
	const head = (tab: Page) =>
		tab
			.getByRole('region', { name: 'Training runs' })
			.getByRole('listitem')
			.filter({ hasText: /^\s*Head/ });
	await expect(head(other).getByRole('button')).toHaveCount(2);
	const before = await rowsOf(page, ['models', 'runs']);
	await teach.button(/^Throw away the model/).click();
	await expect(head(other)).toContainText('its model is in the trash');
	await teach.menu('Balcony', 'Trash');
	await expect(page.getByRole('dialog', { name: 'Trash' }).getByRole('listitem')).toContainText(
		/Model “Head”.*30\sdays/s
	);
	await emptied(page, teach);
	await page.keyboard.press('Escape');
	for (const tab of [page, other]) await expect(head(tab)).toContainText('its model is not here');
	expect(await rowsOf(page, ['models', 'runs'])).toEqual({ ...before, models: Number(before.models) - 1 });
	await other.close();
}

async function emptied(page: Page, teach: TeachPage): Promise<void> {
	await teach.button('Empty the trash').click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Empty the trash' }).click();
	await expect(page.getByText('Nothing was thrown away')).toBeVisible();
}

/** Deleted for good while the next training is under way. */
async function deleted(page: Page, teach: TeachPage): Promise<void> {
	await teach.step('Train');
	await page.getByText('More ways').click();
	await page.getByRole('slider', { name: /Epochs/ }).fill('5');
	await teach.button('Train again').click();
	await expect.poll(() => rowsOf(page, ['standings']), { timeout: 60_000 }).toEqual({ standings: 1 });
	await teach.menu('Balcony', 'Throw away the project');
	await teach.button('Trash').click();
	await emptied(page, teach);
}

test('on Look, as files, as a project on another device, and gone for good', async ({
	page,
	browser,
	serve,
	teach,
	look,
	share,
	models
}) => {
	test.setTimeout(180_000);
	await page.context().addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
	const { url } = await serve();
	await teach.readyToTune(url, 0);
	await teach.button('Train').click();
	await expect(page.getByText(/It learned 2 labels from 24 photos/)).toBeVisible({ timeout: 60_000 });
	await teach.button(/^Use this one/).click();
	const address = page.url();

	await teach.step('Try');
	const tried = await top(look);
	await test.step('Look', async () => {
		expectAlike(await looked(page, look), tried);
	});
	await page.goto(address);
	const file = await test.step('files', async () => {
		await teach.menu('Balcony', 'Share the model');
		return shared(share);
	});
	await test.step('the file opened', async () => {
		expectAlike(await received(models, look, url, file), tried);
	});
	await page.goto(address);
	await test.step('room for others', () => room(page, teach));
	await page.goto(address);
	await test.step('the project on another device', async () => {
		await teach.menu('Balcony', 'Save as a file');
		const downloading = page.waitForEvent('download');
		await teach.button('Save').click();
		expectAlike(await opened(browser, url, await (await downloading).path()), tried);
		await teach.button('Done').click();
	});
	await test.step('gone for good', async () => {
		await deleted(page, teach);
		const stores = ['models', 'runs', 'standings', 'activations'];
		const none = Object.fromEntries(stores.map((name) => [name, 0]));
		await expect.poll(() => rowsOf(page, stores)).toEqual(none);
	});
});
