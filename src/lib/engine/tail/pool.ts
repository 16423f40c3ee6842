/** Largest numbers and averages under a sliding window, with gradients on every backend. */
import type * as TF from '@tensorflow/tfjs-core';
import type { Pair, Step } from '../../onnx/program-steps';
import { withGradient } from './gradients';
import { every, type Extent, extentsOf, framed, spread } from './windows';

/** So small that no number of a network is less; infinity would make NaN of a product with 0. */
const LEAST = -3e38;

type Pool = Step & { kind: 'maxPool' | 'averagePool' };

export function maxPool(tf: typeof TF, map: TF.Tensor4D, step: Pool): TF.Tensor4D {
	const { window, strides, ceil } = step;
	const full = framed(tf, map, extentsOf(map, window, step, ceil), LEAST);
	const pool = (x: TF.Tensor4D) => tf.maxPool(x, [...window], [...strides], 'valid');
	// The gradient on WASM is 0 where the largest number of a window is negative.
	if (tf.getBackend() !== 'wasm') return pool(full);
	return withGradient(
		tf,
		[full],
		() => pool(full),
		(dy, [full]) => {
			const most = pool(full);
			const places = windowPlaces(window);
			// 1 where a number is the window's largest: no number is more, so none that is not less is another.
			const isMost = places.map((place) =>
				tf.sub(1, tf.step(tf.sub(most, seen(tf, full, place, step, most))))
			);
			const each = tf.div(dy, tf.addN(isMost));
			return [tf.addN(places.map((place, i) => put(tf, tf.mul(each, isMost[i] ?? 0), place, step, full)))];
		}
	);
}

export function averagePool(tf: typeof TF, map: TF.Tensor4D, step: Pool): TF.Tensor4D {
	const { window, strides, ceil } = step;
	const extents = extentsOf(map, window, step, ceil);
	const full = framed(tf, map, extents);
	const average = tf.avgPool(full, [...window], [...strides], 'valid');
	const share = shares(map, extents, step);
	return share ? tf.mul(average, tf.tensor4d(share.data, share.dims)) : average;
}

/** All rows and columns of a window. */
const windowPlaces = ([height, width]: Pair): Pair[] =>
	Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width]);

/** What all windows see at one place of theirs, as large as the result. */
function seen(tf: typeof TF, full: TF.Tensor4D, [row, column]: Pair, { strides }: Pool, like: TF.Tensor4D) {
	const [pictures, rows, columns, channels] = like.shape;
	const size = [(rows - 1) * strides[0] + 1, (columns - 1) * strides[1] + 1] as const;
	return every(tf, tf.slice(full, [0, row, column, 0], [pictures, ...size, channels]), strides);
}

/** The way back of `seen`, with zeros where no window's place is. */
function put(tf: typeof TF, part: TF.Tensor4D, [row, column]: Pair, { strides }: Pool, like: TF.Tensor4D) {
	const wide = spread(tf, part, strides);
	const behind = (axis: 1 | 2, before: number) => like.shape[axis] - before - wide.shape[axis];
	return tf.pad(wide, [
		[0, 0],
		[row, behind(1, row)],
		[column, behind(2, column)],
		[0, 0]
	]);
}

/** How much of a window counts, where not all of it does: window / numbers that count, [1, height, width, 1]. */
function shares(map: TF.Tensor4D, extents: readonly [Extent, Extent], { window, strides, countPads }: Pool) {
	const [rows = [], columns = []] = extents.map(({ count, before, margin }, axis) => {
		const [length, size] = [map.shape[axis + 1] ?? 0, window[axis] ?? 1];
		const [first, last] = countPads ? [-before, length + margin] : [0, length];
		return Array.from({ length: count }, (_, i) => {
			const begin = i * (strides[axis] ?? 1) - before;
			return size / (Math.min(begin + size, last) - Math.max(begin, first));
		});
	});
	const data = rows.flatMap((row) => columns.map((column) => row * column));
	if (data.every((share) => share === 1)) return null;
	return { data, dims: [1, rows.length, columns.length, 1] as [number, number, number, number] };
}
