/** From ONNX's operators, versions 7 to 22, to steps. One reader each; what has none is not trained. */
import { layout } from './program-layout';
import type { ProgramNode } from './program-node';
import type { Pair, Sliding, Step } from './program-steps';

type Reader = (node: ProgramNode) => Step;

const ones: Pair = [1, 1];

function sliding(node: ProgramNode): Sliding {
	const strides = node.pair('strides', ones);
	const auto = node.text('auto_pad', 'NOTSET');
	const given = node.ints('pads');
	if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') return { strides, pads: auto };
	const [top = 0, left = 0, bottom = 0, right = 0, ...more] = (auto === 'NOTSET' ? given : null) ?? [];
	if (more.length > 0 || (auto !== 'NOTSET' && auto !== 'VALID')) throw node.refusal('pads');
	return { strides, pads: [top, left, bottom, right] };
}

function conv(node: ProgramNode): Step {
	const [, , height, width, ...more] = node.given(1)?.dims ?? [];
	if (height === undefined || width === undefined || more.length > 0) throw node.refusal();
	node.ignore('kernel_shape');
	return {
		kind: 'conv',
		input: node.value(0),
		kernel: node.parameter(1),
		bias: node.has(2) ? node.parameter(2) : null,
		...sliding(node),
		dilations: node.pair('dilations', ones),
		groups: node.int('group', 1),
		output: node.output
	};
}

function normalise(node: ProgramNode): Step {
	node.ignore('momentum');
	if (node.int('training_mode', 0) !== 0) throw node.refusal('training_mode');
	if (node.int('spatial', 1) !== 1) throw node.refusal('spatial');
	return {
		kind: 'normalise',
		input: node.value(0),
		scale: node.parameter(1),
		bias: node.parameter(2),
		mean: node.constant(3),
		variance: node.constant(4),
		epsilon: node.float('epsilon', 1e-5),
		output: node.output
	};
}

function clip(node: ProgramNode): Step {
	const end = (name: string, index: number, otherwise: number) => {
		const value = node.numbers(index)?.[0] ?? node.float(name, otherwise);
		// Older files say "none" by the largest float.
		return Math.abs(value) >= 3.4e38 ? otherwise : value;
	};
	return {
		kind: 'clip',
		input: node.value(0),
		min: end('min', 1, -Infinity),
		max: end('max', 2, Infinity),
		output: node.output
	};
}

/** With one number, which is what keeps a length from being 0. */
function max(node: ProgramNode): Step {
	const [left, right] = [node.given(0), node.given(1)];
	const [number, ...more] = (right ?? left)?.data ?? [];
	if (number === undefined || more.length > 0 || node.has(2)) throw node.refusal();
	return {
		kind: 'clip',
		input: node.value(right ? 0 : 1),
		min: number,
		max: Infinity,
		output: node.output
	};
}

const simple =
	(kind: 'same' | 'relu' | 'sigmoid' | 'hardSwish', ...ignored: string[]): Reader =>
	(node) => {
		node.ignore(...ignored);
		return { kind, input: node.value(0), output: node.output };
	};

/** The number of the addend after a product of matrices is a bias, and trained. */
const binary =
	(kind: 'add' | 'sub' | 'mul' | 'div'): Reader =>
	(node) => {
		const isProduct = (index: number) =>
			node.reading.graph.producer(node.node.input[index] ?? '')?.opType === 'MatMul' && !node.given(index);
		const operand = (index: number) =>
			kind === 'add' && node.given(index) && isProduct(1 - index) ? node.parameter(index) : node.value(index);
		return { kind, left: operand(0), right: operand(1), output: node.output };
	};

const reduce =
	(kind: 'mean' | 'length'): Reader =>
	(node) => {
		const axes = node.sizes('axes', 1);
		if (node.int('noop_with_empty_axes', 0) !== 0) throw node.refusal('noop_with_empty_axes');
		return {
			kind,
			input: node.value(0),
			axes: axes?.length ? axes : null,
			keep: node.int('keepdims', 1) !== 0,
			output: node.output
		};
	};

const pool =
	(kind: 'maxPool' | 'averagePool'): Reader =>
	(node) => {
		const [down, across] = node.pair('dilations', ones);
		if (down !== 1 || across !== 1) throw node.refusal('dilations');
		if (node.int('storage_order', 0) !== 0) throw node.refusal('storage_order');
		return {
			kind,
			input: node.value(0),
			window: node.pair('kernel_shape', null),
			...sliding(node),
			ceil: node.int('ceil_mode', 0) !== 0,
			countPads: node.int('count_include_pad', 0) !== 0,
			output: node.output
		};
	};

function gemm(node: ProgramNode): Step {
	return {
		kind: 'gemm',
		left: node.value(0),
		right: node.parameter(1),
		bias: node.has(2) ? node.parameter(2) : null,
		transposed: [node.int('transA', 0) !== 0, node.int('transB', 0) !== 0],
		alpha: node.float('alpha', 1),
		beta: node.float('beta', 1),
		output: node.output
	};
}

function matMul(node: ProgramNode): Step {
	if (node.given(0) || node.given(1)?.dims.length !== 2) throw node.refusal();
	return { kind: 'matMul', left: node.value(0), right: node.parameter(1), output: node.output };
}

export const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>(
	Object.entries({
		Conv: conv,
		BatchNormalization: normalise,
		Relu: simple('relu'),
		Sigmoid: simple('sigmoid'),
		HardSwish: simple('hardSwish'),
		Identity: simple('same'),
		Dropout: simple('same', 'ratio', 'seed'),
		HardSigmoid: (node) => ({
			kind: 'hardSigmoid',
			input: node.value(0),
			slope: node.float('alpha', 0.2),
			offset: node.float('beta', 0.5),
			output: node.output
		}),
		Clip: clip,
		Max: max,
		Add: binary('add'),
		Sub: binary('sub'),
		Mul: binary('mul'),
		Div: binary('div'),
		ReduceMean: reduce('mean'),
		ReduceL2: reduce('length'),
		GlobalAveragePool: (node) => ({
			kind: 'mean',
			input: node.value(0),
			axes: [2, 3],
			keep: true,
			output: node.output
		}),
		MaxPool: pool('maxPool'),
		AveragePool: pool('averagePool'),
		Gemm: gemm,
		MatMul: matMul,
		...layout
	} satisfies Record<string, Reader>)
);
