import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { realBackbones } from '../../../tests/fixtures/backbones';
import { Random } from '../domain/random';
import { GraphBuilder, nodeProto } from './builder';
import { constantOf } from './constant';
import { cutsOf } from './cut';
import { toFloat16 } from './float16';
import { GraphIndex } from './graph';
import { readModel, writeModel } from './model';
import { TensorProto_DataType as DataType } from './onnx_pb';
import { replaceConstants } from './replace';
import { cutAt } from './split';
import { type FloatTensor, halfTensor } from './tensor';
import { trainableOf } from './trainable';

async function run(bytes: Uint8Array, name: string, picture: Tensor): Promise<Record<string, Float32Array>> {
	const session = await InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
	const results = await session.run({ [name]: picture });
	await session.release();
	// All graphs here answer in float32.
	return Object.fromEntries(Object.entries(results).map(([key, { data }]) => [key, data as Float32Array]));
}

describe.each(realBackbones)('$name', ({ absent, read }) => {
	test.skipIf(absent)('with every weight of its tail replaced by itself, answers as before', async () => {
		const { bytes, input, outputs } = read();
		const cut = cutsOf(bytes, { input, features: outputs.features.name, map: outputs.map?.name ?? null }).at(
			-2
		);
		if (!cut) throw new Error('it cannot be cut');
		const tail = readModel(cutAt(bytes, cut, [outputs.features.name]).tail);
		const graph = new GraphIndex(tail);
		const names = tail.graph.node.flatMap((node) => trainableOf(graph, node).map(({ name }) => name));
		expect(names.length).toBeGreaterThan(3);
		const own = new Map(
			names.flatMap((name): [string, FloatTensor][] => {
				const value = constantOf(graph, name);
				return value ? [[name, value]] : [];
			})
		);
		expect(own.size).toBe(new Set(names).size);
		const random = new Random(2);
		const data = Float32Array.from({ length: 3 * input.size ** 2 }, () => random.next());
		const picture = new Tensor('float32', data, [1, 3, input.size, input.size]);
		const [before, after] = [
			await run(bytes, input.name, picture),
			await run(replaceConstants(bytes, own), input.name, picture)
		];
		expect(Object.keys(after)).toEqual(Object.keys(before));
		for (const [name, values] of Object.entries(before))
			for (const [i, value] of values.entries())
				expect(Math.abs(value - (after[name]?.[i] ?? NaN))).toBeLessThanOrEqual(
					1e-6 * Math.max(1, Math.abs(value))
				);
	});
});

describe('a small graph', () => {
	/** y = (x · w + w₀) + (x · w), with w a half that is cast. */
	function small(): Uint8Array {
		const builder = new GraphBuilder('small');
		builder.input('x', [1, 2]);
		builder.floats('plain', [2, 2], Float32Array.of(1, 2, 3, 4));
		builder.node('Identity', ['plain'], {}, 'w');
		builder.floats('b', [2], Float32Array.of(10, 20));
		builder.node('Gemm', ['x', 'w', 'b'], {}, 'first');
		builder.node('MatMul', ['x', 'w'], {}, 'second');
		builder.node('Add', ['first', 'second'], {}, 'y');
		builder.output('y', [1, 2]);
		const model = readModel(builder.finish());
		model.graph.initializer = model.graph.initializer.map((tensor) =>
			tensor.name === 'plain'
				? halfTensor('plain', [2, 2], Uint16Array.from([1, 2, 3, 4], toFloat16))
				: tensor
		);
		const identity = model.graph.node.findIndex(({ opType }) => opType === 'Identity');
		model.graph.node.splice(identity, 1, nodeProto('Cast', ['plain'], { to: DataType.FLOAT }, 'w'));
		return writeModel(model);
	}
	const x = new Tensor('float32', Float32Array.of(1, -1), [1, 2]);

	test('computes with the new numbers wherever they are read, and what made the old ones is gone', async () => {
		expect((await run(small(), 'x', x))['y']).toEqual(Float32Array.of(-4 + 10, -4 + 20));
		const bytes = replaceConstants(
			small(),
			new Map([
				['w', { dims: [2, 2], data: Float32Array.of(5, 6, 1, 1) }],
				['b', { dims: [2], data: Float32Array.of(0.5, 0.25) }]
			])
		);
		expect((await run(bytes, 'x', x))['y']).toEqual(Float32Array.of(8.5, 10.25));
		const { graph } = readModel(bytes);
		expect(graph.initializer.map(({ name }) => name)).toEqual(['w', 'b']);
		expect(graph.node.map(({ opType }) => opType)).toEqual(['Gemm', 'MatMul', 'Add']);
	});

	test.each<[string, string, FloatTensor, string | RegExp]>([
		['no such value', 'other', { dims: [2], data: new Float32Array(2) }, 'no constant called "other"'],
		[
			'a value that depends on the picture',
			'first',
			{ dims: [1, 2], data: new Float32Array(2) },
			'no constant called "first"'
		],
		['other dimensions', 'w', { dims: [4], data: new Float32Array(4) }, /w: \[4\] in place of \[2, 2\]/],
		['too few numbers', 'w', { dims: [2, 2], data: new Float32Array(3) }, /3 numbers for \[2, 2\]/],
		[
			'numbers that are read as halves',
			'plain',
			{ dims: [2, 2], data: new Float32Array(4) },
			'not kept as 32-bit numbers'
		]
	])('%s is refused', (_, name, tensor, words) => {
		expect(() => replaceConstants(small(), new Map([[name, tensor]]))).toThrow(words);
	});
});
