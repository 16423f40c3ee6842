/** Fine-tuning as a person has it, on the production build in a real browser: how long, and whether the page answers meanwhile. */
import type { Page } from 'playwright';
import type { TrainingRun } from '../../../src/lib/domain/model';
import { atMost, median, plain, type Row } from '../report';
import type { Stage } from '../stage';
import { go, train } from '../teach-page/pressing';
import { pictures, seed } from '../teach-page/projects';
import { longestTask, record } from '../teach-page/recorder';

const area = 'fine-tune';
const LABELS = 3;
const EACH = 50;
/** The place of ten epochs among those that can be chosen. */
const TEN = '2';

/** @param folder of datasets; photos are drawn where it is missing */
export async function* fineTunePage(stage: Stage, folder: string): AsyncGenerator<Row> {
	const rounds = Math.min(3, stage.counts.rounds);
	const context = await stage.context();
	await record(context);
	const page = await context.newPage();
	await page.goto(`${stage.url}/teach`);
	await page.getByRole('button', { name: 'Start a project' }).waitFor();
	const files = pictures(folder, LABELS, EACH);
	const ids = Array.from({ length: rounds }, (_, i) => `p${i}`);
	for (const id of ids) await seed(page, { id, labels: LABELS, each: EACH, pictures: files });
	await page.reload();
	const times: number[] = [];
	const tasks: number[] = [];
	for (const id of ids) {
		await go(page, `/teach/${id}`);
		await go(page, `/teach/${id}/train`);
		await chooseFineTune(page);
		const { begin, end } = await train(page);
		times.push((end - begin) / 1000);
		tasks.push(await longestTask(page, begin, end));
		const last = await lastRun(page);
		if (last.config.kind !== 'fine-tune' || last.state !== 'done')
			throw new Error(`The run ended as “${last.state}”: ${last.trouble}`);
		await go(page, '/teach');
	}
	await context.close();
	const of = `${LABELS} × ${EACH} photos, ten epochs, ${rounds} runs`;
	const run = { area, rival: null, name: `from a press of Train to a judged model, in the browser, ${of}` };
	yield plain({ ...run, value: median(times), unit: 's' });
	const longest = { area, rival: null, value: Math.max(...tasks), unit: 'ms' };
	yield atMost({ ...longest, name: `longest task of the page while it fine-tunes, ${of}` }, 100);
}

async function chooseFineTune(page: Page): Promise<void> {
	await page.getByText('More ways').click();
	await page.getByRole('radio', { name: /Fine-tune/ }).check();
	await page.getByRole('slider', { name: /Epochs/ }).fill(TEN);
}

/** Of what the app keeps: the run that began last. */
function lastRun(page: Page): Promise<Pick<TrainingRun, 'config' | 'state' | 'trouble'>> {
	return page.evaluate(async () => {
		const asked = <T>(request: IDBRequest<T>) =>
			new Promise<T>((resolve) => (request.onsuccess = () => resolve(request.result)));
		const database = await asked(indexedDB.open('lensmith'));
		const runs = await asked(database.transaction('runs').objectStore('runs').getAll());
		database.close();
		return runs.sort((a, b) => b.started - a.started)[0];
	});
}
