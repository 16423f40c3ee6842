/** What can go wrong while teaching: the tab dies, the device is full. Nothing that was kept is ever lost. */
import {
	countFeatures,
	emptied,
	featuresKept,
	fullAfter,
	holdTurn,
	holdVersion1,
	kept,
	kill
} from '../fixtures/kept';
import { cameraFlags } from '../fixtures/flags';
import { browserWith, expect, test } from '../fixtures/screens';
import { bringThousand, photoFiles, TeachPage } from '../pages/teach';

test.use({
	...browserWith(...cameraFlags(), '--host-resolver-rules=MAP not-secure.test 127.0.0.1'),
	permissions: ['camera']
});

/** Begins a run of the MLP that takes its time: with one photo of a label none can be set aside, so none stops it early. */
async function trainForLong(teach: TeachPage, button: string) {
	const { page } = teach;
	await teach.step('Train');
	await page.getByText('More ways').click();
	await page.getByRole('radio', { name: /^MLP/ }).check();
	await page.getByRole('slider', { name: /^Epochs/ }).fill('7');
	await page.getByRole('slider', { name: /^Batch/ }).fill('0');
	await teach.button(button).click();
	await expect(page.getByRole('progressbar', { name: /Learning, with a part set aside/ })).toBeVisible();
}

