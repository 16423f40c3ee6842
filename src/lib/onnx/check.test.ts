/** What is refused before it is run, and what is not. */
import { create } from '@bufbuild/protobuf';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { backbones } from '../../../models/catalog';
import { efficientnetLite4, resnet50, vgg16 } from '../../../tests/fixtures/networks';
import type { Precision } from '../domain/model-facts';
import { assemble, fileOf } from './assemble';
import { GraphBuilder, nodeProto, valueInfo } from './builder';
import { checkGraph, type CheckedGraph } from './check';
import { exposeOutputs } from './expose';
import { type Model, readModel, writeModel } from './model';
import {
	type AttributeProto,
	AttributeProto_AttributeType as AttributeType,
	AttributeProtoSchema,
	FunctionProtoSchema,
	GraphProtoSchema,
	type NodeProto,
	SparseTensorProtoSchema,
	TensorProto_DataLocation,
	TensorProto_DataType as DataType,
	TensorProtoSchema,
	TrainingInfoProtoSchema,
	TypeProto_SequenceSchema,
	TypeProtoSchema
} from './onnx_pb';
import { setPrecision } from './precision';
import { floatTensor, intTensor } from './tensor';

const picture = { size: 8, layout: 'NCHW' } as const;

/** A convolution, a pooling and a classifier. */
function small(): Model {
	const builder = new GraphBuilder('small');
	builder.input('x', ['N', 3, 'H', 'W']);
	builder.floats('kernel', [6, 3, 3, 3], new Float32Array(162));
	builder.node('Conv', ['x', 'kernel'], { kernel_shape: [3, 3] }, 'conv');
	builder.node('Relu', ['conv'], {}, 'map');
	builder.node('GlobalAveragePool', ['map'], {}, 'pooled');
	builder.node('Flatten', ['pooled'], { axis: 1 }, 'features');
	builder.floats('weights', [4, 6], new Float32Array(24));
	builder.floats('bias', [4], new Float32Array(4));
	builder.node('Gemm', ['features', 'weights', 'bias'], { transB: 1 }, 'scores');
	builder.output('scores', ['N', 4]);
	return readModel(builder.finish());
}

function checked(change: (model: Model) => unknown): unknown {
	const model = small();
	change(model);
	try {
		return checkGraph(model, picture);
	} catch (cause) {
		return cause;
	}
}

const nodeOf = ({ graph }: Model, op: string): NodeProto => graph.node.find(({ opType }) => opType === op)!; // tests name what is there
const tensorOf = ({ graph }: Model, name: string) =>
	graph.initializer.find((tensor) => tensor.name === name)!;
const add = (model: Model, op: string, inputs: string[], attributes = {}, name = 'more') =>
	model.graph.node.push(nodeProto(op, inputs, attributes, name));
const attribute = (name: string, type: AttributeType, rest: Partial<AttributeProto>) =>
	create(AttributeProtoSchema, { name, type, ...rest } as AttributeProto); // what is left out is filled in
const elsewhere = () =>
	create(TensorProtoSchema, {
		name: 'far',
		dims: [1n],
		dataType: 1,
		externalData: [{ key: 'location', value: '/etc/passwd' }]
	});
const inner = () => create(GraphProtoSchema, { name: 'inner' });

