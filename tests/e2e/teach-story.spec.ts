import { pointAt, sceneCamera, type Scene } from '../fixtures/scenes';
import { browserWith, expect, test } from '../fixtures/screens';

test.use({
	...browserWith('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'),
	permissions: ['camera']
});

test('two things are recorded, learned, told apart, put right, and known again without a network', async ({
	page,
	serve,
	look,
	teach
}) => {
	test.setTimeout(120_000);
	const server = await serve();
	await sceneCamera(page);
	await teach.open(server.url);
	await teach.start('Table or street');
	await teach.addLabels('Table', 'Street');
	await expect(page.locator('video')).toBeVisible();
	/** Holds the button until some photos more are there. */
	const record = async (scene: Scene, label: string) => {
		await pointAt(page, scene);
		const before = await teach.count(label);
		await teach.record(label).hover();
		await page.mouse.down();
		await expect.poll(() => teach.count(label)).toBeGreaterThanOrEqual(before + 6);
		await page.mouse.up();
	};
	await record('coffee', 'Table');
	await record('motorcycles', 'Street');
	await record('coffee', 'Table');
	await record('motorcycles', 'Street');

	// It has learned while it was recorded: the camera panel says what it sees.
	await expect(page.getByRole('region', { name: 'Camera' })).toContainText(/Street \d+/);

	await teach.step('Train');
	await page.getByRole('button', { name: 'Train', exact: true }).click();
	await expect(page.getByText(/It learned 2 labels from \d+ photos/)).toBeVisible();

	const first = look.answer.getByRole('listitem').first();
	await teach.step('Try');
	await pointAt(page, 'coffee');
	await expect(first).toContainText('Table');
	await pointAt(page, 'motorcycles');
	await expect(first).toContainText('Street');

	// A third thing: it does not know it, and is told.
	await pointAt(page, 'restaurant');
	await teach.button('Not right? Tell what it is').click();
	await teach.button('Something new').click();
	await page.getByLabel('Name of the label').fill('Restaurant');
	await page.keyboard.press('Enter');
	await expect(page.getByText('Added to Restaurant.')).toBeVisible();
	for (let photos = 1; photos < 4; photos++) {
		await teach.button('Not right? Tell what it is').click();
		await teach.button('Restaurant').click();
		await expect(page.getByText('Added to Restaurant.')).toBeVisible();
	}
	await expect(first).toContainText('Restaurant');
	await pointAt(page, 'coffee');
	await expect(first).toContainText('Table');

	// All of it is there without a network: photos, labels and what was learned.
	await look.readyOffline();
	await server.close();
	await page.reload();
	await pointAt(page, 'restaurant');
	await expect(first).toContainText('Restaurant');
	await pointAt(page, 'motorcycles');
	await expect(first).toContainText('Street');
	await page.getByRole('link', { name: 'Table or street' }).click();
	await expect.poll(() => teach.count('Restaurant')).toBe(4);
});
