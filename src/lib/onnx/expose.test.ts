import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { MapFacts, OutputFacts } from '../domain/card';
import { Trouble } from '../domain/trouble';
import { type Dim, nodeProto, valueInfo } from './builder';
import { exposeOutputs } from './expose';
import { toFloat16 } from './float16';
import { readInitializer } from './initializer';
import { readModel, writeModel } from './model';
import {
	GraphProtoSchema,
	ModelProtoSchema,
	type NodeProto,
	type TensorProto,
	TensorProto_DataType as DataType,
	TensorProtoSchema
} from './onnx_pb';
import { floatTensor, halfTensor, intTensor } from './tensor';

type Numbers = Float32Array;

/** The same numbers in −1..1 every time. */
function numbers(length: number, seed = 1): Numbers {
	let state = seed * 7919;
	return Float32Array.from({ length }, () => {
		state = (state * 1103515245 + 12345) % 2147483648;
		return state / 1073741824 - 1;
	});
}

interface Parts {
	nodes: NodeProto[];
	constants: TensorProto[];
	outputs?: [string, Dim[]][];
	input?: Dim[];
	opset?: number;
	type?: DataType;
}

function file({
	nodes,
	constants,
	outputs = [['y', ['N', 5]]],
	input = ['N', 3, 4, 4],
	opset = 17,
	type
}: Parts) {
	return writeModel(
		create(ModelProtoSchema, {
			irVersion: 8n,
			opsetImport: [{ version: BigInt(opset) }, { domain: 'com.microsoft', version: 1n }],
			graph: create(GraphProtoSchema, {
				name: 'test',
				node: nodes,
				initializer: constants,
				input: [valueInfo('x', input, type)],
				output: outputs.map(([name, dims]) => valueInfo(name, dims, type))
			})
		})
	);
}

const node = nodeProto;
const microsoft = (made: NodeProto): NodeProto => Object.assign(made, { domain: 'com.microsoft' });

/** 3 × 4 × 4 → 6 × 4 × 4 → 6 × 1 × 1 */
const trunk = () => [
	node('Conv', ['x', 'k'], { kernel_shape: [1, 1] }, 'before'),
	node('Relu', ['before'], {}, 'relu'),
	node('GlobalAveragePool', ['relu'], {}, 'pooled')
];
const kernel = () => floatTensor('k', [6, 3, 1, 1], numbers(18));
const weights = numbers(30, 2);
/** [6, 5] from [5, 6] */
const transposed = Float32Array.from(weights, (_, i) => weights[(i % 5) * 6 + Math.floor(i / 5)] ?? 0);
const flat = () => node('Flatten', ['pooled'], { axis: 1 }, 'flat');

async function run(bytes: Uint8Array, dims: number[]): Promise<Record<string, Numbers>> {
	const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
	const results = await session.run({
		x: new Tensor(
			'float32',
			numbers(
				dims.reduce((a, b) => a * b),
				3
			),
			dims
		)
	});
	await session.release();
	// All graphs here answer in float32.
	return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Numbers]));
}

/** Mean over the places of a map [channels, places] of one picture. */
const means = (map: Numbers, channels: number): number[] =>
	Array.from({ length: channels }, (_, c) => {
		const places = map.length / channels;
		return map.subarray(c * places, (c + 1) * places).reduce((a, b) => a + b, 0) / places;
	});

const close = (a: ArrayLike<number> | undefined, b: ArrayLike<number>, digits = 4) => {
	expect(a?.length).toBe(b.length);
	for (let i = 0; i < b.length; i++) expect(a?.[i]).toBeCloseTo(b[i] ?? NaN, digits);
};

interface Mapped extends OutputFacts {
	map: MapFacts;
}

function mapped<T extends { outputs: OutputFacts }>(exposed: T): T & { outputs: Mapped } {
	const { map } = exposed.outputs;
	if (!map) throw new Error('no map was found');
	return { ...exposed, outputs: { ...exposed.outputs, map } };
}

