/** Runs a graph with the engine that the app runs: ONNX Runtime's WASM, one thread. */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';

export interface Answer {
	dims: readonly number[];
	data: Float32Array;
}

/** @param data a batch in the layout that the graph wants */
export async function run(
	bytes: Uint8Array,
	input: string,
	data: Float32Array,
	dims: readonly number[]
): Promise<Record<string, Answer>> {
	env.wasm.numThreads = 1;
	const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'] });
	try {
		const results = await session.run({ [input]: new Tensor('float32', data, dims) });
		return Object.fromEntries(
			Object.entries(results).map(([name, tensor]) => {
				if (!(tensor.data instanceof Float32Array)) throw new Error(`${name} is not float32`);
				return [name, { dims: tensor.dims, data: tensor.data }];
			})
		);
	} finally {
		await session.release();
	}
}
