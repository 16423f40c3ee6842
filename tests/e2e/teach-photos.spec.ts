/** Projects, labels and photos: brought, moved, thrown away and taken back; nothing is lost on a reload. */
import { covered, inEverySize, sizes, soundInBothThemes, soundInEveryLook } from '../fixtures/axe';
import { cameraFlags } from '../fixtures/flags';
import { browserWith, expect, test } from '../fixtures/screens';
import { photoFiles, TeachPage } from '../pages/teach';

test.use({ ...browserWith(...cameraFlags()), keepsApp: false });

test('photos are brought, moved, thrown away, taken back, and all there after a reload', async ({
	page,
	teach,
	plants
}) => {
	await teach.bring('Daisy', 6);
	await teach.bring('Camomile', 2, 20);
	await expect(teach.label('Camomile')).toContainText('Too few: 3 more at least');

	await teach.photo('Daisy', 1).click();
	await teach.photo('Daisy', 3).click({ modifiers: ['Shift'] });
	await expect(teach.selected('Daisy')).toHaveCount(3);
	await teach.button('Move to…').click();
	await teach.pick('Move 3 photos to', 'Camomile');
	await expect(teach.said).toContainText('Moved 3 photos to Camomile');
	await teach.expectCount('Daisy', '3 photos');
	await teach.expectCount('Camomile', '5 photos');

	await teach.photo('Camomile', 1).click();
	await teach.button('Throw away').click();
	await expect(teach.said).toContainText('Threw away 1 photo');
	await teach.expectCount('Camomile', '4 photos');
	await teach.undo();
	await teach.expectCount('Camomile', '5 photos');
	await page.keyboard.press('Control+z');
	await teach.expectCount('Daisy', '6 photos');
	await page.keyboard.press('Control+Shift+z');
	await teach.expectCount('Daisy', '3 photos');

	await page.reload();
	await teach.expectCount('Daisy', '3 photos');
	await teach.expectCount('Camomile', '5 photos');
	await expect(teach.grid('Daisy').locator('img')).toHaveCount(3);

	await page.getByRole('link', { name: 'All projects' }).click();
	const card = page.getByRole('article').filter({ hasText: 'Plants' });
	await expect(card).toContainText('2 labels · 8 photos · 2 photos to go');
	await page.goto(`${plants}/teach`);
	await expect(card.locator('img')).toHaveCount(4);
});

