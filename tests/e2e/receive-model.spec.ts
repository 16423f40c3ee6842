/** Models that come as files: brought, tried, used, taught on, thrown away. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { readModel } from '../../src/lib/onnx/model';
import { faults, overflow, sizes } from '../fixtures/axe';
import { onnxOf, smallModelFile } from '../fixtures/models';
import { expect, test } from '../fixtures/screens';
import { LookPage } from '../pages/look';
import { ModelsPage } from '../pages/models';
import { photoFiles } from '../pages/teach';

test.use({ keepsApp: false });

const names = '{"0": "mug", "1": "fork", "2": "plate", "3": "lamp"}';
const closed = { metadata: { names, author: 'Ultralytics', license: 'MIT' } };

async function atBothSizes(page: Page): Promise<void> {
	for (const size of Object.values(sizes)) {
		await page.setViewportSize(size);
		expect(await faults(page)).toEqual([]);
		expect(await overflow(page)).toBe(0);
	}
}

test('a stranger’s network: what its file leaves open is asked once, then it looks and can be taught on', async ({
	page,
	serve,
	models,
	look
}) => {
	const { url } = await serve();
	await models.open(url);
	await models.choose('kitchen.onnx', onnxOf({ size: 'height' }));
	await expect(models.sheet).toContainText('This network tells 4 classes apart', { timeout: 30_000 });
	await atBothSizes(page);
	await models.sheet.getByLabel('As in a file').check();
	const list = (text: string) => ({ name: 'names.txt', mimeType: 'text/plain', buffer: Buffer.from(text) });
	await models.sheet.getByLabel('The file of names').setInputFiles(list('mug\nfork'));
	await expect(models.sheet.getByRole('alert')).toContainText('has 2 names; this network knows 4 classes');
	await models.sheet.getByLabel('The file of names').setInputFiles(list('mug\nfork\nplate\nlamp'));
	await models.sheet.getByLabel('0 to 1 (Ultralytics').check();
	await models.sheet.getByLabel('Side of its picture').fill('4');
	await models.sheet.getByRole('button', { name: 'Try it' }).click();
	await expect(models.sheet).toContainText('From 8 to 1024');
	// Larger than its first layer, so it can be; smaller than its kernels it cannot.
	await models.sheet.getByLabel('Side of its picture').fill('32');
	await models.sheet.getByRole('button', { name: 'Try it' }).click();
	await expect(models.sheet).toContainText('“kitchen” is on this device', { timeout: 30_000 });
	await expect(models.sheet).toContainText('Tells mug, fork, plate, lamp.');
	await models.sheet.getByRole('button', { name: 'Look with it' }).click();
	await look.ready();
	await look.choosePhoto('static/samples/coffee.jpg');
	await expect(look.answer).toContainText(/mug|fork|plate|lamp/, { timeout: 30_000 });

	await models.open(url);
	await models.row('kitchen').getByRole('button', { name: 'Teach on it' }).click();
	const sheet = page.getByRole('dialog', { name: 'Teach on this model' });
	await expect(sheet.getByRole('switch', { name: /Begin with its 4 labels/ })).toBeChecked();
	await atBothSizes(page);
	await sheet.getByRole('button', { name: 'Start the project' }).click();
	await expect(page.getByRole('heading', { name: 'mug' })).toBeVisible();
});

test('is taught on: photos are looked at with it, and learned from', async ({
	page,
	serve,
	models,
	teach
}) => {
	const { url } = await serve();
	await models.open(url);
	await models.choose('pets.onnx', smallModelFile().bytes);
	await models.sheet.getByRole('button', { name: 'Teach on it' }).click({ timeout: 30_000 });
	const sheet = page.getByRole('dialog', { name: 'Teach on this model' });
	await sheet.getByLabel('Name of the project').fill('Garden');
	await sheet.getByRole('switch', { name: /Begin with its 3 labels/ }).uncheck();
	await sheet.getByRole('button', { name: 'Start the project' }).click();
	await teach.addLabels('Daisy', 'Stripes');
	await teach.bring('Daisy', 8);
	await teach.choose('Stripes', photoFiles(8, 'stripes', 0, 'stripes'));
	await teach.step('Train');
	await teach.button('Train').click();
	await expect(page.getByText(/It learned 2 labels from 16 photos/)).toBeVisible({ timeout: 30_000 });
	// Without its model the project says what it lacks, and goes on when the file is opened again.
	await models.open(url);
	await models.menu('Pets', 'Throw away');
	await expect(models.row('Pets')).toHaveCount(0);
	await page.goto(`${url}/teach`);
	await page.getByRole('link', { name: /Garden/ }).click();
	await teach.step('Train');
	await expect(page.getByText(/taught on a model that is in the trash/).first()).toBeVisible();
	await models.open(url);
	await models.choose('again.onnx', smallModelFile().bytes);
	await expect(models.sheet).toContainText('It was in the trash and is back, as “Pets”', { timeout: 30_000 });
	await page.goto(`${url}/teach`);
	await page.getByRole('link', { name: /Garden/ }).click();
	await teach.bring('Daisy', 1, 30);
	await teach.step('Train');
	await teach.button('Train again').click();
	await expect(page.getByText(/It learned 2 labels from 17 photos/)).toBeVisible({ timeout: 30_000 });
});

test('the same file is known, the same name asked about; renamed, saved, thrown away and taken back', async ({
	page,
	serve,
	models
}) => {
	await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
	const { url } = await serve();
	const bytes = onnxOf(closed);
	await models.open(url);
	await models.choose('kitchen.onnx', bytes);
	await expect(models.sheet).toContainText('“kitchen” is on this device', { timeout: 30_000 });
	await page.keyboard.press('Escape');
	await models.choose('another name.onnx', bytes);
	await expect(models.sheet).toContainText('You have this model already, as “kitchen”. Nothing was changed.');
	await page.keyboard.press('Escape');
	await models.choose('Kitchen.onnx', onnxOf({ ...closed, seed: 5 }));
	await expect(models.sheet).toContainText('You have another model called “Kitchen”', { timeout: 30_000 });
	await models.sheet.getByRole('button', { name: 'Keep both' }).click();
	await expect(models.sheet).toContainText('“Kitchen (2)” is on this device');
	await page.keyboard.press('Escape');
	await atBothSizes(page);

	await models.menu('Kitchen (2)', 'Rename');
	await page.getByLabel('Name of the model').fill('kitchen');
	await page.getByRole('button', { name: 'Rename', exact: true }).click();
	await expect(page.getByRole('alert')).toContainText('is there already');
	await page.getByLabel('Name of the model').fill('Cellar');
	await page.getByRole('button', { name: 'Rename', exact: true }).click();
	await expect(models.row('Cellar')).toContainText('4 labels');

	const downloading = page.waitForEvent('download');
	await models.menu('kitchen', 'Save as a file');
	const download = await downloading;
	expect(download.suggestedFilename()).toBe('kitchen.onnx');
	// It opens elsewhere without a question: what was asked is in it.
	const told = new Map(
		readModel(readFileSync(await download.path())).metadataProps.map(({ key, value }) => [key, value])
	);
	expect(JSON.parse(told.get('names') ?? '')).toEqual(JSON.parse(names));
	expect(JSON.parse(told.get('lensmith.picture') ?? '')).toMatchObject({ layout: 'NCHW', size: 8 });

	await models.menu('kitchen', 'Throw away');
	await expect(models.row('kitchen')).toHaveCount(0);
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(models.row('kitchen')).toBeVisible();
	await models.menu('kitchen', 'Throw away');
	await page.reload();
	const trash = page.getByRole('region', { name: 'Trash' });
	await expect(trash).toContainText('kitchen');
	await atBothSizes(page);
	await trash.getByRole('button', { name: 'Delete kitchen for good' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
	await expect(trash).toHaveCount(0);
	const details = await models.details('Cellar');
	await expect(details).toContainText('Kitchen.onnx');
	await expect(details).toContainText('MIT');
});

test('what cannot be used is said in words, and nothing is kept', async ({ page, serve, models, look }) => {
	const { url } = await serve();
	await models.open(url);
	for (const [name, bytes, words] of [
		['broken.onnx', onnxOf(closed).slice(0, 500), /damaged or cut short/],
		['model.tflite', new TextEncoder().encode('....TFL3....'), /model of another kind/],
		['wide.onnx', onnxOf({ ...closed, width: 40 }), /not square/]
	] as const) {
		await models.choose(name, bytes);
		await expect(models.sheet).toContainText(words, { timeout: 30_000 });
		await models.sheet.getByRole('button', { name: 'Got it' }).click();
	}
	await page.reload();
	await expect(page.getByText('None yet.')).toBeVisible();
	// Dropped on another page it is opened, too.
	await page.goto(`${url}/`);
	await look.ready();
	await look.bring('drop', 'static/models/mobilenet-v1-025/model.onnx', 'application/octet-stream');
	await expect(models.sheet).toContainText('You have this model already, as “MobileNet”', {
		timeout: 30_000
	});
});

test.describe('kept for later', () => {
	test.use({ keepsApp: true });

	test('“open with” and sharing by another app bring models and projects, too', async ({
		page,
		serve,
		models,
		look,
		teach
	}) => {
		const { url } = await serve();
		await look.open(url);
		await look.readyOffline();
		await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
		// What the service worker does with the form that the system posts.
		const shared = (name: string, bytes: Uint8Array) =>
			page.evaluate(
				async ({ name, bytes }) => {
					const form = new FormData();
					form.append(
						'picture',
						new File([new Uint8Array(bytes)], name, { type: 'application/octet-stream' })
					);
					return (await fetch('./share', { method: 'POST', body: form })).url;
				},
				{ name, bytes: [...bytes] }
			);
		await page.goto(await shared('pets.onnx', smallModelFile().bytes));
		await expect(models.sheet).toContainText('“Pets” is on this device', { timeout: 30_000 });

		// A project in its file, and the launch of the installed app with it.
		await teach.open(url);
		await teach.start('Balcony');
		await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
		await page.reload();
		await teach.menu('Balcony', 'Save as a file');
		const downloading = page.waitForEvent('download');
		await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
		const project = [...readFileSync(await (await downloading).path())];
		await page.addInitScript((bytes) => {
			const file = new File([new Uint8Array(bytes)], 'Balcony.lensmith.zip', { type: 'application/zip' });
			const handle = { getFile: () => Promise.resolve(file) };
			const setConsumer = (consume: (launch: object) => void) => consume({ files: [handle] });
			Object.defineProperty(window, 'launchQueue', { value: { setConsumer } });
		}, project);
		await page.goto(url);
		await expect(page.getByRole('dialog', { name: 'Open a project' })).toContainText(
			'You have “Balcony” already, just as it is in the file'
		);
	});
});

test('replaced while it is in use, the new one looks; thrown away in another tab, it gives way in words', async ({
	page,
	serve,
	models,
	look,
	shell
}) => {
	const { url } = await serve();
	await models.open(url);
	await models.choose('kitchen.onnx', onnxOf(closed));
	await models.sheet.getByRole('button', { name: 'Look with it' }).click({ timeout: 30_000 });
	await look.ready();
	await look.choosePhoto('static/samples/coffee.jpg');
	await expect(look.answer).toContainText(/mug|fork|plate|lamp/, { timeout: 30_000 });
	await expect(look.answer).toContainText('kitchen');

	await models.open(url);
	await expect(models.row('kitchen')).toContainText('In use', { timeout: 30_000 });
	const other = '{"0": "cup", "1": "spoon", "2": "bowl", "3": "clock"}';
	await models.choose('kitchen.onnx', onnxOf({ metadata: { ...closed.metadata, names: other }, seed: 9 }));
	await models.sheet.getByRole('button', { name: 'Replace mine' }).click({ timeout: 30_000 });
	await expect(models.sheet).toContainText('“kitchen” is on this device');
	// It need not be chosen once more.
	await page.keyboard.press('Escape');
	await expect(models.row('kitchen')).toContainText('In use', { timeout: 30_000 });
	await shell.go('Look');
	await look.ready();
	await look.choosePhoto('static/samples/coffee.jpg');
	await expect(look.answer).toContainText(/cup|spoon|bowl|clock/, { timeout: 30_000 });
	await expect(look.answer).toContainText('kitchen');

	const second = await page.context().newPage();
	const shelf = new ModelsPage(second);
	await shelf.open(url);
	await expect(shelf.row('kitchen')).toContainText('In use', { timeout: 30_000 });
	await shelf.menu('kitchen', 'Throw away');
	await expect(shelf.row('kitchen')).toHaveCount(0);
	// Both tabs say what answers now, and it does.
	for (const tab of [look, new LookPage(second)]) {
		if (tab.page === second) await second.goto(url);
		await tab.choosePhoto('static/samples/coffee.jpg');
		await tab.expectCoffee();
		await expect(tab.answer).toContainText('MobileNet');
		await tab.button(/^What is going on/).click();
		await expect(tab.page.getByRole('dialog', { name: 'What is going on' })).toContainText(
			'The model that was chosen is in the trash. Take it back on the Models page to use it. MobileNet does the work.'
		);
		await tab.page.keyboard.press('Escape');
	}
	await second.close();
});

test('a file that says odd things of itself is shown as any other, and can be thrown away', async ({
	page,
	serve,
	models
}) => {
	const { url } = await serve();
	await models.open(url);
	await models.choose('kitchen.onnx', onnxOf({ metadata: { ...closed.metadata, license: '4 labels' } }));
	await expect(models.sheet).toContainText('“kitchen” is on this device', { timeout: 30_000 });
	await page.reload();
	await models.menu('kitchen', 'Throw away');
	await expect(models.row('kitchen')).toHaveCount(0);
});

test('answered wrongly, its questions can be answered anew', async ({ page, serve, models }) => {
	const { url } = await serve();
	await models.open(url);
	const bytes = onnxOf({ size: 'height', metadata: { names } });
	await models.choose('kitchen.onnx', bytes);
	await models.sheet.getByLabel('0 to 255', { exact: true }).check({ timeout: 30_000 });
	await models.sheet.getByRole('button', { name: 'Try it' }).click();
	await expect(models.sheet).toContainText('“kitchen” is on this device', { timeout: 30_000 });
	await page.keyboard.press('Escape');
	await models.choose('kitchen.onnx', bytes);
	await models.sheet.getByRole('button', { name: 'Answer its questions anew' }).click({ timeout: 30_000 });
	await models.sheet.getByLabel('0 to 1 (Ultralytics').check();
	await models.sheet.getByRole('button', { name: 'Try it' }).click();
	await models.sheet.getByRole('button', { name: 'Replace mine' }).click({ timeout: 30_000 });
	await expect(models.sheet).toContainText('“kitchen” is on this device');
	await page.keyboard.press('Escape');
	await expect(models.row('kitchen')).toHaveCount(1);
	await expect(page.getByRole('region', { name: 'Trash' })).toContainText('kitchen');
});
