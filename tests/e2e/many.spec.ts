/** Many photos at once: a test set from a zip, a folder, several that were dropped on Look. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from '@playwright/test';
import papa from 'papaparse';
import { readTable } from '../../src/lib/files/table';
import { covered, inEverySize, soundInBothThemes } from '../fixtures/axe';
import { expect, test } from '../fixtures/screens';
import type { ManyPage } from '../pages/many';
import { testSet } from '../pages/many';
import { photoFiles } from '../pages/teach';

test.use({ keepsApp: false });

const coffee = 'static/samples/coffee.jpg';
const riders = 'static/samples/motorcycles.jpg';

/** A browser that shows no dialog to choose a place: files become downloads. */
async function downloading(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
}

/** The table that the page saves. */
async function saved(many: ManyPage): Promise<string> {
	const downloaded = many.page.waitForEvent('download');
	await many.save.click();
	const download = await downloaded;
	expect(download.suggestedFilename()).toBe('MobileNet answers.csv');
	return readFileSync(await download.path(), 'utf8');
}

async function expectTestSet(many: ManyPage): Promise<void> {
	await many.done();
	expect(await many.rows()).toEqual([
		{
			file: 'Cup/=coffee, "black".jpg',
			answer: expect.stringMatching(/^mortar \d+ % Not sure$/),
			truth: 'Wrong, it is Cup'
		},
		{ file: 'Cup/torn.jpg', answer: expect.stringContaining('the file is damaged'), truth: 'Cup' },
		{
			file: 'restaurant/guests.jpg',
			answer: expect.stringMatching(/^restaurant \d+ %$/),
			truth: 'Right: restaurant'
		}
	]);
	await expect(many.summary).toContainText('1 of 2 right (between 9 and 91 %)');
	await expect(many.summary).toContainText(
		'Of the 1 it was sure of, 1 right. 1 not sure. 1 could not be answered.'
	);
}

test('a test set from a zip: answers, what is right, what could not be read, and all of it as CSV', async ({
	context,
	page,
	look,
	many,
	serve
}) => {
	await downloading(context);
	const { url } = await serve();
	await look.open(url);
	await many.enter();
	await many.choose(await testSet());
	await expectTestSet(many);
	await page.getByText('1 file left out').click();
	await expect(page.getByText('“Cup/notes.txt” is not a picture')).toBeVisible();

	const text = await saved(many);
	const { data } = papa.parse<Record<string, string>>(text, { header: true });
	const shown = await many.rows();
	expect(data.map((row) => ({ ...row, probability: Math.round(100 * Number(row['probability'])) }))).toEqual(
		shown.map(({ file, answer, truth = '' }) => {
			const [, label = '', percent = '0'] = /^(.+) (\d+) %/.exec(answer) ?? [];
			return expect.objectContaining({
				...{ file, label, probability: Number(percent) },
				sure: label && (answer.endsWith('Not sure') ? 'no' : 'yes'),
				truth: truth.replace(/^(Right: |Wrong, it is )/, ''),
				right: label && (truth.startsWith('Right') ? 'yes' : 'no'),
				error: label ? '' : answer
			});
		})
	);
	const blob = new Blob([text]);
	const table = await readTable({ path: 'a.csv', size: blob.size, read: () => Promise.resolve(blob) });
	expect(table?.rows.map(({ file, label }) => [file, label])).toEqual([
		['Cup/=coffee, "black".jpg', 'mortar'],
		['Cup/torn.jpg', null],
		['restaurant/guests.jpg', 'restaurant']
	]);
	expect(table?.skipped).toEqual([]);
});

test.describe('kept for later', () => {
	test.use({ keepsApp: true });

	test('without a server it is all the same', async ({ context, page, look, many, serve, shell }) => {
		await downloading(context);
		const server = await serve();
		await page.goto(`${server.url}/`);
		await look.readyOffline();
		await server.close();
		await shell.forgetHttp();

		await page.reload();
		await many.enter();
		await many.choose(await testSet());
		await expectTestSet(many);
		expect(await saved(many)).toContain('"restaurant/guests.jpg","restaurant",');
	});
});