test('what was thrown away comes back from the trash, also after a reload', async ({
	page,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	await teach.bring('Daisy', 3);
	await teach.photo('Daisy', 2).click();
	await page.keyboard.press('Delete');
	await teach.expectCount('Daisy', '2 photos');
	await teach.menu('Daisy', 'Throw away');
	await expect(teach.label('Daisy')).toBeHidden();

	await page.reload();
	await expect(teach.label('Camomile')).toBeVisible();
	await teach.menu('Plants', 'Trash');
	await teach.button('Take back 1 photo of Daisy').click();
	await page.keyboard.press('Escape');
	await teach.expectCount('Daisy', '3 photos');

	await teach.menu('Camomile', 'Throw away');
	await teach.menu('Plants', 'Trash');
	await teach.button('Empty the trash').click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Empty the trash' }).click();
	await expect(page.getByText('Nothing was thrown away')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(teach.button('Nothing to undo')).toBeVisible();
	await teach.expectCount('Daisy', '3 photos');
});

test('what comes back under a name that was given away meanwhile gets a number, and says so', async ({
	page,
	teach,
	plants
}) => {
	await teach.menu('Daisy', 'Throw away');
	await expect(teach.label('Daisy')).toBeHidden();
	await teach.addLabels('Daisy');
	await teach.menu('Plants', 'Trash');
	await teach.button('Take back Daisy').click();
	await page.keyboard.press('Escape');
	await expect(teach.said).toContainText('Took back Daisy as Daisy (2)');
	await expect(teach.label('Daisy (2)')).toBeVisible();

	await teach.open(plants);
	await teach.menu('Plants', 'Throw away');
	await expect(page.getByRole('article')).toHaveCount(0);
	await expect(teach.said.getByRole('button', { name: 'Undo' })).toBeVisible();
	await teach.start('Plants');
	await teach.open(plants);
	await teach.button('Trash').click();
	await teach.button('Take back Plants').click();
	await page.keyboard.press('Escape');
	await expect(teach.said).toContainText('Took back Plants as Plants (2)');
	await expect(page.getByRole('article')).toHaveCount(2);
});

test('the focus is never lost: the first label, a selection that was put away, a click without a pointer', async ({
	page,
	teach,
	serve
}) => {
	await teach.open((await serve()).url);
	await teach.start('Plants');
	await teach.addLabels('Daisy');
	await expect(page.locator('main')).toBeFocused();
	await teach.bring('Daisy', 4);
	await teach.photo('Daisy', 1).click();
	await teach.photo('Daisy', 2).click({ modifiers: ['Shift'] });
	await expect(teach.selected('Daisy')).toHaveCount(2);
	await page.keyboard.press('Escape');
	await teach.photo('Daisy', 4).click({ modifiers: ['Shift'] });
	await expect(teach.selected('Daisy')).toHaveCount(1);
	await page.keyboard.press('Escape');
	await expect(page.locator('video')).toBeVisible();
	await teach.record('Daisy').evaluate((button: HTMLElement) => button.click());
	await teach.expectCount('Daisy', '5 photos');
	await teach.record('Daisy').click();
	await teach.expectCount('Daisy', '6 photos');
});

test('a project is copied, renamed, thrown away and taken back', async ({ page, teach, plants }) => {
	await teach.bring('Daisy', 2);
	await teach.open(plants);
	await teach.menu('Plants', 'Duplicate');
	const copy = page.getByRole('article').filter({ hasText: 'Plants (copy)' });
	await expect(copy).toContainText('2 labels · 2 photos');
	await teach.menu('Plants', 'Rename');
	const field = page.getByLabel('Name of the project');
	await field.fill('plants (COPY)');
	await teach.button('Rename').click();
	await expect(page.getByRole('dialog').getByRole('alert')).toContainText('is there already');
	await field.fill('Garden');
	await teach.button('Rename').click();
	await teach.menu('Garden', 'Throw away');
	await expect(page.getByRole('article')).toHaveCount(1);
	await teach.undo();
	await expect(page.getByRole('article')).toHaveCount(2);
	await teach.menu('Garden', 'Throw away');
	await expect(page.getByRole('article')).toHaveCount(1);
	await page.reload();
	await teach.button('Trash').click();
	await teach.button('Take back Garden').click();
	await page.keyboard.press('Escape');
	await expect(page.getByRole('article').filter({ hasText: 'Garden' })).toContainText('2 photos');
});

test('labels are renamed, coloured, moved, switched off and merged, each undone by its name', async ({
	page,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	await teach.bring('Daisy', 2);
	await teach.menu('Daisy', 'Rename');
	await page.getByLabel('Name of the label').fill('Bellis');
	await page.keyboard.press('Enter');
	await expect(teach.said).toContainText('Renamed Daisy to Bellis');
	await teach.menu('Bellis', 'Colour');
	await page.getByRole('radio', { name: 'Violet' }).check();
	await page.keyboard.press('Escape');
	await expect(teach.said).toContainText('Changed the colour of Bellis');
	await teach.menu('Bellis', 'Move down');
	const names = page.getByRole('region').getByRole('heading', { level: 2 });
	await expect(names).toHaveText(['Camomile', 'Bellis']);
	await teach.menu('Camomile', 'Switch off');
	await expect(teach.label('Camomile')).toContainText('switched off');
	await teach.menu('Bellis', 'Merge into…');
	await teach.pick('Merge Bellis into', 'Camomile');
	await teach.expectCount('Camomile', '2 photos');
	for (const step of ['Merged', 'Switched', 'Moved', 'Changed', 'Renamed']) {
		await teach.button(new RegExp(`^Undo: ${step}`)).click();
		await expect(teach.said).toContainText(`Undone: ${step}`);
	}
	await expect(names).toHaveText(['Daisy', 'Camomile']);
	await teach.expectCount('Daisy', '2 photos');
});

test('the keyboard alone selects, moves along and throws away', async ({ page, teach, plants }) => {
	expect(plants).toBeTruthy();
	await teach.bring('Daisy', 8);
	await teach.record('Daisy').focus();
	await page.keyboard.press('Tab');
	await expect(teach.photo('Daisy', 1)).toBeFocused();
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('Space');
	await expect(teach.photo('Daisy', 2)).toHaveAttribute('aria-selected', 'true');
	await page.keyboard.press('Shift+ArrowRight');
	await page.keyboard.press('Shift+ArrowRight');
	await expect(teach.selected('Daisy')).toHaveCount(3);
	await page.keyboard.press('Shift+ArrowLeft');
	await expect(teach.selected('Daisy')).toHaveCount(2);
	await page.keyboard.press('End');
	await expect(teach.photo('Daisy', 8)).toBeFocused();
	await page.keyboard.press('Control+a');
	await expect(teach.selected('Daisy')).toHaveCount(8);
	await page.keyboard.press('Escape');
	await expect(teach.selected('Daisy')).toHaveCount(0);
	await page.keyboard.press('Delete');
	await teach.expectCount('Daisy', '7 photos');
	await expect(teach.photo('Daisy', 7)).toBeFocused();
});

test('photos are dragged onto another label: all that are selected, or the one that is not; one step each', async ({
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	await teach.bring('Daisy', 6);
	await teach.photo('Daisy', 2).click();
	await teach.photo('Daisy', 4).click({ modifiers: ['Shift'] });
	await expect(teach.selected('Daisy')).toHaveCount(3);
	await teach.photo('Daisy', 3).dragTo(teach.label('Daisy').getByRole('heading'));
	await expect(teach.selected('Daisy')).toHaveCount(3);
	await teach.photo('Daisy', 3).dragTo(teach.label('Camomile'));
	await expect(teach.said).toContainText('Moved 3 photos to Camomile');
	await teach.expectCount('Daisy', '3 photos');
	await teach.expectCount('Camomile', '3 photos');
	await teach.undo();
	await teach.expectCount('Daisy', '6 photos');
	await teach.photo('Daisy', 1).dragTo(teach.label('Camomile'));
	await expect(teach.said).toContainText('Moved 1 photo to Camomile');
	await teach.expectCount('Camomile', '1 photo');
	await teach.drop(teach.label('Camomile'), photoFiles(2, 'drop', 50));
	await teach.expectCount('Camomile', '3 photos');
});

test('a double click opens the photo also where the bar of what is selected rises under it', async ({
	page,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	await page.setViewportSize(sizes.phone);
	await teach.bring('Daisy', 12);
	await page.getByRole('button', { name: 'Close the message' }).click();
	await page.getByRole('option').first().click();
	const box = await page.getByRole('toolbar', { name: 'Selected photos' }).boundingBox();
	if (!box) throw new Error('The bar should be on the page.');
	await page.getByRole('button', { name: 'Cancel the selection' }).click();
	// Within the bar's place, and not between two rows.
	const x = box.x + box.width / 2;
	const heights = [0.5, 0.25, 0.75].map((part) => box.y + part * box.height);
	const found = await page.waitForFunction(
		({ heights, x }) => heights.find((y) => document.elementFromPoint(x, y)?.closest('[role=option]')),
		{ heights, x }
	);
	await page.mouse.dblclick(x, (await found.jsonValue()) ?? 0);
	await expect(page.getByRole('dialog', { name: /Photo \d+ of 12, Daisy/ })).toBeVisible();
});

test('one photo is shown large: by a double click, by keys, by its button; gone through, moved, thrown away', async ({
	page,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	await teach.bring('Daisy', 4);
	await teach.photo('Daisy', 2).dblclick();
	await expect(teach.large('Photo 2 of 4, Daisy')).toContainText(
		/Brought from a file.*Daisy-\d\.jpg.*160 × 120 pixels/s
	);
	const picture = page.getByRole('img', { name: 'Photo of Daisy' });
	await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(160);
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('ArrowRight');
	await expect(teach.large('Photo 4 of 4, Daisy')).toBeVisible();
	await teach.button('Previous photo').click();
	await expect(teach.large('Photo 3 of 4, Daisy')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(teach.photo('Daisy', 3)).toBeFocused();
	await expect(teach.selected('Daisy')).toHaveCount(0);

	await page.keyboard.press('Enter');
	await expect(teach.large('Photo 3 of 4, Daisy')).toBeVisible();
	await teach.moveShown('Daisy', 'Camomile');
	await expect(teach.large('Photo of Camomile')).toContainText('Moved 1 photo to Camomile');
	await teach.button('Next photo').click();
	await expect(teach.large('Photo 3 of 3, Daisy')).toBeVisible();
	await teach.button('Throw away').click();
	await expect(teach.large('Photo 2 of 2, Daisy')).toContainText('Threw away 1 photo');
	await page.keyboard.press('Control+z');
	await expect(teach.large('Photo 3 of 3, Daisy')).toBeVisible();
	await teach.button('Close').click();
	await expect(teach.photo('Daisy', 3)).toBeFocused();
	await teach.expectCount('Camomile', '1 photo');

	await teach.photo('Daisy', 1).click();
	await teach.button('Show the photo large').click();
	await expect(teach.large('Photo 1 of 3, Daisy')).toBeVisible();
	for (let left = 3; left > 0; left--) await page.keyboard.press('Delete');
	await expect(page.getByRole('dialog')).toBeHidden();
	await expect(page.locator('body')).not.toBeFocused();
	await teach.undo();
	await teach.expectCount('Daisy', '1 photo');
});

test('what is undone or done again is shown large, whatever was done before the view was opened', async ({
	page,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	await teach.bring('Daisy', 4);
	await teach.photo('Daisy', 1).dblclick();
	await page.keyboard.press('Delete');
	await expect(teach.large('Photo 1 of 3, Daisy')).toBeVisible();
	await teach.button('Close').click();
	await teach.undo();
	await teach.expectCount('Daisy', '4 photos');

	await teach.photo('Daisy', 3).dblclick();
	await teach.moveShown('Daisy', 'Camomile');
	await expect(teach.large('Photo of Camomile')).toBeVisible();
	await page.keyboard.press('ArrowRight');
	await expect(teach.large('Photo 3 of 3, Daisy')).toBeVisible();
	await page.keyboard.press('Control+z');
	await expect(teach.large('Photo 3 of 4, Daisy')).toBeVisible();

	await page.keyboard.press('Delete');
	await expect(teach.large('Photo 3 of 3, Daisy')).toBeVisible();
	await page.keyboard.press('Delete');
	await expect(teach.large('Photo 2 of 2, Daisy')).toContainText('Threw away 1 photo');
	await page.keyboard.press('Control+z');
	await expect(teach.large('Photo 3 of 3, Daisy')).toContainText('Daisy-0.jpg');
	await page.keyboard.press('Control+z');
	await expect(teach.large('Photo 3 of 4, Daisy')).toContainText('Daisy-1.jpg');
	await page.keyboard.press('Control+Shift+z');
	await expect(teach.large('Photo 3 of 3, Daisy')).toContainText('Daisy-0.jpg');
	await page.keyboard.press('Control+y');
	await expect(teach.large('Photo 2 of 2, Daisy')).toBeVisible();
});

test('a photo that leaves the row while it is on show keeps its place there, and others take it', async ({
	page,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	await teach.bring('Camomile', 1, 20);
	await teach.bring('Daisy', 1);
	await teach.bring('Camomile', 2, 30);
	await teach.photo('Daisy', 1).dragTo(teach.label('Camomile'));
	await teach.expectCount('Camomile', '4 photos');
	await teach.photo('Camomile', 3).dblclick();
	await expect(teach.large('Photo 3 of 4, Camomile')).toContainText('Daisy-0.jpg');
	await page.keyboard.press('Control+z');
	await expect(teach.large('Photo of Daisy')).toContainText('Daisy-0.jpg');
	await page.keyboard.press('ArrowRight');
	await expect(teach.large('Photo 3 of 3, Camomile')).toBeVisible();
	await page.keyboard.press('ArrowLeft');
	await expect(teach.large('Photo 2 of 3, Camomile')).toBeVisible();

	const second = new TeachPage(await page.context().newPage());
	await second.page.goto(page.url());
	await second.photo('Camomile', 2).click();
	await second.page.keyboard.press('Delete');
	await second.expectCount('Camomile', '2 photos');
	await page.bringToFront();
	await expect(teach.large('Photo 2 of 2, Camomile')).toBeVisible();
	await expect(page.locator('body')).not.toBeFocused();
});

test('keys pressed quickly throw away as many photos, a key held down one', async ({
	page,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	await teach.bring('Daisy', 6);
	await teach.photo('Daisy', 6).click();
	await page.keyboard.press('Escape');
	for (let held = 0; held < 5; held++) await page.keyboard.down('Enter');
	await expect(teach.large('Photo 6 of 6, Daisy')).toBeVisible();
	await page.keyboard.up('Enter');
	for (let held = 0; held < 5; held++) await page.keyboard.down('Delete');
	await page.keyboard.up('Delete');
	await expect(teach.large('Photo 5 of 5, Daisy')).toBeVisible();
	// Before the first is kept as thrown away.
	await page.evaluate(() => {
		for (let i = 0; i < 3; i++)
			document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Delete', bubbles: true }));
	});
	await expect(teach.large('Photo 2 of 2, Daisy')).toBeVisible();
	await teach.button('Close').click();
	await teach.expectCount('Daisy', '2 photos');
});

test('what was done large is said in sight on every screen, however long the names are', async ({
	page,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	const names = [
		'dandelion in the evening sun behind the house of my',
		'camomile_between_the_stones_of_the_old_wall_by_the'
	];
	const [from, to] = [`${names[0]} parents`, `${names[1]}_river`];
	await teach.addLabels(from, to);
	await teach.bring(from, 2);
	await teach.photo(from, 1).click();
	await page.setViewportSize({ width: 320, height: 568 });
	const bar = page.getByRole('toolbar', { name: 'Selected photos' });
	const tops = await bar
		.getByRole('button')
		.evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().top));
	expect(new Set(tops).size).toBe(1);
	await teach.button('Show the photo large').click();
	await teach.moveShown(from, to);
	for (const [width, height] of [
		[320, 568],
		[360, 740],
		[568, 320],
		[740, 360],
		[1280, 800]
	] as const) {
		await page.setViewportSize({ width, height });
		await expect(teach.said).toBeInViewport({ ratio: 1 });
		const picture = await page.getByRole('img', { name: /^Photo of/ }).boundingBox();
		expect(picture?.height).toBeGreaterThanOrEqual(120);
	}
});

test('what was done is said for a while only, and the focus that it had goes on', async ({
	page,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	await page.clock.install();
	await teach.bring('Daisy', 4);
	await teach.photo('Daisy', 1).click();
	await teach.button('Throw away').click();
	await expect(teach.said.getByRole('button', { name: 'Undo' })).toBeFocused();
	await teach.said.hover();
	await page.clock.runFor(11_000);
	await expect(teach.said).toBeVisible();
	await page.clock.runFor(2000);
	await expect(teach.said).toBeHidden();
	await expect(page.locator('main')).toBeFocused();
});

test('a tap takes one photo, a hold a burst that is stacked and spread out, by pointer and by keyboard', async ({
	page,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	await teach.record('Daisy').click();
	await expect(teach.said).toContainText('Added 1 photo to Daisy');
	await teach.record('Daisy').focus();
	await page.keyboard.down('Space');
	await expect(page.getByText(/^Daisy: [3-9] of 20/)).toBeVisible();
	await page.keyboard.up('Space');
	await expect(teach.said).toContainText(/Added \d+ photos to Daisy/);
	const burst = teach.grid('Daisy').getByRole('option', { name: /^Burst of \d+ photos/ });
	await expect(burst).toHaveCount(1);
	await burst.click();
	await expect(burst).toHaveCount(0);
	await expect(teach.grid('Daisy').getByRole('option', { name: /from a burst of/ })).not.toHaveCount(0);
	await page.keyboard.press('Control+z');
	await teach.expectCount('Daisy', '1 photo');
});

test('what cannot be read is named, and the rest is there', async ({ page, teach, plants }) => {
	expect(plants).toBeTruthy();
	const broken = { name: 'broken.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') };
	await teach.choose('Daisy', [...photoFiles(3, 'daisy'), broken]);
	const report = page.getByRole('dialog', { name: 'Photos added' });
	await expect(report).toContainText('3 photos added');
	await expect(report.getByRole('listitem')).toContainText('broken.jpg');
	await teach.button('Got it').click();
	await teach.expectCount('Daisy', '3 photos');
});

test('what is dropped on a label is its own; elsewhere it is asked, and nothing opens in Look', async ({
	page,
	teach,
	plants
}) => {
	expect(plants).toBeTruthy();
	await teach.drop(teach.label('Camomile'), photoFiles(2, 'drop'));
	await teach.expectCount('Camomile', '2 photos');
	await teach.drop(page.locator('body'), photoFiles(1, 'other', 9));
	await teach.pick('Which label do they get?', 'Daisy');
	await teach.expectCount('Daisy', '1 photo');
	await expect(page).toHaveURL(/\/teach\/[\w-]+$/);
});

test.describe('kept for later', () => {
	test.use({ keepsApp: true });

	test('a project opens by its address without a server, and one that is not there says so', async ({
		page,
		teach,
		look,
		serve
	}) => {
		const server = await serve();
		await teach.open(server.url);
		await look.readyOffline();
		await teach.start('Plants');
		await teach.addLabels('Daisy');
		const address = page.url();
		await server.close();
		await page.goto('about:blank');
		await page.goto(address);
		await expect(teach.label('Daisy')).toBeVisible();
		await expect(page.getByRole('link', { name: 'Teach', exact: true })).toHaveAttribute(
			'aria-current',
			'page'
		);
		await page.goto(`${server.url}/teach/nothing`);
		await expect(page.getByRole('heading', { name: 'This project is not here' })).toBeVisible();
	});
});

test('a second tab follows', async ({ page, teach, plants }) => {
	expect(plants).toBeTruthy();
	const second = new TeachPage(await page.context().newPage());
	await second.page.goto(page.url());
	await expect(second.label('Daisy')).toBeVisible();
	await teach.bring('Daisy', 2);
	await second.expectCount('Daisy', '2 photos');
	await second.menu('Daisy', 'Rename');
	await second.page.getByLabel('Name of the label').fill('Bellis');
	await second.page.keyboard.press('Enter');
	await expect(teach.label('Bellis')).toBeVisible();
});

test('the project’s screens have no fault that axe finds, and nothing runs over the edge', async ({
	page,
	teach,
	serve
}) => {
	test.setTimeout(120_000);
	const { url } = await serve();
	await teach.open(url);
	await expect(teach.button('Start a project')).toBeVisible();
	await soundInEveryLook(page);
	await page.setViewportSize(sizes.side);
	await teach.start('Plants on the balcony of a house with a rather long name');
	await expect(teach.button('Add the first label')).toBeVisible();
	await soundInEveryLook(page);
	await page.setViewportSize(sizes.side);
	await teach.addLabels(
		'Daisy',
		'Dandelion in the evening sun',
		'dandelion_in_the_evening_sun_behind_the_house_of_my_parents_',
		'أقحوان المساء',
		'🌼👩‍🌾',
		'<b>bold</b>'
	);
	await teach.bring('Daisy', 6);

	const runsOver = () =>
		page.evaluate(() =>
			[...document.querySelectorAll('[role=dialog], .sheet-title, .sheet-body')]
				.filter((one) => one.scrollWidth > one.clientWidth || one.getBoundingClientRect().right > innerWidth)
				.map(({ className }) => className)
		);
	await inEverySize(page, async () => {
		await teach.photo('Daisy', 1).click();
		await expect(teach.button('Throw away')).toBeVisible();
		await soundInBothThemes(page);
		for (const [open, dialog] of [
			['Show the photo large', /^Photo 1 of 6/],
			['Move to…', 'Move 1 photo to'],
			['Recording options', 'Recording']
		] as const) {
			await teach.button(open).click();
			await expect(page.getByRole('dialog', { name: dialog })).toBeVisible();
			await soundInBothThemes(page);
			expect(await runsOver()).toEqual([]);
			await page.keyboard.press('Escape');
			await expect(page.getByRole('dialog')).toBeHidden();
		}
		await teach.menu('dandelion_in_the_evening_sun_behind_the_house_of_my_parents_', 'Rename');
		await expect(page.getByRole('dialog')).toBeVisible();
		await soundInBothThemes(page);
		expect(await runsOver()).toEqual([]);
		await page.keyboard.press('Escape');
		await expect(page.getByRole('dialog')).toBeHidden();
		await teach.button('More for Daisy').click();
		await expect(page.getByRole('menu')).toBeVisible();
		await soundInBothThemes(page);
		await page.keyboard.press('Escape');
		await page.getByRole('button', { name: 'Cancel the selection' }).click();
	});
	await teach.open(url);
	await expect(page.getByRole('article')).toBeVisible();
	await inEverySize(page, async (size) => {
		await soundInBothThemes(page);
		// On its side a phone shows a part of the page at a time.
		if (size !== 'side') expect(await covered(page)).toEqual([]);
	});
});
