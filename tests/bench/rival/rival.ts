/**
 * The rivals, run by TF.js on its WASM backend with one thread: the same weights as TF.js ships them, and Teachable
 * Machine's recipe.
 */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { env, ready, setBackend, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { withRecipe } from '../teach/recipe';

/** @returns milliseconds of each run after a first that does not count: tensor made, network run, scores read back */
async function run(input: Float32Array, runs: number): Promise<number[]> {
	await start();
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

async function start(): Promise<void> {
	// One thread, as ours; its threaded build also hangs on isolated pages.
	env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
	setWasmPaths('/wasm/');
	await setBackend('wasm');
	await ready();
}

/** @returns milliseconds that the recipe takes on these features */
async function runRecipe({ features, targets }: { features: number[]; targets: number[] }): Promise<number> {
	await start();
	const set = {
		features: Float32Array.from(features),
		augmented: [],
		dimension: features.length / targets.length,
		targets: Int32Array.from(targets),
		classes: new Set(targets).size,
		groups: Int32Array.from(targets.keys())
	};
	const begin = performance.now();
	await withRecipe(set, 1, () => undefined);
	return performance.now() - begin;
}

Object.assign(globalThis, { runRival: run, runRecipe });
