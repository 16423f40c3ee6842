/** The keyboard's focus stays where it was pressed, although what stands there changes. */
import { coffeeFilm } from '../fixtures/camera';
import { covered, inEverySize } from '../fixtures/axe';
import { cameraFlags } from '../fixtures/flags';
import { browserWith, expect, test } from '../fixtures/screens';

test.use({ ...browserWith(...cameraFlags(coffeeFilm())), keepsApp: false });

test.describe('with a camera', () => {
	test.use({ permissions: ['camera'] });

	test('what is pressed keeps the keyboard’s focus', async ({ page, look, serve }) => {
		test.setTimeout(120_000);
		const { url } = await serve();
		await look.open(url);
		const rows = look.answer.getByRole('listitem');
		await inEverySize(page, async () => {
			await expect(look.button('Freeze')).toBeVisible();
			await expect(rows).toHaveCount(3);
			expect(await covered(page)).toEqual([]);
			await look.button('Freeze').focus();
			for (const name of ['Back to the camera', 'Freeze', 'Back to the camera', 'Freeze']) {
				await page.keyboard.press('Enter');
				await expect(look.button(name)).toBeFocused();
				// What stands still is answered: there is a frame to freeze.
				await expect(rows).toHaveCount(3);
			}
			await look.picture.focus();
			await page.keyboard.press('Enter');
			await expect(look.heat).toBeVisible();
			await expect(look.picture).toBeFocused();
			await page.keyboard.press('Enter');
			await expect(look.heat).toBeHidden();
			await expect(look.picture).toBeFocused();
			await look.button('Back to the camera').click();
		});
	});
});

test.describe('with a camera that asks first', () => {
	test('starting the camera leaves the focus on the shutter', async ({ page, look, serve }) => {
		const { url } = await serve();
		// Not allowed yet, so that it does not come on by itself.
		await page.addInitScript(() => {
			navigator.permissions.query = () => Promise.resolve({ state: 'prompt' } as PermissionStatus);
		});
		await inEverySize(page, async () => {
			await look.open(url);
			await look.button('Start the camera').first().focus();
			await page.keyboard.press('Enter');
			await expect(look.button('Freeze')).toBeFocused();
		});
	});
});
