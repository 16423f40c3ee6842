import type { Page } from '@playwright/test';
import { covered, faults, inEachOf, sizes } from '../fixtures/axe';
import { coffeeFilm } from '../fixtures/camera';
import { cameraFlags } from '../fixtures/flags';
import { browserWith, expect, test } from '../fixtures/screens';

test.use({ ...browserWith(...cameraFlags(coffeeFilm())), permissions: ['camera'], keepsApp: false });

test.beforeEach(async ({ look, serve }) => {
	const { url } = await serve();
	await look.open(url);
});

test('the camera comes on by itself once it is allowed, its picture is named, and axe finds no fault', async ({
	look,
	page,
	violations
}) => {
	await expect(look.answer.getByRole('listitem')).toHaveCount(3);
	expect(await look.labels()).toContain('coffee mug');
	await expect(look.button(/^What is going on/)).toContainText(/\d ms/);
	expect(await page.locator('video').evaluate((video: HTMLVideoElement) => video.videoWidth)).toBe(640);
	expect(await faults(page)).toEqual([]);
	expect(violations).toEqual([]);
});

test('freezing stops the picture and keeps its answer, a press shows where the network looked, back goes on', async ({
	look,
	page
}) => {
	await expect(look.answer.getByRole('listitem')).toHaveCount(3);
	const [before] = await look.labels();
	await look.button('Freeze').click();
	await expect(page.locator('video')).toHaveCount(0);
	await look.button(/^What is going on/).click();
	const drawer = page.getByRole('dialog', { name: 'What is going on' });
	await expect(drawer.getByRole('heading', { name: 'This picture' })).toBeVisible();
	await expect(drawer).toContainText(/Frames a second\s*At most 15/);
	await page.keyboard.press('Escape');
	expect((await look.labels())[0]).toBe(before);
	await look.button('Back to the camera').click();
	await expect(page.locator('video')).toHaveCount(1);
	await expect(look.answer.getByRole('listitem')).toHaveCount(3);

	await look.picture.click();
	await expect(look.heat).toBeVisible();
	const { clearest, darkest } = await look.heatRange();
	expect(darkest - clearest).toBeGreaterThan(60);
	await expect(page.locator('video')).toHaveCount(0);
	const second = look.answer.getByRole('listitem').nth(1).getByRole('button');
	const name = await second.locator('.label').innerText();
	await second.click();
	await expect(look.heat).toContainText(`“${name}”`);
	await expect(second).toHaveAttribute('aria-pressed', 'true');
	await look.picture.click();
	await expect(look.heat).toBeHidden();
});

/** What the camera sends. */
const trackOf = (page: Page) =>
	page
		.locator('video')
		.evaluateHandle((video: HTMLVideoElement) => (video.srcObject as MediaStream).getVideoTracks()[0]);

test('a camera that sends no picture, or is unplugged, is said in words; photos still work, and it can be tried again', async ({
	look,
	page
}) => {
	await expect(look.answer.getByRole('listitem')).toHaveCount(3);
	const track = await trackOf(page);
	const tell = (kind: 'mute' | 'unmute') =>
		track.evaluate((one, kind) => one?.dispatchEvent(new Event(kind)), kind);
	await tell('mute');
	await expect(look.answer.getByRole('alert')).toContainText('no picture right now');
	await tell('unmute');
	await expect(look.answer.getByRole('listitem')).toHaveCount(3);

	await track.evaluate((one) => {
		one?.stop();
		one?.dispatchEvent(new Event('ended'));
	});
	await expect(page.getByRole('alert')).toContainText('unplugged');
	await look.choosePhoto('static/samples/motorcycles.jpg');
	await expect(look.answer).toContainText('crash helmet');
	await look.button('Back to the camera').click();
	await expect(page.locator('video')).toHaveCount(1);
});

test('the camera is off on other screens and under an opened photo, and comes back after them', async ({
	look,
	page,
	shell
}) => {
	await expect(look.answer.getByRole('listitem')).toHaveCount(3);
	const first = await trackOf(page);
	await shell.go('Models');
	await expect.poll(() => first.evaluate((one) => one?.readyState)).toBe('ended');
	await shell.go('Look');
	await expect(look.answer.getByRole('listitem')).toHaveCount(3);

	const second = await trackOf(page);
	await look.choosePhoto('static/samples/motorcycles.jpg');
	await expect(look.answer).toContainText('crash helmet');
	expect(await second.evaluate((one) => one?.readyState)).toBe('ended');
	await look.button('Back to the camera').click();
	await expect(look.answer).toContainText('coffee mug');
});

test('there is nothing to freeze before the first picture', async ({ look, page }) => {
	await page.addInitScript(() => {
		navigator.mediaDevices.getUserMedia = () =>
			Promise.resolve(document.createElement('canvas').captureStream(0));
	});
	await page.reload();
	await expect(page.locator('video')).toHaveCount(1);
	await expect(look.button('Freeze')).toBeDisabled();
	// A camera that never sends one is said.
	await expect(look.answer.getByRole('alert')).toContainText('no picture right now');
});

