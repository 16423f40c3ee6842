/** The network alone, the way of a frame, and the same weights in TF.js. */
import type { Page } from 'playwright';
import { goldenInput } from '../../../src/lib/domain/golden';
import { atMost, median, plain, quantile, type Row } from '../report';
import { serveRival } from '../rival/serve';
import type { Stage } from '../stage';
import type { Backend } from './gpu';
import { endWorker, startWorker, timeFrames, timeRuns } from './in-page';

export async function* frames(stage: Stage, preference: Backend): AsyncGenerator<Row> {
	const { warmUp, frames: count } = stage.counts;
	const area = 'see';
	const on = preference === 'webgpu' ? ' on WebGPU' : '';
	const page = await (await stage.context()).newPage();
	await page.goto(stage.emptyUrl);
	await startWorker(page, { workerUrl: stage.workerUrl, preference });
	for (const [width, height, slack] of [
		[640, 480, 4],
		[1280, 720, 8]
	] as const) {
		await timeFrames(page, width, height, warmUp);
		const bareBefore = await timeRuns(page, count / 2);
		const { total, preprocess, run } = await timeFrames(page, width, height, count);
		const bare = median([...bareBefore, ...(await timeRuns(page, count / 2))]);
		const size = `${width} × ${height}${on}`;
		const unit = 'ms';
		yield plain({ area, name: `backbone's run alone, p50 (beside ${size})`, value: bare, unit, rival: null });
		yield plain({
			area,
			name: `preprocessing alone, ${size}, p50`,
			value: median(preprocess),
			unit,
			rival: null
		});
		yield plain({ area, name: `run within a frame, ${size}, p50`, value: median(run), unit, rival: null });
		yield atMost(
			{
				area,
				name: `frame received to scores, ${size}, p50 of ${count}`,
				value: median(total),
				unit,
				rival: `bare run ${bare.toFixed(1)} ms`
			},
			bare + slack,
			`≤ bare run + ${slack} ms`
		);
		yield plain({
			area,
			name: `frame received to scores, ${size}, p95 of ${count}`,
			value: quantile(total, 0.95),
			unit,
			rival: null
		});
	}
	await page.context().close();
}

/**
 * One thread each, a fresh worker or page each round, taking turns; both on a page with nothing else on it, on
 * the golden input, after one run that is not timed: ours is the self-test.
 */
export async function* againstTfjs(stage: Stage): AsyncGenerator<Row> {
	const { rounds, first, frames: count } = stage.counts;
	const rival = await serveRival();
	const context = await stage.context();
	const ours = { first: [] as number[], steady: [] as number[] };
	const theirs = { first: [] as number[], steady: [] as number[] };
	try {
		for (let round = 0; round < rounds; round++) {
			const page = await context.newPage();
			await page.goto(stage.emptyUrl);
			await startWorker(page, { workerUrl: stage.workerUrl, preference: 'wasm' });
			note(ours, await timeRuns(page, first + count), first);
			await endWorker(page);
			await page.close();
			const other = await context.newPage();
			await other.goto(rival.url);
			note(theirs, await runRival(other, first + count), first);
			await other.close();
		}
	} finally {
		rival.close();
		await context.close();
	}
	for (const [key, words, limit] of [
		['steady', `steady p50, median of ${rounds} rounds of ${count}`, 1.25],
		['first', `first ${first} runs' median, median of ${rounds} rounds`, 1.6]
	] as const) {
		const [mine, other] = [median(ours[key]), median(theirs[key])];
		yield plain({ area: 'see', name: `ours, ${words}`, value: mine, unit: 'ms', rival: null });
		yield atMost(
			{
				area: 'see',
				name: `ours ÷ TF.js WASM, ${words}`,
				value: mine / other,
				unit: '×',
				rival: `TF.js ${other.toFixed(1)} ms`
			},
			limit
		);
	}
}

function note(into: { first: number[]; steady: number[] }, times: number[], first: number): void {
	into.first.push(median(times.slice(0, first)));
	into.steady.push(median(times.slice(first)));
}

async function runRival(page: Page, runs: number): Promise<number[]> {
	await page.waitForFunction(() => 'runRival' in globalThis);
	return page.evaluate(
		async ({ input, runs }) => {
			const { runRival } = globalThis as unknown as {
				runRival(input: Float32Array, runs: number): Promise<number[]>;
			};
			return runRival(new Float32Array(input), runs);
		},
		{ input: interleaved(goldenInput(224)), runs }
	);
}

/** [3, pixels] → [pixels, 3] */
function interleaved(planes: Float32Array): number[] {
	const pixels = planes.length / 3;
	return Array.from(planes, (_, i) => planes[(i % 3) * pixels + Math.floor(i / 3)] ?? 0);
}
