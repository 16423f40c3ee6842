import { describe, expect, test } from 'vitest';
import { SmallGraph } from '../../../tests/fixtures/small-graph';
import { sizeOf } from '../../../tests/fixtures/tail-cases-layout';
import { Random } from '../domain/random';
import { Trouble } from '../domain/trouble';
import { GraphBuilder } from './builder';
import { TensorProto_DataType as DataType } from './onnx_pb';
import { programOf } from './program';

function refusalOf(build: (graph: SmallGraph) => string): Trouble {
	const graph = new SmallGraph(new Random(1));
	const output = build(graph);
	try {
		programOf(graph.finish(output));
	} catch (cause) {
		if (cause instanceof Trouble) return cause;
		throw cause;
	}
	throw new Error('nothing was refused');
}

describe('what cannot be trained is named', () => {
	const map = (graph: SmallGraph) => graph.input([1, 2, 4, 4]);
	test.each<[string, (graph: SmallGraph) => string]>([
		['“Gelu”', (graph) => graph.node('Gelu', [map(graph)])],
		['“ConvTranspose”', (graph) => graph.node('ConvTranspose', [map(graph), graph.floats([2, 1, 1, 1])])],
		['“Conv”', (graph) => graph.node('Conv', [map(graph), graph.input([2, 2, 1, 1])])],
		['“Conv”', (graph) => graph.node('Conv', [graph.input([1, 2, 4]), graph.floats([2, 2, 1])])],
		[
			'“Conv” with “Alien”',
			(graph) => graph.node('Conv', [map(graph), graph.floats([2, 2, 1, 1])], { Alien: 1 })
		],
		[
			'“Conv” with “pads”',
			(graph) => graph.node('Conv', [map(graph), graph.floats([2, 2, 1, 1])], { auto_pad: 'ODD' })
		],
		[
			'“MaxPool” with “dilations”',
			(graph) => graph.node('MaxPool', [map(graph)], { kernel_shape: [2, 2], dilations: [2, 2] })
		],
		[
			'“BatchNormalization” with “training_mode”',
			(graph) => {
				const numbers = [0, 1, 2, 3].map(() => graph.floats([2]));
				return graph.node('BatchNormalization', [map(graph), ...numbers], { training_mode: 1 });
			}
		],
		['“Cast” with “to”', (graph) => graph.node('Cast', [map(graph)], { to: DataType.INT64 })],
		['“MatMul”', (graph) => graph.node('MatMul', [map(graph), graph.input([1, 2, 4, 4])])],
		['“Max”', (graph) => graph.node('Max', [map(graph), graph.floats([4])])],
		[
			'“Slice”',
			(graph) => {
				const [one, three] = [graph.ints([1]), graph.ints([3])];
				return graph.node('Slice', [map(graph), one, three, one, graph.ints([2])]);
			}
		],
		['“Reshape”', (graph) => graph.node('Reshape', [map(graph), graph.input([2])])],
		[
			'“Relu”',
			(graph) =>
				graph.node('Relu', [
					`${graph.node('MaxPool', [map(graph)], { kernel_shape: [2, 2] }, { outputs: 2 })}_1`
				])
		]
	])('%s', (named, build) => {
		const trouble = refusalOf(build);
		expect(trouble.code).toBe('finetune-operator');
		expect(trouble.message).toBe(
			`This network's last layers use ${named}, which cannot be trained here. A new head can be taught on it.`
		);
	});
});

/** A convolution with a kernel in half precision, and two ways out. */
function twoWays() {
	const builder = new GraphBuilder('two');
	builder.input('x', ['N', 2, 4, 4]);
	builder.halves('kernel', [3, 2, 1, 1], Uint16Array.of(0x3c00, 0, 0xbc00, 0x3800, 0x4000, 0x4400));
	builder.node('Conv', ['x', 'kernel'], {}, 'map');
	builder.node('GlobalAveragePool', ['map'], {}, 'pooled');
	builder.node('Flatten', ['pooled'], {}, 'features');
	builder.floats('weights', [2, 3], new Float32Array(6));
	builder.floats('bias', [2], new Float32Array(2));
	builder.node('Gemm', ['features', 'weights', 'bias'], { transB: 1 }, 'logits');
	builder.output('logits', ['N', 2]);
	builder.output('features', ['N', 3]);
	return builder.finish();
}

