/**
 * The rival: the training recipe of `@teachablemachine/image` 0.8.5 on TF.js WASM. Dense 100 relu, softmax without
 * a bias, kernels from a truncated normal of variance 1 / inputs, Adam 0.001, 50 epochs, batches of 16 in one order.
 * Runs in Node and in the browser: whoever starts it brings TF.js up, with its gradients.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TrainingSet } from '../../../src/lib/domain/training';
import { Random } from '../../../src/lib/domain/random';

const UNITS = 100;
const EPOCHS = 50;
const BATCH = 16;
const LEARNING_RATE = 0.001;

/** Answers photos, [n, dimension] → [n]. */
export type Answer = (features: Float32Array) => Int32Array;

/** Trains, hands the answering function to `use`, and frees everything. */
export async function withRecipe<T>(set: TrainingSet, seed: number, use: (answer: Answer) => T): Promise<T> {
	const { dimension, classes } = set;
	const count = set.targets.length;
	const order = Int32Array.from(new Random(seed).shuffle(set.targets.keys()));
	const kernel = (inputs: number, units: number, s: number) =>
		tf.variable(tf.truncatedNormal([inputs, units], 0, Math.sqrt(1 / inputs), 'float32', s));
	const hidden = kernel(dimension, UNITS, seed + 1);
	const bias = tf.variable(tf.zeros([UNITS]));
	const out = kernel(UNITS, classes, seed + 2);
	const logits = (x: tf.Tensor2D) => tf.matMul(tf.relu(tf.add(tf.matMul(x, hidden), bias)), out);
	const optimizer = tf.train.adam(LEARNING_RATE);
	const [xs, ys] = tf.tidy(() => {
		const all = tf.tensor2d(set.features, [count, dimension]);
		const rows = tf.tensor1d(order, 'int32');
		return [
			tf.gather(all, rows),
			tf.cast(
				tf.oneHot(tf.gather(tf.tensor1d(set.targets, 'int32'), rows), classes),
				'float32'
			) as tf.Tensor2D
		] as const;
	});
	for (let epoch = 0; epoch < EPOCHS; epoch++)
		for (let from = 0; from < count; from += BATCH) {
			tf.tidy(() => {
				const size = Math.min(BATCH, count - from);
				const x = tf.slice(xs, [from, 0], [size, dimension]);
				const y = tf.slice(ys, [from, 0], [size, classes]);
				optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, logits(x)), false, [hidden, bias, out]);
			});
		}
	await out.data();
	const answer: Answer = (features) =>
		tf.tidy(() =>
			Int32Array.from(
				tf.argMax(logits(tf.tensor2d(features, [features.length / dimension, dimension])), 1).dataSync()
			)
		);
	const result = use(answer);
	optimizer.dispose();
	tf.dispose([xs, ys, hidden, bias, out]);
	return result;
}
