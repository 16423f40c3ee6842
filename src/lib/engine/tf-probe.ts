/** Whether a backend of TF.js can train, and how fast: some give zero gradients or nonsense (tfjs#8590). */
import type * as TF from '@tensorflow/tfjs-core';
import { MlpNetwork } from './mlp-network';

/** The size of a small project, so that what is timed is what will run. */
const SHAPE = { inputs: 64, units: 32, classes: 2, dropout: 0, learningRate: 0.01, seed: 1 };
const ROWS = 16;
const STEPS = 8;

/**
 * Trains a few steps on two clouds that a line can part.
 *
 * @returns milliseconds of a step, the first few (which compile) left out
 * @throws where the loss is not finite or does not fall
 */
export async function probe(tf: typeof TF): Promise<number> {
	const network = new MlpNetwork(tf, SHAPE);
	const targets = Int32Array.from({ length: ROWS }, (_, i) => i % 2);
	const rows = new Float32Array(ROWS * SHAPE.inputs);
	for (let i = 0; i < rows.length; i++) {
		const sign = Math.floor(i / SHAPE.inputs) % 2 === 0 ? 1 : -1;
		rows[i] = i % 3 === 0 ? sign * 0.3 : 0.1;
	}
	const batch = { rows, targets, weights: new Float32Array(ROWS).fill(1) };
	try {
		const first = await network.step(batch);
		for (let i = 0; i < 2; i++) await network.step(batch);
		const begin = performance.now();
		let last = first;
		for (let i = 0; i < STEPS; i++) last = await network.step(batch);
		if (!Number.isFinite(last) || !(last < first)) throw new Error(`The loss went from ${first} to ${last}.`);
		return (performance.now() - begin) / STEPS;
	} finally {
		network.dispose();
	}
}
