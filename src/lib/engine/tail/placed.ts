/**
 * Tensors that lie in another order of axes than ONNX names them. Maps lie as [N, H, W, C], which TF.js wants, and
 * are still [N, C, H, W] to every step; moving axes around is only a change of `order` until someone needs another.
 */
import type * as TF from '@tensorflow/tfjs-core';

export interface Placed {
	tensor: TF.Tensor;
	/** The tensor's axis i is ONNX's axis order[i]. */
	order: readonly number[];
}

/** How maps lie. */
export const MAP: readonly number[] = [0, 2, 3, 1];

export const inOrder = (rank: number): number[] => Array.from({ length: rank }, (_, axis) => axis);

/** A tensor with its axes as ONNX has them. */
export const plain = (tensor: TF.Tensor): Placed => ({ tensor, order: inOrder(tensor.rank) });

/** ONNX's dimensions. */
export function dimsOf({ tensor, order }: Placed): number[] {
	const dims: number[] = [];
	for (const [at, axis] of order.entries()) dims[axis] = tensor.shape[at] ?? 1;
	return dims;
}

/** An axis as ONNX counts it, from the front. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The tensor in this order of axes; numbers only move where axes longer than 1 do. */
export function arranged(tf: typeof TF, value: Placed, order: readonly number[]): TF.Tensor {
	const { tensor } = value;
	const from = order.map((axis) => value.order.indexOf(axis));
	if (from.every((at, i) => at === i)) return tensor;
	const long = from.filter((at) => tensor.shape[at] !== 1);
	const stays = long.every((at, i) => i === 0 || at > (long[i - 1] ?? 0));
	if (stays)
		return tf.reshape(
			tensor,
			from.map((at) => tensor.shape[at] ?? 1)
		);
	return tf.transpose(tensor, from);
}

/** As a map, [N, H, W, C]. */
export function mapOf(tf: typeof TF, value: Placed): TF.Tensor4D {
	if (value.order.length !== 4) throw new RangeError(`a map has 4 axes, not ${value.order.length}`);
	return arranged(tf, value, MAP) as TF.Tensor4D; // of 4 axes, as was just seen
}

/** Neighbouring axes of the source that become neighbouring axes of the result, in ONNX's order of both. */
interface Group {
	from: number[];
	to: number[];
}

/** The smallest groups of axes that hold as many numbers in both; axes of size 1 belong to none. */
function groupsOf(source: readonly number[], result: readonly number[]): Group[] {
	const long = (dims: readonly number[]) => [...dims.keys()].filter((axis) => dims[axis] !== 1);
	const [left, right] = [long(source), long(result)];
	const groups: Group[] = [];
	let group: Group = { from: [], to: [] };
	let [here, there] = [1, 1];
	while (left.length > 0 || right.length > 0) {
		const axis = here <= there ? left.shift() : undefined;
		if (axis !== undefined) {
			group.from.push(axis);
			here *= source[axis] ?? 1;
		} else {
			const other = right.shift();
			if (other === undefined) throw new RangeError(`[${source.join()}] is not [${result.join()}]`);
			group.to.push(other);
			there *= result[other] ?? 1;
		}
		if (here !== there) continue;
		groups.push(group);
		group = { from: [], to: [] };
	}
	return groups;
}

/**
 * The same numbers, in ONNX's order, in other dimensions.
 *
 * @param dims of the result; their product is that of the source's
 */
export function reshaped(tf: typeof TF, value: Placed, dims: readonly number[]): Placed {
	const source = dimsOf(value);
	const place = (axis: number) => value.order.indexOf(axis);
	const first = ({ from }: Group) => Math.min(...from.map(place));
	const groups = groupsOf(source, dims).sort((a, b) => first(a) - first(b));
	const short = (sizes: readonly number[]) => [...sizes.keys()].filter((axis) => sizes[axis] === 1);
	const tensor = arranged(tf, value, [...groups.flatMap(({ from }) => from), ...short(source)]);
	const order = [...groups.flatMap(({ to }) => to), ...short(dims)];
	return {
		tensor: tf.reshape(
			tensor,
			order.map((axis) => dims[axis] ?? 1)
		),
		order
	};
}

/** Two values with the same number of axes in the same order, the smaller one with axes of size 1 in front. */
export function aligned(
	tf: typeof TF,
	left: Placed,
	right: Placed
): { left: TF.Tensor; right: TF.Tensor; order: readonly number[] } {
	const rank = Math.max(left.order.length, right.order.length);
	const [a, b] = [widened(tf, left, rank), widened(tf, right, rank)];
	const { order } = left.tensor.size >= right.tensor.size ? a : b;
	return { left: arranged(tf, a, order), right: arranged(tf, b, order), order };
}

function widened(tf: typeof TF, { tensor, order }: Placed, rank: number): Placed {
	const more = rank - order.length;
	if (more === 0) return { tensor, order };
	const front = inOrder(more);
	return {
		tensor: tf.reshape(tensor, [...front.map(() => 1), ...tensor.shape]),
		order: [...front, ...order.map((axis) => axis + more)]
	};
}
