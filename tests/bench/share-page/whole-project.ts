/** A project of many photos on its way into a file and out of it again: bytes, seconds, memory. */
import { stat } from 'node:fs/promises';
import type { BrowserContext, Page } from 'playwright';
import { TeachPage } from '../../pages/teach';
import { atMost, median, plain, type Row } from '../report';
import type { Stage } from '../stage';
import { train } from '../teach-page/pressing';
import { record } from '../teach-page/recorder';
import { bringLarge, smallPhotos } from './large-photos';
import { growthWhile, type Growth } from './processes';

const area = 'share';
const NAME = 'Many';
const FILE = `${NAME}.lensmith.zip`;
const LABELS = ['a', 'b', 'c', 'd'];
const MOST_MEMORY = 200;
/** Chromium measures memory at once instead of waiting for the next collection; it also makes a browser of its own. */
const OWN_BROWSER = ['--enable-blink-features=ForceEagerMeasureMemory'];

interface Passed {
	seconds: number;
	growth: Growth | null;
}

/** @param folder of photos; they are drawn where it is missing */
export async function* wholeProject(stage: Stage, folder: string): AsyncGenerator<Row> {
	const { photos, rounds } = stage.counts.saved;
	const context = await stage.context(OWN_BROWSER);
	await record(context);
	await keepsFiles(context);
	await taught(await context.newPage(), stage.url, smallPhotos(folder, photos));
	const page = await context.newPage();
	for (const other of context.pages()) if (other !== page) await other.close();
	const saves: Passed[] = [];
	for (let round = 0; round < rounds; round++) saves.push(await save(context, page, stage.url));
	const copy = await copyAgain(page);
	const path = await fetched(page);
	const opens: Passed[] = [];
	for (let round = 0; round < rounds; round++) opens.push(await open(stage, path));
	const { size } = await stat(path);
	await context.close();
	yield* rowsOf({ photos, size, copy }, saves, opens);
}

/** A dialog that chooses a file among the page's own at once. */
async function keepsFiles(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => {
		Object.assign(window, {
			async showSaveFilePicker({ suggestedName }: { suggestedName: string }) {
				const folder = await navigator.storage.getDirectory();
				return folder.getFileHandle(suggestedName, { create: true });
			}
		});
	});
}

async function taught(page: Page, url: string, photos: readonly string[]): Promise<void> {
	const teach = new TeachPage(page);
	await teach.open(url);
	await teach.start(NAME);
	await teach.addLabels(...LABELS);
	const each = photos.length / LABELS.length;
	for (const [i, label] of LABELS.entries())
		await bringLarge(page, label, photos.slice(i * each, (i + 1) * each), i * each);
	await teach.step('Train');
	await train(page);
}

/** From the press to the words that it is saved, on a page that has done nothing else. */
async function save(context: BrowserContext, page: Page, url: string): Promise<Passed> {
	const teach = new TeachPage(page);
	await teach.open(url);
	await page.getByRole('link', { name: NAME, exact: true }).click();
	await teach.menu(NAME, 'Save as a file');
	const dialog = page.getByRole('dialog', { name: 'Save as a file' });
	await collected(page);
	let seconds = NaN;
	const growth = await growthWhile(context, async () => {
		const begin = performance.now();
		await dialog.getByRole('button', { name: 'Save', exact: true }).click();
		await dialog.getByText(`Saved “${FILE}”`).waitFor({ timeout: 600_000 });
		seconds = (performance.now() - begin) / 1000;
	});
	return { seconds, growth };
}

/** On a device that has never seen it, from choosing the file to the words that it is there. */
async function open(stage: Stage, path: string): Promise<Passed> {
	const context = await stage.context(OWN_BROWSER);
	const page = await context.newPage();
	const teach = new TeachPage(page);
	await teach.open(stage.url);
	await teach.button('Start a project').waitFor();
	const ready = /^Status: (Ready offline|Not kept offline|Something is missing)/;
	await page.getByRole('button', { name: ready }).waitFor({ timeout: 60_000 });
	await collected(page);
	let seconds = NaN;
	const growth = await growthWhile(context, async () => {
		const begin = performance.now();
		await page.getByLabel('A project file to open').setInputFiles(path);
		await page.getByText(`“${NAME}” is here`).waitFor({ timeout: 600_000 });
		seconds = (performance.now() - begin) / 1000;
	});
	await context.browser()?.close();
	return { seconds, growth };
}

/** Measuring makes the page collect first, so that garbage of before is none of what follows. */
async function collected(page: Page): Promise<void> {
	await page.evaluate(() =>
		(
			performance as Performance & { measureUserAgentSpecificMemory(): Promise<unknown> }
		).measureUserAgentSpecificMemory()
	);
}

/** Seconds that the same bytes take from there to there. */
function copyAgain(page: Page): Promise<number> {
	return page.evaluate(async (name) => {
		const folder = await navigator.storage.getDirectory();
		const file = await (await folder.getFileHandle(name)).getFile();
		const begin = performance.now();
		const to = await folder.getFileHandle('copy', { create: true });
		await file.stream().pipeTo(await to.createWritable());
		const seconds = (performance.now() - begin) / 1000;
		await folder.removeEntry('copy');
		return seconds;
	}, FILE);
}

/** Takes the file out of the browser. @returns its path */
async function fetched(page: Page): Promise<string> {
	const downloading = page.waitForEvent('download');
	await page.evaluate(async (name) => {
		const folder = await navigator.storage.getDirectory();
		const file = await (await folder.getFileHandle(name)).getFile();
		Object.assign(document.createElement('a'), { href: URL.createObjectURL(file), download: name }).click();
	}, FILE);
	return (await downloading).path();
}

function* rowsOf(
	{ photos, size, copy }: { photos: number; size: number; copy: number },
	saves: readonly Passed[],
	opens: readonly Passed[]
): Generator<Row> {
	const of = `project of ${photos.toLocaleString('en')} photos`;
	const each = `${(size / photos / 1e3).toFixed(0)} kB a photo`;
	yield plain({ area, name: `${of}, the file`, value: size / 1e6, unit: 'MB', rival: each });
	for (const [what, passed] of [
		['saved', saves],
		['opened', opens]
	] as const) {
		const seconds = median(passed.map((one) => one.seconds));
		yield plain({
			...{ area, unit: 's', name: `${of}, ${what}, median of ${passed.length}`, value: seconds },
			rival: `${(seconds / copy).toFixed(1)} × a plain copy of the file, ${copy.toFixed(1)}`
		});
		const grown = passed.map(({ growth }) => growth).filter((growth) => growth !== null);
		if (grown.length === 0) continue;
		const most = (where: keyof Growth) => Math.max(...grown.map((growth) => growth[where])) / 1e6;
		yield atMost(
			{
				...{ area, unit: 'MB', value: most('pages') },
				name: `${of}, memory of the page’s process at most while ${what}, most of ${passed.length}`,
				rival: `the whole browser ${most('browser').toFixed(0)}`
			},
			MOST_MEMORY
		);
	}
}