test('the keyboard alone brings photos, shows the wrong ones, and stops', async ({
	page,
	look,
	many,
	serve
}) => {
	const { url } = await serve();
	await look.open(url);
	await page.getByRole('link', { name: 'Many photos', exact: true }).focus();
	await page.keyboard.press('Enter');
	await many.expectEmpty();
	await page.getByRole('button', { name: 'Choose photos or a zip' }).focus();
	const chooser = page.waitForEvent('filechooser');
	// Keys overtake what the browser is told of choosers: an answer from the page means that it has heard.
	await page.evaluate(() => undefined);
	await page.keyboard.press('Enter');
	await (await chooser).setFiles(await testSet());
	await many.done();
	await page.getByRole('radio', { name: 'All 3' }).focus();
	await page.keyboard.press('ArrowRight');
	await expect(page.getByRole('radio', { name: 'Wrong 1' })).toBeFocused();
	await expect(many.lines).toHaveCount(1);
	await expect(many.lines).toContainText('mortar');
	await many.show(/^Failed 1/);
	await expect(many.lines).toContainText('damaged');

	await many.choose(copies(400));
	await expect(many.lines.first()).toContainText('copy 0.jpg');
	await many.stop.focus();
	await page.keyboard.press('Enter');
	await expect(many.save).toBeFocused();
	const [, answered = '0'] = /(\d+) photos? answered/.exec(await many.summary.innerText()) ?? [];
	expect(Number(answered)).toBeGreaterThan(0);
	expect(Number(answered)).toBeLessThan(400);
});

test('a folder of many photos is shown in parts, and forgotten when the page is left', async ({
	page,
	look,
	many,
	serve,
	shell
}, info) => {
	const folder = info.outputPath('holiday', 'Rome');
	mkdirSync(folder, { recursive: true });
	for (const { name, buffer } of copies(130)) writeFileSync(join(folder, name), buffer);
	const { url } = await serve();
	await look.open(url);
	await many.enter();
	await many.chooseFolder(info.outputPath('holiday'));
	await many.done();
	await expect(many.summary).toContainText('130 photos answered');
	await expect(many.summary).toContainText('the folders are not named as labels of this model');
	await expect(many.lines).toHaveCount(100);
	await page.getByRole('button', { name: 'Show more of 130' }).click();
	await expect(many.lines).toHaveCount(130);

	await shell.go('Models');
	await shell.expectAt('/shelf');
	await page.goBack();
	await many.expectEmpty();
	await expect(many.table).toBeHidden();
});

test('several pictures dropped on Look are asked about here, one is looked at there', async ({
	page,
	look,
	many,
	teach,
	serve
}) => {
	const { url } = await serve();
	await look.open(url);
	await look.bring('drop', coffee);
	await look.expectCoffee();
	const files = [coffee, riders].map((path) => ({
		name: path.split('/').at(-1) ?? '',
		mimeType: 'image/jpeg',
		buffer: readFileSync(path)
	}));
	await teach.drop(page.locator('body'), files);
	await many.done();
	expect(new URL(page.url()).pathname).toBe('/many');
	expect((await many.rows()).map(({ file, truth }) => [file, truth])).toEqual([
		['coffee.jpg', undefined],
		['motorcycles.jpg', undefined]
	]);
	await expect(many.summary).toContainText('2 photos answered');
});

test('the answers have no fault that axe finds, and nothing runs over the edge', async ({
	page,
	many,
	serve
}) => {
	const { url } = await serve();
	await many.open(url);
	await many.choose(await testSet());
	await many.done();
	const folds = ['1 file left out', 'How is this counted?'];
	await inEverySize(page, async () => {
		for (const name of folds) await page.getByText(name).click();
		await soundInBothThemes(page);
		await page.evaluate(() => scrollTo(0, 0));
		expect((await covered(page)).filter((one) => one.includes('Save as CSV'))).toEqual([]);
		for (const name of folds) await page.getByText(name).click();
	});
});

/** So many files with a small picture in them. */
function copies(count: number) {
	const [picture] = photoFiles(1, 'copy');
	return Array.from({ length: count }, (_, i) => ({
		name: `copy ${i}.jpg`,
		mimeType: 'image/jpeg',
		buffer: picture?.buffer ?? Buffer.alloc(0)
	}));
}
