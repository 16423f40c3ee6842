/**
 * The lecture's network in TF.js core: Dense relu → dropout → Dense softmax, trained with Adam on categorical
 * cross-entropy. Owns its variables and its optimizer until `dispose`; everything else lives within one call.
 */
import type * as TF from '@tensorflow/tfjs-core';
import type { Head } from '../domain/head';
import { Random } from '../domain/random';

export interface MlpShape {
	inputs: number;
	units: number;
	classes: number;
	/** Share of hidden units left out in each step, 0..1. */
	dropout: number;
	learningRate: number;
	/** Of the first weights and of the dropout. */
	seed: number;
}

export interface Batch {
	/** [rows, inputs] */
	rows: Float32Array;
	/** [rows] */
	targets: Int32Array;
	/** How much each row counts, mean about 1. */
	weights: Float32Array;
}

export class MlpNetwork {
	readonly #tf: typeof TF;
	readonly #shape: MlpShape;
	readonly #random: Random;
	readonly #optimizer: TF.Optimizer;
	readonly #hidden: { weights: TF.Variable<TF.Rank.R2>; bias: TF.Variable<TF.Rank.R1> };
	readonly #out: { weights: TF.Variable<TF.Rank.R2>; bias: TF.Variable<TF.Rank.R1> };

	constructor(tf: typeof TF, shape: MlpShape) {
		this.#tf = tf;
		this.#shape = shape;
		this.#random = new Random(shape.seed);
		this.#optimizer = tf.train.adam(shape.learningRate);
		this.#hidden = this.#dense(shape.inputs, shape.units);
		this.#out = this.#dense(shape.units, shape.classes);
	}

	/** Glorot & Bengio (2010): uniform in ±√(6 / (inputs + outputs)); biases 0. */
	#dense(inputs: number, outputs: number) {
		const tf = this.#tf;
		const limit = Math.sqrt(6 / (inputs + outputs));
		const values = Float32Array.from(
			{ length: inputs * outputs },
			() => (2 * this.#random.next() - 1) * limit
		);
		return tf.tidy(() => ({
			weights: tf.variable(tf.tensor2d(values, [inputs, outputs])),
			bias: tf.variable(tf.zeros<TF.Rank.R1>([outputs]))
		}));
	}

	get #variables(): TF.Variable[] {
		return [this.#hidden.weights, this.#hidden.bias, this.#out.weights, this.#out.bias];
	}

	/** One step of Adam. @returns the batch's mean cross-entropy before it, read back */
	async step(batch: Batch): Promise<number> {
		const tf = this.#tf;
		const loss = tf.tidy(() => {
			const { rows, targets, weights } = this.#tensors(batch);
			const kept = this.#keptUnits(batch.targets.length);
			const crossEntropy = () => {
				const each = tf.sum(tf.mul(tf.logSoftmax(this.#forward(rows, kept)), targets), 1);
				return tf.neg(tf.mean<TF.Scalar>(tf.mul(each, weights)));
			};
			const { value, grads } = tf.variableGrads(crossEntropy, this.#variables);
			this.#optimizer.applyGradients(grads);
			return value;
		});
		try {
			return (await loss.data())[0] ?? NaN;
		} finally {
			loss.dispose();
		}
	}

	/** @param rows [count, inputs] @returns [count, classes], without dropout */
	async logits(rows: Float32Array): Promise<Float32Array> {
		const tf = this.#tf;
		const logits = tf.tidy(() =>
			this.#forward(tf.tensor2d(rows, [rows.length / this.#shape.inputs, this.#shape.inputs]), null)
		);
		try {
			return (await logits.data<'float32'>()).slice();
		} finally {
			logits.dispose();
		}
	}

	#tensors({ rows, targets, weights }: Batch) {
		const tf = this.#tf;
		return {
			rows: tf.tensor2d(rows, [targets.length, this.#shape.inputs]),
			targets: tf.cast(tf.oneHot(tf.tensor1d(targets, 'int32'), this.#shape.classes), 'float32'),
			weights: tf.tensor1d(weights)
		};
	}

	/** Inverted dropout: 0 for the units left out, 1 / (1 − dropout) for the others; [rows, units]. */
	#keptUnits(rows: number): TF.Tensor2D | null {
		const { dropout, units } = this.#shape;
		if (dropout === 0) return null;
		const kept = Float32Array.from({ length: rows * units }, () =>
			this.#random.next() < dropout ? 0 : 1 / (1 - dropout)
		);
		return this.#tf.tensor2d(kept, [rows, units]);
	}

	#forward(rows: TF.Tensor2D, kept: TF.Tensor2D | null): TF.Tensor2D {
		const tf = this.#tf;
		const hidden = tf.relu(tf.add<TF.Tensor2D>(tf.matMul(rows, this.#hidden.weights), this.#hidden.bias));
		const passed = kept ? tf.mul<TF.Tensor2D>(hidden, kept) : hidden;
		return tf.add(tf.matMul(passed, this.#out.weights), this.#out.bias);
	}

	/** What it has learned so far, as data. */
	async head(): Promise<Head> {
		const read = async (variable: TF.Variable) => Float32Array.from(await variable.data());
		const [hidden, hiddenBias, out, outBias] = await Promise.all(this.#variables.map(read));
		const none = new Float32Array(0);
		return {
			layers: [
				{ weights: hidden ?? none, bias: hiddenBias ?? none, activation: 'relu' },
				{ weights: out ?? none, bias: outBias ?? none, activation: 'linear' }
			],
			normalise: true,
			temperature: 1
		};
	}

	dispose(): void {
		for (const variable of this.#variables) variable.dispose();
		this.#optimizer.dispose();
	}
}
