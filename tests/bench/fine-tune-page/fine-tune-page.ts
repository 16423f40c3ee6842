/** Fine-tuning as a person has it, on the production build in a real browser: how long, and whether the page answers meanwhile. */
import type { Page } from 'playwright';
import { FINE_TUNE_SETTINGS } from '../../../src/lib/components/teach/train/config';
import type { TrainingRun } from '../../../src/lib/domain/model';
import { atMost, median, plain, type Row } from '../report';
import type { Stage } from '../stage';
import { go, train } from '../teach-page/pressing';
import { withProjects } from '../teach-page/projects';
import { longestTask } from '../teach-page/recorder';

const area = 'fine-tune';
const LABELS = 3;
const EACH = 50;
const EPOCHS = 10;
const MOST = 3;

/** @param folder of datasets; photos are drawn where it is missing */
export async function* fineTunePage(stage: Stage, folder: string): AsyncGenerator<Row> {
	const rounds = Math.min(MOST, stage.counts.rounds);
	// The first one starts the engines.
	const ids = Array.from({ length: rounds + 1 }, (_, i) => `p${i}`);
	const page = await withProjects(stage, ids, { folder, labels: LABELS, each: EACH });
	const times: number[] = [];
	const tasks: number[] = [];
	for (const [round, id] of ids.entries()) {
		await go(page, `/teach/${id}`);
		await go(page, `/teach/${id}/train`);
		await chooseFineTune(page);
		// Photos are looked at as a project is opened: that is another row's.
		await page.locator('progress').waitFor({ state: 'detached' });
		const { begin, end } = await train(page);
		const { config, state, trouble } = await lastRun(page);
		if (config.kind !== 'fine-tune' || config.epochs !== EPOCHS)
			throw new Error(`Another run was the last: ${JSON.stringify(config)}`);
		if (state !== 'done') throw new Error(`The run ended as “${state}”: ${trouble}`);
		if (round > 0) {
			times.push((end - begin) / 1000);
			tasks.push(await longestTask(page, begin, end));
		}
		await go(page, '/teach');
	}
	await page.context().close();
	const of = `${LABELS} × ${EACH} photos, ${EPOCHS} epochs, in the browser`;
	const run = {
		area,
		rival: null,
		name: `photos that were looked at to a judged tuned model, ${of}, median of ${rounds}`
	};
	yield plain({ ...run, value: median(times), unit: 's' });
	const longest = { area, rival: null, value: Math.max(...tasks), unit: 'ms' };
	yield atMost(
		{ ...longest, name: `longest task of the page while it fine-tunes, ${of}, of ${rounds} runs` },
		100
	);
}

async function chooseFineTune(page: Page): Promise<void> {
	await page.getByText('More ways').click();
	await page.getByRole('radio', { name: /Fine-tune/ }).check();
	const place = FINE_TUNE_SETTINGS.find(({ key }) => key === 'epochs')?.choices.indexOf(EPOCHS) ?? -1;
	await page.getByRole('slider', { name: /Epochs/ }).fill(String(place));
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
