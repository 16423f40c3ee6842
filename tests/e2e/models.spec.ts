import { expect, test } from '../fixtures/screens';

test.beforeEach(async ({ models, serve }) => {
	const { url } = await serve();
	await models.open(url);
});

test('a row says what a network is, and its card where it comes from', async ({ models }) => {
	const row = models.row('MobileNetV2');
	await expect(row).toContainText('14.0 MB');
	await expect(row).toContainText('1,000 labels');
	await expect(row).toContainText('Apache-2.0');
	await expect(row).toContainText('c0c3f76d');
	await expect(row).toContainText('69 of 100 right');
	const card = await models.details('MobileNetV2');
	await expect(card).toContainText('c0c3f76d93fa3fd6580652a45618618a220fced18babf65774ed169de0432ad5');
	await expect(card).toContainText('ONNX Model Zoo');
	await card.getByRole('button', { name: 'Close' }).click();
	await expect(card).toBeHidden();
});

test('the network on board is in use and kept; another is used when chosen, also after a reload', async ({
	models,
	page
}) => {
	await expect(models.row('MobileNet')).toContainText('In use');
	await expect(models.row('MobileNet')).toContainText('On this device');
	const duo = models.row('Duo');
	await expect(duo).toContainText('fetched when you choose it');
	await duo.getByRole('button', { name: 'Use' }).click();
	await expect(duo).toContainText('In use');
	await expect(duo).toContainText('On this device');
	await expect(models.row('MobileNet')).not.toContainText('In use');
	await page.reload();
	await expect(duo).toContainText('In use');
});

test('a download that gets something else says so and leaves nothing', async ({
	models,
	look,
	context,
	page
}) => {
	// The app's own files are kept by then, so whatever else is kept came with the download.
	await look.readyOffline();
	const kept = () =>
		page.evaluate(async () =>
			(await (await caches.open('lensmith-files-v1')).keys()).map(({ url }) => url).sort()
		);
	const before = await kept();
	const hub = 'https://huggingface.co/**';
	for (const [what, answer, words] of [
		['a web page in its place', { contentType: 'text/html', body: '<h1>Hotel</h1>' }, /web page/],
		[
			'another file',
			{ contentType: 'application/octet-stream', body: 'x'.repeat(64) },
			/Nothing was kept|nothing/i
		],
		['a refusal', { status: 503, body: '' }, /refused|503|server/i]
	] as const)
		await test.step(what, async () => {
			const headers = { 'access-control-allow-origin': '*' };
			await context.route(hub, (route) => route.fulfill({ ...answer, headers }));
			const row = models.row('SqueezeNet 1.1');
			await row.getByRole('button', { name: /^Download/ }).click();
			await expect(row.getByRole('alert')).toContainText(words);
			await row.getByRole('button', { name: 'Cancel' }).click();
			await expect(row.getByRole('button', { name: /^Download/ })).toBeVisible();
			expect(await kept()).toEqual(before);
			await context.unroute(hub);
		});
});

test('a download without a network says so and can be resumed', async ({ models, context }) => {
	await context.route('https://huggingface.co/**', (route) => route.abort('internetdisconnected'));
	const row = models.row('SqueezeNet 1.1');
	await row.getByRole('button', { name: /^Download/ }).click();
	await expect(row.getByRole('alert')).toContainText(/network|connection/i);
	await expect(row.getByRole('button', { name: /Resume|Try again/ })).toBeVisible();
});
