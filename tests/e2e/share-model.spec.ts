/** A model saved as files, which are run as others would run them. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readModel } from '../../src/lib/onnx/model';
import { faults, sizes } from '../fixtures/axe';
import { expect, test } from '../fixtures/screens';
import { photoFiles, type TeachPage } from '../pages/teach';

const sheet = (page: Page) => page.getByRole('dialog', { name: 'Share the model' });
const form = (page: Page, name: string) => sheet(page).getByRole('radio', { name, exact: false });

/** Two labels, trained once. */
async function trained(page: Page, teach: TeachPage, url: string): Promise<void> {
	await page.context().addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
	await teach.open(url);
	await teach.start('Balcony');
	await teach.addLabels('Daisy', 'Stripes');
	await teach.bring('Daisy', 12);
	await teach.choose('Stripes', photoFiles(12, 'stripes', 0, 'stripes'));
	await expect(teach.said).toContainText('Added 12 photos to Stripes');
	await teach.step('Train');
	await teach.button('Train').click();
	await expect(page.getByText(/It learned 2 labels from 24 photos/)).toBeVisible();
	await teach.menu('Balcony', 'Share the model');
}

/** Chooses a form once it is made, and saves it. */
async function save(page: Page, name: string): Promise<{ name: string; bytes: Buffer }> {
	await expect(form(page, name)).toBeEnabled({ timeout: 60_000 });
	await form(page, name).check();
	const downloading = page.waitForEvent('download');
	await sheet(page).getByRole('button', { name: 'Save' }).click();
	const download = await downloading;
	await expect(sheet(page).getByRole('status')).toContainText(download.suggestedFilename());
	return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

test('as ONNX in three sizes, each a model that any runtime takes, with its labels and card', async ({
	page,
	serve,
	look,
	teach
}) => {
	test.setTimeout(120_000);
	const server = await serve();
	await trained(page, teach, server.url);
	// Closed in the middle of it, and opened again: it begins anew.
	await sheet(page).getByRole('button', { name: 'Close' }).click();
	// From here on there is no network.
	await look.readyOffline();
	await server.close();
	await teach.menu('Balcony', 'Share the model');
	const picture = Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => ((i * 37) % 256) / 255);
	const answers: number[][] = [];
	const sizesOf: number[] = [];
	for (const [name, precision] of [
		['Runs anywhere', 'fp32'],
		['16 bits', 'fp16'],
		['8 bits', 'int8']
	] as const) {
		const file = await save(page, name);
		expect(file.name).toBe(`Balcony${precision === 'fp32' ? '' : ` ${precision}`}.onnx`);
		sizesOf.push(file.bytes.length);
		const metadata = new Map(readModel(file.bytes).metadataProps.map(({ key, value }) => [key, value]));
		expect(JSON.parse(metadata.get('names') ?? '')).toEqual({ 0: 'Daisy', 1: 'Stripes' });
		const card = JSON.parse(metadata.get('lensmith') ?? '') as Record<string, unknown>; // as asserted
		expect(card).toMatchObject({
			...{ name: 'Balcony', precision, crop: 'centre' },
			labels: [
				{ name: 'Daisy', photos: 12 },
				{ name: 'Stripes', photos: 12 }
			],
			backbone: { id: 'mobilenet-v1-025', licence: 'Apache-2.0' },
			measured: { photos: 24, judged: { photos: 24 } }
		});
		const session = await InferenceSession.create(file.bytes);
		expect(session.inputNames).toEqual(['image']);
		const answer = await session.run({ image: new Tensor('float32', picture, [1, 3, 224, 224]) });
		answers.push([...(answer.probabilities?.data as Float32Array)]); // it is float32
		await session.release();
	}
	const [whole = [], half = [], byte = []] = answers;
	expect((whole[0] ?? 0) + (whole[1] ?? 0)).toBeCloseTo(1, 5);
	expect(half[0]).toBeCloseTo(whole[0] ?? NaN, 1);
	expect(byte).toHaveLength(2);
	expect(sizesOf).toEqual([...sizesOf].sort((a, b) => b - a));

	const zip = await save(page, 'Teachable Machine');
	expect(zip.name).toBe('Balcony teachable machine.zip');
	expect(zip.bytes.subarray(0, 2).toString()).toBe('PK');
	for (const size of Object.values(sizes)) {
		await page.setViewportSize(size);
		expect(await faults(page)).toEqual([]);
	}
});
