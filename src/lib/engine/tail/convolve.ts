/**
 * Convolutions of maps [N, H, W, C] with gradients on every backend. Where TF.js has none, the gradient of a
 * convolution is one again: of the input, with the kernel turned around; of the kernel, with the gradient as kernel and
 * pictures in the place of channels.
 */
import type * as TF from '@tensorflow/tfjs-core';
import type { Pair, Step } from '../../onnx/program-steps';
import { lacks, product, withGradient } from './gradients';
import { every, extentsOf, framed, spread } from './windows';

/** How a kernel goes over a map that has its margins. */
interface Way {
	strides: Pair;
	dilations: Pair;
}

const isOne = ([down, across]: Pair): boolean => down === 1 && across === 1;

/** @param kernel in ONNX's layout [out, in / groups, height, width] @returns without the bias */
export function convolved(
	tf: typeof TF,
	map: TF.Tensor4D,
	kernel: TF.Tensor4D,
	step: Step & { kind: 'conv' }
): TF.Tensor4D {
	const { strides, dilations, groups } = step;
	const [, , height, width] = kernel.shape;
	const reach = [(height - 1) * dilations[0] + 1, (width - 1) * dilations[1] + 1] as const;
	const full = framed(tf, map, extentsOf(map, reach, step));
	if (height * width * groups === 1) return pointwise(tf, every(tf, full, strides), kernel);
	if (isOne(strides) || isOne(dilations)) return grouped(tf, full, kernel, groups, step);
	// Neither TF.js nor what is below does both at once.
	return every(tf, grouped(tf, full, kernel, groups, { strides: [1, 1], dilations }), strides);
}

function pointwise(tf: typeof TF, map: TF.Tensor4D, kernel: TF.Tensor4D): TF.Tensor4D {
	const [pictures, height, width, channels] = map.shape;
	const [out] = kernel.shape;
	const rows = tf.reshape<TF.Rank.R2>(map, [pictures * height * width, channels]);
	const weights = tf.transpose(tf.reshape<TF.Rank.R2>(kernel, [out, channels]));
	return tf.reshape(product(tf, rows, weights), [pictures, height, width, out]);
}

function grouped(
	tf: typeof TF,
	map: TF.Tensor4D,
	kernel: TF.Tensor4D,
	groups: number,
	way: Way
): TF.Tensor4D {
	const [out, each, height, width] = kernel.shape;
	if (groups === 1) return dense(tf, map, tf.transpose(kernel, [2, 3, 1, 0]), way);
	if (each === 1) {
		const turned = tf.transpose(kernel, [2, 3, 0, 1]);
		return depthwise(tf, map, tf.reshape(turned, [height, width, groups, out / groups]), way);
	}
	const kernels = tf.split<TF.Tensor4D>(tf.transpose(kernel, [2, 3, 1, 0]), groups, 3);
	const parts = tf.split<TF.Tensor4D>(map, groups, 3);
	return tf.concat(
		parts.map((part, i) => dense(tf, part, kernels[i] ?? part, way)),
		3
	);
}

/** @param kernel [height, width, in, out] */
function dense(tf: typeof TF, map: TF.Tensor4D, kernel: TF.Tensor4D, way: Way): TF.Tensor4D {
	const run = (x: TF.Tensor4D, k: TF.Tensor4D, strides: Pair, dilations: Pair) =>
		tf.conv2d(x, k, [...strides], 'valid', 'NHWC', [...dilations]);
	const { strides, dilations } = way;
	const forward = () => run(map, kernel, strides, dilations);
	if (isOne(dilations) && !lacks(tf, 'Conv2DBackpropFilter')) return forward();
	return withGradient(tf, [map, kernel], forward, (dy, [map, kernel]) => {
		const wide = surrounded(tf, dy, kernel, way);
		const back = tf.transpose<TF.Tensor4D>(turned(tf, kernel), [0, 1, 3, 2]);
		const inputs = tf.transpose<TF.Tensor4D>(map, [3, 1, 2, 0]);
		const filter = run(inputs, tf.transpose(dy, [1, 2, 0, 3]), dilations, strides);
		return [run(wide, back, [1, 1], dilations), tf.transpose(filter, [1, 2, 0, 3])];
	});
}

/** @param kernel [height, width, in, multiplier] */
function depthwise(tf: typeof TF, map: TF.Tensor4D, kernel: TF.Tensor4D, way: Way): TF.Tensor4D {
	const run = (x: TF.Tensor4D, k: TF.Tensor4D, strides: Pair, dilations: Pair) =>
		tf.depthwiseConv2d(x, k, [...strides], 'valid', 'NHWC', [...dilations]);
	const { strides, dilations } = way;
	const forward = () => run(map, kernel, strides, dilations);
	if (isOne(dilations) && !lacks(tf, 'DepthwiseConv2dNativeBackpropFilter')) return forward();
	const [pictures, height, width, channels] = map.shape;
	const [rows, columns, , times] = kernel.shape;
	return withGradient(tf, [map, kernel], forward, (dy, [map, kernel]) => {
		const wide = surrounded(tf, dy, kernel, way);
		const back = tf.reshape<TF.Rank.R4>(turned(tf, kernel), [rows, columns, channels * times, 1]);
		const each = tf.reshape(run(wide, back, [1, 1], dilations), [pictures * height, width, channels, times]);
		// Pictures lie beside each other as channels.
		const beside = tf.reshape<TF.Rank.R4>(tf.transpose(map, [1, 2, 0, 3]), [
			1,
			height,
			width,
			pictures * channels
		]);
		const [, high, across] = dy.shape;
		const slopes = tf.reshape<TF.Rank.R4>(tf.transpose(dy, [1, 2, 0, 3]), [
			high,
			across,
			pictures * channels,
			times
		]);
		const filters = run(beside, slopes, dilations, strides);
		const filter = tf.sum(tf.reshape(filters, [rows * columns, pictures, channels * times]), 1);
		return [
			tf.reshape(times === 1 ? each : tf.sum(each, 3), [pictures, height, width, channels]),
			tf.reshape(filter, [rows, columns, channels, times])
		];
	});
}

/** The gradient of a result, as wide as its input was with a window more at every end. */
function surrounded(tf: typeof TF, dy: TF.Tensor4D, kernel: TF.Tensor4D, way: Way): TF.Tensor4D {
	const [height, width] = kernel.shape;
	const rows = (height - 1) * way.dilations[0];
	const columns = (width - 1) * way.dilations[1];
	return tf.pad(spread(tf, dy, way.strides), [
		[0, 0],
		[rows, rows],
		[columns, columns],
		[0, 0]
	]);
}

/** A kernel [height, width, …] upside down and right to left; TF.js takes longer to reverse it. */
function turned(tf: typeof TF, kernel: TF.Tensor4D): TF.Tensor4D {
	const [height, width, inputs, outputs] = kernel.shape;
	const places = height * width;
	if (places === 1) return kernel;
	const parts = tf.split(tf.reshape(kernel, [places, inputs * outputs]), places);
	return tf.reshape(tf.concat(parts.reverse()), [height, width, inputs, outputs]);
}
