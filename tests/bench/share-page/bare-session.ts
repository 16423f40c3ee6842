/** ONNX Runtime by itself, on a page with nothing else: what its start and its session of a file take. */
import type { Stage } from '../stage';

/** Milliseconds. */
export interface Bare {
	/** In a worker of its own, as the app tries a file: its binary is compiled, too; its download is not counted. */
	first: number;
	/** The same file once more in that worker. */
	session: number;
}

/** A page that tries a file whenever it is asked to: in turn with what it is held against, as machines are not even. */
export async function openBare({ context, emptyUrl, ortUrl }: Stage) {
	const own = await context();
	const page = await own.newPage();
	await page.goto(emptyUrl);
	return {
		time: (file: Buffer): Promise<Bare> =>
			page.evaluate(timeInPage, { ortUrl, file: file.toString('base64') }),
		close: () => own.close()
	};
}

/** Runs in the page. */
async function timeInPage({ ortUrl, file }: { ortUrl: string; file: string }): Promise<Bare> {
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
			postMessage({ first: times[0], session: times[1] });
		};
		postMessage(null);`;
	const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
	const binary = await (await fetch(`${ortUrl}ort-wasm-simd-threaded.wasm`)).arrayBuffer();
	const bytes = Uint8Array.from(atob(file), (char) => char.charCodeAt(0));
	const worker = new Worker(address, { type: 'module' });
	const said = () =>
		new Promise<Bare>((resolve, reject) => {
			worker.onmessage = ({ data }) => resolve(data);
			worker.onerror = () => reject(new Error('ONNX Runtime did not start.'));
		});
	await said();
	worker.postMessage({ binary, file: bytes });
	const took = await said();
	worker.terminate();
	return took;
}