describe('what is taken', () => {
	test('a small network, whose facts are counted', () => {
		const model = small();
		const before = writeModel(model);
		expect(checkGraph(model, picture)).toEqual<CheckedGraph>({
			nodes: 5,
			parameters: 162 + 24 + 4,
			// picture, convolution and rectifier of 6 × 6 × 6, pooled, flattened, scores
			activationBytes: 4 * (192 + 216 + 216 + 6 + 6 + 4),
			multiplyAdds: 216 * 27 + 2 * 216 + (216 + 6) + 6 + 24,
			outputs: [{ name: 'scores', dims: [1, 4] }]
		});
		expect(writeModel(model)).toEqual(before);
		expect(checkGraph(small(), { ...picture, size: 20 }).activationBytes).toBe(
			4 * (1200 + 2 * 6 * 18 * 18 + 16)
		);
	});

	test('what the graph says of its picture counts more than what is asked for', () => {
		const model = small();
		model.graph.input = [valueInfo('x', ['N', 3, 12, 12])];
		expect(checkGraph(model, picture).activationBytes).toBe(4 * (432 + 2 * 600 + 16));
		model.graph.input = [valueInfo('x', [0, 3, -1, 0])];
		expect(checkGraph(model, picture)).toEqual(checkGraph(small(), picture));
		model.graph.input = [valueInfo('x')];
		expect(checkGraph(model, picture)).toEqual(checkGraph(small(), picture));
		expect(() => checkGraph(model, { ...picture, layout: 'NHWC' })).toThrow('for a picture [1, 8, 8, 3]');
	});

	test('constants that are inputs too, as old files have them', () => {
		const model = small();
		for (const { name, dims } of model.graph.initializer)
			model.graph.input.push(valueInfo(name, dims.map(Number)));
		expect(checkGraph(model, picture)).toEqual(checkGraph(small(), picture));
	});

	test('scores by label, which are not run', () => {
		const model = small();
		const zip = Object.assign(nodeProto('ZipMap', ['scores'], {}, 'loss'), { domain: 'ai.onnx.ml' });
		model.graph.node.push(zip);
		model.graph.output.push({ ...valueInfo('loss'), type: sequence() });
		const { nodes, outputs } = checkGraph(model, picture);
		expect([nodes, ...outputs]).toEqual([
			6,
			{ name: 'scores', dims: [1, 4] },
			{ name: 'loss', dims: [1, 4] }
		]);
		const exposed = readModel(exposeOutputs(writeModel(model)).bytes);
		expect(exposed.graph.node.map(({ opType }) => opType)).not.toContain('ZipMap');
	});

	test.each([
		['ResNet-50', resnet50, 25.5e6, 4.1e9],
		['VGG-16', vgg16, 138e6, 15.5e9],
		['EfficientNet-Lite4', efficientnetLite4, 13e6, 1.4e9]
	])('%s at 224 × 224', (_, make, parameters, steps) => {
		const found = checkGraph(make(), { size: 224, layout: 'NCHW' });
		expect(found.outputs).toMatchObject([{ dims: [1, 1000] }]);
		expect(found.parameters / parameters).toBeCloseTo(1, 1);
		expect(found.multiplyAdds / steps).toBeCloseTo(1, 1);
		expect(found.activationBytes).toBeLessThan(2 ** 28);
	});

	describe.each(backbones.filter(({ delivery }) => delivery === 'embedded'))('$id', (card) => {
		const bytes = readFileSync(`static/models/${card.id}/model.onnx`);
		const picture = { size: card.input.size, layout: card.input.layout };

		test('as it is', () => {
			const { outputs } = checkGraph(readModel(bytes), picture);
			expect(outputs.find(({ name }) => name === card.outputs?.features.name)?.dims).toEqual([
				1,
				card.outputs?.features.dimension
			]);
		});

		test.each<Precision>(['fp32', 'fp16', 'int8'])('with a head and a gate, in %s', (precision) => {
			const dimension = card.outputs?.features.dimension ?? 0;
			const layer = {
				weights: new Float32Array(3 * dimension),
				bias: new Float32Array(3),
				activation: 'linear'
			} as const;
			const { model } = assemble({
				bytes,
				card,
				head: { layers: [layer], normalise: true, temperature: 1 },
				gate: {
					neighbours: 3,
					similarity: { mean: 0, deviation: 1 },
					energy: { mean: 0, deviation: 1 },
					threshold: 0,
					bank: new Float32Array(9 * dimension),
					foreign: new Float32Array(12 * dimension),
					kept: 0.95,
					near: null
				}
			});
			setPrecision(model, precision);
			const { outputs } = checkGraph(readModel(fileOf(model, {})), picture);
			expect(outputs.map(({ name }) => name)).toEqual(['probabilities', 'features', 'map', 'familiarity']);
			expect(outputs.map(({ dims }) => dims.slice(0, 2))).toEqual([
				[1, 3],
				[1, dimension],
				[1, expect.any(Number)],
				[1]
			]);
		});
	});

	const stranger = '../shared/models/onnx/mobilenet_v2_1.0_224.onnx';
	test.skipIf(!existsSync(stranger))('a stranger’s MobileNetV2 (needs ../shared)', () => {
		const found = checkGraph(readModel(readFileSync(stranger)), { size: 224, layout: 'NCHW' });
		expect(found.parameters / 3.5e6).toBeCloseTo(1, 1);
		expect(found.multiplyAdds / 0.3e9).toBeCloseTo(1, 0);
	});
});

