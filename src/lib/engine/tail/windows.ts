/** Maps [N, H, W, C] under a sliding window: margins, every so many-th place, and the ways back. */
import type * as TF from '@tensorflow/tfjs-core';
import type { Pair, Sliding } from '../../onnx/program-steps';

/** One side of a map under a window. */
export interface Extent {
	/** Windows that fit. */
	count: number;
	/** Places that are added in front. */
	before: number;
	/** Places that are added behind, so that the last window just fits; negative: that no window reaches. */
	after: number;
	/** Places behind that ONNX counts as margin. */
	margin: number;
}

/** @param reach places from a window's first to its last, both included */
export function extentsOf(
	map: TF.Tensor4D,
	reach: Pair,
	{ strides, pads }: Sliding,
	ceil = false
): readonly [Extent, Extent] {
	const side = (axis: 0 | 1): Extent => {
		const [length, stride] = [map.shape[axis + 1] ?? 0, strides[axis]];
		const missing = Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach[axis] - length);
		const less = Math.floor(missing / 2);
		const [before = 0, margin = 0] =
			pads === 'SAME_UPPER'
				? [less, missing - less]
				: pads === 'SAME_LOWER'
					? [missing - less, less]
					: [pads[axis], pads[axis + 2]];
		const steps = (length + before + margin - reach[axis]) / stride;
		let count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
		// A window that began behind the map would see nothing.
		if (ceil && (count - 1) * stride >= length + before) count--;
		return { count, before, after: (count - 1) * stride + reach[axis] - length - before, margin };
	};
	return [side(0), side(1)];
}

/** The map with margins of `value`, or without what no window reaches. */
export function framed(
	tf: typeof TF,
	map: TF.Tensor4D,
	[rows, columns]: readonly [Extent, Extent],
	value = 0
): TF.Tensor4D {
	const cut = top(tf, map, [Math.min(0, rows.after), Math.min(0, columns.after)]);
	const [down, across] = [Math.max(0, rows.after), Math.max(0, columns.after)];
	if (rows.before + down + columns.before + across === 0) return cut;
	return tf.pad(
		cut,
		[
			[0, 0],
			[rows.before, down],
			[columns.before, across],
			[0, 0]
		],
		value
	);
}

/** The map with as many rows and columns less, given as negative numbers. */
function top(tf: typeof TF, map: TF.Tensor4D, [rows, columns]: Pair): TF.Tensor4D {
	if (rows === 0 && columns === 0) return map;
	const [pictures, height, width, channels] = map.shape;
	return tf.slice(map, [0, 0, 0, 0], [pictures, height + rows, width + columns, channels]);
}

/** Each strides-th row and column, from the first; strided slices of TF.js have no gradient. */
export function every(tf: typeof TF, map: TF.Tensor4D, [down, across]: Pair): TF.Tensor4D {
	if (down === 1 && across === 1) return map;
	const [pictures, height, width, channels] = map.shape;
	const [rows, columns] = [Math.ceil(height / down), Math.ceil(width / across)];
	const full = tf.pad(map, [
		[0, 0],
		[0, rows * down - height],
		[0, columns * across - width],
		[0, 0]
	]);
	const blocks = tf.reshape(full, [pictures * rows, down, columns, across * channels]);
	const first = tf.slice(blocks, [0, 0, 0, 0], [pictures * rows, 1, columns, channels]);
	return tf.reshape(first, [pictures, rows, columns, channels]);
}

/** The way back of `every`: zeros between rows and columns, none behind the last. */
export function spread(tf: typeof TF, map: TF.Tensor4D, [down, across]: Pair): TF.Tensor4D {
	if (down === 1 && across === 1) return map;
	const [pictures, rows, columns, channels] = map.shape;
	const behind = (x: TF.Tensor3D, count: number) =>
		tf.pad(x, [
			[0, 0],
			[0, count - 1],
			[0, 0]
		]);
	const wide = behind(tf.reshape(map, [pictures * rows * columns, 1, channels]), across);
	const high = behind(tf.reshape(wide, [pictures * rows, 1, columns * across * channels]), down);
	const full = tf.reshape<TF.Rank.R4>(high, [pictures, rows * down, columns * across, channels]);
	return top(tf, full, [1 - down, 1 - across]);
}