/** Scores as before; features = mean of the map; weights · features = scores less the bias, where the graph is linear there. */
async function check(bytes: Uint8Array, dims: number[], bias?: Numbers, digits = 4): Promise<Mapped> {
	const { bytes: exposed, outputs, input } = mapped(exposeOutputs(bytes));
	expect(input.name).toBe('x');
	const before = await run(bytes, dims);
	const after = await run(exposed, dims);
	expect(Object.keys(after).sort()).toEqual(
		[outputs.scores.name, outputs.features.name, outputs.map.name].sort()
	);
	const [scores, features = new Float32Array(), map = new Float32Array()] = [
		after[outputs.scores.name],
		after[outputs.features.name],
		after[outputs.map.name]
	];
	close(scores, before[outputs.scores.name] ?? [], digits);
	expect(features.length).toBe(outputs.features.dimension);
	close(features, means(map, outputs.map.channels), digits);
	const { dims: shape, data } = readInitializer(exposed, outputs.map.classifier);
	expect(shape.slice(0, 2)).toEqual([scores?.length, features.length]);
	if (bias) {
		const own = Array.from(bias, (offset, row) =>
			features.reduce((sum, value, i) => sum + value * (data[row * features.length + i] ?? NaN), offset)
		);
		close(scores, own, digits);
	}
	return outputs;
}

const picture = [1, 3, 4, 4];
const bias = numbers(5, 4);
const biasTensor = () => floatTensor('b', [5], bias);

