import { browserWith, expect, test } from '../fixtures/screens';

// The browser's own refusal, not ours in its place.
test.use(browserWith('--use-fake-device-for-media-stream', '--deny-permission-prompts'));

test('a camera that is not allowed is said in words, and photos work', async ({ look, page, serve }) => {
	const { url } = await serve();
	await look.open(url);
	await look.button('Start the camera').first().click();
	await expect(page.getByRole('alert')).toContainText(
		/The camera (is blocked for this page|was not allowed)/
	);
	await look.choosePhoto('static/samples/coffee.jpg');
	await look.expectCoffee();
});
