/**
 * The tail of a backbone and a linear head on its features, trained together. Owns the head's variables and the
 * optimizer until `dispose`, and disposes of the tail with them; everything else lives within one call.
 */
import type * as TF from '@tensorflow/tfjs-core';
import type { Head } from '../../domain/head';
import { Optimizer, type OptimizerConfig, type OptimizerState } from './optimizer';

/** The last blocks of a backbone, in TF.js. */
export interface Tail {
	/** In the order of the graph. */
	readonly variables: readonly { variable: TF.Variable; depth: number; isKernel: boolean }[];
	/** @param maps [rows, height, width, channels] each @returns features [rows, dimension] */
	features(maps: readonly TF.Tensor4D[]): TF.Tensor2D;
	dispose(): void;
}

export interface Batch {
	/** What crosses the cut, channels last. */
	maps: readonly { data: Float32Array; shape: readonly [number, number, number] }[];
	/** [rows] */
	targets: Int32Array;
	/** How much each row counts, mean about 1. */
	weights: Float32Array;
}

export interface NetworkConfig extends OptimizerConfig {
	/** By what each layer's steps are smaller than those of the layer after it, 0..1. */
	earlier: number;
	/** Share of each target that is spread over all labels, 0..1. */
	smoothing: number;
}

/** Keeps the norm of features of zeros from being divided by; as in the exported graph. */
const LEAST = 1e-12;

export class TunedNetwork {
	readonly #tf: typeof TF;
	readonly #tail: Tail;
	readonly #head: { weights: TF.Variable<TF.Rank.R2>; bias: TF.Variable<TF.Rank.R1> };
	readonly #optimizer: Optimizer;
	readonly #smoothing: number;
	readonly #normalise: boolean;

