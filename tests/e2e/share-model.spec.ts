/** A model saved as files, which are run as others would run them. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readModel } from '../../src/lib/onnx/model';
import { bundleRunner } from '../../scripts/build/runner';
import { faults, overflow, sizes } from '../fixtures/axe';
import { expect, test } from '../fixtures/screens';

test('as ONNX in three sizes that any runtime takes, with labels and card, and with what web pages and Python need', async ({
	page,
	context,
	serve,
	look,
	share,
	teach
}) => {
	test.setTimeout(180_000);
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const server = await serve();
	await share.trained(teach, server.url);
	// Closed in the middle of it, and opened again: it begins anew.
	await share.sheet.getByRole('button', { name: 'Close' }).click();
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
		const file = await share.save(name);
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

	const zip = await share.save('Teachable Machine');
	expect(zip.name).toBe('Balcony teachable machine.zip');
	expect(zip.bytes.subarray(0, 2).toString()).toBe('PK');
	for (const size of Object.values(sizes)) {
		await page.setViewportSize(size);
		expect(await faults(page)).toEqual([]);
	}

	// What web pages and Python need.
	await share.sheet.getByRole('radio', { name: 'Runs anywhere' }).check();
	await share.openOthers();
	const { name, bytes } = await share.saveBy('Save lensmith-model.js');
	expect(name).toBe('lensmith-model.js');
	expect(bytes.toString()).toBe((await bundleRunner()).text);

	const script = share.sheet.getByRole('region', { name: 'Script of Python' });
	await expect(script).toContainText('InferenceSession("Balcony.onnx"');
	await share.sheet.getByRole('button', { name: 'Copy' }).click();
	await expect(share.sheet.getByRole('status').filter({ hasText: 'Copied.' })).toHaveCount(1);
	const saved = await share.saveBy('Save classify.py');
	expect(saved.bytes.toString()).toBe(await page.evaluate(() => navigator.clipboard.readText()));
	for (const size of Object.values(sizes)) {
		await page.setViewportSize(size);
		expect(await overflow(page)).toBe(0);
		expect(await faults(page)).toEqual([]);
	}
	// Wider than its box, and reached by the keyboard.
	await page.setViewportSize(sizes.phone);
	await script.focus();
	await page.keyboard.press('ArrowRight');
	await expect.poll(() => script.evaluate((box) => box.scrollLeft)).toBeGreaterThan(0);

	// The names are those of the form that is chosen.
	await share.save('8 bits');
	await expect(script).toContainText('InferenceSession("Balcony int8.onnx"');
});
