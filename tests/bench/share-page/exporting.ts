/** A taught model becoming a file, as the sheet “Share the model” makes it: how large, and how long it takes. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import type { BackboneCard } from '../../../src/lib/domain/card';
import type { Precision } from '../../../src/lib/domain/model-facts';
import { TeachPage } from '../../pages/teach';
import { median, plain, type Row } from '../report';
import type { Stage } from '../stage';
import { openAndTrain } from '../teach-page/pressing';
import { pictures, seed } from '../teach-page/projects';
import { recordCalls, takeCalls, took, type Call } from './calls';

const area = 'share';
const PRECISIONS: readonly Precision[] = ['fp32', 'fp16', 'int8'];
const LABELS = 4;
const EACH = 25;
const ID = 'shared';

/** Milliseconds. */
interface Times {
	made: number[];
	tried: number[];
}

export interface Exported {
	files: ReadonlyMap<Precision, Buffer>;
	rows: readonly Row[];
}

/** @param folder of datasets; photos are drawn where it is missing */
export async function exported(stage: Stage, card: BackboneCard, folder: string): Promise<Exported> {
	const context = await stage.context();
	await recordCalls(context);
	await context.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
	const page = await context.newPage();
	await page.goto(`${stage.url}/teach`);
	await page.getByRole('button', { name: 'Start a project' }).waitFor();
	await seed(page, {
		id: ID,
		labels: LABELS,
		each: EACH,
		pictures: pictures(folder, LABELS, EACH),
		backbone: card
	});
	await page.reload();
	await openAndTrain(page, ID);
	const times = new Map<Precision, Times>(PRECISIONS.map((form) => [form, { made: [], tried: [] }]));
	// The first one brings everything into the browser's caches.
	for (let round = -1; round < stage.counts.rounds; round++) {
		if (round >= 0) await page.keyboard.press('Escape');
		const calls = await made(page);
		if (round >= 0) note(times, calls);
	}
	const files = new Map<Precision, Buffer>();
	for (const form of PRECISIONS) files.set(form, await saved(page, form));
	await context.close();
	const copy = await copied(stage, card.file.url);
	const rows = PRECISIONS.flatMap((form) => [...rowsOf(card, form, files.get(form), times.get(form), copy)]);
	return { files, rows };
}

/** Opens the sheet and waits for the three sizes of ONNX. */
async function made(page: Page): Promise<Call[]> {
	await page.getByRole('dialog').waitFor({ state: 'hidden' });
	await takeCalls(page);
	await new TeachPage(page).menu(ID, 'Share the model');
	await page.locator('input[name=form][value=int8]:enabled').waitFor({ timeout: 300_000 });
	return (await takeCalls(page)).calls;
}

/** Each form is written twice: before it is tried, and with what was found out. */
function note(times: ReadonlyMap<Precision, Times>, calls: readonly Call[]): void {
	const writes = calls.filter(({ method }) => method === 'write');
	for (const [i, form] of PRECISIONS.entries()) {
		const [first, second, next] = [writes[2 * i], writes[2 * i + 1], writes[2 * i + 2]];
		if (!first || !second) throw new Error(`The sheet did not make the ${form} file.`);
		const own = calls.filter(({ from }) => from >= first.from && from < (next?.from ?? Infinity));
		const asked = own.filter(({ method }) => method === 'classify');
		const made = took([first, second], 'write');
		times.get(form)?.made.push(made);
		times.get(form)?.tried.push(Math.max(...asked.map(({ to }) => to)) - first.from - made);
	}
}

async function saved(page: Page, form: Precision): Promise<Buffer> {
	const sheet = page.getByRole('dialog', { name: 'Share the model' });
	await sheet.locator(`input[name=form][value=${form}]`).check();
	const downloading = page.waitForEvent('download');
	await sheet.getByRole('button', { name: 'Save', exact: true }).click();
	const file = await readFile(await (await downloading).path());
	await sheet.getByRole('status').filter({ hasText: 'Handed' }).first().waitFor();
	return file;
}

/** Milliseconds until a worker of its own has sent as many bytes back as were sent to it. */
async function copied({ context, emptyUrl, url, counts }: Stage, file: string): Promise<number> {
	const own = await context();
	const page = await own.newPage();
	await page.goto(emptyUrl);
	const times = await page.evaluate(
		async ({ address, rounds }) => {
			const bytes = await (await fetch(address)).arrayBuffer();
			const script = URL.createObjectURL(
				new Blob(['onmessage = ({ data }) => postMessage(data.slice(), [])'], { type: 'text/javascript' })
			);
			const times: number[] = [];
			for (let round = -1; round < rounds; round++) {
				const begin = performance.now();
				const worker = new Worker(script);
				worker.postMessage(bytes);
				await new Promise((resolve) => (worker.onmessage = resolve));
				if (round >= 0) times.push(performance.now() - begin);
				worker.terminate();
			}
			return times;
		},
		{ address: `${url}/${file}`, rounds: counts.rounds }
	);
	await own.close();
	return median(times);
}

function* rowsOf(
	{ name, file }: BackboneCard,
	form: Precision,
	bytes: Buffer | undefined,
	times: Times | undefined,
	copy: number
): Generator<Row> {
	if (!bytes || !times) throw new Error(`There is no ${form} file.`);
	const of = `${name}, ${form}`;
	const part = (100 * bytes.length) / file.bytes;
	yield plain({
		...{ area, unit: 'kB', name: `model’s file, ${of}`, value: bytes.length / 1e3 },
		rival: `${part.toFixed(0)} % of the backbone’s ${(file.bytes / 1e3).toFixed(0)}`
	});
	const rounds = `median of ${times.made.length}`;
	yield plain({
		...{ area, unit: 'ms', name: `put together, ${of}, ${rounds}`, value: median(times.made) },
		rival: `it is written twice; two copies of the backbone through workers ${(2 * copy).toFixed(0)}`
	});
	yield plain({
		...{ area, unit: 'ms', name: `read back and tried on ${LABELS * EACH} photos, ${of}, ${rounds}` },
		...{ value: median(times.tried), rival: null }
	});
}