describe('a classifier behind a pooling is found', () => {
	it.each<[string, Parts]>([
		[
			'Gemm, classes first',
			{
				nodes: [...trunk(), flat(), node('Gemm', ['flat', 'w', 'b'], { transB: 1 }, 'y')],
				constants: [kernel(), floatTensor('w', [5, 6], weights), biasTensor()]
			}
		],
		[
			'Gemm, channels first',
			{
				nodes: [...trunk(), flat(), node('Gemm', ['flat', 'w', 'b'], {}, 'y')],
				constants: [kernel(), floatTensor('w', [6, 5], transposed), biasTensor()]
			}
		],
		[
			'MatMul and Add',
			{
				nodes: [
					...trunk(),
					flat(),
					node('MatMul', ['flat', 'w'], {}, 'raw'),
					node('Add', ['b', 'raw'], {}, 'y')
				],
				constants: [kernel(), floatTensor('w', [6, 5], transposed), biasTensor()]
			}
		],
		[
			'MatMul of weights that are transposed in the graph',
			{
				nodes: [
					...trunk(),
					flat(),
					node('Transpose', ['w'], { perm: [1, 0] }, 'wt'),
					node('MatMul', ['flat', 'wt'], {}, 'raw'),
					node('Add', ['raw', 'b'], {}, 'y')
				],
				constants: [kernel(), floatTensor('w', [5, 6], weights), biasTensor()]
			}
		],
		[
			'Conv 1×1, then flattened',
			{
				nodes: [
					...trunk(),
					node('Conv', ['pooled', 'w', 'b'], {}, 'raw'),
					node('Flatten', ['raw'], { axis: 1 }, 'y')
				],
				constants: [kernel(), floatTensor('w', [5, 6, 1, 1], weights), biasTensor()]
			}
		],
		[
			'a mean over height and width as the pooling',
			{
				nodes: [
					...trunk().slice(0, 2),
					node('ReduceMean', ['relu'], { axes: [-1, -2], keepdims: 0 }, 'flat'),
					node('Gemm', ['flat', 'w', 'b'], { transB: 1 }, 'y')
				],
				constants: [kernel(), floatTensor('w', [5, 6], weights), biasTensor()]
			}
		],
		[
			'a mean whose axes are an input, as from opset 18 on',
			{
				opset: 18,
				nodes: [
					...trunk().slice(0, 2),
					node('ReduceMean', ['relu', 'axes'], { keepdims: 0 }, 'flat'),
					node('Gemm', ['flat', 'w', 'b'], { transB: 1 }, 'y')
				],
				constants: [kernel(), intTensor('axes', [2], [2, 3]), floatTensor('w', [5, 6], weights), biasTensor()]
			}
		]
	])('%s', async (_, parts) => {
		const outputs = await check(file(parts), picture, bias);
		expect(outputs.scores).toEqual({ name: 'y', kind: 'logits', skip: 0 });
	});

	it('weights kept in half precision', async () => {
		const halves = Uint16Array.from(transposed, toFloat16);
		const nodes = [
			...trunk(),
			flat(),
			node('Cast', ['h'], { to: 1 }, 'w'),
			node('Gemm', ['flat', 'w', 'b'], {}, 'y')
		];
		await check(
			file({ nodes, constants: [kernel(), halfTensor('h', [6, 5], halves), biasTensor()] }),
			picture,
			bias
		);
	});

	it('a graph wholly in half precision is given float inputs and outputs', async () => {
		const half = (name: string, dims: number[], data: Numbers) =>
			halfTensor(name, dims, Uint16Array.from(data, toFloat16));
		const bytes = file({
			type: DataType.FLOAT16,
			nodes: [...trunk(), flat(), node('Gemm', ['flat', 'w', 'b'], { transB: 1 }, 'y')],
			constants: [half('k', [6, 3, 1, 1], numbers(18)), half('w', [5, 6], weights), half('b', [5], bias)]
		});
		const { bytes: exposed, outputs } = mapped(exposeOutputs(bytes));
		const after = await run(exposed, picture);
		const float = file({
			nodes: [...trunk(), flat(), node('Gemm', ['flat', 'w', 'b'], { transB: 1 }, 'y')],
			constants: [kernel(), floatTensor('w', [5, 6], weights), biasTensor()]
		});
		close(after[outputs.scores.name], (await run(float, picture)).y ?? [], 2);
		close(after[outputs.features.name], means(after[outputs.map.name] ?? new Float32Array(), 6), 2);
		expect(readInitializer(exposed, outputs.map.classifier).dims).toEqual([5, 6]);
	});

	it('channels last all through, the map is given channels first', async () => {
		const bytes = file({
			input: ['N', 4, 4, 6],
			nodes: [
				node('Relu', ['x'], {}, 'relu'),
				node('ReduceMean', ['relu'], { axes: [1, 2], keepdims: 0 }, 'flat'),
				node('Gemm', ['flat', 'w', 'b'], { transB: 1 }, 'y')
			],
			constants: [floatTensor('w', [5, 6], weights), biasTensor()]
		});
		await check(bytes, [1, 4, 4, 6], bias);
	});

	it('probabilities are told from logits', async () => {
		const gemm = () => [...trunk(), flat(), node('Gemm', ['flat', 'w', 'b'], { transB: 1 }, 'raw')];
		const constants = () => [kernel(), floatTensor('w', [5, 6], weights), biasTensor()];
		const soft = file({
			nodes: [...gemm(), node('Softmax', ['raw'], { axis: 1 }, 'y')],
			constants: constants()
		});
		expect((await check(soft, picture)).scores.kind).toBe('probabilities');
		const log = file({
			nodes: [...gemm(), node('LogSoftmax', ['raw'], { axis: 1 }, 'y')],
			constants: constants()
		});
		expect((await check(log, picture)).scores.kind).toBe('logits');
	});
});

