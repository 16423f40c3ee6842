import { covered, faults, inEverySize, sizes, soundInBothThemes } from '../fixtures/axe';
import { expect, test } from '../fixtures/screens';
import { photoFiles, type TeachPage } from '../pages/teach';

test.use({ keepsApp: false });

/** A project with two labels that was trained once. */
async function trained(teach: TeachPage, url: string): Promise<void> {
	await teach.open(url);
	await teach.start('Balcony');
	await teach.addLabels('Daisy', 'Dandelion');
	await teach.bring('Daisy', 12);
	await teach.bring('Dandelion', 12, 100);
	await teach.step('Train');
	await teach.button('Train').click();
	await expect(teach.page.getByText(/It learned 2 labels from 24 photos/)).toBeVisible();
}

test('Train, Review and Try have no fault that axe finds, and nothing runs over the edge', async ({
	page,
	teach,
	serve
}) => {
	test.setTimeout(120_000);
	const { url } = await serve();
	await page.setViewportSize(sizes.phone);
	await trained(teach, url);
	await inEverySize(page, async () => {
		// Nothing has been tried yet.
		await page.reload();
		await teach.step('Train');
		await page.getByText('More ways').click();
		await soundInBothThemes(page);
		await teach.step('Review');
		await expect(page.getByRole('table').first()).toBeVisible();
		await soundInBothThemes(page);
		await page.getByRole('table').first().getByRole('button').first().click();
		await expect(page.getByRole('dialog')).toBeVisible();
		await soundInBothThemes(page);
		await page.keyboard.press('Escape');
		await teach.step('Try');
		await expect(page.getByRole('button', { name: 'Start the camera' }).first()).toBeVisible();
		await soundInBothThemes(page);
		await page.getByLabel('Choose a photo', { exact: true }).setInputFiles('static/samples/coffee.jpg');
		await teach.button('Not right? Tell what it is').click();
		await expect(teach.button('Something new')).toBeVisible();
		await soundInBothThemes(page);
		await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
		await expect(teach.button(/^Daisy/)).toBeFocused();
		await teach.button(/^Daisy/).click();
		await expect(teach.said).toContainText('Added 1 photo to Daisy');
		await page.getByLabel('Choose a photo', { exact: true }).setInputFiles('static/samples/coffee.jpg');
		await expect(teach.button('Not right? Tell what it is')).toBeVisible();
		await expect(teach.said).toBeVisible();
		expect(await covered(page)).toEqual([]);
		await soundInBothThemes(page);
		await teach.step('Review');
		await expect(page.getByRole('heading', { level: 1, name: 'Balcony' })).toBeVisible();
	});
});

test('before there is anything to learn from, each step says what to do', async ({ page, teach, serve }) => {
	const { url } = await serve();
	await teach.open(url);
	await teach.start('Balcony');
	await teach.step('Train');
	await expect(page.getByText('Name two things to tell apart')).toBeVisible();
	await expect(teach.button('Train')).toHaveAttribute('aria-disabled', 'true');
	await teach.step('Review');
	await expect(page.getByText(/%/)).toHaveCount(0);
	expect(await faults(page)).toEqual([]);
	await teach.step('Try');
	const nothing = page.getByRole('heading', { name: 'Nothing to try yet' });
	await expect(nothing).toBeVisible();
	expect(await faults(page)).toEqual([]);
	await page.setViewportSize(sizes.laptop);
	const rail = await page.getByRole('navigation', { name: 'Places' }).boundingBox();
	expect((await nothing.boundingBox())?.x).toBeGreaterThan((rail?.x ?? 0) + (rail?.width ?? 0));
});

test('before there is anything to try, dropped photos come in as on the other steps', async ({
	page,
	teach,
	serve
}) => {
	const { url } = await serve();
	await teach.open(url);
	await teach.start('Balcony');
	await teach.addLabels('Daisy', 'Dandelion');
	await teach.step('Try');
	await expect(page.getByRole('heading', { name: 'Nothing to try yet' })).toBeVisible();
	await teach.dropOnPage(photoFiles(1, 'drop'));
	await teach.pick('Which label do they get?', 'Daisy');
	await expect(teach.said).toContainText('Added 1 photo to Daisy');
});

test('where a project is not there, a dropped file does not take the place of the app', async ({
	page,
	teach,
	serve
}) => {
	const { url } = await serve();
	await page.goto(`${url}/teach/nothing`);
	await expect(page.getByRole('heading', { name: 'This project is not here' })).toBeVisible();
	await teach.dropOnPage(photoFiles(1, 'drop'));
});

