/** A model's file coming in on another device: read and checked, tried, kept. */
import type { Page } from 'playwright';
import type { Precision } from '../../../src/lib/domain/model-facts';
import { ModelsPage } from '../../pages/models';
import { median, plain, type Row } from '../report';
import type { Stage } from '../stage';
import { openBare, type Bare } from './bare-session';
import { recordCalls, takeCalls, took } from './calls';

const area = 'share';

/** Milliseconds. */
interface Times extends Bare {
	read: number;
	tried: number;
	kept: number;
	whole: number;
}

export async function* importing(
	stage: Stage,
	name: string,
	files: ReadonlyMap<Precision, Buffer>
): AsyncGenerator<Row> {
	const context = await stage.context();
	await recordCalls(context);
	const page = await context.newPage();
	await new ModelsPage(page).open(stage.url);
	const bare = await openBare(stage);
	for (const [form, file] of files) {
		const rounds: Times[] = [];
		for (let round = -1; round < stage.counts.rounds; round++) {
			const times = { ...(await brought(page, file)), ...(await bare.time(file)) };
			if (round >= 0) rounds.push(times);
		}
		yield* rowsOf(rounds, `${name}, ${form}`);
	}
	await bare.close();
	await context.close();
}

async function brought(page: Page, file: Buffer): Promise<Omit<Times, keyof Bare>> {
	const models = new ModelsPage(page);
	await takeCalls(page);
	await models.choose('model.onnx', file);
	await models.sheet.getByText('is on this device').waitFor({ timeout: 60_000 });
	const { calls, kept } = await takeCalls(page);
	await page.keyboard.press('Escape');
	await models.sheet.waitFor({ state: 'hidden' });
	await forget(page);
	const first = (method: string) => calls.find((call) => call.method === method)?.from ?? NaN;
	const tried = calls.findLast(({ method }) => method === 'classify')?.to ?? NaN;
	return {
		read: took(calls, 'read') + took(calls, 'settle'),
		tried: tried - first('plan'),
		...{ kept: kept - tried, whole: kept - first('read') }
	};
}

/** As if it had never come; else it would be known by its content. */
function forget(page: Page): Promise<void> {
	return page.evaluate(async () => {
		const database = await new Promise<IDBDatabase>((resolve) => {
			const opening = indexedDB.open('lensmith');
			opening.onsuccess = () => resolve(opening.result);
		});
		const clearing = database.transaction(['received', 'receivedFiles'], 'readwrite');
		for (const name of clearing.objectStoreNames) clearing.objectStore(name).clear();
		await new Promise((resolve) => (clearing.oncomplete = resolve));
		database.close();
	});
}

function* rowsOf(rounds: readonly Times[], of: string): Generator<Row> {
	const mid = (what: keyof Times) => median(rounds.map((times) => times[what]));
	const row = (what: string, value: number, rival: string | null = null) =>
		plain({ area, unit: 'ms', name: `${what}, ${of}, median of ${rounds.length}`, value, rival });
	yield row('opened: read and checked', mid('read'));
	yield row(
		'opened: trial run',
		mid('tried'),
		`ONNX Runtime by itself: start with a session ${mid('first').toFixed(0)}, the session alone ${mid('session').toFixed(0)}`
	);
	yield row('opened: kept', mid('kept'));
	const times = (mid('whole') / mid('first')).toFixed(1);
	yield row(
		'opened, in all',
		mid('whole'),
		`${times} × ONNX Runtime’s start with a session of the same file, ${mid('first').toFixed(0)}`
	);
}
