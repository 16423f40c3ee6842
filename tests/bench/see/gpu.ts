/** Which backends there are to measure here, and the GPU against the CPU of the same machine. */
import { plain, median, type Row } from '../report';
import type { Stage } from '../stage';
import { endWorker, startWorker, timeRuns } from './in-page';

export type Backend = 'wasm' | 'webgpu';

export async function backendsOf(stage: Stage): Promise<Backend[]> {
	const context = await stage.context();
	const page = await context.newPage();
	await page.goto(stage.emptyUrl);
	const found = await page.evaluate(async () => {
		const { info } = (await navigator.gpu?.requestAdapter()) ?? {};
		return info && { name: `${info.vendor} ${info.architecture}`, software: info.isFallbackAdapter };
	});
	await context.close();
	if (!found || (found.software && !stage.anyGpu)) {
		console.error('see: no real GPU was found here, so WebGPU is not measured');
		return ['wasm'];
	}
	console.error(`see: WebGPU runs on ${found.name}`);
	return ['wasm', 'webgpu'];
}

export async function* gpuAgainstCpu(stage: Stage): AsyncGenerator<Row> {
	const runs = stage.counts.frames;
	const context = await stage.context();
	const page = await context.newPage();
	await page.goto(stage.emptyUrl);
	const times: number[] = [];
	for (const preference of ['webgpu', 'wasm'] as const) {
		await startWorker(page, { workerUrl: stage.workerUrl, preference });
		await timeRuns(page, runs);
		times.push(median(await timeRuns(page, runs)));
		await endWorker(page);
	}
	await context.close();
	const [onGpu = NaN, onCpu = NaN] = times;
	yield plain({
		area: 'see',
		name: `backbone's run on WebGPU ÷ on WASM, p50 of ${runs}`,
		value: onGpu / onCpu,
		unit: '×',
		rival: `WASM ${onCpu.toFixed(1)} ms`
	});
}