describe('other shapes of classifier', () => {
	it('one that classifies every place and then pools (SqueezeNet) gives what was before it, pooled', async () => {
		const bytes = file({
			nodes: [
				...trunk().slice(0, 2),
				node('Dropout', ['relu'], {}, 'kept'),
				node('Conv', ['kept', 'w', 'b'], { kernel_shape: [1, 1] }, 'places'),
				node('GlobalAveragePool', ['places'], {}, 'raw'),
				node('Flatten', ['raw'], { axis: 1 }, 'y')
			],
			constants: [kernel(), floatTensor('w', [5, 6, 1, 1], weights), biasTensor()]
		});
		const outputs = await check(bytes, picture, bias);
		expect(outputs.features.dimension).toBe(6);
	});

	it.each<[string, NodeProto[], TensorProto[]]>([
		[
			'QLinearMatMul',
			[
				node('QuantizeLinear', ['flat', 's', 'z'], {}, 'q'),
				node('QLinearMatMul', ['q', 's', 'z', 'w', 'ws', 'wz', 'ys', 'yz'], {}, 'qy')
			],
			[quantized('w', [6, 5], transposed)]
		],
		[
			'QGemm',
			[
				node('QuantizeLinear', ['flat', 's', 'z'], {}, 'q'),
				microsoft(node('QGemm', ['q', 's', 'z', 'w', 'ws', 'wz', 'c', 'ys', 'yz'], { transB: 1 }, 'qy'))
			],
			[quantized('w', [5, 6], weights), int32('c', [40, -20, 10, 0, 5])]
		],
		[
			'QLinearConv',
			[
				node('QuantizeLinear', ['pooled', 's', 'z'], {}, 'q'),
				node('QLinearConv', ['q', 's', 'z', 'w', 'ws', 'wz', 'ys', 'yz', 'c'], {}, 'qc'),
				node('Flatten', ['qc'], { axis: 1 }, 'qy')
			],
			[quantized('w', [5, 6, 1, 1], weights), int32('c', [40, -20, 10, 0, 5])]
		]
	])('one of 8 bits (%s) becomes a float one', async (_, nodes, constants) => {
		const flats = nodes[0]?.input[0] === 'flat' ? [flat()] : [];
		const bytes = file({
			nodes: [...trunk(), ...flats, ...nodes, node('DequantizeLinear', ['qy', 'ys', 'yz'], {}, 'y')],
			constants: [kernel(), ...constants, ...scales()]
		});
		const { bytes: exposed, outputs } = mapped(exposeOutputs(bytes));
		const [before, after] = [await run(bytes, picture), await run(exposed, picture)];
		// A step of the output is 1/50; rounding may fall one step apart.
		for (const [i, score] of (before.y ?? []).entries()) {
			expect(Math.abs(score - (after[outputs.scores.name]?.[i] ?? NaN))).toBeLessThanOrEqual(0.021);
		}
		const features = after[outputs.features.name] ?? new Float32Array();
		const pooled = means(after[outputs.map.name] ?? new Float32Array(), 6);
		for (const [i, mean] of pooled.entries())
			expect(Math.abs(mean - (features[i] ?? NaN))).toBeLessThanOrEqual(0.006);
		const { dims, data } = readInitializer(exposed, outputs.map.classifier);
		expect(dims.slice(0, 2)).toEqual([5, 6]);
		for (const [i, weight] of data.entries())
			expect(Math.abs(weight - (weights[i] ?? NaN))).toBeLessThanOrEqual(0.006);
	});

	it('of several outputs the one behind the classifier is taken, and the rest of the graph goes', async () => {
		const bytes = file({
			nodes: [
				...trunk(),
				flat(),
				node('Sigmoid', ['flat'], {}, 'other'),
				node('Gemm', ['flat', 'w', 'b'], { transB: 1 }, 'y'),
				node('Mul', ['y', 'unused'], {}, 'z')
			],
			constants: [
				kernel(),
				floatTensor('w', [5, 6], weights),
				biasTensor(),
				floatTensor('unused', [1], numbers(1))
			],
			outputs: [
				['other', ['N', 6]],
				['y', ['N', 5]]
			]
		});
		const { bytes: exposed, outputs } = mapped(exposeOutputs(bytes));
		expect(outputs.scores.name).toBe('y');
		const { graph } = readModel(exposed);
		expect(graph.node.map(({ opType }) => opType)).not.toContain('Sigmoid');
		expect(graph.initializer.map(({ name }) => name)).not.toContain('unused');
	});

	it('constants that are inputs as well, as in old files, are no inputs afterwards', async () => {
		const model = readModel(
			file({
				nodes: [...trunk(), flat(), node('Gemm', ['flat', 'w', 'b'], { transB: 1 }, 'y')],
				constants: [kernel(), floatTensor('w', [5, 6], weights), biasTensor()]
			})
		);
		model.irVersion = 3n;
		model.graph.input.push(valueInfo('w', [5, 6]), valueInfo('b', [5]), valueInfo('k', [6, 3, 1, 1]));
		const bytes = writeModel(model);
		await check(bytes, picture, bias);
		expect(readModel(exposeOutputs(bytes).bytes).graph.input.map(({ name }) => name)).toEqual(['x']);
	});

	it('scores beyond the labels are skipped', () => {
		const wide = (rows: number) =>
			file({
				nodes: [...trunk(), flat(), node('Gemm', ['flat', 'w'], { transB: 1 }, 'y')],
				constants: [kernel(), floatTensor('w', [rows, 6], numbers(rows * 6))],
				outputs: [['y', ['N', rows]]]
			});
		expect(exposeOutputs(wide(1001)).outputs.scores.skip).toBe(1);
		expect(exposeOutputs(wide(1000)).outputs.scores.skip).toBe(0);
		expect(exposeOutputs(wide(6), 5).outputs.scores.skip).toBe(1);
		for (const rows of [4, 7]) expect(() => exposeOutputs(wide(rows), 5)).toThrow(`${rows} classes`);
	});

	it('what the input says of itself is told', () => {
		const small = (input: Dim[]) =>
			exposeOutputs(
				file({
					input,
					nodes: [...trunk(), flat(), node('Gemm', ['flat', 'w'], { transB: 1 }, 'y')],
					constants: [kernel(), floatTensor('w', [5, 6], weights)]
				})
			).input;
		expect(small([1, 3, 224, 224])).toEqual({ name: 'x', layout: 'NCHW', size: 224, other: 224, batch: 1 });
		expect(small(['N', 260, 260, 3])).toEqual({
			name: 'x',
			layout: 'NHWC',
			size: 260,
			other: 260,
			batch: null
		});
		expect(small(['N', 'c', 'h', 'w'])).toEqual({
			name: 'x',
			layout: null,
			size: null,
			other: null,
			batch: null
		});
	});
});

