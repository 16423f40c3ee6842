/** Sizes of matrix products, reductions, normalisations, rankings and changes of precision. */
import type { Call, Rule, Rules } from './call';
import { TensorProto_DataType as DataType } from './onnx_pb';
import { axesOf, joined } from './shapes-layout';
import { settled } from './arithmetic';
import { einsum } from './einsum';
import { broadcast, same } from './shapes-elementwise';
import { typeOfInput } from './shapes-windows';
import { assertDims, assertType, isWhole, Value } from './value';

/** @param b which input is the second matrix */
function product2(call: Call, b: number): { dims: number[]; inner: number } {
	const [first, second] = [call.value(0).dims, call.value(b).dims];
	if (first.length !== 2 || second.length !== 2)
		throw call.broken(`multiplies [${first.join(', ')}] and [${second.join(', ')}], which are no matrices.`);
	const [rows = 0, inner = 0] = call.int('transA', 0) ? first.toReversed() : first;
	const [other = 0, columns = 0] = call.int('transB', 0) ? second.toReversed() : second;
	if (inner !== other) throw call.broken(`multiplies ${inner} columns with ${other} rows.`);
	return { dims: [rows, columns], inner };
}

const gemm = (inputs: [number, number], b: number, type: (call: Call) => DataType): Rule => ({
	inputs,
	shape: (call) => new Value(type(call), product2(call, b).dims),
	steps: (call, first) => first.elements * product2(call, b).inner
});

/** NumPy's matmul: vectors become rows or columns, what is before the last two axes is broadcast. */
function matmulDims(call: Call, b: number): number[] {
	const flipped = (dims: readonly number[], flag: string) =>
		call.node.domain === 'com.microsoft' && call.int(flag, 0) && dims.length > 1
			? [...dims.slice(0, -2), ...dims.slice(-2).reverse()]
			: [...dims];
	const [first, second] = [flipped(call.value(0).dims, 'transA'), flipped(call.value(b).dims, 'transB')];
	if (first.length === 0 || second.length === 0) throw call.broken('multiplies a single number as a matrix.');
	const [left, right] = [
		first.length === 1 ? [1, ...first] : first,
		second.length === 1 ? [...second, 1] : second
	];
	if (left.at(-1) !== right.at(-2))
		throw call.broken(`multiplies [${first.join(', ')}] and [${second.join(', ')}].`);
	const before = broadcast(call, [left.slice(0, -2), right.slice(0, -2)]);
	const rows = first.length === 1 ? [] : left.slice(-2, -1);
	const columns = second.length === 1 ? [] : right.slice(-1);
	return [...before, ...rows, ...columns];
}

const matmul = (inputs: [number, number], b: number, type: (call: Call) => DataType): Rule => ({
	inputs,
	shape(call) {
		const dims = matmulDims(call, b);
		assertDims(dims, call.output);
		return new Value(type(call), dims);
	},
	steps: (call, first) => {
		const { dims } = call.value(0);
		const isFlipped = call.node.domain === 'com.microsoft' && call.int('transA', 0) && dims.length > 1;
		return first.elements * (dims.at(isFlipped ? -2 : -1) ?? 1);
	}
});

const folded: Readonly<Record<string, (a: number, b: number) => number>> = {
	ReduceProd: (a, b) => a * b,
	ReduceSum: (a, b) => a + b,
	ReduceMax: Math.max,
	ReduceMin: Math.min
};

/** @param since the opset from which the axes are an input */
const reduction = (since: number): Rule => ({
	inputs: [1, 2],
	shape(call) {
		const value = call.value(0);
		const given = axesOf(call, since) ?? [];
		if (given.length === 0 && call.int('noop_with_empty_axes', 0) === 1)
			return new Value(value.type, value.dims);
		const axes = given.length > 0 ? call.axes(given, value.dims.length) : [...value.dims.keys()];
		const dims = reducedDims(value.dims, axes, call.int('keepdims', 1));
		const shape = { type: value.type, dims };
		const fold = folded[call.node.opType];
		if (!fold || !isWhole(value.type) || axes.length !== value.dims.length)
			return new Value(value.type, dims);
		return call.followed(shape, [value], (numbers) =>
			numbers.length > 0 ? [numbers.reduce((a, b) => settled(value.type, fold(a, b)))] : null
		);
	}
});

