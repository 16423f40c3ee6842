import { browserWith, expect, test } from '../fixtures/screens';

test.use({
	...browserWith(
		'--use-fake-device-for-media-stream=device-count=2,fps=10',
		'--use-fake-ui-for-media-stream'
	),
	permissions: ['camera'],
	keepsApp: false
});

test.beforeEach(async ({ page, look, serve }) => {
	// A track that offers what phones offer and, as specified, does only what it was told last; like Chromium's
	// it wants torch and zoom in one set of their own.
	await page.addInitScript(() => {
		const light = new WeakMap<MediaStreamTrack, object>();
		const { getCapabilities, getSettings, applyConstraints } = MediaStreamTrack.prototype;
		MediaStreamTrack.prototype.getSettings = function () {
			return { ...getSettings.call(this), torch: false, zoom: 2, ...light.get(this) };
		};
		MediaStreamTrack.prototype.getCapabilities = function () {
			return { ...getCapabilities.call(this), torch: true, zoom: { min: 1, max: 4, step: 0.5 } };
		};
		MediaStreamTrack.prototype.applyConstraints = function ({ advanced = [], ...basic } = {}) {
			const [set = {}] = advanced;
			if (!('torch' in set || 'zoom' in set)) return applyConstraints.call(this, { ...basic, advanced });
			if (Object.keys(basic).length > 0) return Promise.reject(new OverconstrainedError('', 'mixed'));
			if ('refusing' in window) return Promise.reject(new DOMException('no', 'OperationError'));
			light.set(this, set);
			return Promise.resolve();
		};
	});
	const { url } = await serve();
	await look.open(url);
	await expect(page.locator('video')).toBeVisible();
});

test('flip takes the other camera, and it is remembered', async ({ look, page }) => {
	const current = () =>
		page
			.locator('video')
			.evaluate((video: HTMLVideoElement) => (video.srcObject as MediaStream).getVideoTracks()[0]?.label);
	const before = await current();
	await look.button('Flip').click();
	await expect.poll(current).not.toBe(before);
	const after = await current();
	await page.reload();
	await look.ready();
	await expect.poll(current).toBe(after);
});

test('the screen and the focus stay while one camera takes another’s place', async ({ look, page }) => {
	// There is an answer to press on.
	await expect(look.picture).toBeEnabled();
	await page.evaluate(() => {
		const { mediaDevices } = navigator;
		const open = mediaDevices.getUserMedia.bind(mediaDevices);
		mediaDevices.getUserMedia = async (wish) => {
			await new Promise<void>((open) => Object.assign(window, { open }));
			return open(wish);
		};
	});
	await look.button('Flip').focus();
	await page.keyboard.press('Enter');
	await page.waitForFunction(() => 'open' in window);
	await expect(look.button('Flip')).toBeFocused();
	await expect(look.button('Flip')).toBeDisabled();
	await expect(look.answer).toBeVisible();
	await expect(page.locator('video')).toBeVisible();
	await expect(page.getByRole('heading', { name: 'What are you looking at?' })).toHaveCount(0);
	await page.evaluate(() => (window as unknown as { open(): void }).open());
	await expect(look.button('Flip')).toBeEnabled();
	await expect(look.button('Flip')).toBeFocused();
	await expect(look.picture).toBeEnabled();
});

test('several cameras can be picked from by name', async ({ look, page }) => {
	await look.button('Camera options').click();
	const picker = page.getByRole('combobox', { name: /^Camera/ });
	await expect(picker.getByRole('option')).toHaveText([/device_0/, /device_1/]);
	await picker.selectOption({ index: 1 });
	await expect(picker.locator('option:checked')).toHaveText(/device_1/);
});

test('torch and zoom are there where the camera offers them, and reach it', async ({ look, page }) => {
	await look.button('Camera options').click();
	await expect(page.getByText('2.0 ×')).toBeVisible();
	await page.getByRole('switch', { name: 'Torch' }).check();
	await page.getByLabel('Zoom').fill('2.5');
	await expect(page.getByText('2.5 ×')).toBeVisible();
	const settings = await page
		.locator('video')
		.evaluate((video: HTMLVideoElement) =>
			(video.srcObject as MediaStream).getVideoTracks()[0]?.getSettings()
		);
	expect(settings).toMatchObject({ torch: true, zoom: 2.5, width: 640, height: 480 });
});

test('torch and zoom that the camera refuses go back, with words', async ({ look, page }) => {
	await look.button('Camera options').click();
	const torch = page.getByRole('switch', { name: 'Torch' });
	const zoom = page.getByLabel('Zoom');
	await zoom.fill('3');
	await page.evaluate(() => Object.assign(window, { refusing: true }));
	await torch.click();
	await expect(page.getByRole('alert')).toContainText('did not switch its torch');
	await expect(torch).not.toBeChecked();
	await zoom.fill('4');
	await expect(page.getByRole('alert')).toContainText('did not take this zoom');
	await expect(zoom).toHaveValue('3');
	await expect(page.getByText('3.0 ×')).toBeVisible();
});

test('the front camera is shown as a mirror does, frozen too, until that is switched off', async ({
	look,
	page
}) => {
	const shown = page.locator('video, .pixels canvas');
	const transform = () => shown.evaluate((one) => getComputedStyle(one).transform);
	await expect.poll(transform).toBe('matrix(-1, 0, 0, 1, 0, 0)');
	await look.button('Freeze').click();
	await expect(page.locator('.pixels canvas')).toBeVisible();
	expect(await transform()).toBe('matrix(-1, 0, 0, 1, 0, 0)');
	await look.button('Back to the camera').click();
	await look.button('Camera options').click();
	await page.getByRole('switch', { name: /^Mirror/ }).uncheck();
	await page.keyboard.press('Escape');
	await expect.poll(transform).toBe('none');
});
