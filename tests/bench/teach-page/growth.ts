/** What 100, 1,000 and 5,000 photos cost: brought in, looked at, learned, scrolled; and up to 10,000 whose features are there. */
import type { Page } from 'playwright';
import { atMost, plain, type Row } from '../report';
import type { Stage } from '../stage';
import { opening } from './opening';
import { go, openAndTrain, scrollThrough, train } from './pressing';
import { seed } from './projects';
import { longestTask, record, untilKept } from './recorder';

const area = 'teach';
/** Photos whose features are there already. */
const STORED = [1000, 5000, 10_000];

interface Cost {
	photos: number;
	/** Milliseconds. */
	brought: number;
	learned: number;
	task: number;
	/** Bytes. */
	memory: number;
}

export async function* growth(stage: Stage): AsyncGenerator<Row> {
	const costs: Cost[] = [];
	for (const photos of stage.counts.photos) {
		const cost = await costOf(stage, photos);
		costs.push(cost.cost);
		yield* rowsOf(cost.cost, cost.frame);
	}
	const [first, last] = [costs[0], costs.at(-1)];
	if (first && last && last.photos > first.photos) yield* growing(first, last);
	for (const photos of stage.counts.photos.length === 1 ? STORED.slice(0, 1) : STORED)
		yield* stored(stage, photos);
}

async function costOf(stage: Stage, photos: number): Promise<{ cost: Cost; frame: number }> {
	// Measures memory at once instead of waiting for the next collection.
	const context = await stage.context(['--enable-blink-features=ForceEagerMeasureMemory']);
	await record(context);
	const page = await context.newPage();
	await page.goto(`${stage.url}/teach`);
	await page.getByRole('button', { name: 'Start a project' }).waitFor();
	await seed(page, { id: 'many', labels: 2, each: 0 });
	await page.reload();
	await go(page, '/teach/many');
	const begin = await page.evaluate(() => performance.now());
	for (const [i, label] of ['a', 'b'].entries()) {
		await bring(page, label, photos / 2, 1 + i * photos);
		await untilKept(page, 'photos', ((i + 1) * photos) / 2);
	}
	// Two views of each.
	const end = await untilKept(page, 'features', 2 * photos);
	const [frame = 0] = await scrollThrough(page, 'a');
	await go(page, '/teach/many/train');
	const run = await train(page);
	const task = await longestTask(page, run.begin, run.end);
	if ((await judgedPhotos(page)) < photos / 2)
		throw new Error(`Most of ${photos} photos were not judged: they count as near-duplicates.`);
	const memory = await page.evaluate(async () => {
		const { bytes } = await (
			performance as Performance & { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> }
		).measureUserAgentSpecificMemory();
		return bytes;
	});
	await context.close();
	return { cost: { photos, brought: end - begin, learned: run.end - run.begin, task, memory }, frame };
}

/** Photos that the only run judged. */
function judgedPhotos(page: Page): Promise<number> {
	return page.evaluate(async () => {
		const asked = <T>(request: IDBRequest<T>) =>
			new Promise<T>((resolve) => (request.onsuccess = () => resolve(request.result)));
		const database = await asked(indexedDB.open('lensmith'));
		const [run] = await asked(database.transaction('runs').objectStore('runs').getAll());
		database.close();
		return run?.evaluation?.groups ?? 0;
	});
}

/** Makes so many seeded pictures, no two alike, and hands them to a label's own input. */
function bring(page: Page, label: string, count: number, first: number): Promise<void> {
	return page.getByLabel(`Photos for ${label}`, { exact: true }).evaluate(
		async (input, { count, first }) => {
			const data = new DataTransfer();
			const canvas = new OffscreenCanvas(160, 120);
			const context = canvas.getContext('2d');
			for (let i = first; i < first + count; i++) {
				let state = i * 7919;
				const random = () => {
					// mulberry32: neighbouring seeds have nothing in common
					let t = (state = (state + 0x6d2b79f5) | 0);
					t = Math.imul(t ^ (t >>> 15), t | 1);
					t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
					return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
				};
				for (let at = 0; context && at < 12 * 16; at++) {
					context.fillStyle = `hsl(${Math.floor(360 * random())} 60% ${Math.floor(100 * random())}%)`;
					context.fillRect((at % 16) * 10, Math.floor(at / 16) * 10, 10, 10);
				}
				data.items.add(new File([await canvas.convertToBlob({ type: 'image/jpeg' })], `${i}.jpg`));
			}
			(input as HTMLInputElement).files = data.files;
			input.dispatchEvent(new Event('change', { bubbles: true }));
		},
		{ count, first }
	);
}

function* rowsOf({ photos, brought, learned, task, memory }: Cost, frame: number): Generator<Row> {
	const of = photos.toLocaleString('en');
	const row = (name: string, value: number, unit: string) => ({ area, name, value, unit, rival: null });
	yield plain(row(`${of} photos brought in and looked at, each`, brought / photos, 'ms'));
	yield plain(row(`${of} photos learned and judged`, learned / 1000, 's'));
	yield atMost(row(`longest task of the page while it trains, ${of} photos`, task, 'ms'), 100);
	yield plain(row(`longest frame while scrolling through half of ${of} photos`, frame, 'ms'));
	yield plain(row(`memory with ${of} photos`, memory / 1e6, 'MB'));
}

/** In line with the number: no photo costs more because of those that are there already. */
function* growing(first: Cost, last: Cost): Generator<Row> {
	const between = `${last.photos.toLocaleString('en')} ÷ with ${first.photos.toLocaleString('en')}`;
	const each = (cost: Cost) => cost.brought / cost.photos;
	yield atMost(
		{
			...{ area, unit: '×', rival: `${each(first).toFixed(1)} ms` },
			name: `bringing in and looking at a photo, with ${between}`,
			value: each(last) / each(first)
		},
		1.5
	);
	yield plain({
		...{ area, unit: 'kB', rival: null },
		name: `memory for each photo more, ${between.replace('÷ with', 'against')}`,
		value: (last.memory - first.memory) / (last.photos - first.photos) / 1e3
	});
}

async function* stored(stage: Stage, photos: number): AsyncGenerator<Row> {
	const context = await stage.context();
	await record(context);
	const page = await context.newPage();
	await page.goto(`${stage.url}/teach`);
	await page.getByRole('button', { name: 'Start a project' }).waitFor();
	await seed(page, { id: 'stored', labels: 4, each: photos / 4 });
	await page.reload();
	const { begin, end } = await openAndTrain(page, 'stored');
	const of = photos.toLocaleString('en');
	const row = { area, rival: null };
	yield plain({
		...row,
		name: `${of} photos with stored features, to model`,
		value: (end - begin) / 1000,
		unit: 's'
	});
	const value = await longestTask(page, begin, end);
	yield atMost(
		{ ...row, name: `longest task of the page, opened and trained, ${of} photos`, value, unit: 'ms' },
		100
	);
	yield* opening(stage, page, { id: 'stored', photos });
	await context.close();
}