/** 8 bits around 128, a hundred steps to 1. */
function quantized(name: string, dims: number[], data: Numbers): TensorProto {
	const rawData = Uint8Array.from(data, (value) => Math.round(value * 100) + 128);
	return create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType: DataType.UINT8, rawData });
}

function int32(name: string, values: number[]): TensorProto {
	return create(TensorProtoSchema, {
		name,
		dims: [BigInt(values.length)],
		dataType: DataType.INT32,
		int32Data: values
	});
}

function scales(): TensorProto[] {
	const scale = (name: string, value: number) => floatTensor(name, [], Float32Array.of(value));
	const zero = (name: string, value: number) =>
		create(TensorProtoSchema, { name, dims: [], dataType: DataType.UINT8, rawData: Uint8Array.of(value) });
	return [
		scale('s', 0.01),
		zero('z', 0),
		scale('ws', 0.01),
		zero('wz', 128),
		scale('ys', 0.02),
		zero('yz', 128)
	];
}

describe('without a pooling by the classifier there are features and no map', () => {
	const constants = () => [kernel(), floatTensor('w', [5, 6], weights), biasTensor()];
	const flattened = { input: ['N', 3, 1, 2] as Dim[], dims: [1, 3, 1, 2] };
	it.each<[string, Parts, number[]]>([
		[
			'a hidden layer in between',
			{
				nodes: [
					...trunk(),
					flat(),
					node('HardSigmoid', ['flat'], {}, 'hidden'),
					node('Gemm', ['hidden', 'w', 'b'], { transB: 1 }, 'y')
				],
				constants: constants()
			},
			picture
		],
		[
			'all places at once',
			{
				input: flattened.input,
				nodes: [
					node('Flatten', ['x'], {}, 'flat'),
					node('Gemm', ['flat', 'w', 'b'], { transB: 1 }, 'raw'),
					node('Softmax', ['raw'], { axis: 1 }, 'y')
				],
				constants: constants()
			},
			flattened.dims
		],
		[
			'a mean over something else',
			{
				input: ['N', 3, 6, 4],
				nodes: [
					node('ReduceMean', ['x'], { axes: [1, 3], keepdims: 0 }, 'flat'),
					node('Gemm', ['flat', 'w', 'b'], { transB: 1 }, 'y')
				],
				constants: constants()
			},
			[1, 3, 6, 4]
		],
		[
			'a convolution of one place',
			{
				nodes: [
					...trunk(),
					node('HardSwish', ['pooled'], {}, 'hidden'),
					node('Conv', ['hidden', 'w4', 'b'], { kernel_shape: [1, 1] }, 'raw'),
					node('Flatten', ['raw'], { axis: 1 }, 'y')
				],
				constants: [...constants(), floatTensor('w4', [5, 6, 1, 1], weights)]
			},
			picture
		]
	])('%s', async (_, parts, dims) => {
		const bytes = file(parts);
		const { bytes: exposed, outputs } = exposeOutputs(bytes);
		expect(outputs.map).toBeNull();
		const [before, after] = [await run(bytes, dims), await run(exposed, dims)];
		close(after[outputs.scores.name], before['y'] ?? []);
		const features = after[outputs.features.name] ?? new Float32Array();
		expect(features.length).toBe(6);
		const sums = Array.from(bias, (offset, row) =>
			features.reduce((sum, value, i) => sum + value * (weights[row * 6 + i] ?? NaN), offset)
		);
		const most = Math.max(...sums);
		const total = sums.reduce((sum, x) => sum + Math.exp(x - most), 0);
		const expected = outputs.scores.kind === 'logits' ? sums : sums.map((x) => Math.exp(x - most) / total);
		close(after[outputs.scores.name], expected);
	});
});

