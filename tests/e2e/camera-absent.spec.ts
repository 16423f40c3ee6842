import { browserWith, expect, test } from '../fixtures/screens';

// A machine without any camera, whatever is plugged into this one; it is tried without a press, as it is allowed.
test.use(browserWith('--use-fake-device-for-media-stream=device-count=0', '--use-fake-ui-for-media-stream'));

test('a camera that is not there is said in words, and photos work', async ({ look, page, serve }) => {
	const { url } = await serve();
	await look.open(url);
	await expect(page.getByRole('alert')).toContainText(/No camera was found/);
	await look.choosePhoto('static/samples/coffee.jpg');
	await look.expectCoffee();
});
