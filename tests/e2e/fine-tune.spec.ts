/** Fine-tuning, and training from scratch, as a person meets them, with the backbone that comes with the app, on WebAssembly. */
import type { Page } from '@playwright/test';
import { faults } from '../fixtures/axe';
import { pointAt, sceneCamera } from '../fixtures/scenes';
import { browserWith, expect, test } from '../fixtures/screens';
import { photoFiles } from '../pages/teach';

test.use({
	...browserWith('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'),
	permissions: ['camera']
});

/** Of the run that is kept in storage: how many folds are done, −1 before the first step; null where none is kept. */
const foldsKept = (page: Page) =>
	page.evaluate(
		() =>
			new Promise<number | null>((resolve, reject) => {
				const opening = indexedDB.open('lensmith');
				opening.onerror = () => reject(opening.error);
				opening.onsuccess = () => {
					const all = opening.result.transaction('standings').objectStore('standings').getAll();
					all.onsuccess = () => {
						opening.result.close();
						const [kept] = all.result as { state: { folds: unknown[] } | null }[];
						resolve(kept ? (kept.state?.folds.length ?? -1) : null);
					};
				};
			})
	);

/** Notes what is said of the progress, in the page. */
function noteProgress(): void {
	const said = new Set<string>();
	Object.assign(window, { said });
	new MutationObserver(() => {
		const words = document.querySelector('progress')?.getAttribute('aria-label');
		if (words) said.add(words);
	}).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
}

const noted = (page: Page): Promise<string[]> =>
	page.evaluate(() => [...(window as unknown as { said: Set<string> }).said]);

test('photos are brought, the network’s own layers learn from them, the camera is answered by it, also offline', async ({
	page,
	serve,
	look,
	teach
}) => {
	test.setTimeout(180_000);
	const server = await serve();
	await sceneCamera(page);
	await teach.readyToTune(server.url, 0);
	await teach.button('Train').click();
	await expect(page.getByText(/Judging, part \d of 5: epoch \d of 3/).first()).toBeVisible();
	expect(await faults(page)).toEqual([]);
	await expect(page.getByText(/It learned 2 labels from 24 photos/)).toBeVisible({ timeout: 60_000 });
	const runs = page.getByRole('region', { name: 'Training runs' });
	await expect(runs.getByText('Fine-tuned, 2 blocks, 3 epochs')).toBeVisible();
	const tuned = runs.getByRole('listitem').filter({ hasText: 'Fine-tuned' });
	await expect(tuned).toContainText(/model\s[\d.]+\s[kM]B/);
	await tuned.getByRole('button', { name: /^Throw away the model/ }).press('Enter');
	await expect(tuned).toContainText('its model is in the trash');
	await teach.undo();
	// As good as the head is not better: a person may take it all the same.
	await expect(runs.getByRole('listitem').filter({ hasText: /^\s*Head/ })).toContainText('In use');
	await teach.button(/^Use this one/).click();
	await expect(tuned).toContainText('In use');
	expect(await faults(page)).toEqual([]);
	await teach.step('Review');
	await expect(page.getByRole('table').first()).toBeVisible();

	const first = look.answer.getByRole('listitem').first();
	await teach.step('Try');
	const stripes = photoFiles(1, 'more', 77, 'stripes');
	await page.getByLabel('Choose a photo', { exact: true }).setInputFiles(stripes);
	await expect(first).toContainText('Stripes');
	await page.getByRole('button', { name: 'Back to the camera' }).click();
	await pointAt(page, 'coffee');
	await expect(first).toContainText(/Daisy|Stripes/);

	// All of it is there without a network.
	await look.readyOffline();
	await server.close();
	await page.reload();
	await page.getByLabel('Choose a photo', { exact: true }).setInputFiles(stripes);
	await expect(first).toContainText('Stripes');
	await page.getByRole('link', { name: 'Train' }).click();
	await expect(tuned).toContainText('In use');
});

