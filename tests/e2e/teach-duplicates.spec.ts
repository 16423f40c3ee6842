/** Photos that look nearly the same: offered, looked through, thrown away as one step, never unasked. */
import { inEverySize, soundInBothThemes } from '../fixtures/axe';
import { sceneCamera } from '../fixtures/scenes';
import { browserWith, expect, test as base } from '../fixtures/screens';
import { savedAgain, TeachPage } from '../pages/teach';

const test = base.extend({
	/** A project with two labels. */
	teach: async ({ page, serve }, use) => {
		const { url } = await serve();
		await sceneCamera(page, 0.05);
		const teach = new TeachPage(page);
		await teach.open(url);
		await teach.start('Places');
		await teach.addLabels('Table', 'Street');
		await use(teach);
	}
});

test.use({
	...browserWith('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'),
	permissions: ['camera'],
	keepsApp: false
});

/** Three times the coffee, twice the street, and the restaurant under both labels. */
async function bringTwins(teach: TeachPage) {
	await teach.choose('Table', [
		savedAgain('coffee', 60),
		savedAgain('coffee', 95),
		savedAgain('coffee', 40),
		savedAgain('restaurant', 90)
	]);
	await teach.expectCount('Table', '4 photos');
	await teach.choose('Street', [
		savedAgain('motorcycles', 90),
		savedAgain('motorcycles', 60),
		savedAgain('restaurant', 60)
	]);
	await teach.expectCount('Street', '3 photos');
}

test('twins are offered, the best stays, the person chooses, and one step takes all back', async ({
	page,
	teach
}) => {
	await bringTwins(teach);
	await expect(page.getByText('7 photos look nearly the same.')).toBeVisible();
	await teach.button('Look through them').click();

	const sheet = page.getByRole('dialog', { name: 'Nearly the same' });
	await expect(sheet.getByRole('heading', { level: 3 })).toHaveText([
		/3 photos of “Table”/,
		/2 photos of/,
		/2 photos of/
	]);
	await expect(sheet).toContainText('never split between learning and judging');
	await expect(teach.similar(1).and(page.locator('[aria-pressed=true]'))).toHaveCount(2);
	await expect(teach.similar(1).first()).toHaveAttribute('aria-pressed', 'false');
	const mixed = sheet.getByRole('listitem').filter({ hasText: 'of different labels' });
	await expect(mixed).toContainText('“Table” and “Street” hold nearly the same picture');
	await expect(mixed.getByRole('button', { pressed: true })).toHaveCount(0);
	await expect(teach.button('Throw away 3 photos')).toBeVisible();

	// The keyboard alone: one stays after all, and the one that was to stay goes.
	await teach.similar(1).nth(1).focus();
	await page.keyboard.press('Space');
	await page.keyboard.press('Shift+Tab');
	await page.keyboard.press('Enter');
	await expect(teach.similar(1).first()).toHaveAttribute('aria-pressed', 'true');
	await expect(teach.button('Throw away 3 photos')).toBeVisible();
	await teach.button('Keep all of group 1').click();
	await expect(teach.button('Throw away 1 photo')).toBeVisible();
	await teach.button('Choose for me in group 1').click();
	await teach.button('Throw away 3 photos').click();

	await expect(teach.said).toContainText('Threw away 3 photos');
	await teach.expectCount('Table', '2 photos');
	await teach.expectCount('Street', '2 photos');
	await expect(page.getByText('2 photos look nearly the same.')).toBeVisible();
	await teach.undo();
	await teach.expectCount('Table', '4 photos');
	await teach.expectCount('Street', '3 photos');
	await expect(page.getByText('7 photos look nearly the same.')).toBeVisible();
});

test('photos of one hold are told apart from twins, and are thinned out by themselves', async ({
	page,
	teach
}) => {
	await teach.record('Table').focus();
	await page.keyboard.down('Space');
	await expect(page.getByText(/^Table: [4-9] of 20/)).toBeVisible();
	await page.keyboard.up('Space');
	await expect(page.getByText(/^\d+ photos from holds look nearly the same\./)).toBeVisible();
	const before = await teach.count('Table');
	await teach.choose('Street', [savedAgain('motorcycles', 90), savedAgain('motorcycles', 60)]);
	await expect(page.getByText('2 photos look nearly the same.')).toBeVisible();
	await teach.button('Look through them').click();
	await expect(teach.button('Throw away 1 photo')).toBeVisible();
	await page.getByRole('radio', { name: /^From one hold/ }).check();
	await expect(page.getByRole('dialog')).toContainText(/photos of “Table”, from one hold/);
	await teach.button(/^Throw away \d+ photos?$/).click();
	await expect(teach.said).toContainText('Threw away');
	await teach.expectCount('Street', '2 photos');
	expect(await teach.count('Table')).toBeLessThan(before);
	expect(await teach.count('Table')).toBeGreaterThan(0);
});

test('what looks like no other is not counted, and nothing is offered once the twins are gone', async ({
	page,
	teach
}) => {
	await teach.choose('Table', [savedAgain('coffee', 90), savedAgain('coffee', 60)]);
	await teach.choose('Street', [savedAgain('motorcycles', 90), savedAgain('restaurant', 90)]);
	const line = page.getByText(/look nearly the same/);
	await expect(line).toContainText('2 photos');
	await teach.expectCount('Street', '2 photos');
	await teach.button('Look through them').click();
	await teach.button('Throw away 1 photo').click();
	await expect(teach.said).toContainText('Threw away 1 photo');
	await expect(line).toHaveCount(0);
});

test('the sheet has no fault that axe finds', async ({ page, teach }) => {
	test.setTimeout(120_000);
	await bringTwins(teach);
	await inEverySize(page, async () => {
		await expect(page.getByText('7 photos look nearly the same.')).toBeVisible();
		await soundInBothThemes(page);
		await teach.button('Look through them').click();
		await expect(teach.button('Throw away 3 photos')).toBeVisible();
		await soundInBothThemes(page);
		await teach.button('Throw away 3 photos').focus();
		await page.keyboard.press('Shift+Tab');
		await expect(teach.similar(3).last()).toBeFocused();
		await page.keyboard.press('Escape');
		await expect(page.getByRole('dialog')).toBeHidden();
	});
});
