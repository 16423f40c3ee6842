/** The screens are drawn before their scripts are here. A file that is chosen meanwhile is not forgotten. */
import { readFileSync } from 'node:fs';
import { expect, test } from '../fixtures/screens';

const coffee = 'static/samples/coffee.jpg';
const noZip = { name: 'project.zip', mimeType: 'application/zip', buffer: readFileSync(coffee) };

for (const { path, label, file, said } of [
	{ path: '/', label: 'Choose a photo to look at', file: coffee, said: /Looks a little like mortar/ },
	{ path: '/many', label: 'Photos to ask about', file: coffee, said: '1 photo answered' },
	{
		path: '/shelf',
		label: "A model's file to open",
		file: coffee,
		said: /holds no model that is known here/
	},
	{ path: '/teach', label: 'A project file to open', file: noZip, said: /it is no zip, or damaged/ }
])
	test(`on ${path}, a file chosen before the page listens is taken`, async ({ page, serve }) => {
		const { url } = await serve();
		let letGo = () => {};
		const held = new Promise<void>((resolve) => (letGo = resolve));
		await page.route('**/_app/immutable/entry/**', async (route) => {
			await held;
			await route.continue();
		});
		await page.goto(url + path, { waitUntil: 'commit' });
		await page.getByLabel(label, { exact: true }).setInputFiles(file);
		letGo();
		await expect(page.getByText(said).first()).toBeVisible({ timeout: 45_000 });
	});
