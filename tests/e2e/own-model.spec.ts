/** What a project has learned, on the shelf and on the Look screen. */
import { faults, overflow, sizes } from '../fixtures/axe';
import { expect, test } from '../fixtures/screens';
import { photoFiles } from '../pages/teach';

test.use({ keepsApp: false });

test('a project’s model is used on the Look screen, learns on, and is shared from the shelf', async ({
	page,
	serve,
	teach,
	models,
	look
}) => {
	test.setTimeout(120_000);
	const { url } = await serve();
	await teach.balcony(url);

	await page.getByRole('link', { name: 'Models', exact: true }).click();
	const row = page
		.getByRole('region', { name: 'Taught here' })
		.getByRole('article')
		.filter({ has: page.getByRole('link', { name: 'Balcony', exact: true }) });
	await expect(row).toContainText('Taught here to tell “Daisy” and “Stripes”.');
	await expect(row).toContainText('24 photos');
	await row.getByRole('button', { name: 'Use Balcony' }).click();
	await expect(row).toContainText('In use');
	for (const size of Object.values(sizes)) {
		await page.setViewportSize(size);
		expect(await faults(page)).toEqual([]);
		expect(await overflow(page)).toBe(0);
	}
	await page.getByRole('link', { name: 'Look', exact: true }).click();
	await look.ready();
	for (const [kind, label] of [
		['disc', 'Daisy'],
		['stripes', 'Stripes']
	] as const) {
		await page.getByLabel('Choose a photo', { exact: true }).setInputFiles(photoFiles(1, kind, 40, kind));
		await expect(look.answer).toContainText(label, { timeout: 30_000 });
	}

	// Another name, and one photo more: the screen takes it up, also after a reload.
	await page.goto(`${url}/teach`);
	await page.getByRole('link', { name: /Balcony/ }).click();
	await teach.menu('Stripes', 'Rename');
	await page.getByLabel('Name of the label').fill('Zebra');
	await page.getByRole('button', { name: 'Rename', exact: true }).click();
	await expect(page.getByRole('heading', { name: 'Zebra' })).toBeVisible();
	await page.getByRole('link', { name: 'Look', exact: true }).click();
	await page.getByLabel('Choose a photo', { exact: true }).setInputFiles(photoFiles(1, 's', 41, 'stripes'));
	await expect(look.answer).toContainText('Zebra', { timeout: 30_000 });
	await page.reload();
	await look.ready();
	await page.getByLabel('Choose a photo', { exact: true }).setInputFiles(photoFiles(1, 's', 41, 'stripes'));
	await expect(look.answer).toContainText('Zebra', { timeout: 30_000 });

	await models.open(url);
	await page.getByRole('link', { name: 'Share Balcony' }).click();
	await expect(page.getByRole('dialog', { name: 'Share the model' })).toBeVisible();
	await page.keyboard.press('Escape');

	// Thrown away, it gives way in words.
	await teach.menu('Balcony', 'Throw away the project');
	await page.getByRole('link', { name: 'Look', exact: true }).click();
	await page.getByLabel('Choose a photo', { exact: true }).setInputFiles('static/samples/coffee.jpg');
	await expect(look.answer).toContainText('mortar', { timeout: 30_000 });
	await look.button('Status: Something is missing').click();
	await expect(page.getByRole('dialog')).toContainText(
		'The project whose model was in use is not here any more.'
	);
});
