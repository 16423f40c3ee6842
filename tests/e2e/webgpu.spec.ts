import { browserWith, expect, test } from '../fixtures/screens';

// WebGPU in software: right, but seconds a picture, so one picture it is.
test.use(browserWith('--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'));

test('the coffee photo has the same answer on WebGPU as on WASM, with nothing refused by the policy', async ({
	look,
	page,
	serve,
	violations
}) => {
	const { url } = await serve();
	await look.open(url);
	await look.choosePhoto('static/samples/coffee.jpg');
	await expect(look.answer).toContainText(/mortar.*cup/s);
	const onCpu = await look.answer.innerText();

	await page.goto(`${url}/about`);
	await page.getByRole('radio', { name: 'GPU' }).check({ force: true });
	await page.getByRole('link', { name: 'Look', exact: true }).click();
	await look.choosePhoto('static/samples/coffee.jpg');
	await expect(look.answer).toContainText(/mortar.*cup/s, { timeout: 60_000 });
	expect(await look.answer.innerText()).toBe(onCpu);
	await look
		.button(/times|ms/i)
		.first()
		.click();
	await expect(page.getByRole('dialog')).toContainText(/WebGPU/);
	expect(violations).toEqual([]);
});
