/** TF.js WASM in Node, for the recipe. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

const require = createRequire(import.meta.url);
// tfjs-core brings no gradients of its own, and this file of it is one that Node can only require.
require('@tensorflow/tfjs-core/dist/register_all_gradients');

export async function startRecipe(): Promise<void> {
	setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
	if (!(await tf.setBackend('wasm'))) throw new Error('TF.js WASM did not start.');
}
