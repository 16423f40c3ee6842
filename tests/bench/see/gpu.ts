/** The way of a frame on a real GPU, and against the CPU of the same machine; nothing where there is none. */
import { plain, median, type Row } from '../report';
import type { Stage } from '../stage';
import { endWorker, startWorker, timeRuns } from './in-page';
import { frames } from './speed';

const RUNS = 300;

export async function* gpu(stage: Stage): AsyncGenerator<Row> {
	const context = await stage.context();
	const page = await context.newPage();
	await page.goto(`${stage.url}/about`);
	const real = await page.evaluate(async () => {
		const adapter = await navigator.gpu?.requestAdapter();
		return adapter !== null && adapter !== undefined && !adapter.info.isFallbackAdapter;
	});
	if (!real) {
		console.error('see: no real GPU here, so WebGPU is not measured');
		await context.close();
		return;
	}
	const times: number[] = [];
	for (const preference of ['webgpu', 'wasm'] as const) {
		await startWorker(page, { workerUrl: stage.workerUrl, preference });
		await timeRuns(page, RUNS);
		times.push(median(await timeRuns(page, RUNS)));
		await endWorker(page);
	}
	await context.close();
	const [onGpu = NaN, onCpu = NaN] = times;
	yield plain({
		area: 'see',
		name: `backbone's run on WebGPU ÷ on WASM, p50 of ${RUNS}`,
		value: onGpu / onCpu,
		unit: '×',
		rival: `WASM ${onCpu.toFixed(1)} ms`
	});
	yield* frames(stage, 'webgpu');
}
