/**
 * Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019), and SGD with Nesterov's momentum.
 * Written here because their state must be kept and taken up again to the bit, which TF.js's own do not offer.
 */
import type * as TF from '@tensorflow/tfjs-core';

export interface OptimizerConfig {
	kind: 'adam' | 'sgd';
	/** Of each step by how much of its size weights shrink; biases and scales do not. */
	weightDecay: number;
}

export interface Parameter {
	variable: TF.Variable;
	/** Its steps are so many times the usual size. */
	scale: number;
	/** Whether it shrinks by weight decay. */
	decays: boolean;
}

const [FIRST, SECOND, EPSILON, MOMENTUM] = [0.9, 0.999, 1e-8, 0.9];

/** Owns its moments until `dispose`; the parameters are somebody else's. */
export class Optimizer {
	readonly #tf: typeof TF;
	readonly #parameters: readonly Parameter[];
	readonly #config: OptimizerConfig;
	/** For each parameter the mean of its gradients; for Adam also that of their squares. */
	readonly #moments: readonly TF.Variable[][];
	#steps = 0;

	constructor(tf: typeof TF, parameters: readonly Parameter[], config: OptimizerConfig) {
		this.#tf = tf;
		this.#parameters = parameters;
		this.#config = config;
		this.#moments = parameters.map(({ variable: { shape } }) =>
			(config.kind === 'adam' ? [0, 0] : [0]).map(() => tf.tidy(() => tf.variable(tf.zeros(shape), false)))
		);
	}

	/** One step. @param gradients by the name of the variable @param size before each parameter's own scale */
	apply(gradients: TF.NamedTensorMap, size: number): void {
		const tf = this.#tf;
		this.#steps++;
		tf.tidy(() => {
			for (const [i, { variable, scale, decays }] of this.#parameters.entries()) {
				const gradient = gradients[variable.name];
				const moments = this.#moments[i];
				if (!gradient || !moments) continue;
				const step = tf.mul(this.#direction(gradient, moments), size * scale);
				const decay = decays ? this.#config.weightDecay * size * scale : 0;
				variable.assign(tf.sub(decay ? tf.mul(variable, 1 - decay) : variable, step));
			}
		});
	}

	#direction(gradient: TF.Tensor, [mean, square]: readonly TF.Variable[]): TF.Tensor {
		const tf = this.#tf;
		if (!mean) return gradient;
		if (!square) {
			mean.assign(tf.add(tf.mul(mean, MOMENTUM), gradient));
			return tf.add(gradient, tf.mul(mean, MOMENTUM));
		}
		mean.assign(tf.add(tf.mul(mean, FIRST), tf.mul(gradient, 1 - FIRST)));
		square.assign(tf.add(tf.mul(square, SECOND), tf.mul(tf.square(gradient), 1 - SECOND)));
		const spread = tf.sqrt(tf.div(square, 1 - SECOND ** this.#steps));
		return tf.div(tf.div(mean, 1 - FIRST ** this.#steps), tf.add(spread, EPSILON));
	}

	/** What it would go on from. */
	async state(): Promise<OptimizerState> {
		const moments = await Promise.all(
			this.#moments.flat().map(async (moment) => Float32Array.from(await moment.data()))
		);
		return { steps: this.#steps, moments };
	}

	/** @param state of an optimizer of the same kind over the same parameters @throws RangeError for another */
	restore({ steps, moments }: OptimizerState): void {
		const own = this.#moments.flat();
		if (moments.length !== own.length || own.some(({ size }, i) => moments[i]?.length !== size))
			throw new RangeError(`${moments.length} moments for ${own.length}`);
		this.#steps = steps;
		this.#tf.tidy(() => {
			for (const [i, moment] of own.entries()) moment.assign(this.#tf.tensor(moments[i] ?? [], moment.shape));
		});
	}

	dispose(): void {
		for (const moment of this.#moments.flat()) moment.dispose();
	}
}

export interface OptimizerState {
	steps: number;
	moments: readonly Float32Array[];
}