	/**
	 * @param head to start from: one layer
	 * @throws RangeError for a head of several layers
	 */
	constructor(tf: typeof TF, tail: Tail, head: Head, { earlier, smoothing, ...optimizer }: NetworkConfig) {
		const [layer, ...others] = head.layers;
		if (!layer || others.length > 0) throw new RangeError(`a head of ${head.layers.length} layers`);
		this.#tf = tf;
		this.#tail = tail;
		this.#smoothing = smoothing;
		this.#normalise = head.normalise;
		const classes = layer.bias.length;
		this.#head = tf.tidy(() => ({
			weights: tf.variable(tf.tensor2d(layer.weights, [layer.weights.length / classes, classes])),
			bias: tf.variable(tf.tensor1d(layer.bias))
		}));
		const { weights, bias } = this.#head;
		this.#optimizer = new Optimizer(
			tf,
			[
				...tail.variables.map(({ variable, depth, isKernel }) => ({
					variable,
					scale: earlier ** (depth + 1),
					decays: isKernel
				})),
				{ variable: weights, scale: 1, decays: false },
				{ variable: bias, scale: 1, decays: false }
			],
			optimizer
		);
	}

	get #variables(): TF.Variable[] {
		return [...this.#tail.variables.map(({ variable }) => variable), this.#head.weights, this.#head.bias];
	}

	/**
	 * One step.
	 *
	 * @param size of it, before the layers' own scales
	 * @returns the batch's mean cross-entropy before it, smoothing left out, and how many it named rightly
	 */
	async step(batch: Batch, size: number): Promise<{ loss: number; right: number }> {
		const tf = this.#tf;
		const told: TF.Tensor1D[] = [];
		try {
			tf.tidy(() => {
				const { maps, targets, weights } = this.#tensors(batch);
				const wanted = tf.add(tf.mul(targets, 1 - this.#smoothing), this.#smoothing / this.#head.bias.size);
				const loss = () => {
					const log = tf.logSoftmax(this.#logits(this.#tail.features(maps)));
					told.push(tf.keep(this.#figures(log, targets, weights)));
					return tf.neg(tf.mean<TF.Scalar>(tf.mul(tf.sum(tf.mul(log, wanted), 1), weights)));
				};
				this.#optimizer.apply(tf.variableGrads(loss, this.#variables).grads, size);
			});
			const [loss = NaN, right = NaN] = (await told[0]?.data()) ?? [];
			return { loss, right };
		} finally {
			tf.dispose(told);
		}
	}

	/** [weighted mean cross-entropy, rows named rightly] */
	#figures(log: TF.Tensor2D, targets: TF.Tensor2D, weights: TF.Tensor1D): TF.Tensor1D {
		const tf = this.#tf;
		const loss = tf.neg(tf.mean(tf.mul(tf.sum(tf.mul(log, targets), 1), weights)));
		const right = tf.sum(tf.cast(tf.equal(tf.argMax(log, 1), tf.argMax(targets, 1)), 'float32'));
		return tf.stack([loss, right]) as TF.Tensor1D; // of two scalars
	}

	/** @returns [rows, dimension] and [rows, classes] */
	async look({ maps }: Pick<Batch, 'maps'>): Promise<{ features: Float32Array; logits: Float32Array }> {
		const tf = this.#tf;
		const [features, logits] = tf.tidy(() => {
			const features = this.#tail.features(this.#maps(maps));
			return [features, this.#logits(features)];
		});
		try {
			const read = await Promise.all([features.data<'float32'>(), logits.data<'float32'>()]);
			return { features: read[0].slice(), logits: read[1].slice() };
		} finally {
			tf.dispose([features, logits]);
		}
	}

	#maps(maps: Batch['maps']): TF.Tensor4D[] {
		return maps.map(({ data, shape: [height, width, channels] }) =>
			this.#tf.tensor4d(data, [data.length / (height * width * channels), height, width, channels])
		);
	}

	#tensors({ maps, targets, weights }: Batch) {
		const tf = this.#tf;
		return {
			maps: this.#maps(maps),
			// One-hot floats are wrong on WASM: its kernel writes whole numbers whatever it is asked for.
			targets: tf.cast(
				tf.oneHot(tf.tensor1d(targets, 'int32'), this.#head.bias.size) as TF.Tensor2D, // of a row
				'float32'
			),
			weights: tf.tensor1d(weights)
		};
	}

	#logits(features: TF.Tensor2D): TF.Tensor2D {
		const tf = this.#tf;
		const length = () => tf.sqrt(tf.add(tf.sum(tf.square(features), 1, true), LEAST));
		const rows = this.#normalise ? tf.div<TF.Tensor2D>(features, length()) : features;
		return tf.add(tf.matMul(rows, this.#head.weights), this.#head.bias);
	}

	/** The head as it is now; its temperature is 1. */
	async head(): Promise<Head> {
		const [weights, bias] = await Promise.all([this.#head.weights.data(), this.#head.bias.data()]);
		return {
			layers: [{ weights: Float32Array.from(weights), bias: Float32Array.from(bias), activation: 'linear' }],
			normalise: this.#normalise,
			temperature: 1
		};
	}

	/** All that it has learned: the tail's numbers in the order of its variables, then the head's weights and biases. */
	async weights(): Promise<Float32Array[]> {
		return Promise.all(this.#variables.map(async (variable) => Float32Array.from(await variable.data())));
	}

	/** @param numbers as `weights` gave them @throws RangeError where they are not of this network */
	load(numbers: readonly Float32Array[]): void {
		const variables = this.#variables;
		if (variables.length !== numbers.length || variables.some(({ size }, i) => numbers[i]?.length !== size))
			throw new RangeError(`${numbers.length} arrays for ${variables.length} variables`);
		this.#tf.tidy(() => {
			for (const [i, variable] of variables.entries())
				variable.assign(this.#tf.tensor(numbers[i] ?? [], variable.shape));
		});
	}

	moments(): Promise<OptimizerState> {
		return this.#optimizer.state();
	}

	restoreMoments(state: OptimizerState): void {
		this.#optimizer.restore(state);
	}

	dispose(): void {
		this.#optimizer.dispose();
		this.#tail.dispose();
		this.#head.weights.dispose();
		this.#head.bias.dispose();
	}
}