test('a training that breaks off with the page goes on when it is opened again', async ({
	page,
	teach,
	serve
}) => {
	test.setTimeout(180_000);
	const { url } = await serve();
	await teach.readyToTune(url, 5);
	await teach.button('Train').click();
	await expect.poll(() => foldsKept(page), { timeout: 60_000 }).toBeGreaterThanOrEqual(1);
	await page.addInitScript(noteProgress);
	await page.reload();
	await expect(teach.button('Stop')).toBeVisible();
	await page.getByText('More ways').click();
	await expect(page.getByRole('radio', { name: /Fine-tune/ })).toBeChecked();
	await expect(page.getByText(/It learned 2 labels from 24 photos/)).toBeVisible({ timeout: 90_000 });
	// It does not begin again: what was judged before is not judged twice.
	const judging = (await noted(page)).filter((said) => said.startsWith('Judging'));
	expect(judging.length).toBeGreaterThan(0);
	expect(judging.filter((said) => said.includes('part 1 of'))).toEqual([]);
	await expect.poll(() => foldsKept(page)).toBeNull();
	// Another visit has nothing to go on with.
	await page.reload();
	await expect(page.getByText(/It learned 2 labels from 24 photos/)).toBeVisible();
	await expect(teach.button('Stop')).toHaveCount(0);
});

test('it can be ended early and is kept, or stopped, and goes on when it is wanted', async ({
	page,
	teach,
	serve
}) => {
	test.setTimeout(180_000);
	const { url } = await serve();
	await teach.readyToTune(url, 5);
	await teach.button('Train').click();
	await teach.button('That is enough').click();
	await expect(page.getByText(/It learned 2 labels from 24 photos/)).toBeVisible({ timeout: 90_000 });
	await expect(page.getByText(/for \d epochs? \(wasm\), as it was ended early, and kept/)).toBeVisible();
	await teach.button('Train again').click();
	await expect.poll(() => foldsKept(page), { timeout: 60_000 }).toBeGreaterThanOrEqual(1);
	await teach.button('Stop').click();
	await expect(teach.button('Go on')).toBeEnabled();
	await expect(page.getByText(/[Ss]topped/).first()).toBeVisible();
	expect(await faults(page)).toEqual([]);
	// Not by itself, on another visit either.
	await page.reload();
	await expect(teach.button('Go on')).toBeEnabled();
	await expect(teach.button('Stop')).toHaveCount(0);
	await page.evaluate(noteProgress);
	await teach.button('Go on').click();
	await expect.poll(() => noted(page)).toContainEqual(expect.stringMatching(/^Judging, part [2-5]/));
	expect(await noted(page)).not.toContainEqual(expect.stringContaining('part 1 of'));
	await teach.button('Stop').click();
	await page.getByText('More ways').click();
	await page.getByRole('radio', { name: /Head/ }).check();
	await teach.button('Train again').click();
	await expect.poll(() => foldsKept(page)).toBeNull();
});

test('a network that knows nothing learns from the photos alone, and answers on Try', async ({
	page,
	teach,
	look,
	serve
}) => {
	test.setTimeout(120_000);
	const { url } = await serve();
	await teach.readyToTune(url, 0, /From scratch/);
	await teach.button('Train').click();
	await expect(page.getByText(/It learned 2 labels from 24 photos/)).toBeVisible({ timeout: 60_000 });
	await expect(page.getByText(/all of a network that knew nothing, at 32 px/)).toBeVisible();
	const scratch = page.getByRole('region', { name: 'Training runs' }).getByRole('listitem').first();
	await expect(scratch).toContainText('From scratch, 32 px, 5 epochs');
	expect(await faults(page)).toEqual([]);
	await scratch.getByRole('button', { name: /^Use this one/ }).click();
	await expect(scratch).toContainText('In use');
	await teach.step('Try');
	const stripes = photoFiles(1, 'more', 77, 'stripes');
	await page.getByLabel('Choose a photo', { exact: true }).setInputFiles(stripes);
	await expect(look.answer.getByRole('listitem').first()).toContainText(/Daisy|Stripes/, { timeout: 30_000 });
});
