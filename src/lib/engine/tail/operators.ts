/** One function for each kind of step, from operands to results; all of them differentiable. */
import type * as TF from '@tensorflow/tfjs-core';
import type { Step } from '../../onnx/program-steps';
import { convolved } from './convolve';
import { concat, flatten, reshape, slice, softmax, split, squeeze, transpose, unsqueeze } from './layout';
import { averagePool, maxPool } from './pool';
import { clipped, lengths, product } from './gradients';
import {
	aligned,
	arranged,
	axisOf,
	dimsOf,
	inOrder,
	MAP,
	mapOf,
	type Placed,
	plain,
	reshaped
} from './placed';

/** What a step runs with: the library, and its operands by name. */
export interface Run {
	tf: typeof TF;
	value: (name: string) => Placed;
}

type Kind = Step['kind'];
type Operator<K extends Kind> = (run: Run, step: Step & { kind: K }) => Placed | Placed[];

/** The value with its numbers changed each by itself. */
const each =
	<K extends Kind>(change: (tf: typeof TF, x: TF.Tensor, step: Step & { kind: K }) => TF.Tensor) =>
	({ tf, value }: Run, step: Step & { kind: K; input: string }): Placed => {
		const { tensor, order } = value(step.input);
		return { tensor: change(tf, tensor, step), order };
	};

const binary =
	(kind: 'add' | 'sub' | 'mul' | 'div') =>
	({ tf, value }: Run, step: { left: string; right: string }): Placed => {
		const { left, right, order } = aligned(tf, value(step.left), value(step.right));
		return { tensor: tf[kind](left, right), order };
	};

const conv: Operator<'conv'> = ({ tf, value }, step) => {
	const kernel = value(step.kernel).tensor as TF.Tensor4D; // the reader of Conv has seen to it
	const tensor = convolved(tf, mapOf(tf, value(step.input)), kernel, step);
	return { tensor: step.bias === null ? tensor : tf.add(tensor, value(step.bias).tensor), order: MAP };
};

/** scale · (x − mean) / √(variance + ε) + bias, as one product and one sum. */
const normalise: Operator<'normalise'> = ({ tf, value }, step) => {
	const of = (name: string) => value(name).tensor;
	const input = value(step.input);
	const channels = (x: TF.Tensor) =>
		tf.reshape(
			x,
			input.order.map((axis) => (axis === 1 ? -1 : 1))
		);
	const factor = tf.mul(of(step.scale), tf.rsqrt(tf.add(of(step.variance), step.epsilon)));
	const shift = tf.sub(of(step.bias), tf.mul(of(step.mean), factor));
	return {
		tensor: tf.add(tf.mul(input.tensor, channels(factor)), channels(shift)),
		order: input.order
	};
};

const reduced =
	(change: (tf: typeof TF, x: TF.Tensor, axes: number[]) => TF.Tensor) =>
	({ tf, value }: Run, { input, axes, keep }: Step & { kind: 'mean' | 'length' }): Placed => {
		const from = value(input);
		const rank = from.order.length;
		const over = (axes ?? inOrder(rank)).map((axis) => axisOf(axis, rank));
		const places = over.map((axis) => from.order.indexOf(axis));
		const result = { tensor: change(tf, from.tensor, places), order: from.order };
		if (keep) return result;
		return reshaped(
			tf,
			result,
			dimsOf(from).filter((_, axis) => !over.includes(axis))
		);
	};

/** A step with one operand that is somewhere else. */
const unary =
	<K extends Kind>(run: (tf: typeof TF, value: Placed, step: Step & { kind: K }) => Placed | Placed[]) =>
	({ tf, value }: Run, step: Step & { kind: K; input: string }) =>
		run(tf, value(step.input), step);

const pooled = (pool: typeof maxPool) =>
	unary<'maxPool' | 'averagePool'>((tf, value, step) => ({
		tensor: pool(tf, mapOf(tf, value), step),
		order: MAP
	}));

const gemm: Operator<'gemm'> = ({ tf, value }, step) => {
	const matrix = (name: string, isTransposed: boolean) => {
		const tensor = arranged(tf, value(name), [0, 1]) as TF.Tensor2D; // arranged on two axes
		return isTransposed ? tf.transpose(tensor) : tensor;
	};
	const [left, right] = step.transposed;
	const found = product(tf, matrix(step.left, left), matrix(step.right, right));
	const scaled = step.alpha === 1 ? found : tf.mul(found, step.alpha);
	if (step.bias === null) return plain(scaled);
	const bias = value(step.bias).tensor;
	return plain(tf.add(scaled, step.beta === 1 ? bias : tf.mul(bias, step.beta)));
};

const matMul: Operator<'matMul'> = ({ tf, value }, step) => {
	const left = value(step.left);
	const dims = dimsOf(left);
	const right = arranged(tf, value(step.right), [0, 1]) as TF.Tensor2D; // arranged on two axes
	const rows = tf.reshape(arranged(tf, left, inOrder(dims.length)), [-1, right.shape[0]]);
	const found = product(tf, rows as TF.Tensor2D, right);
	return plain(tf.reshape(found, [...dims.slice(0, -1), right.shape[1]]));
};

export const operators: { readonly [K in Kind]: Operator<K> } = {
	conv,
	normalise,
	same: ({ value }, { input }) => value(input),
	relu: each((tf, x) => tf.relu(x)),
	sigmoid: each((tf, x) => tf.sigmoid(x)),
	hardSwish: each((tf, x) => tf.mul(x, tf.div(clipped(tf, tf.add(x, 3), 0, 6), 6))),
	hardSigmoid: each<'hardSigmoid'>((tf, x, { slope, offset }) =>
		clipped(tf, tf.add(tf.mul(x, slope), offset), 0, 1)
	),
	clip: each<'clip'>((tf, x, { min, max }) => clipped(tf, x, min, max)),
	add: binary('add'),
	sub: binary('sub'),
	mul: binary('mul'),
	div: binary('div'),
	mean: reduced((tf, x, axes) => tf.mean(x, axes, true)),
	length: reduced(lengths),
	maxPool: pooled(maxPool),
	averagePool: pooled(averagePool),
	concat: ({ tf, value }, { inputs, axis }) => concat(tf, inputs.map(value), axis),
	flatten: unary(flatten),
	reshape: unary(reshape),
	squeeze: unary(squeeze),
	unsqueeze: unary(unsqueeze),
	transpose: unary((_, value, step) => transpose(value, step)),
	split: unary(split),
	slice: unary(slice),
	gemm,
	matMul,
	softmax: unary(softmax)
};