function reducedDims(dims: readonly number[], axes: readonly number[], keep: number): number[] {
	return keep
		? dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
		: dims.filter((_, axis) => !axes.includes(axis));
}

function argMax(call: Call): Value {
	const { dims } = call.value(0);
	const axis = call.axis(call.int('axis', 0), dims.length);
	return new Value(DataType.INT64, reducedDims(dims, [axis], call.int('keepdims', 1)));
}

function topK(call: Call): Value[] {
	const { dims, type } = call.value(0);
	const axis = call.axis(call.int('axis', -1), dims.length);
	const k = call.opset >= 10 ? (call.sizes(1)?.[0] ?? NaN) : call.int('k', NaN);
	if (!(k >= 0 && k <= (dims[axis] ?? 0))) throw call.broken(`takes the ${k} largest of ${dims[axis]}.`);
	const result = dims.with(axis, k);
	return [new Value(type, result), new Value(DataType.INT64, result)];
}

function quantized(call: Call): Value {
	const type = call.inputs[2]?.type ?? (call.int('output_dtype', 0) || DataType.UINT8);
	assertType(type, call.output);
	return new Value(type, call.value(0).dims);
}

function dequantized(call: Call): Value {
	const type = call.int('output_dtype', 0) || call.value(1).type;
	assertType(type, call.output);
	return new Value(type, call.value(0).dims);
}

const quantize: Rule = { inputs: [2, 3], shape: quantized };
const dequantize: Rule = { inputs: [2, 3], shape: dequantized };
const firstType = typeOfInput(0);

export const matrix: Rules = {
	Gemm: gemm([2, 3], 1, firstType),
	MatMul: matmul([2, 2], 1, firstType),
	MatMulInteger: matmul([2, 4], 1, () => DataType.INT32),
	QLinearMatMul: matmul([8, 8], 3, typeOfInput(7)),
	ReduceSum: reduction(13),
	...Object.fromEntries(
		'ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare'
			.split(' ')
			.map((name) => [name, reduction(18)])
	),
	ArgMax: { inputs: [1, 1], shape: argMax },
	ArgMin: { inputs: [1, 1], shape: argMax },
	TopK: { inputs: [1, 2], outputs: 2, shape: topK },
	Einsum: einsum,
	QuantizeLinear: quantize,
	DequantizeLinear: dequantize,
	DynamicQuantizeLinear: {
		inputs: [1, 1],
		outputs: 3,
		shape: (call) => [
			new Value(DataType.UINT8, call.value(0).dims),
			new Value(DataType.FLOAT, []),
			new Value(DataType.UINT8, [])
		]
	}
};

/** a, its scale and zero, then b, its scale and zero, broadcast. */
const pairwise: Rule = {
	inputs: [7, 8],
	shape(call) {
		const dims = broadcast(call, [call.value(0).dims, call.value(3).dims]);
		assertDims(dims, call.output);
		return new Value(firstType(call), dims);
	},
	steps: (_, first) => 2 * first.elements
};

/** Scale and zero of the result, then data, scale and zero of each part. */
function quantizedConcat(call: Call): Value {
	const parts = call.inputs.flatMap((_, i) => (i >= 2 && (i - 2) % 3 === 0 ? [call.value(i)] : []));
	return new Value(call.value(2).type, joined(call, parts));
}

export const matrixMicrosoft: Rules = {
	QGemm: gemm([6, 9], 3, (call) => call.inputs[8]?.type ?? DataType.FLOAT),
	FusedMatMul: matmul([2, 2], 1, firstType),
	FusedGemm: gemm([2, 3], 1, firstType),
	QLinearAdd: pairwise,
	QLinearMul: pairwise,
	QLinearConcat: { inputs: [5, 1000], shape: quantizedConcat },
	QLinearSigmoid: same(4, 5),
	QLinearLeakyRelu: same(4, 5),
	QLinearSoftmax: same(5),
	Gelu: same(1),
	QuickGelu: same(1),
	QuantizeLinear: quantize,
	DequantizeLinear: dequantize
};