it('scores that come as a dictionary are taken as numbers', async () => {
	const zipMap = Object.assign(node('ZipMap', ['z'], {}, 'y'), { domain: 'ai.onnx.ml' });
	const nodes = [
		...trunk(),
		flat(),
		node('Gemm', ['flat', 'w', 'b'], { transB: 1 }, 'raw'),
		node('Softmax', ['raw'], { axis: 1 }, 'z')
	];
	const constants = [kernel(), floatTensor('w', [5, 6], weights), biasTensor()];
	const plain = file({ nodes, constants, outputs: [['z', ['N', 5]]] });
	const { bytes, outputs } = exposeOutputs(file({ nodes: [...nodes, zipMap], constants }));
	expect(outputs.scores).toEqual({ name: 'z', kind: 'probabilities', skip: 0 });
	close((await run(bytes, picture))['z'], (await run(plain, picture))['z'] ?? []);
});

it('a value that is read again and again is looked at once', () => {
	const doubled = Array.from({ length: 15 }, (_, i) =>
		node('DequantizeLinear', [`v${i}`, `v${i}`, `v${i}`], {}, `v${i + 1}`)
	);
	const nodes = [...trunk(), flat(), ...doubled, node('MatMul', ['flat', 'v15'], {}, 'y')];
	const constants = [kernel(), floatTensor('v0', [6, 5], transposed)];
	const bytes = file({ nodes, constants });
	// 3 to the power of 15 readings would take minutes.
	expect(exposeOutputs(bytes).outputs.features.dimension).toBe(6);
}, 2000);

