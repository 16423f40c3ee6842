/** The rows of “Teach” about time, on the production build in a real browser. */
import { atMost, median, type Row } from '../report';
import type { Stage } from '../stage';
import { againstRecipe } from './against-recipe';
import { growth } from './growth';
import { go, openAndTrain } from './pressing';
import { features, pictures, withProjects } from './projects';
import { longestTask, type InPage } from './recorder';

const area = 'teach';
const LABELS = 3;
const EACH = 50;

/** @param folder of datasets; photos are drawn where it is missing */
export async function* teachPage(stage: Stage, folder: string): AsyncGenerator<Row> {
	const { rounds } = stage.counts;
	const ids = Array.from({ length: rounds + 1 }, (_, i) => `p${i}`);
	const page = await withProjects(stage, ids, { folder, labels: LABELS, each: EACH });
	const times: number[] = [];
	const tasks: number[] = [];
	for (const [round, id] of ids.entries()) {
		const { begin, end } = await openAndTrain(page, id);
		// The first one starts the engine.
		if (round > 0) {
			times.push((end - begin) / 1000);
			tasks.push(await longestTask(page, begin, end));
		}
		await go(page, '/teach');
	}
	const of = `3 × 50, median of ${rounds}`;
	const seconds = { area, unit: 's', rival: null };
	yield atMost({ ...seconds, name: `stored photos to model, with features, ${of}`, value: median(times) }, 3);
	yield atMost({ ...seconds, name: `after one more photo, ${of}`, value: await oneMore(page, rounds) }, 0.2);
	const longest = { area, unit: 'ms', rival: null, value: Math.max(...tasks) };
	yield atMost({ ...longest, name: 'longest task of the page, photos to model, 3 × 50' }, 100);
	const set = await features(page, ids.at(-1) ?? '');
	await page.context().close();
	yield* againstRecipe(stage, set);
	yield* growth(stage);
}

/** From the photo being kept to a head that has learned from it, in seconds. */
async function oneMore(page: Parameters<typeof go>[0], rounds: number): Promise<number> {
	const id = `p${rounds}`;
	await go(page, `/teach/${id}`);
	const times: number[] = [];
	// One that no project has, and each round another.
	const fresh = pictures('', 1, rounds + 1)[0] ?? [];
	for (const [round, picture] of fresh.entries()) {
		const kept = await page.evaluate(() => (globalThis as unknown as InPage).recorded.puts.length);
		await page.getByLabel('Photos for a', { exact: true }).setInputFiles({
			name: `more-${round}.jpg`,
			mimeType: 'image/jpeg',
			buffer: Buffer.from(picture, 'base64')
		});
		const took = await page.waitForFunction(
			(kept) => {
				const puts = (globalThis as unknown as InPage).recorded.puts.slice(kept);
				const photo = puts.find(({ store }) => store === 'photos');
				const model = puts.find(({ store, key }) => store === 'models' && key.startsWith('live'));
				return photo && model && model.at - photo.at;
			},
			kept,
			{ timeout: 0, polling: 50 }
		);
		if (round > 0) times.push(((await took.jsonValue()) ?? NaN) / 1000);
	}
	return median(times);
}
