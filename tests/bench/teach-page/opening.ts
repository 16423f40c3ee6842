/** What holds the page up while a project of many photos is opened. */
import type { Page } from 'playwright';
import { atMost, median, type Row } from '../report';
import type { Stage } from '../stage';
import { go } from './pressing';
import { longestTask } from './recorder';

const area = 'teach';

/** The ways into a project of many photos that has a model. @param page that records, see `record` */
export async function* opening(
	{ url, counts }: Stage,
	page: Page,
	{ id, photos }: { id: string; photos: number }
): AsyncGenerator<Row> {
	const project = `${url}/teach/${id}`;
	const ways: Record<string, () => Promise<number>> = {
		'from the list': () => enter(page, `${url}/teach`, `/teach/${id}`),
		reloaded: () => enter(page, project),
		'reloaded at Train': () => enter(page, `${project}/train`),
		'reloaded at Review': () => enter(page, `${project}/review`),
		'reloaded at Try': () => enter(page, `${project}/try`)
	};
	for (const [way, open] of Object.entries(ways)) {
		const tasks: number[] = [];
		for (let round = 0; round < counts.rounds; round++) tasks.push(await open());
		const of = `${photos.toLocaleString('en')} photos, median of ${counts.rounds}`;
		const name = `longest task of the page, opened ${way}, ${of}`;
		yield atMost({ area, rival: null, name, value: median(tasks), unit: 'ms' }, 100);
	}
}

/** @param link to take once the page is there and rests @returns milliseconds of the longest task */
async function enter(page: Page, address: string, link?: string): Promise<number> {
	await page.goto(address);
	if (link) await page.locator(`a[href$="${link}"]`).first().waitFor();
	const begin = link ? await atRest(page) : 0;
	if (link) await go(page, link);
	return longestTask(page, begin, await atRest(page));
}

/** Waits until the page had nothing to do for a while, after what it reads came in. @returns when */
function atRest(page: Page): Promise<number> {
	return page.evaluate(async () => {
		const QUIET = 2000;
		let last = performance.now();
		for (let turn = last; turn - last < QUIET; turn = performance.now()) {
			await new Promise((resolve) => setTimeout(resolve, 20));
			if (performance.now() - turn > 50) last = performance.now();
		}
		return performance.now();
	});
}