test('with two photos a label it learns, and says that it cannot tell how well', async ({
	page,
	teach,
	serve
}) => {
	const { url } = await serve();
	await teach.open(url);
	await teach.start('Balcony');
	await teach.addLabels('Daisy', 'Dandelion');
	await teach.bring('Daisy', 2);
	await teach.bring('Dandelion', 2, 100);
	await teach.step('Train');
	await teach.button('Train').click();
	await expect(page.getByText(/It learned 2 labels from 4 photos/)).toBeVisible();
	await teach.step('Review');
	await expect(page.getByText(/too few/i).first()).toBeVisible();
	await expect(page.getByText(/100\s%/)).toHaveCount(0);
});

test('runs are kept, an older model can be made the one in use again, also after a reload', async ({
	page,
	teach,
	serve
}) => {
	const { url } = await serve();
	await trained(teach, url);
	await teach.step('Photos');
	await teach.bring('Daisy', 3, 200);
	await teach.step('Train');
	await expect(page.getByText(/Photos or labels changed since/)).toBeVisible();
	await teach.button('Train again').click();
	await expect(page.getByText(/It learned 2 labels from 27 photos/)).toBeVisible();
	await page.reload();
	const older = page.getByRole('button', { name: 'Use this one' });
	await expect(older).toHaveCount(1);
	await older.click();
	await expect(page.getByText(/Photos or labels changed since/).first()).toBeVisible();
	await page.reload();
	const runs = page.getByRole('region', { name: 'Training runs' }).getByRole('listitem');
	await expect(runs.filter({ hasText: '24 photos' })).toContainText('In use');
	await expect(runs.filter({ hasText: '27 photos' })).toContainText('Use this one');
	await teach.open(url);
	await expect(page.getByRole('article')).toContainText(/2 labels · 27 photos.*Model: /s);
});

test('says how much it keeps, and how much of another kind it refuses', async ({ page, teach, serve }) => {
	const { url } = await serve();
	await teach.open(url);
	await teach.start('Patterns');
	await teach.addLabels('Discs', 'Stripes');
	await teach.bring('Discs', 20);
	await teach.choose('Stripes', photoFiles(20, 'stripes', 0, 'stripes'));
	await teach.step('Train');
	await teach.button('Train').click();
	await expect(page.getByText(/It learned 2 labels from 40 photos/)).toBeVisible();
	await teach.step('Review');
	const strange = page.getByRole('region', { name: 'Not sure' });
	await expect(strange).toContainText(
		/It keeps \d+ of 100 of yours; refuses \d+ of 10 things of another kind\./
	);
	await expect(strange).toContainText(
		/It refuses of animals \d of 10, buildings \d of 10, household things \d of 10/
	);
});

test('a suspect that was kept stays kept after a reload, and is asked about again when that is undone', async ({
	page,
	teach,
	serve
}) => {
	const { url } = await serve();
	await trained(teach, url);
	await teach.step('Review');
	const suspects = page.getByRole('region', { name: 'Probably mislabelled' });
	const more = suspects.getByRole('button', { name: /^Look through/ });
	const keep = suspects.getByRole('button', { name: /^Keep/ });
	await more.or(keep.first()).first().click();
	await keep.first().click();
	await expect(suspects).toContainText(/Kept \d+ as/);
	await expect(page.locator('body')).not.toBeFocused();
	const kept = await suspects.getByText(/Kept \d+ as/).innerText();
	await page.reload();
	await expect(suspects).toContainText(kept.split('.')[0] ?? '');
	await suspects.getByRole('button', { name: /^Show (it|them) again/ }).click();
	await expect(suspects).not.toContainText(/Kept \d+ as/);
	await page.keyboard.press('Control+z');
	await expect(suspects).toContainText(kept.split('.')[0] ?? '');
});

test('the lecture’s MLP is trained through TensorFlow.js, its curve drawn and read out', async ({
	page,
	teach,
	serve
}) => {
	const { url } = await serve();
	await trained(teach, url);
	await page.getByText('More ways').click();
	await page.getByRole('radio', { name: 'MLP' }).check();
	await page.getByRole('slider', { name: /Epochs/ }).fill('0');
	await teach.button('Train again').click();
	await expect(page.getByText(/It learned 2 labels from 24 photos/)).toBeVisible({ timeout: 60_000 });
	await expect(page.getByText(/MLP, 128 units/).first()).toBeVisible({ timeout: 60_000 });
	await expect(page.getByRole('img', { name: /loss/i }).first()).toBeVisible();
	await expect(page.getByText(/wasm|webgl|cpu/i).first()).toBeVisible();
});