test('the camera stays off where the screen is left before it is known that it may come on', async ({
	page,
	shell
}) => {
	await page.addInitScript(() => {
		let asked = 0;
		const answers: (() => void)[] = [];
		Object.assign(window, { answers, asked: () => asked });
		navigator.permissions.query = () =>
			new Promise((resolve) => answers.push(() => resolve({ state: 'granted' } as PermissionStatus)));
		const { mediaDevices } = navigator;
		const open = mediaDevices.getUserMedia.bind(mediaDevices);
		mediaDevices.getUserMedia = (wish) => {
			asked++;
			return open(wish);
		};
	});
	await page.reload();
	const askedAgain = () =>
		page.waitForFunction(() => (window as unknown as { answers: unknown[] }).answers.length > 0);
	await askedAgain();
	await shell.go('Models');
	await shell.expectAt('/shelf');
	const asked = await page.evaluate(async () => {
		const { answers, asked } = window as unknown as { answers: (() => void)[]; asked(): number };
		for (const answer of answers.splice(0)) answer();
		await new Promise((resolve) => setTimeout(resolve));
		return asked();
	});
	expect(asked).toBe(0);
	await shell.go('Look');
	await askedAgain();
	await page.evaluate(() => (window as unknown as { answers: (() => void)[] }).answers.at(-1)?.());
	await expect(page.locator('video')).toHaveCount(1);
});

test('what could not be done is said without lying over anything', async ({ look, page }) => {
	const rows = look.answer.getByRole('listitem');
	await expect(rows).toHaveCount(3);
	await page.evaluate(() => {
		window.createImageBitmap = () => Promise.reject(new DOMException('no', 'InvalidStateError'));
	});
	await inEachOf(page, { ...sizes, small: { width: 320, height: 568 } }, async () => {
		await look.button('Freeze').click();
		const note = look.answer.getByRole('alert');
		await expect(note).toContainText('could not be frozen');
		await expect(note).toBeInViewport({ ratio: 1 });
		const said = await note.boundingBox();
		const shutter = await look.button('Freeze').boundingBox();
		const picture = await look.picture.boundingBox();
		if (!said || !shutter || !picture) throw new Error('not on the page');
		expect(said.y + said.height).toBeLessThanOrEqual(shutter.y);
		expect(said.y >= picture.y + picture.height || said.x >= picture.x + picture.width).toBe(true);
		expect(await covered(page)).toEqual([]);
	});
});

test('what is going on says what runs and how long a frame takes', async ({ look, page }) => {
	await expect(look.answer.getByRole('listitem')).toHaveCount(3);
	await look.button(/^What is going on/).click();
	const drawer = page.getByRole('dialog', { name: 'What is going on' });
	await expect(drawer).toContainText('CPU (WebAssembly)');
	await expect(drawer.getByText(/^Preprocess/)).toContainText(/[\d.]+ ms/);
	await expect(drawer.getByText(/^Run/)).toContainText(/[\d.]+ ms/);
	await expect(drawer).toContainText(/Frames a second\s*[\d.]+ \(at most 15\)/);
	await drawer.getByLabel('Look at most').fill('5');
	await expect(drawer).toContainText('(at most 5)');
	await page.reload();
	await look.ready();
	await look.button(/^What is going on/).click();
	await expect(drawer.getByLabel('Look at most')).toHaveValue('5');
});

test('the whole frame is looked at when asked, also after a reload', async ({ look, page }) => {
	await expect(look.answer.getByRole('listitem')).toHaveCount(3);
	await look.button('Camera options').click();
	const whole = page.getByRole('switch', { name: /^Whole frame/ });
	await whole.check();
	await page.keyboard.press('Escape');
	const box = () => look.picture.boundingBox();
	await expect
		.poll(async () => ((await box())?.width ?? 0) / ((await box())?.height ?? 1))
		.toBeCloseTo(4 / 3, 1);
	await page.reload();
	await look.ready();
	await look.button('Camera options').click();
	await expect(whole).toBeChecked();
});

test('an engine that dies is started again, the answers come back, and a badge says so', async ({
	look,
	page
}) => {
	await page.addInitScript(() => {
		const workers: Worker[] = [];
		Object.assign(window, { workers });
		window.Worker = class extends Worker {
			constructor(address: string | URL, options?: WorkerOptions) {
				super(address, options);
				workers.push(this);
			}
		};
	});
	await page.reload();
	await look.ready();
	await expect(look.answer.getByRole('listitem')).toHaveCount(3);
	await page.evaluate(() =>
		(window as unknown as { workers: Worker[] }).workers.at(-1)?.dispatchEvent(new ErrorEvent('error'))
	);
	await expect(look.answer.getByRole('button', { name: /Engine restarted|On the CPU now/ })).toBeVisible();
	await expect(look.answer.getByRole('listitem')).toHaveCount(3);
});
