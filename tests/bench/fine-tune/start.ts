/** TF.js WASM in Node, on one thread as the app has it. */
import * as tf from '@tensorflow/tfjs-core';
import type { StartedTf } from '../../../src/lib/engine/tf';
import { startRecipe } from '../teach/start-recipe';

export async function startTf(): Promise<StartedTf> {
	tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
	await startRecipe();
	return { tf, backend: 'wasm' };
}