describe('what cannot be used is said in words', () => {
	const constants = () => [kernel(), floatTensor('w', [5, 6], weights)];
	it.each<[string, Parts, string]>([
		[
			'no classifier',
			{
				nodes: [node('Relu', ['x'], {}, 'relu'), ...trunk().slice(2), node('Flatten', ['pooled'], {}, 'y')],
				constants: []
			},
			'classifier'
		],
		[
			'an answer that is no score',
			{
				nodes: [
					...trunk(),
					flat(),
					node('Gemm', ['flat', 'w'], { transB: 1 }, 'raw'),
					node('ArgMax', ['raw'], { axis: 1 }, 'y')
				],
				constants: constants()
			},
			'ArgMax'
		],
		[
			'an input that is no picture',
			{
				input: ['N', 6],
				nodes: [node('Gemm', ['x', 'w'], { transB: 1 }, 'y')],
				constants: constants()
			},
			'2 dimensions'
		]
	])('%s', (_, parts, words) => {
		expect(() => exposeOutputs(file(parts))).toThrow(
			// vitest types its matchers as any
			expect.objectContaining({ code: 'onnx-unsuitable', message: expect.stringContaining(words) as string })
		);
	});

	it('a graph that runs in a circle ends', () => {
		const nodes = [
			...trunk(),
			node('Add', ['y', 'b'], {}, 'again'),
			node('Identity', ['again'], {}, 'y'),
			node('Transpose', ['loop2'], {}, 'loop1'),
			node('Transpose', ['loop1'], {}, 'loop2')
		];
		const bytes = file({
			nodes,
			constants: [kernel(), biasTensor()],
			outputs: [
				['y', []],
				['loop1', []]
			]
		});
		expect(() => exposeOutputs(bytes)).toThrow(Trouble);
	});

	it('bytes changed at random give a Trouble or a graph, and end', () => {
		const whole = file({
			nodes: [
				...trunk(),
				flat(),
				node('Transpose', ['w'], { perm: [1, 0] }, 'wt'),
				node('MatMul', ['flat', 'wt'], {}, 'y')
			],
			constants: constants()
		});
		const edits = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
		fc.assert(
			fc.property(edits, (changes) => {
				const bytes = whole.slice();
				for (const [at, value] of changes) bytes[at] = value;
				try {
					exposeOutputs(bytes);
				} catch (error) {
					expect(error).toBeInstanceOf(Trouble);
				}
			}),
			{ seed: 11, numRuns: 1500 }
		);
	});
});

const stranger = '../shared/models/onnx/mobilenet_v2_1.0_224.onnx';

it.skipIf(!existsSync(stranger))(`a real MobileNetV2 (needs ${stranger})`, async () => {
	const bytes = readFileSync(stranger);
	const { bytes: exposed, outputs } = mapped(exposeOutputs(bytes));
	expect(outputs).toMatchObject({
		scores: { name: 'feat4', kind: 'logits', skip: 1 },
		features: { dimension: 1280 },
		map: { channels: 1280 }
	});
	const x = Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => ((i * 31) % 255) / 255);
	const results: InferenceSession.ReturnType[] = [];
	for (const graph of [bytes, exposed]) {
		const session = await InferenceSession.create(graph);
		results.push(await session.run({ image: new Tensor('float32', x, [1, 3, 224, 224]) }));
		await session.release();
	}
	const [before, after] = results;
	const numbersOf = (answer: InferenceSession.ReturnType | undefined, name: string) =>
		answer?.[name]?.data as Numbers; // float32
	close(numbersOf(after, 'feat4'), numbersOf(before, 'feat4'));
	close(numbersOf(after, outputs.features.name), numbersOf(before, 'feat0'));
	close(numbersOf(after, outputs.features.name), means(numbersOf(after, outputs.map.name), 1280));
});
