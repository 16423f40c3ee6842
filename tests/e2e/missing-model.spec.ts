/** The chosen network is gone from this device: another does the work, undisturbed, until it is back. */
import { expect, test } from '../fixtures/screens';

test('while the chosen network is missing the default answers, is left alone, and gives way when it is back', async ({
	page,
	serve,
	models,
	look,
	shell
}) => {
	const server = await serve();
	await models.open(server.url);
	await look.readyOffline();
	const duo = models.row('Duo');
	await duo.getByRole('button', { name: 'Use' }).click();
	await expect(duo).toContainText('In use');
	await look.readyOffline();

	await page.evaluate(async () => {
		const cache = await caches.open('lensmith-files-v1');
		const keys = (await cache.keys()).filter(({ url }) => url.includes('/models/duo/model.onnx'));
		await Promise.all(keys.map((key) => cache.delete(key)));
	});
	await server.close();
	await shell.forgetHttp();
	await page.reload();
	await expect(look.button('Status: Something is missing')).toBeVisible({ timeout: 30_000 });
	await expect(models.row('MobileNet')).toContainText('In use');

	// Each return to the tab looks for it, and must not take the engine away that works.
	const workers: string[] = [];
	page.on('worker', (worker) => workers.push(worker.url()));
	const asked = () => page.evaluate(() => performance.getEntriesByName('looked-for-duo').length);
	await page.evaluate(() => {
		const original = fetch;
		window.fetch = (...given) =>
			original(...given).finally(() => {
				if (String(given[0]).includes('/models/duo/')) performance.mark('looked-for-duo');
			});
	});
	for (const times of [1, 2, 3]) {
		await page.evaluate(() => window.dispatchEvent(new Event('online')));
		await expect.poll(asked).toBeGreaterThanOrEqual(times);
	}
	expect(workers).toEqual([]);
	await expect(models.row('MobileNet')).toContainText('In use');

	await serve({ port: server.port });
	await page.evaluate(() => window.dispatchEvent(new Event('online')));
	await expect(duo).toContainText('In use');
	await look.readyOffline();
	expect(workers.length).toBeGreaterThan(0);
});
