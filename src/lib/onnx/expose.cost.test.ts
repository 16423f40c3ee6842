/** A stranger's graph is searched before it is checked: whatever is in it, that takes little time and memory. */
import { create } from '@bufbuild/protobuf';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { nodeProto as node, valueInfo } from './builder';
import { exposeOutputs } from './expose';
import { GraphIndex } from './graph';
import { writeModel } from './model';
import { GraphProtoSchema, ModelProtoSchema, type NodeProto, type TensorProto } from './onnx_pb';
import * as tensor from './tensor';
import { floatTensor, int8Tensor, intTensor } from './tensor';

afterEach(() => {
	vi.restoreAllMocks();
});

const trunk = () => [
	node('GlobalAveragePool', ['x'], {}, 'pooled'),
	node('Flatten', ['pooled'], { axis: 1 }, 'flat')
];

function file(nodes: NodeProto[], initializer: TensorProto[], outputs: string[]): Uint8Array {
	const graph = create(GraphProtoSchema, {
		name: 'test',
		node: nodes,
		initializer,
		input: [valueInfo('x', ['N', 3, 8, 8])],
		output: outputs.map((name) => valueInfo(name))
	});
	return writeModel(create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ version: 17n }], graph }));
}

const small = () => floatTensor('w', [3, 5], new Float32Array(15));
const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));

describe('graphs of more parts than the check takes are refused at once, in its words', () => {
	test.each([
		[
			'outputs',
			() =>
				file(
					[...trunk(), ...many(4000, (i) => node('MatMul', ['flat', 'w'], {}, `y${i}`))],
					[small()],
					many(4000, (i) => `y${i}`)
				),
			/4000 outputs; 32 is the most/
		],
		[
			'operators',
			() =>
				file(
					many(20_001, (i) => node('Relu', ['x'], {}, `y${i}`)),
					[],
					['y0']
				),
			/20001 operators; 20000/
		],
		[
			'constants',
			() =>
				file(
					[node('Relu', ['x'], {}, 'y')],
					many(40_001, (i) => intTensor(`c${i}`, [], [1])),
					['y']
				),
			/40001 constants; 40000/
		]
	])('%s', (_, make, words) => {
		const producer = vi.spyOn(GraphIndex.prototype, 'producer');
		expect(() => exposeOutputs(make())).toThrow(words);
		expect(producer).not.toHaveBeenCalled();
	});
});

test('of many classifiers only the chosen one is read', () => {
	const weights = floatTensor('w', [3, 2 ** 18], new Float32Array(3 * 2 ** 18));
	const outputs = many(32, (i) => `y${i}`);
	const nodes = [...trunk(), ...outputs.map((name) => node('MatMul', ['flat', 'w'], {}, name))];
	const bytes = file(nodes, [weights], outputs);
	const reads = vi.spyOn(tensor, 'readTensor');
	const copies = vi.spyOn(tensor, 'permute');
	expect(exposeOutputs(bytes)).toMatchObject({
		outputs: { scores: { name: 'y31' }, features: { dimension: 3 } },
		classes: 2 ** 18
	});
	expect(reads).toHaveBeenCalledTimes(1);
	expect(copies).toHaveBeenCalledTimes(1);
});

test('weights that need no change are not read at all', () => {
	const weights = floatTensor('w', [5, 3], new Float32Array(15));
	const reads = vi.spyOn(tensor, 'readTensor');
	exposeOutputs(file([...trunk(), node('Gemm', ['flat', 'w'], { transB: 1 }, 'y')], [weights], ['y']));
	expect(reads).not.toHaveBeenCalled();
});

test('a chain behind many outputs is followed once', () => {
	const chain = many(5000, (i) => node('Identity', [i === 0 ? 'y' : `v${i - 1}`], {}, `v${i}`));
	const ends = many(32, (i) => node('Softmax', ['v4999'], {}, `end${i}`));
	const nodes = [...trunk(), node('MatMul', ['flat', 'w'], {}, 'y'), ...chain, ...ends];
	const producer = vi.spyOn(GraphIndex.prototype, 'producer');
	const { outputs } = exposeOutputs(
		file(
			nodes,
			[small()],
			many(32, (i) => `end${i}`)
		)
	);
	expect(outputs.scores).toMatchObject({ name: 'end0', kind: 'probabilities' });
	expect(producer.mock.calls.length).toBeLessThan(2 * nodes.length);
});

test('weights that a tree of operators makes are not computed without end', () => {
	const nodes = trunk();
	const grow = (depth: number): string => {
		const name = `v${nodes.length}-${depth}`;
		const inputs = depth === 0 ? ['w'] : [grow(depth - 1), grow(depth - 1), grow(depth - 1)];
		nodes.push(node(depth === 0 ? 'Transpose' : 'DequantizeLinear', inputs, {}, name));
		return name;
	};
	nodes.push(node('MatMul', ['flat', grow(4)], {}, 'y'));
	const side = 512;
	const bytes = file(nodes, [int8Tensor('w', [side, side], new Int8Array(side * side))], ['y']);
	const copies = vi.spyOn(tensor, 'permute');
	expect(() => exposeOutputs(bytes)).toThrow('more steps than are followed here');
	// Of 81; each is read before it is turned.
	expect(copies.mock.calls.length).toBeLessThan(4);
});
