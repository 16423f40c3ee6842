/**
 * Takes the pictures of the Look screen that the manifest shows before installation, of the build and the sample
 * with the cup of coffee. Run by hand when the screen changes: `npm run build && npx tsx scripts/screenshots.ts`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright';
import { cameraFlags } from '../tests/fixtures/flags';
import { coffeeFilm } from '../tests/fixtures/camera';
import { findBrowser } from './browser';
import { startServer } from './server';

const folder = join('static', 'screenshots');

const shots = [
	{ file: 'look-narrow.jpg', width: 360, height: 740, scale: 2 },
	{ file: 'look-wide.jpg', width: 1280, height: 800, scale: 1 }
];

async function shoot(browser: Browser, url: string, { file, width, height, scale }: (typeof shots)[number]) {
	const context = await browser.newContext({
		viewport: { width, height },
		deviceScaleFactor: scale,
		permissions: ['camera'],
		reducedMotion: 'reduce'
	});
	const page = await context.newPage();
	await page.goto(url);
	await page.getByRole('button', { name: 'Status: Ready offline' }).waitFor({ timeout: 60_000 });
	await page.getByRole('region', { name: 'Answer' }).getByRole('listitem').nth(2).waitFor();
	await writeFile(join(folder, file), await page.screenshot({ type: 'jpeg', quality: 82 }));
	await context.close();
}

async function main(): Promise<void> {
	await mkdir(folder, { recursive: true });
	const server = await startServer({ root: 'build', port: 0 });
	const args = ['--no-sandbox', ...cameraFlags(coffeeFilm())];
	const browser = await chromium.launch({ executablePath: findBrowser(), args });
	for (const shot of shots) await shoot(browser, server.url, shot);
	await browser.close();
	await server.close();
}

await main();
