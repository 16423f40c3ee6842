/** Steps that only move numbers, and softmax. */
import type * as TF from '@tensorflow/tfjs-core';
import { Trouble } from '../../domain/trouble';
import type { Step } from '../../onnx/program-steps';
import { product } from '../../onnx/tensor';
import { arranged, axisOf, dimsOf, inOrder, type Placed, plain, reshaped } from './placed';

type Of<K extends Step['kind']> = Step & { kind: K };

export function concat(tf: typeof TF, values: readonly Placed[], axis: number): Placed {
	const [first] = values;
	if (!first) throw new RangeError('nothing to join');
	const { order } = first;
	const place = order.indexOf(axisOf(axis, order.length));
	return {
		tensor: tf.concat(
			values.map((value) => arranged(tf, value, order)),
			place
		),
		order
	};
}

export function flatten(tf: typeof TF, value: Placed, step: Of<'flatten'>): Placed {
	const dims = dimsOf(value);
	const axis = axisOf(step.axis, dims.length);
	return reshaped(tf, value, [product(dims.slice(0, axis)), product(dims.slice(axis))]);
}

/** @throws Trouble 'finetune-operator' where it is made for another number of pictures: their numbers would be mixed */
export function reshape(tf: typeof TF, value: Placed, { shape }: Of<'reshape'>): Placed {
	const dims = dimsOf(value);
	const [pictures = 0] = shape;
	if (pictures > 1 && pictures !== dims[0])
		throw new Trouble(
			'finetune-operator',
			`This network's last layers use “Reshape” for ${pictures} pictures at a time, which cannot be trained here. A new head can be taught on it.`
		);
	const asked = shape.map((dim, axis) => (dim === 0 ? (dims[axis] ?? 1) : dim));
	const left = product(dims) / product(asked.filter((dim) => dim !== -1));
	return reshaped(
		tf,
		value,
		asked.map((dim) => (dim === -1 ? left : dim))
	);
}

export function squeeze(tf: typeof TF, value: Placed, { axes }: Of<'squeeze'>): Placed {
	const dims = dimsOf(value);
	const out = axes?.map((axis) => axisOf(axis, dims.length));
	return reshaped(
		tf,
		value,
		dims.filter((dim, axis) => !(out ? out.includes(axis) : axis > 0 && dim === 1))
	);
}

export function unsqueeze(tf: typeof TF, value: Placed, { axes }: Of<'unsqueeze'>): Placed {
	const rest = dimsOf(value);
	const rank = rest.length + axes.length;
	const more = axes.map((axis) => axisOf(axis, rank));
	return reshaped(
		tf,
		value,
		inOrder(rank).map((axis) => (more.includes(axis) ? 1 : (rest.shift() ?? 1)))
	);
}

/** No number moves: the axes are only called otherwise. */
export function transpose({ tensor, order }: Placed, step: Of<'transpose'>): Placed {
	const from = step.order ?? inOrder(order.length).reverse();
	return { tensor, order: order.map((axis) => from.indexOf(axis)) };
}

export function split(tf: typeof TF, { tensor, order }: Placed, step: Of<'split'>): Placed[] {
	const place = order.indexOf(axisOf(step.axis, order.length));
	const length = tensor.shape[place] ?? 0;
	const each = Math.ceil(length / step.outputs.length);
	const alike = step.outputs.map((_, i) => Math.min(each, length - i * each));
	return tf.split(tensor, [...(step.sizes ?? alike)], place).map((part) => ({ tensor: part, order }));
}

export function slice(tf: typeof TF, { tensor, order }: Placed, { axes, starts, ends }: Of<'slice'>): Placed {
	const begin = tensor.shape.map(() => 0);
	const size: number[] = [...tensor.shape];
	const named = axes ?? inOrder(starts.length);
	for (const [i, axis] of named.entries()) {
		const place = order.indexOf(axisOf(axis, order.length));
		const length = tensor.shape[place] ?? 0;
		const within = (at = 0) => Math.min(length, Math.max(0, at < 0 ? at + length : at));
		begin[place] = within(starts[i]);
		size[place] = Math.max(0, within(ends[i]) - within(starts[i]));
	}
	return { tensor: tf.slice(tensor, begin, size), order };
}

export function softmax(tf: typeof TF, value: Placed, step: Of<'softmax'>): Placed {
	const dims = dimsOf(value);
	const axis = axisOf(step.axis, dims.length);
	if (step.flat) {
		const rows = reshaped(tf, value, [product(dims.slice(0, axis)), product(dims.slice(axis))]);
		return reshaped(tf, plain(tf.softmax(arranged(tf, rows, [0, 1]))), dims);
	}
	const order = [...value.order.filter((other) => other !== axis), axis];
	return { tensor: tf.softmax(arranged(tf, value, order)), order };
}
