/** A model handed to somebody else: taught with one device's camera, looked with on another's. */
import { pointAt, sceneCamera, type Scene } from '../fixtures/scenes';
import { browserWith, expect, test } from '../fixtures/screens';
import { LookPage } from '../pages/look';
import { ModelsPage } from '../pages/models';
import { ShareSheet } from '../pages/share';

test.use({
	...browserWith('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'),
	permissions: ['camera']
});

test('taught, saved, opened on another device without a network: the camera names the same things', async ({
	page,
	browser,
	serve,
	teach
}) => {
	test.setTimeout(150_000);
	const server = await serve();
	await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
	await sceneCamera(page);
	await teach.open(server.url);
	await teach.start('Table or street');
	await teach.addLabels('Table', 'Street');
	const record = async (scene: Scene, label: string) => {
		await pointAt(page, scene);
		const before = await teach.count(label);
		await teach.record(label).hover();
		await page.mouse.down();
		await expect.poll(() => teach.count(label)).toBeGreaterThanOrEqual(before + 6);
		await page.mouse.up();
	};
	await expect(page.locator('video')).toBeVisible();
	for (let holds = 0; holds < 2; holds++) {
		await record('coffee', 'Table');
		await record('motorcycles', 'Street');
	}
	await teach.step('Train');
	await teach.button('Train').click();
	await expect(page.getByText(/It learned 2 labels from \d+ photos/)).toBeVisible();
	await teach.menu('Table or street', 'Share the model');
	const { bytes: file } = await new ShareSheet(page).save('Runs anywhere');
	await page.close();

	// Nothing of the first device is there.
	const context = await browser.newContext({ permissions: ['camera'] });
	const other = await context.newPage();
	const [look, models] = [new LookPage(other), new ModelsPage(other)];
	await sceneCamera(other);
	await look.open(server.url);
	await look.readyOffline();
	await server.close();
	await models.open(server.url);
	await models.choose('from a friend.onnx', file);
	await expect(models.sheet).toContainText('“Table or street” is on this device', { timeout: 60_000 });
	await expect(models.sheet).toContainText('Taught with Lensmith to tell Table, Street.');
	await models.sheet.getByRole('button', { name: 'Look with it' }).click();
	const names = async () => {
		const first = look.answer.getByRole('listitem').first();
		await expect(other.locator('video')).toBeVisible({ timeout: 30_000 });
		await pointAt(other, 'coffee');
		await expect(first).toContainText('Table', { timeout: 30_000 });
		await pointAt(other, 'motorcycles');
		await expect(first).toContainText('Street');
	};
	await names();
	// It stays, still without a network.
	await other.reload();
	await names();
	await models.open(server.url);
	await expect(models.row('Table or street')).toContainText('In use', { timeout: 30_000 });
	await context.close();
});