describe('a program', () => {
	test('names what is trained by what the operator reads, in its own layout, through casts', () => {
		const { inputs, outputs, steps, parameters } = programOf(twoWays());
		expect(inputs).toEqual(['x']);
		expect(outputs).toEqual(['logits', 'features']);
		expect(steps.map(({ kind }) => kind)).toEqual(['conv', 'mean', 'flatten', 'gemm']);
		expect([...parameters.keys()]).toEqual(['kernel', 'weights', 'bias']);
		expect(parameters.get('kernel')).toEqual({
			dims: [3, 2, 1, 1],
			data: Float32Array.of(1, 0, -1, 0.5, 2, 4)
		});
	});

	test('has only what the wanted outputs need', () => {
		const { outputs, steps, parameters } = programOf(twoWays(), ['features']);
		expect(outputs).toEqual(['features']);
		expect(steps.map(({ kind }) => kind)).toEqual(['conv', 'mean', 'flatten']);
		expect([...parameters.keys()]).toEqual(['kernel']);
	});

	test('says so when a wanted output is made by nothing', () => {
		expect(() => programOf(twoWays(), ['features', 'other'])).toThrow(Trouble);
	});

	test('keeps statistics and other constants apart from what is trained', () => {
		const graph = new SmallGraph(new Random(2));
		const [scale, bias, mean, variance] = [0, 1, 2, 3].map(() => graph.floats([2]));
		const normal = graph.node('BatchNormalization', [
			graph.input([1, 2, 3, 3]),
			...[scale, bias, mean, variance].map((name) => name ?? '')
		]);
		const factor = graph.scalar(2);
		const program = programOf(graph.finish(graph.node('Mul', [normal, factor])));
		expect([...program.parameters.keys()]).toEqual([scale, bias]);
		expect([...program.constants.keys()]).toEqual([mean, variance, factor]);
	});

	test('takes the addend of a product of matrices for a bias, no other', () => {
		const graph = new SmallGraph(new Random(3));
		const [weights, bias, addend] = [graph.floats([2, 2]), graph.floats([2]), graph.floats([2])];
		const product = graph.node('Add', [graph.node('MatMul', [graph.input([1, 2]), weights]), bias]);
		const { parameters, constants } = programOf(graph.finish(graph.node('Add', [product, addend])));
		expect([...parameters.keys()]).toEqual([weights, bias]);
		expect([...constants.keys()]).toEqual([addend]);
	});
});

const mixing: [string, string, (graph: SmallGraph) => string][] = [
	[
		'a squeeze of the axis that counts the pictures',
		'Squeeze',
		(graph) => graph.node('Squeeze', [graph.input([1, 3]), graph.ints([0])])
	],
	[
		'rows of other pictures than there are',
		'Reshape',
		(graph) => graph.node('Reshape', [graph.input([1, 6]), graph.ints([2, 3])])
	],
	[
		'rows of half of each picture, by sizes that are computed',
		'Reshape',
		(graph) => {
			const x = graph.input([1, 6, 2]);
			const rows = graph.node('Mul', [sizeOf(graph, x, 0), graph.ints([2])]);
			return graph.node('Reshape', [x, graph.node('Concat', [rows, graph.ints([-1])], { axis: 0 })]);
		}
	],
	[
		'an axis before the one that counts the pictures',
		'Unsqueeze',
		(graph) => graph.node('Unsqueeze', [graph.input([1, 3]), graph.ints([0])])
	]
];

test.each(mixing)('%s is refused: “%s”', (_, name, build) => {
	const graph = new SmallGraph(new Random(1));
	const bytes = graph.finish(build(graph));
	expect(() => programOf(bytes)).toThrow(
		expect.objectContaining({ code: 'finetune-operator', message: expect.stringContaining(`“${name}`) })
	);
});
