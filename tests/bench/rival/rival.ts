/** The rival: the same weights as TF.js ships them, run by TF.js on its WASM backend with one thread. */
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { env, ready, setBackend, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

/** @returns milliseconds of each run after a first that does not count: tensor made, network run, scores read back */
async function run(input: Float32Array, runs: number): Promise<number[]> {
	// One thread, as ours; its threaded build also hangs on isolated pages.
	env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
	setWasmPaths('/wasm/');
	await setBackend('wasm');
	await ready();
	const model = await loadGraphModel('/model/model.json');
	const times: number[] = [];
	for (let i = 0; i <= runs; i++) {
		const begin = performance.now();
		const images = tensor(input, [1, 224, 224, 3]);
		const scores = model.predict(images) as Tensor; // one output
		await scores.data();
		if (i > 0) times.push(performance.now() - begin);
		scores.dispose();
		images.dispose();
	}
	model.dispose();
	return times;
}

Object.assign(globalThis, { runRival: run });