test('the tab dies while a burst is recorded: every photo that was counted is there', async ({
	page,
	context,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	const address = page.url();
	await expect(page.locator('video')).toBeVisible();
	await teach.record('Daisy').hover();
	await page.mouse.down();
	await expect.poll(() => teach.count('Daisy')).toBeGreaterThanOrEqual(5);
	const counted = await teach.count('Daisy');
	await kill(page);

	const again = new TeachPage(await context.newPage());
	await again.page.goto(address);
	await expect.poll(() => again.count('Daisy')).toBeGreaterThanOrEqual(counted);
	await expect(again.grid('Daisy').locator('img').first()).toBeVisible();
	const { photos, broken } = await kept(again.page);
	expect(photos).toEqual({ Daisy: await again.count('Daisy') });
	expect(broken).toBe(0);
	// And it goes on.
	await again.record('Camomile').click();
	await again.expectCount('Camomile', '1 photo');
});

test('the tab dies while it trains: photos, earlier run and model are whole, and there is no half run', async ({
	page,
	context,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	const address = page.url();
	await teach.bring('Daisy', 40);
	await teach.bring('Camomile', 1, 50);
	await teach.step('Train');
	await teach.button('Train').click();
	await expect(page.getByText('In use', { exact: true }).first()).toBeVisible();
	const before = await kept(page);
	expect(before).toEqual({
		...{ photos: { Daisy: 40, Camomile: 1 }, broken: 0 },
		...{ runs: ['done'], models: 1, current: true }
	});
	await trainForLong(teach, 'Train again');
	await kill(page);

	const again = new TeachPage(await context.newPage());
	await again.page.goto(`${address}/train`);
	await expect(again.page.getByText('In use', { exact: true }).first()).toBeVisible();
	expect(await kept(again.page)).toEqual(before);
	await again.button('Train again').click();
	await expect.poll(async () => (await kept(again.page)).runs).toEqual(['done', 'done']);
});

test('the device is full while a burst is recorded: it says so, and what was there before is safe', async ({
	page,
	context,
	teach,
	serve
}) => {
	await fullAfter(context, 4);
	await teach.open((await serve()).url);
	await teach.start('Plants');
	await teach.addLabels('Daisy');
	await expect(page.locator('video')).toBeVisible();
	await teach.record('Daisy').hover();
	await page.mouse.down();
	const trouble = page.getByRole('alert').filter({ hasText: 'no room left' });
	await expect(trouble).toContainText('What was saved before is safe');
	await page.mouse.up();
	await teach.expectCount('Daisy', '4 photos');
	await page.reload();
	await teach.expectCount('Daisy', '4 photos');
	expect((await kept(page)).broken).toBe(0);
});

test('the device is full while files are brought: what is in stays, the rest is named, and comes in later', async ({
	page,
	context,
	teach,
	serve
}) => {
	await fullAfter(context, 20);
	await teach.open((await serve()).url);
	await teach.start('Plants');
	await teach.addLabels('Daisy');
	const files = photoFiles(40, 'leaf');
	await teach.choose('Daisy', files);
	const report = page.getByRole('dialog', { name: 'Photos added' });
	await expect(report).toContainText('16 photos added');
	await expect(report.getByRole('alert')).toContainText('no room left');
	await expect(report.getByRole('alert')).toContainText('safe');
	await expect(report).toContainText('24 files not added yet');
	await expect(report.getByRole('listitem')).toHaveCount(24);
	await expect(report.getByRole('listitem').first()).toContainText('leaf-16.jpg');
	await report.getByRole('button', { name: 'Got it' }).click();
	await teach.expectCount('Daisy', '16 photos');
	expect((await kept(page)).photos).toEqual({ Daisy: 16 });

	await emptied(page);
	await teach.choose('Daisy', files);
	await teach.expectCount('Daisy', '40 photos');
	expect(await kept(page)).toMatchObject({ photos: { Daisy: 40 }, broken: 0 });
});

test('two tabs on one project: each sees what the other does, no edit is lost, and nothing is computed twice', async ({
	page,
	context,
	teach,
	serve
}) => {
	await countFeatures(context);
	const { url } = await serve();
	await teach.open(url);
	await teach.start('Plants');
	await teach.addLabels('Daisy', 'Camomile');
	const second = new TeachPage(await context.newPage());
	await second.page.goto(page.url());
	await expect(second.label('Camomile')).toBeVisible();

	await teach.bring('Daisy', 24);
	await second.bring('Camomile', 24, 40);
	for (const tab of [teach, second]) {
		await tab.expectCount('Daisy', '24 photos');
		await tab.expectCount('Camomile', '24 photos');
	}
	// Each looks at all of them by itself, unless the other has.
	const computed = async () => (await Promise.all([page, second.page].map(featuresKept))).flat();
	await expect.poll(async () => new Set(await computed()).size).toBe(48 * 2);
	expect(await computed()).toHaveLength(48 * 2);

	// At the same time: the one renames a label, the other moves photos.
	await second.photo('Daisy', 1).click();
	await second.photo('Daisy', 4).click({ modifiers: ['Shift'] });
	await second.button('Move to…').click();
	await teach.menu('Daisy', 'Rename');
	await page.getByLabel('Name of the label').fill('Bellis');
	await Promise.all([page.keyboard.press('Enter'), second.pick('Move 4 photos to', 'Camomile')]);
	for (const tab of [teach, second]) {
		await tab.expectCount('Bellis', '20 photos');
		await tab.expectCount('Camomile', '28 photos');
	}
	expect((await kept(page)).photos).toEqual({ Bellis: 20, Camomile: 28 });

	// Another tab trains: here it is one of the test's own that holds the turn.
	const third = await context.newPage();
	await third.goto(`${url}/favicon.svg`);
	await holdTurn(third, `lensmith-training ${page.url().split('/')[4]}`);
	for (const tab of [teach, second]) {
		await tab.step('Train');
		await tab.button('Train').click();
		await expect(tab.page.getByRole('progressbar', { name: /^Another tab is training/ })).toBeVisible();
	}
	await teach.button('Stop').click();
	await third.close();
	await expect(second.page.getByText('In use', { exact: true }).first()).toBeVisible();
	expect((await kept(page)).runs).toEqual(['done']);
	await expect(page.getByText('In use', { exact: true }).first()).toBeVisible();
});

test('an older version holds the database: it says so, and goes on when that one closes', async ({
	page,
	context,
	teach,
	serve
}) => {
	const { url } = await serve();
	const old = await context.newPage();
	await old.goto(`${url}/favicon.svg`);
	await holdVersion1(old);
	await teach.open(url);
	const words = /open in another tab in an older version\. Close that tab/;
	await expect(page.getByText(words).first()).toBeVisible();
	await old.close();
	await expect(teach.button('Start a project')).toBeVisible();
	await expect(page.getByText(words)).toHaveCount(0);
	await teach.start('Plants');
	await teach.addLabels('Daisy');
	await teach.bring('Daisy', 2);
	await page.reload();
	await teach.expectCount('Daisy', '2 photos');
});

test('damaged files among a thousand are named, the page answers meanwhile, and a stop keeps what is done', async ({
	page,
	teach,
	plants
}) => {
	test.setTimeout(180_000);
	expect(plants).toBeTruthy();
	await bringThousand(page, 'Daisy');
	await expect.poll(() => teach.count('Daisy')).toBeGreaterThan(0);
	// It answers while they come in.
	await teach.menu('Camomile', 'Rename');
	await page.getByLabel('Name of the label').fill('Chamomile');
	await page.keyboard.press('Enter');
	await expect(teach.label('Chamomile')).toBeVisible();
	await expect(page.getByRole('progressbar', { name: 'Adding photos' })).toBeVisible();
	await teach.button('Stop here').click();
	await expect(page.getByRole('progressbar', { name: 'Adding photos' })).toHaveCount(0);
	const done = await teach.count('Daisy');
	expect(done).toBeLessThan(990);
	const report = page.getByRole('dialog', { name: 'Photos added' });
	await expect(report).toContainText(`${done} photos added`);
	await expect(report.getByRole('listitem').first()).toContainText('photo-7.jpg');
	await report.getByRole('button', { name: 'Got it' }).click();
	expect((await kept(page)).photos).toEqual({ Daisy: done });

	await bringThousand(page, 'Daisy');
	await expect(report).toContainText(`${990 - done} photos added`, { timeout: 120_000 });
	await expect(report).toContainText(`${done} photos left out: they are here already`);
	await expect(report.getByRole('heading', { name: '10 files left out' })).toBeVisible();
	await report.getByRole('button', { name: 'Got it' }).click();
	await teach.expectCount('Daisy', '990 photos');
});

test('where the browser keeps nothing, teaching works for the session, and says so', async ({
	page,
	teach,
	shell,
	serve
}) => {
	await page.addInitScript(() => {
		Object.defineProperty(window, 'indexedDB', { value: undefined, configurable: true, writable: true });
	});
	await teach.open((await serve()).url);
	await teach.start('Plants');
	await teach.addLabels('Daisy', 'Camomile');
	await shell.expectSaid(/Everything works until the page is closed, then it is gone/);
	await teach.bring('Daisy', 6);
	await teach.bring('Camomile', 6, 20);
	await teach.step('Train');
	await teach.button('Train').click();
	await expect(page.getByText('In use', { exact: true }).first()).toBeVisible();
});

test('at an address that is not secure, photos are refused in words, and labels last for the session', async ({
	page,
	teach,
	serve
}) => {
	const { port } = await serve();
	await teach.open(`http://not-secure.test:${port}`);
	expect(await page.evaluate(() => isSecureContext)).toBe(false);
	await teach.start('Plants');
	await teach.addLabels('Daisy');
	await teach.choose('Daisy', photoFiles(2, 'leaf'));
	const report = page.getByRole('dialog', { name: 'Photos added' });
	await expect(report.getByRole('alert')).toContainText('This address is not secure');
	await expect(report.getByRole('listitem')).toHaveText(['leaf-0.jpg', 'leaf-1.jpg']);
	await report.getByRole('button', { name: 'Got it' }).click();
	await teach.menu('Daisy', 'Rename');
	await page.getByLabel('Name of the label').fill('Bellis');
	await page.keyboard.press('Enter');
	await expect(teach.label('Bellis')).toBeVisible();
});
