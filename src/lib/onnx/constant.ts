/** The numbers of values that do not depend on what the graph is fed. */
import { Trouble } from '../domain/trouble';
import { type GraphIndex, intOf, intsOf } from './graph';
import { type NodeProto, TensorProto_DataType as DataType } from './onnx_pb';
import { type FloatTensor, permute, product, readTensor } from './tensor';

/** Chains of casts and reshapes before a weight are short; a longer one is a loop in a broken file. */
const longest = 16;

/** What nodes of a graph were found to give: a file that reads one value again and again must not cost as often. */
const found = new WeakMap<GraphIndex, Map<string, FloatTensor | null>>();

/** @returns null where the value depends on the input, or comes from an operator that is not followed here */
export function constantOf(graph: GraphIndex, name: string, depth = 0): FloatTensor | null {
	const tensor = graph.initializer(name);
	if (tensor) return readTensor(tensor);
	const node = graph.producer(name);
	if (!node || depth > longest) return null;
	const known = found.get(graph) ?? new Map<string, FloatTensor | null>();
	found.set(graph, known);
	const before = known.get(name);
	if (before !== undefined) return before;
	const value = ofNode(graph, node, depth);
	known.set(name, value);
	return value;
}

function ofNode(graph: GraphIndex, node: NodeProto, depth: number): FloatTensor | null {
	const value = node.attribute.find((attribute) => attribute.name === 'value')?.t;
	if (node.opType === 'Constant') return value ? readTensor(value) : null;
	// None of what is followed here takes more.
	const taken = node.input.slice(0, 3);
	const inputs = taken.map((input) => (input ? constantOf(graph, input, depth + 1) : null));
	const first = inputs[0];
	return first ? fold(node, first, inputs) : null;
}

/** Operators that are followed by `fold`. */
const followed = new Set(['Identity', 'Cast', 'Transpose', 'Reshape', 'DequantizeLinear']);

/** Whether the value is a constant, through the operators that are followed; its numbers are not read. */
export function isConstant(graph: GraphIndex, name: string): boolean {
	let value = name;
	for (let depth = 0; depth <= longest; depth++) {
		if (graph.initializer(value)) return true;
		const node = graph.producer(value);
		if (node?.opType === 'Constant') return true;
		if (!node || !followed.has(node.opType)) return false;
		value = node.input[0] ?? '';
	}
	return false;
}

function fold(
	node: NodeProto,
	first: FloatTensor,
	inputs: readonly (FloatTensor | null)[]
): FloatTensor | null {
	switch (node.opType) {
		case 'Identity':
		case 'Cast':
			return first;
		case 'Transpose':
			return transpose(first, intsOf(node, 'perm') ?? first.dims.map((_, i) => first.dims.length - 1 - i));
		case 'Reshape':
			return reshape(first, inputs[1]?.data);
		case 'DequantizeLinear':
			return inputs[1] ? dequantize(first, inputs[1], inputs[2] ?? null, intOf(node, 'axis', 1)) : null;
		default:
			return null;
	}
}

/**
 * @param perm the result's axis i is the source's axis perm[i]
 * @throws Trouble `onnx-broken` when `perm` does not name every axis once
 */
export function transpose({ dims, data }: FloatTensor, perm: readonly number[]): FloatTensor {
	if (perm.length !== dims.length || dims.some((_, axis) => !perm.includes(axis))) {
		throw new Trouble(
			'onnx-broken',
			`This ONNX file is damaged: it reorders ${dims.length} axes as [${perm.join(', ')}].`
		);
	}
	return permute(data, dims, perm);
}

/** 0 keeps a dimension, −1 is what is left. */
function reshape({ dims, data }: FloatTensor, shape: Float32Array | undefined): FloatTensor | null {
	if (!shape) return null;
	const asked = Array.from(shape, (dim, axis) => (dim === 0 ? (dims[axis] ?? 1) : dim));
	const known = product(asked.filter((dim) => dim !== -1));
	const result = asked.map((dim) => (dim === -1 ? data.length / known : dim));
	return product(result) === data.length ? { dims: result, data } : null;
}

/**
 * (q − zero) · scale.
 * @param axis along which scale and zero lie, where there is more than one
 */
export function dequantize(
	{ dims, data }: FloatTensor,
	scale: FloatTensor,
	zero: FloatTensor | null,
	axis: number
): FloatTensor {
	const inner = product(dims.slice((axis < 0 ? axis + dims.length : axis) + 1));
	const channels = scale.data.length;
	const at = (i: number) => (channels === 1 ? 0 : Math.floor(i / inner) % channels);
	return {
		dims,
		data: data.map((value, i) => (value - (zero?.data[at(i)] ?? 0)) * (scale.data[at(i)] ?? 1))
	};
}

/** Element type of a constant or of a cast; FLOAT where nothing says otherwise. */
export function typeOf(graph: GraphIndex, name: string, depth = 0): DataType {
	const tensor = graph.initializer(name);
	if (tensor) return tensor.dataType;
	const node = graph.producer(name);
	if (!node || depth > longest) return DataType.FLOAT;
	if (node.opType === 'Cast') return intOf(node, 'to', DataType.FLOAT);
	const value = node.attribute.find((attribute) => attribute.name === 'value')?.t;
	if (node.opType === 'Constant') return value?.dataType ?? DataType.FLOAT;
	return typeOf(graph, node.input[node.opType === 'DequantizeLinear' ? 1 : 0] ?? '', depth + 1);
}
