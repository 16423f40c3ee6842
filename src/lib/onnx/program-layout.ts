/** From ONNX's operators that only move numbers, and from softmax, to steps. */
import type { ProgramNode } from './program-node';
import type { Step } from './program-steps';

type Reader = (node: ProgramNode) => Step;

function reshape(node: ProgramNode): Step {
	const [first, ...rest] = node.numbers(1) ?? [];
	if (first === undefined || node.int('allowzero', 0) !== 0) throw node.refusal();
	// Rows of several pictures, or several of one, would be mixed.
	if (first > 1 && first !== node.reading.pictures) throw node.refusal();
	// A network saved for one picture says 1 where it means as many as there are.
	return {
		kind: 'reshape',
		input: node.value(0),
		shape: [first === 1 ? 0 : first, ...rest],
		output: node.output
	};
}

function split(node: ProgramNode): Step {
	const sizes = node.sizes('split', 1);
	if (node.int('num_outputs', node.node.output.length) !== node.node.output.length)
		throw node.refusal('num_outputs');
	const { output: outputs } = node.node;
	return { kind: 'split', input: node.value(0), axis: node.int('axis', 0), sizes, outputs };
}

function slice(node: ProgramNode): Step {
	const [starts, ends] = [node.sizes('starts', 1), node.sizes('ends', 2)];
	const axes = node.sizes('axes', 3);
	if (!starts || !ends || node.numbers(4)?.some((step) => step !== 1)) throw node.refusal();
	return { kind: 'slice', input: node.value(0), axes, starts, ends, output: node.output };
}

/** Only between real numbers, of whatever precision: all is float32 here. */
function cast(node: ProgramNode): Step {
	const [float, half, double] = [1, 10, 11];
	if (![float, half, double].includes(node.int('to', 0))) throw node.refusal('to');
	node.ignore('saturate', 'round_mode');
	return { kind: 'same', input: node.value(0), output: node.output };
}

export const layout = {
	Concat: (node) => ({
		kind: 'concat',
		inputs: node.node.input.map((_, i) => node.value(i)),
		axis: node.int('axis', 1),
		output: node.output
	}),
	Flatten: (node) => ({
		kind: 'flatten',
		input: node.value(0),
		axis: node.int('axis', 1),
		output: node.output
	}),
	Reshape: reshape,
	Squeeze: (node) => {
		const axes = node.sizes('axes', 1);
		// That one counts the pictures.
		if (axes?.includes(0)) throw node.refusal();
		return { kind: 'squeeze', input: node.value(0), axes, output: node.output };
	},
	Unsqueeze: (node) => {
		const axes = node.sizes('axes', 1);
		if (!axes || axes.includes(0)) throw node.refusal();
		return { kind: 'unsqueeze', input: node.value(0), axes, output: node.output };
	},
	Transpose: (node) => ({
		kind: 'transpose',
		input: node.value(0),
		order: node.ints('perm'),
		output: node.output
	}),
	Split: split,
	Slice: slice,
	Cast: cast,
	Softmax: (node) => ({
		kind: 'softmax',
		input: node.value(0),
		axis: node.int('axis', node.opset < 13 ? 1 : -1),
		flat: node.opset < 13,
		output: node.output
	})
} satisfies Record<string, Reader>;
