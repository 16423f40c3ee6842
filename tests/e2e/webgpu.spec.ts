import { browserWith, expect, test } from '../fixtures/screens';

// WebGPU in software: right, but seconds a picture, so one picture it is.
test.use(browserWith('--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'));
test.setTimeout(150_000);

test('the coffee photo has the same scores on WebGPU as on WASM', async ({ look, page, serve }) => {
	// The page shows whole percents: the scores themselves are read where the worker hands them to it.
	await page.addInitScript(() => {
		window.Worker = class extends Worker {
			constructor(address: string | URL, options?: WorkerOptions) {
				super(address, options);
				this.addEventListener('message', ({ data }) => {
					if (data.value?.probabilities) Object.assign(window, { scores: [...data.value.probabilities] });
				});
			}
		};
	});
	/** What is read out comes a moment after what is seen. */
	const readOut = () => expect(look.answer).toContainText('Not sure. Looks a little like mortar');
	const scores = () => page.evaluate(() => (window as unknown as { scores: number[] }).scores);
	const drawer = page.getByRole('dialog', { name: 'What is going on' });
	const { url } = await serve();
	await look.open(url);
	await look.choosePhoto('static/samples/coffee.jpg');
	await look.expectCoffee();
	const onCpu = await scores();
	expect(onCpu).toHaveLength(1000);
	await readOut();
	const shownOnCpu = await look.answer.innerText();

	await page.goto(`${url}/about`);
	await page.getByRole('radio', { name: 'GPU' }).check({ force: true });
	await page.getByRole('link', { name: 'Look', exact: true }).click();
	const expectGpu = async () => {
		await look.button(/^What is going on/).click();
		await expect(drawer.getByText('GPU (WebGPU)', { exact: true })).toBeVisible();
		await expect(drawer.getByText(/graphics processor/i)).toHaveCount(0); // no word of a way down
		await page.keyboard.press('Escape');
	};
	await expectGpu();
	await look.ready(90_000);
	await look.choosePhoto('static/samples/coffee.jpg');
	await expect(look.answer).toContainText(/mortar.*cup/s, { timeout: 90_000 });
	await expectGpu();
	await readOut();
	expect(await look.answer.innerText()).toBe(shownOnCpu);
	const onGpu = await scores();
	expect(onGpu).not.toEqual(onCpu);
	expect(Math.max(...onGpu.map((score, i) => Math.abs(score - (onCpu[i] ?? NaN))))).toBeLessThan(1e-3);
});
