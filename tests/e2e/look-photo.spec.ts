import { readFileSync, writeFileSync } from 'node:fs';
import { browserWith, expect, test } from '../fixtures/screens';

// A name that is not localhost, so that the page counts as insecure over http.
test.use({ ...browserWith('--host-resolver-rules=MAP lensmith.test 127.0.0.1'), keepsApp: false });

const coffee = 'static/samples/coffee.jpg';

test.describe('without a camera', () => {
	test.beforeEach(async ({ look, serve }) => {
		const { url } = await serve();
		await look.open(url);
	});

	/** The picture and what it is taken for are those of the backbone's card: a cup that it calls a mortar. */
	async function expectCoffee(look: import('../pages/look').LookPage) {
		await expect(look.answer).toContainText('Not sure');
		await expect(look.answer).toContainText(/Looks a little like mortar \(\d+.%\) or cup \(\d+.%\)/);
		await expect(look.answer).toContainText('right about half the time');
		await expect(look.answer.getByRole('link', { name: 'Try a stronger network' })).toBeVisible();
	}

	test('a photo is looked at however it is brought, also from another screen, and doubt is said', async ({
		look,
		shell,
		violations
	}) => {
		// What is read out may still speak of the picture before.
		const helmet = /like crash helmet \(/;
		await look.button(/helmets beside their motorcycles/).click();
		await expect(look.answer).toContainText(helmet);
		await look.choosePhoto(coffee);
		await expectCoffee(look);
		await look.bring('drop', 'static/samples/motorcycles.jpg');
		await expect(look.answer).toContainText(helmet);
		await shell.go('Models');
		await look.bring('paste', coffee);
		await shell.expectAt('/');
		await expectCoffee(look);
		expect(violations).toEqual([]);
	});

	test('a sample that cannot be had is said in words', async ({ look, page }) => {
		await page.evaluate(() => {
			const { fetch } = window;
			window.fetch = (input, init) =>
				String(input).includes('samples')
					? Promise.resolve(new Response('', { status: 404 }))
					: fetch(input, init);
		});
		await look.button(/helmets beside their motorcycles/).click();
		await expect(page.getByText(/^The sample “.*” could not be fetched/)).toBeVisible();
	});

	test('a file that the system hands over and that is gone is said in words', async ({ look, page }) => {
		await page.addInitScript(() => {
			const getFile = () => Promise.reject(new DOMException('gone', 'NotFoundError'));
			const setConsumer = (consume: (launch: object) => void) => consume({ files: [{ getFile }] });
			Object.defineProperty(window, 'launchQueue', { value: { setConsumer } });
		});
		await page.reload();
		await look.ready();
		await expect(page.getByText(/^The file could not be read/)).toBeVisible();
	});

	test.describe('kept for later', () => {
		test.use({ keepsApp: true });

		test('a photo shared by another app is looked at once', async ({ look, page, shell }) => {
			await shell.kept();
			await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
			// As the system posts it.
			const landed = await page.evaluate(
				async (bytes) => {
					const form = new FormData();
					form.append('picture', new File([new Uint8Array(bytes)], 'shared cup.jpg', { type: 'image/jpeg' }));
					return (await fetch('./share', { method: 'POST', body: form })).url;
				},
				[...readFileSync(coffee)]
			);
			await page.goto(landed);
			await expectCoffee(look);
			expect(page.url()).not.toContain('shared');
		});

		test('of several shared photos all are kept, in order, for Teach', async ({ look, page, shell }) => {
			await shell.kept();
			await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
			const share = (names: string[]) =>
				page.evaluate(async (names) => {
					const form = new FormData();
					for (const name of names) form.append('picture', new File([name], name, { type: 'image/jpeg' }));
					return (await fetch('./share', { method: 'POST', body: form })).url;
				}, names);
			const waiting = () =>
				page.evaluate(async () => {
					const cache = await caches.open('lensmith-shared');
					const kept = await Promise.all((await cache.keys()).map((key) => cache.match(key)));
					return kept.map((one) => decodeURIComponent(one?.headers.get('X-File-Name') ?? ''));
				});
			const { origin } = new URL(page.url());
			expect(await share(['old.jpg', 'older.jpg'])).toBe(`${origin}/teach?shared`);
			expect(await share(['käffchen.jpg', 'two.jpg', 'two.jpg'])).toBe(`${origin}/teach?shared`);
			expect(await waiting()).toEqual(['käffchen.jpg', 'two.jpg', 'two.jpg']);
			await page.goto(`${origin}/?shared`);
			await look.ready();
			expect(await waiting()).toHaveLength(3);
		});
	});

	test('where it looked is shown for each answer', async ({ look }) => {
		await look.choosePhoto(coffee);
		await look.picture.click();
		await expect(look.heat).toContainText('“mortar”');
		await expect(look.answer).toContainText('Not sure');
		const first = await look.heatRange();
		expect(first.darkest - first.clearest).toBeGreaterThan(60);
		await look.answer.getByRole('button', { name: /^cup/ }).click();
		await expect(look.heat).toContainText('“cup”');
	});

	test('what is no picture is refused by name, and the next photo works', async ({ look, page }, info) => {
		const text = info.outputPath('holiday.jpg');
		writeFileSync(text, 'not a picture');
		await look.bring('drop', text);
		await expect(page.getByText(/“holiday.jpg”/)).toBeVisible();
		await look.choosePhoto(coffee);
		await expectCoffee(look);
	});

	test('another model answers the photo that is on show', async ({ look, models, shell }) => {
		await look.choosePhoto(coffee);
		await expectCoffee(look);
		await look.answer.getByRole('link', { name: /^Model in use: MobileNet/ }).click();
		await models.row('Duo').getByRole('button', { name: 'Use' }).click();
		await expect(models.row('Duo')).toContainText('In use');
		await shell.go('Look');
		await expect(look.answer.getByRole('link', { name: /^Model in use: Duo/ })).toBeVisible();
		await expect(look.answer).toContainText(/Looks a little like .*cup/);
	});
});

/** Makes the browser refuse the camera as it would for this reason. */
const refuse = (name: string) => `
	navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('test', '${name}'));`;

test('a camera that fails is said in words, and photos work', async ({ look, page, serve }) => {
	const { url } = await serve();
	for (const [name, words] of [
		['NotAllowedError', /not allowed|blocked/],
		['NotFoundError', /No camera was found/],
		['NotReadableError', /another app/]
	] as const)
		await test.step(name, async () => {
			await page.addInitScript(refuse(name)); // after the one before
			await look.open(url);
			await page.getByRole('button', { name: 'Start the camera' }).first().click();
			await expect(page.getByRole('alert')).toContainText(words);
			await expect(look.button('Try the camera again')).toBeEnabled();
			await look.choosePhoto(coffee);
			await expect(look.answer).toContainText('mortar');
		});
});

test.describe('at an insecure address', () => {
	test('the page says what it cannot do, keeps nothing, and photos work', async ({ look, page, serve }) => {
		const { port } = await serve();
		await look.open(`http://lensmith.test:${port}`);
		await expect(page.getByText(/insecure address.*no camera.*nothing is kept/)).toBeVisible();
		await page.getByRole('button', { name: 'Got it' }).click();
		await look.choosePhoto(coffee);
		await expect(look.answer).toContainText('mortar');
	});

	test('what is changed is gone after a reload', async ({ page, serve }) => {
		// The page's own database takes the place of the browser's.
		await page.addInitScript(() => Object.assign(window, { browsersOwn: indexedDB }));
		const databases = () =>
			page.evaluate(() => (window as unknown as { browsersOwn: IDBFactory }).browsersOwn.databases());
		const { port } = await serve();
		await page.goto(`http://lensmith.test:${port}/about`);
		const fps = page.getByLabel('Look at most');
		const diagnostics = page.getByRole('region', { name: 'Text of the diagnostics' });
		// Before that the page is drawn, but does not listen yet.
		await expect(diagnostics).toContainText('"maxFps":15');
		await fps.fill('4');
		await expect(diagnostics).toContainText('"maxFps":4');
		expect(await databases()).toEqual([]);
		await page.reload();
		await expect(fps).toHaveValue('15');
		expect(await databases()).toEqual([]);
	});
});
