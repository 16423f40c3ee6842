/** The numbers of values that do not depend on what the graph is fed. */
import { Trouble } from '../domain/trouble';
import { type Found, foundIn, ownValue, spend } from './found';
import { type GraphIndex, intOf, intsOf } from './graph';
import { type NodeProto, type TensorProto, TensorProto_DataType as DataType } from './onnx_pb';
import { dimsOf, type FloatTensor, numbersIn, permute, product, readTensor } from './tensor';

/** Chains of casts and reshapes before a weight are short; a longer one is a loop in a broken file. */
const longest = 16;

/** No array has more. */
const MOST_DIMS = 8;

/**
 * @returns null where the value depends on the input, comes from an operator that is not followed here, or would take
 *   more reading than the weights of a whole network do
 */
export function constantOf(graph: GraphIndex, name: string, depth = 0): FloatTensor | null {
	const found = foundIn(graph);
	const tensor = graph.initializer(name);
	if (tensor) return read(tensor, found);
	const node = graph.producer(name);
	if (!node || depth > longest) return null;
	const before = found.values.get(name);
	if (before !== undefined) return before;
	const value = ofNode(graph, node, depth);
	found.values.set(name, value);
	return value;
}

function read(tensor: TensorProto, found: Found): FloatTensor | null {
	return spend(numbersIn(tensor), found) ? readTensor(tensor) : null;
}

function ofNode(graph: GraphIndex, node: NodeProto, depth: number): FloatTensor | null {
	const found = foundIn(graph);
	if (node.opType === 'Constant') {
		const value = ownValue(node);
		return value ? read(value, found) : null;
	}
	if (!followed.has(node.opType)) return null;
	// None of what is followed here takes more.
	const taken = node.input.slice(0, 3);
	const inputs = taken.map((input) => (input ? constantOf(graph, input, depth + 1) : null));
	const first = inputs[0];
	if (!first || (copies.has(node.opType) && !spend(first.data.length, found))) return null;
	return fold(node, first, inputs);
}

/**
 * The dimensions that `constantOf` would give; numbers are not read.
 *
 * @throws Trouble as `constantOf`
 */
export function constantDims(graph: GraphIndex, name: string, depth = 0): number[] | null {
	const tensor = graph.initializer(name);
	if (tensor) return dimsOf(tensor);
	const node = graph.producer(name);
	if (!node || depth > longest) return null;
	const { dims } = foundIn(graph);
	const before = dims.get(name);
	if (before !== undefined) return before;
	const result = dimsOfNode(graph, node, depth);
	dims.set(name, result);
	return result;
}

function dimsOfNode(graph: GraphIndex, node: NodeProto, depth: number): number[] | null {
	const value = ownValue(node);
	if (value) return dimsOf(value);
	if (!followed.has(node.opType)) return null;
	const of = (input: number) => constantDims(graph, node.input[input] ?? '', depth + 1);
	const dims = of(0);
	if (!dims) return null;
	if (node.opType === 'Transpose') return permOf(node, dims).map((axis) => dims[axis] ?? 1);
	if (node.opType === 'Reshape') {
		const shape = smallConstant(graph, node.input[1] ?? '');
		return shape && reshapedDims(dims, shape);
	}
	return node.opType === 'DequantizeLinear' && !of(1) ? null : dims;
}

/** Sizes and axes; null where there are more than an array has dimensions. */
export function smallConstant(graph: GraphIndex, name: string): number[] | null {
	const dims = constantDims(graph, name);
	if (!dims || product(dims) > MOST_DIMS) return null;
	const value = constantOf(graph, name);
	return value && [...value.data];
}

/** Operators that are followed by `fold`. */
const followed = new Set(['Identity', 'Cast', 'Transpose', 'Reshape', 'DequantizeLinear']);

/** Those of them that make new numbers. */
const copies = new Set(['Transpose', 'DequantizeLinear']);

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
			return permute(first.data, first.dims, permOf(node, first.dims));
		case 'Reshape':
			return reshape(first, inputs[1] ?? null);
		case 'DequantizeLinear':
			return inputs[1] ? dequantize(first, inputs[1], inputs[2] ?? null, intOf(node, 'axis', 1)) : null;
		default:
			return null;
	}
}

/**
 * The result's axis i is the source's axis perm[i].
 *
 * @throws Trouble `onnx-broken` when it does not name every axis once
 */
function permOf(node: NodeProto, dims: readonly number[]): number[] {
	const perm = intsOf(node, 'perm') ?? dims.map((_, i) => dims.length - 1 - i);
	const fits = dims.length <= MOST_DIMS && perm.length === dims.length;
	if (fits && dims.every((_, axis) => perm.includes(axis))) return perm;
	throw new Trouble(
		'onnx-broken',
		`This ONNX file is damaged: it reorders ${dims.length} axes as [${perm.slice(0, 9).join(', ')}].`
	);
}

function reshape({ dims, data }: FloatTensor, shape: FloatTensor | null): FloatTensor | null {
	const result = shape && shape.data.length <= MOST_DIMS ? reshapedDims(dims, [...shape.data]) : null;
	return result && { dims: result, data };
}

/** 0 keeps a dimension, −1 is what is left; null where that does not fit. */
function reshapedDims(dims: readonly number[], shape: readonly number[]): number[] | null {
	const count = product(dims);
	const asked = shape.map((dim, axis) => (dim === 0 ? (dims[axis] ?? 1) : dim));
	const given = product(asked.filter((dim) => dim !== -1));
	const result = asked.map((dim) => (dim === -1 ? count / given : dim));
	return product(result) === count ? result : null;
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
