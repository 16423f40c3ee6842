/** ONNX Runtime by itself, on a page with nothing else: what its start and its session of a file take. */
import { median } from '../report';
import type { Stage } from '../stage';

/** Milliseconds. */
export interface Bare {
	/** In a worker of its own, as the app tries a file: its binary is compiled, too; its download is not counted. */
	first: number;
	/** The same file once more in that worker. */
	session: number;
}

export async function bareSession({ context, emptyUrl, ortUrl, counts }: Stage, file: Buffer): Promise<Bare> {
	const own = await context();
	const page = await own.newPage();
	await page.goto(emptyUrl);
	const times = await page.evaluate(timesInPage, {
		...{ ortUrl, rounds: counts.rounds },
		file: file.toString('base64')
	});
	await own.close();
	return {
		first: median(times.map(([first]) => first)),
		session: median(times.map(([, session]) => session))
	};
}

/** Runs in the page. The first round is left out. */
async function timesInPage({
	ortUrl,
	file,
	rounds
}: {
	ortUrl: string;
	file: string;
	rounds: number;
}): Promise<[first: number, session: number][]> {
	const script = `import * as ort from '${ortUrl}ort.wasm.bundle.min.mjs';
		ort.env.wasm.numThreads = 1;
		onmessage = async ({ data: { binary, file } }) => {
			ort.env.wasm.wasmBinary = binary;
			const times = [];
			for (const _ of [1, 2]) {
				const begin = performance.now();
				await ort.InferenceSession.create(file, { executionProviders: ['wasm'] });
				times.push(performance.now() - begin);
			}
			postMessage(times);
		};
		postMessage([]);`;
	const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
	const binary = await (await fetch(`${ortUrl}ort-wasm-simd-threaded.wasm`)).arrayBuffer();
	const bytes = Uint8Array.from(atob(file), (char) => char.charCodeAt(0));
	const times: [number, number][] = [];
	for (let round = -1; round < rounds; round++) {
		const worker = new Worker(address, { type: 'module' });
		const said = () =>
			new Promise<[number, number]>((resolve, reject) => {
				worker.onmessage = ({ data }) => resolve(data);
				worker.onerror = () => reject(new Error('ONNX Runtime did not start.'));
			});
		await said();
		worker.postMessage({ binary, file: bytes });
		const took = await said();
		if (round >= 0) times.push(took);
		worker.terminate();
	}
	return times;
}
