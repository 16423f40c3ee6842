/** Pictures shared from another app, or dropped on the list of projects: which project, which label, nothing lost. */
import { soundInEveryLook } from '../fixtures/axe';
import { browserWith, expect, test as base } from '../fixtures/screens';
import { photoFiles } from '../pages/teach';

const test = base.extend<{ opened: string }>({
	/** The list of projects, none there yet; its server's address. */
	opened: async ({ teach, serve, shell }, use) => {
		const { url } = await serve();
		await teach.open(url);
		await shell.kept();
		await use(url);
	}
});

test.use(browserWith());

test('shared pictures wait for a project and a label over reloads, and go in as one step', async ({
	page,
	teach,
	opened
}) => {
	await teach.start('Plants');
	await teach.addLabels('Daisy', 'Camomile');
	await teach.share(photoFiles(5, 'shared'));
	const question = page.getByRole('heading', { name: '5 photos were shared. Where should they go?' });
	await expect(question).toBeVisible();
	await page.reload();
	await expect(question).toBeVisible();
	await page.goto(`${opened}/shelf`);
	await teach.open(opened);
	await page.getByRole('link', { name: 'Plants' }).click();
	const labels = page.getByRole('dialog', { name: 'Which label do they get?' });
	await expect(labels).toBeVisible();
	await page.reload();
	await expect(labels).toBeVisible();
	expect(await teach.kept()).toBe(5);
	await page.keyboard.press('Escape');
	await expect(labels).toBeHidden();
	await page.getByRole('link', { name: 'All projects' }).click();
	await expect(question).toBeVisible();

	await page.getByRole('link', { name: 'Plants' }).click();
	await teach.pick('Which label do they get?', 'Camomile');
	await expect(teach.said).toContainText('Added 5 photos to Camomile');
	await expect.poll(() => teach.kept()).toBe(0);
	await expect(page).toHaveURL((url) => url.search === '');
	await teach.undo();
	await teach.expectCount('Camomile', '0 photos');
	await page.getByRole('link', { name: 'All projects' }).click();
	await expect(page.getByRole('article')).toBeVisible();
	await expect(question).toBeHidden();
});

test('shared pictures start a project with a label of their own', async ({ page, teach, opened }) => {
	expect(opened).toBeTruthy();
	await teach.share(photoFiles(3, 'shared'));
	await expect(page.getByRole('heading', { name: /^3 photos were shared/ })).toBeVisible();
	await teach.start('Plants');
	await teach.pick('Which label do they get?', 'A new label');
	await page.getByLabel('Name of the label').fill('Daisy');
	await page.keyboard.press('Enter');
	await teach.expectCount('Daisy', '3 photos');
	await expect.poll(() => teach.kept()).toBe(0);
});

test('shared pictures that are not wanted are put away', async ({ page, teach, opened }) => {
	expect(opened).toBeTruthy();
	await teach.share(photoFiles(2, 'shared'));
	await teach.button('Put them away').focus();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { name: /were shared/ })).toBeHidden();
	await expect.poll(() => teach.kept()).toBe(0);
	await page.reload();
	await expect(teach.button('Start a project')).toBeVisible();
	await expect(page.getByRole('heading', { name: /were shared/ })).toBeHidden();
});

test('that nothing arrived is said', async ({ page, serve }) => {
	const { url } = await serve();
	await page.goto(`${url}/teach?shared=nothing`);
	await expect(page.getByText('What was shared did not arrive')).toBeVisible();
});

test('what is dropped on the list of projects is asked for its project', async ({ page, teach, serve }) => {
	const { url } = await serve();
	await teach.open(url);
	await teach.start('Plants');
	await teach.addLabels('Daisy', 'Camomile');
	await teach.open(url);
	await expect(page.getByRole('article')).toBeVisible();
	await teach.drop(page.locator('body'), photoFiles(1, 'dropped'));
	await expect(page.getByRole('heading', { name: '1 photo was brought. Where should it go?' })).toBeVisible();
	await page.getByRole('link', { name: 'Plants' }).click();
	await teach.pick('Which label do they get?', 'Daisy');
	await teach.expectCount('Daisy', '1 photo');
});

test('the question has no fault that axe finds', async ({ page, teach, opened }) => {
	expect(opened).toBeTruthy();
	await teach.start('Plants');
	await teach.share(photoFiles(5, 'shared'));
	await expect(page.getByRole('article')).toBeVisible();
	await expect(teach.button('Put them away')).toBeVisible();
	await soundInEveryLook(page);
});