describe('what is refused in words', () => {
	type Row = [what: string, change: (model: Model) => unknown, code: string, words: RegExp];
	const unsafe: Row[] = [
		[
			'a constant in a second file',
			(m) => m.graph.initializer.push(elsewhere()),
			'onnx-unsafe',
			/"far" lies in a second file/
		],
		[
			'a constant that is marked so',
			(m) => void (tensorOf(m, 'bias').dataLocation = TensorProto_DataLocation.EXTERNAL),
			'onnx-unsafe',
			/"bias" lies in a second file/
		],
		[
			'a constant of a node in a second file',
			(m) => nodeOf(m, 'Relu').attribute.push(attribute('value', AttributeType.TENSOR, { t: elsewhere() })),
			'onnx-unsafe',
			/"far" lies in a second file/
		],
		[
			'one among several',
			(m) =>
				nodeOf(m, 'Relu').attribute.push(
					attribute('value', AttributeType.TENSORS, { tensors: [elsewhere()] })
				),
			'onnx-unsafe',
			/second file/
		],
		[
			'a sparse one',
			(m) => m.graph.sparseInitializer.push(create(SparseTensorProtoSchema, { indices: elsewhere() })),
			'onnx-unsafe',
			/second file/
		],
		[
			'a sparse one of a node',
			(m) =>
				nodeOf(m, 'Relu').attribute.push(
					attribute('a', AttributeType.SPARSE_TENSOR, {
						sparseTensor: create(SparseTensorProtoSchema, { values: elsewhere() })
					})
				),
			'onnx-unsafe',
			/second file/
		],
		['a branch', (m) => void add(m, 'If', ['scores']), 'onnx-unsupported', /"If" is not among/],
		[
			'a graph inside of a node',
			(m) => nodeOf(m, 'Relu').attribute.push(attribute('body', AttributeType.GRAPH, { g: inner() })),
			'onnx-unsafe',
			/"Relu" \("map"\) holds a graph of its own/
		],
		[
			'graphs inside of a node, under another type',
			(m) => nodeOf(m, 'Relu').attribute.push(attribute('body', AttributeType.INT, { graphs: [inner()] })),
			'onnx-unsafe',
			/graph of its own/
		],
		[
			'a function',
			(m) => m.functions.push(create(FunctionProtoSchema, { name: 'Own' })),
			'onnx-unsafe',
			/of its own \("Own"\)/
		],
		[
			'an attribute of a function',
			(m) => nodeOf(m, 'Relu').attribute.push(attribute('a', AttributeType.INT, { refAttrName: 'b' })),
			'onnx-unsafe',
			/function/
		],
		['an overload', (m) => void (nodeOf(m, 'Relu').overload = 'a'), 'onnx-unsafe', /several of that name/],
		[
			'its own training',
			(m) => m.trainingInfo.push(create(TrainingInfoProtoSchema)),
			'onnx-unsafe',
			/training/
		],
		[
			'operators of others',
			(m) => void (nodeOf(m, 'Relu').domain = 'evil.example'),
			'onnx-unsafe',
			/"Relu" is none of ONNX, but of "evil.example"/
		]
	];
	const unknown: Row[] = [
		[
			'an unknown operator',
			(m) => void (nodeOf(m, 'Relu').opType = 'NonZero'),
			'onnx-unsupported',
			/"NonZero" is not among/
		],
		[
			'a property of objects',
			(m) => void (nodeOf(m, 'Relu').opType = 'constructor'),
			'onnx-unsupported',
			/"constructor" is not among/
		],
		[
			'an unknown one of ONNX Runtime',
			(m) => void (nodeOf(m, 'Relu').domain = 'com.microsoft'),
			'onnx-unsupported',
			/"Relu" is not among/
		],
		[
			'trees',
			(m) => Object.assign(nodeOf(m, 'Relu'), { domain: 'ai.onnx.ml', opType: 'TreeEnsemble' }),
			'onnx-unsupported',
			/"TreeEnsemble"/
		],
		[
			'a dictionary that is read',
			(m) => Object.assign(nodeOf(m, 'Relu'), { domain: 'ai.onnx.ml', opType: 'ZipMap' }),
			'onnx-broken',
			/reads "map" before/
		],
		[
			'an old opset',
			(m) => void (m.opsetImport[0]!.version = 6n),
			'onnx-unsupported',
			/version 6 .* 7 to 22/
		],
		['a new opset', (m) => void (m.opsetImport[0]!.version = 23n), 'onnx-unsupported', /version 23/],
		['no opset', (m) => void (m.opsetImport = []), 'onnx-broken', /which version/],
		[
			'two opsets',
			(m) => m.opsetImport.push({ ...m.opsetImport[0]!, domain: 'ai.onnx', version: 9n }),
			'onnx-broken',
			/which version/
		],
		[
			'a sparse constant',
			(m) =>
				m.graph.sparseInitializer.push(
					create(SparseTensorProtoSchema, { values: floatTensor('few', [1], new Float32Array(1)) })
				),
			'onnx-unsupported',
			/"few" is stored as a sparse one/
		],
		[
			'a list as input',
			(m) => void (m.graph.input[0]!.type = sequence()),
			'onnx-unsupported',
			/"x" is a list/
		],
		[
			'a list as output',
			(m) => void (m.graph.output[0]!.type = sequence()),
			'onnx-unsupported',
			/"scores" is a list/
		],
		[
			'a note of a list',
			(m) => m.graph.valueInfo.push({ ...valueInfo('map'), type: sequence() }),
			'onnx-unsupported',
			/"map" is a list/
		],
		['an input without type', (m) => void (m.graph.input[0]!.type = undefined), 'onnx-unsupported', /"x"/],
		[
			'texts as input',
			(m) => void (m.graph.input = [valueInfo('x', [1], DataType.STRING)]),
			'onnx-unsupported',
			/type STRING/
		],
		[
			'texts as constant',
			(m) => void (tensorOf(m, 'bias').dataType = DataType.STRING),
			'onnx-unsupported',
			/"bias" holds elements of type STRING/
		],
		[
			'complex numbers',
			(m) => void (tensorOf(m, 'bias').dataType = DataType.COMPLEX64),
			'onnx-unsupported',
			/COMPLEX64/
		],
		[
			'numbers of half a byte',
			(m) => void (tensorOf(m, 'bias').dataType = DataType.INT4),
			'onnx-unsupported',
			/INT4/
		],
		['a type that is none', (m) => void (tensorOf(m, 'bias').dataType = 99), 'onnx-unsupported', /type 99/],
		[
			'a cast to texts',
			(m) => add(m, 'Cast', ['scores'], { to: DataType.STRING }),
			'onnx-unsupported',
			/STRING/
		],
		[
			'nine dimensions',
			(m) => void (tensorOf(m, 'bias').dims = [4n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n]),
			'onnx-unsupported',
			/9 dimensions/
		],
		[
			'nine dimensions of a note',
			(m) => m.graph.valueInfo.push(valueInfo('map', Array<number>(9).fill(1))),
			'onnx-unsupported',
			/9 dimensions/
		],
		[
			'a long name',
			(m) => void (nodeOf(m, 'Relu').output[0] = 'a'.repeat(1001)),
			'onnx-unsupported',
			/name of 1001/
		],
		[
			'a thousand inputs',
			(m) => add(m, 'Sum', Array<string>(1001).fill('map')),
			'onnx-unsupported',
			/more than 1000 values/
		],
		[
			'a hundred attributes',
			(m) => add(m, 'Relu', ['map'], Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`a${i}`, 1]))),
			'onnx-unsupported',
			/64 attributes/
		],
		[
			'a size that depends on the picture',
			(m) => {
				add(m, 'Cast', ['scores'], { to: DataType.INT64 }, 'size');
				add(m, 'Reshape', ['scores', 'size']);
			},
			'onnx-unsupported',
			/size of "Reshape" \("more"\) cannot be told beforehand/
		]
	];
	const broken: Row[] = [
		[
			'two constants of one name',
			(m) => m.graph.initializer.push(tensorOf(m, 'bias')),
			'onnx-broken',
			/two of its values are called "bias"/
		],
		['two values of one name', (m) => add(m, 'Relu', ['map'], {}, 'conv'), 'onnx-broken', /called "conv"/],
		['a value called as the input', (m) => add(m, 'Relu', ['map'], {}, 'x'), 'onnx-broken', /called "x"/],
		['an input twice', (m) => m.graph.input.push(m.graph.input[0]!), 'onnx-broken', /two inputs "x"/],
		['a constant without name', (m) => void (tensorOf(m, 'bias').name = ''), 'onnx-broken', /no name/],
		[
			'a value that nothing makes',
			(m) => void (nodeOf(m, 'Relu').input[0] = 'nowhere'),
			'onnx-broken',
			/reads "nowhere" before/
		],
		['a value of later', (m) => m.graph.node.reverse(), 'onnx-broken', /before anything has made it/],
		['a circle', (m) => void (nodeOf(m, 'Relu').input[0] = 'map'), 'onnx-broken', /"map" before/],
		['a missing input', (m) => void (nodeOf(m, 'Conv').input[1] = ''), 'onnx-broken', /lacks its input 2/],
		['too few inputs', (m) => void nodeOf(m, 'Conv').input.pop(), 'onnx-broken', /1 inputs where 2 to 3/],
		['too many inputs', (m) => void nodeOf(m, 'Relu').input.push('conv'), 'onnx-broken', /2 inputs where 1/],
		[
			'an output too many',
			(m) => void nodeOf(m, 'Relu').output.push('other'),
			'onnx-unsupported',
			/2 outputs/
		],
		['no output', (m) => void (nodeOf(m, 'Relu').output = []), 'onnx-unsupported', /0 outputs/],
		[
			'an output that nothing makes',
			(m) => void (m.graph.output[0]!.name = 'gone'),
			'onnx-broken',
			/output "gone"/
		],
		[
			'bytes missing',
			(m) => void (tensorOf(m, 'bias').rawData = new Uint8Array(15)),
			'onnx-broken',
			/"bias" does not hold the \[4\] numbers/
		],
		[
			'giant sizes of a small constant',
			(m) => void (tensorOf(m, 'bias').dims = [2n ** 31n - 1n]),
			'onnx-broken',
			/"bias" does not hold/
		],
		[
			'sizes that overflow',
			(m) => void (tensorOf(m, 'bias').dims = [2n ** 31n, 2n ** 31n, 4n]),
			'onnx-too-large',
			/"bias" would have/
		],
		[
			'negative sizes',
			(m) => void (tensorOf(m, 'bias').dims = [-4n]),
			'onnx-broken',
			/"bias" would have the size \[-4\]/
		],
		[
			'numbers in two places',
			(m) => void (tensorOf(m, 'bias').floatData = [1, 2, 3, 4]),
			'onnx-broken',
			/"bias"/
		],
		[
			'numbers of another kind',
			(m) => Object.assign(tensorOf(m, 'bias'), { rawData: new Uint8Array(), int32Data: [1, 2, 3, 4] }),
			'onnx-broken',
			/"bias"/
		],
		[
			'segments',
			(m) =>
				void (tensorOf(m, 'bias').segment = { $typeName: 'onnx.TensorProto.Segment', begin: 0n, end: 1n }),
			'onnx-broken',
			/segments/
		],
		[
			'an attribute twice',
			(m) => nodeOf(m, 'Gemm').attribute.push(nodeOf(m, 'Gemm').attribute[0]!),
			'onnx-broken',
			/two attributes "transB"/
		],
		[
			'an attribute of another type',
			(m) => void (nodeOf(m, 'Gemm').attribute[0]!.type = AttributeType.FLOAT),
			'onnx-broken',
			/"transB" of another type/
		],
		[
			'an attribute that is too large',
			(m) => void (nodeOf(m, 'Gemm').attribute[0]!.i = 2n ** 60n),
			'onnx-broken',
			/"transB" = 1152921504606846976/
		],
		[
			'weights that do not fit',
			(m) => void (tensorOf(m, 'kernel').dims = [3n, 6n, 3n, 3n]),
			'onnx-broken',
			/weights \[3, 6, 3, 3\] for a picture/
		],
		[
			'a window larger than the picture',
			(m) => nodeOf(m, 'Conv').attribute.push(nodeProto('', [], { dilations: [9, 9] }, '').attribute[0]!),
			'onnx-broken',
			/window of 19 on a side of 8/
		],
		[
			'a step of nothing',
			(m) => nodeOf(m, 'Conv').attribute.push(nodeProto('', [], { strides: [0, 1] }, '').attribute[0]!),
			'onnx-broken',
			/cannot be/
		],
		[
			'margins of an unknown kind',
			(m) => nodeOf(m, 'Conv').attribute.push(nodeProto('', [], { auto_pad: '__proto__' }, '').attribute[0]!),
			'onnx-broken',
			/unknown kind/
		]
	];
	const large: Row[] = [
		[
			'a giant value',
			(m) => grow(m, [2 ** 13, 2 ** 13 + 1]),
			'onnx-too-large',
			/"more" of \[8192, 8193\] takes 257 MB; 256 MB is the most/
		],
		[
			'a value beyond counting',
			(m) => grow(m, [2 ** 30, 2 ** 30]),
			'onnx-too-large',
			/"more" would have the size/
		],
		[
			'many large values',
			(m) => {
				grow(m, [2 ** 13, 2 ** 13 - 1]);
				for (let i = 0; i < 4; i++) add(m, 'Relu', ['more'], {}, `more${i}`);
			},
			'onnx-too-large',
			/more than 1,024 MB/
		],
		[
			'a picture that is too large',
			(m) => void (m.graph.input = [valueInfo('x', [1, 3, 8192, 8192])]),
			'onnx-too-large',
			/"x"/
		],
		[
			'more than a thousand pictures',
			(m) => void (m.graph.input = [valueInfo('x', [2 ** 20, 3, 8, 8])]),
			'onnx-too-large',
			/"x"/
		],
		[
			'long work on small values',
			(m) => {
				grow(m, [4096, 4096]);
				add(m, 'MatMul', ['more', 'more'], {}, 'square');
			},
			'onnx-too-large',
			/40 thousand million steps/
		],
		[
			'a large window over small values',
			(m) => add(m, 'MaxPool', ['conv'], { kernel_shape: [1e6, 1e6], pads: [5e5, 5e5, 5e5, 5e5] }),
			'onnx-too-large',
			/steps/
		],
		[
			'a large value read again and again',
			(m) => {
				grow(m, [2 ** 13, 2 ** 13 - 1]);
				for (let i = 0; i < 600; i++) add(m, 'ReduceMax', ['more'], {}, `most${i}`);
			},
			'onnx-too-large',
			/steps/
		],
		[
			'more operators than there may be',
			(m) => {
				for (let i = 0; i < 20_000; i++) add(m, 'Relu', ['map'], {}, `more${i}`);
			},
			'onnx-too-large',
			/20005 operators; 20000/
		],
		[
			'more constants than there may be',
			(m) => {
				for (let i = 0; i < 40_000; i++) m.graph.initializer.push(intTensor(`more${i}`, [], [1]));
			},
			'onnx-too-large',
			/40003 constants/
		]
	];

	test.each([...unsafe, ...unknown, ...broken, ...large])('%s', (_, change, code, words) => {
		expect(checked(change)).toMatchObject({ name: 'Trouble', code, message: expect.stringMatching(words) });
	});

	test('names are shown clean and short', () => {
		const { message } = checked(
			(m) => (nodeOf(m, 'Relu').opType = `\u202eevil\n${'x'.repeat(900)}`)
		) as Error; // it is refused
		expect(message).toContain('"evil xxx');
		expect(message.length).toBeLessThan(300);
	});

	test('outputs that are many', () => {
		expect(
			checked((m) => (m.graph.output = Array.from({ length: 33 }, () => valueInfo('scores'))))
		).toMatchObject({
			code: 'onnx-too-large',
			message: expect.stringContaining('33 outputs; 32')
		});
	});

	test('weights that a long chain of a thousand inputs each makes are not followed without end', () => {
		const model = small();
		tensorOf(model, 'weights').name = 'level0';
		const chain = Array.from({ length: 17 }, (_, i) =>
			nodeProto('Max', Array<string>(1000).fill(`level${i}`), {}, i === 16 ? 'weights' : `level${i + 1}`)
		);
		model.graph.node.unshift(...chain);
		expect(checkGraph(model, picture).outputs).toEqual([{ name: 'scores', dims: [1, 4] }]);
		expect(() => exposeOutputs(writeModel(model))).toThrow('This network cannot be used here');
	});

	test('twenty thousand operators in a row are looked at one after the other', () => {
		const model = small();
		for (let i = 0; i < 19_990; i++)
			add(model, 'Relu', [i === 0 ? 'scores' : `more${i - 1}`], {}, `more${i}`);
		model.graph.output = [valueInfo('more19989')];
		expect(checkGraph(model, picture).outputs).toEqual([{ name: 'more19989', dims: [1, 4] }]);
	});
});

const grow = (model: Model, dims: number[]) => {
	model.graph.initializer.push(intTensor('size', [dims.length], dims));
	add(model, 'ConstantOfShape', ['size']);
};

const sequence = () =>
	create(TypeProtoSchema, {
		value: {
			case: 'sequenceType',
			value: create(TypeProto_SequenceSchema, { elemType: valueInfo('x').type! })
		} // it has one
	});
