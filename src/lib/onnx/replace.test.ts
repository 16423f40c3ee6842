/** New numbers in place of a graph's own, run by onnxruntime-node. */
import { Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { realBackbones } from '../../../tests/fixtures/backbones';
import { answersInRuntime } from '../../../tests/fixtures/onnx';
import { weightsOf } from '../../../tests/fixtures/tuned';
import { Random } from '../domain/random';
import { GraphBuilder, nodeProto, valueInfo } from './builder';
import { cutsOf } from './cut';
import { toFloat16 } from './float16';
import { readModel, writeModel } from './model';
import { setPrecision } from './precision';
import { replaceConstants } from './replace';
import { cutAt } from './split';
import { type FloatTensor, floatTensor, int8Tensor } from './tensor';

const random = new Random(5);
const numbers = (length: number) => Float32Array.from({ length }, () => random.next() - 0.5);
const vector = (...data: number[]): FloatTensor => ({ dims: [data.length], data: Float32Array.from(data) });
const matrix = (rows: number, ...data: number[]): FloatTensor => ({
	dims: [rows, data.length / rows],
	data: Float32Array.from(data)
});

describe('a small graph', () => {
	/** y = 2x · a + b, y2 = x · a + c: a is shared and may be made in different ways. */
	function small(change: (model: ReturnType<typeof readModel>) => void = () => undefined): Uint8Array {
		const builder = new GraphBuilder('small');
		builder.input('x', ['N', 2]);
		builder.floats('a', [2, 2], Float32Array.of(1, 2, 3, 4));
		builder.floats('b', [2], Float32Array.of(10, 20));
		builder.halves('c', [2], Uint16Array.of(toFloat16(30), toFloat16(40)));
		builder.floats('idle', [1], Float32Array.of(1));
		builder.node('Mul', ['x', builder.scalar(2)], {}, 'twice');
		builder.node('MatMul', ['twice', 'a'], {}, 'left');
		builder.node('Add', ['left', 'b'], {}, 'y');
		builder.node('MatMul', ['x', 'a'], {}, 'right');
		builder.node('Add', ['right', 'c'], {}, 'y2');
		builder.output('y', ['N', 2]);
		builder.output('y2', ['N', 2]);
		const model = readModel(builder.finish());
		change(model);
		return writeModel(model);
	}
	const answers = async (bytes: Uint8Array) => {
		const { y, y2 } = await answersInRuntime(bytes, { x: new Tensor('float32', [1, 10], [1, 2]) });
		return [[...(y ?? [])], [...(y2 ?? [])]];
	};
	const drop = (model: ReturnType<typeof readModel>) => {
		model.graph.initializer = model.graph.initializer.filter(({ name }) => name !== 'a');
	};

	test('answers with the new numbers, as computed by hand', async () => {
		expect(await answers(small())).toEqual([
			[72, 104],
			[61, 82]
		]);
		// (1, 10) · a = (52, 64)
		const a = matrix(2, 2, 4, 5, 6);
		const changed = replaceConstants(
			small(),
			new Map([
				['a', a],
				['b', vector(-1, -2)],
				['c', vector(0.1, 0.2)]
			])
		);
		const [y, y2] = await answers(changed);
		expect(y).toEqual([103, 126]);
		// 0.1 does not fit into a half.
		expect(y2).toEqual([Math.fround(52 + Math.fround(0.1)), Math.fround(64 + Math.fround(0.2))]);
		const { graph } = readModel(changed);
		expect(graph.initializer.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c', 'constant/2']);
		expect(graph.node.map(({ opType }) => opType)).toEqual(['Mul', 'MatMul', 'Add', 'MatMul', 'Add']);
	});

	test('one that shares its stored numbers with another changes alone', async () => {
		const bytes = small(({ graph }) => {
			for (const node of graph.node) if (node.output.includes('y')) node.input[1] = 'b2';
			graph.node.unshift(nodeProto('Cast', ['c/half'], { to: 1 }, 'b2'));
		});
		const changed = await answers(replaceConstants(bytes, new Map([['b2', vector(0, 0)]])));
		expect(changed).toEqual([
			[62, 84],
			[61, 82]
		]);
	});

	test.each<[string, (model: ReturnType<typeof readModel>) => void]>([
		[
			'a Constant',
			(model) => {
				drop(model);
				const made = nodeProto('Constant', [], { value: 0 }, 'a');
				for (const attribute of made.attribute)
					Object.assign(attribute, {
						type: 4,
						i: 0n,
						t: floatTensor('', [2, 2], Float32Array.of(1, 2, 3, 4))
					});
				model.graph.node.unshift(made);
			}
		],
		[
			'a Transpose',
			(model) => {
				drop(model);
				model.graph.initializer.push(floatTensor('turned', [2, 2], Float32Array.of(1, 3, 2, 4)));
				model.graph.node.unshift(nodeProto('Transpose', ['turned'], { perm: [1, 0] }, 'a'));
			}
		],
		[
			'a DequantizeLinear',
			(model) => {
				drop(model);
				model.graph.initializer.push(
					int8Tensor('q', [2, 2], Int8Array.of(2, 4, 6, 8)),
					floatTensor('scale', [], Float32Array.of(0.5))
				);
				model.graph.node.unshift(nodeProto('DequantizeLinear', ['q', 'scale'], {}, 'a'));
			}
		],
		[
			'an initialiser that is an input too',
			(model) => {
				model.graph.input.push(valueInfo('b', [2]));
			}
		]
	])('weights made by %s', async (_, change) => {
		const bytes = small(change);
		expect(await answers(bytes)).toEqual(await answers(small()));
		const changed = replaceConstants(
			bytes,
			new Map([
				['a', matrix(2, 0, 1, 1, 0)],
				['b', vector(0, 0)]
			])
		);
		expect(await answers(changed)).toEqual([
			[20, 2],
			[40, 41]
		]);
		const { graph } = readModel(changed);
		expect(graph.initializer.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c/half', 'constant/2']);
		expect(graph.node.filter(({ output }) => output.includes('a'))).toEqual([]);
		expect(graph.input.map(({ name }) => name)).toEqual(['x']);
	});

	test('what is no constant is said to be missing, and other sizes are refused', () => {
		const one = (name: string, tensor: FloatTensor) => () =>
			replaceConstants(small(), new Map([[name, tensor]]));
		for (const name of ['x', 'twice', 'nothing', ''])
			expect(one(name, vector(1, 2))).toThrow(
				expect.objectContaining({ name: 'Trouble', code: 'onnx-missing' })
			);
		expect(one('c/half', vector(1, 2))).toThrow(expect.objectContaining({ code: 'onnx-unsupported' }));
		expect(one('b', vector(1, 2, 3))).toThrow('b: [3] in place of [2]');
		expect(one('b', matrix(1, 1, 2))).toThrow(RangeError);
		expect(one('a', vector(1, 2, 3, 4))).toThrow(RangeError);
		expect(one('b', matrix(2, 1, 2))).toThrow(RangeError);
		expect(one('b', { dims: [2], data: new Float32Array(3) })).toThrow(RangeError);
	});

	test('nothing to replace leaves what it computes', async () => {
		expect(await answers(replaceConstants(small(), new Map()))).toEqual(await answers(small()));
	});
});

describe.each(realBackbones)('$name', ({ name, absent, read }) => {
	const cases = (['fp32', 'fp16', 'int8'] as const).map((precision) => ({ precision }));

	test.skipIf(absent).each(cases)(
		'in $precision: a tail’s weights in place of themselves change nothing, others do',
		async ({ precision }) => {
			const { bytes: plain, input, outputs } = read();
			const model = readModel(plain);
			setPrecision(model, precision);
			const bytes = writeModel(model);
			const asked = { input, features: outputs.features.name, map: outputs.map?.name ?? null };
			const cut = cutsOf(bytes, asked).at(-2);
			if (!cut) throw new Error(`${name} cannot be cut`);
			const { tail } = cutAt(bytes, cut, [outputs.features.name]);
			const weights = weightsOf(tail);
			expect([...weights.values()].reduce((sum, { data }) => sum + data.length, 0)).toBe(cut.numbers);

			const picture = new Tensor('float32', numbers(3 * input.size ** 2), [1, 3, input.size, input.size]);
			const before = await answersInRuntime(bytes, { [input.name]: picture }, true);
			const same = await answersInRuntime(replaceConstants(bytes, weights), { [input.name]: picture }, true);
			const other = new Map(
				[...weights].map(([key, { dims, data }]) => [key, { dims, data: data.map((value) => 1.1 * value) }])
			);
			const changed = await answersInRuntime(replaceConstants(bytes, other), { [input.name]: picture }, true);
			const off = (after: typeof before, key: string) =>
				Math.max(...(before[key]?.map((value, i) => Math.abs(value - (after[key]?.[i] ?? NaN))) ?? [NaN]));
			expect(Object.keys(same)).toEqual(Object.keys(before));
			for (const key of Object.keys(before)) expect(off(same, key)).toBeLessThanOrEqual(1e-6);
			expect(off(changed, outputs.scores.name)).toBeGreaterThan(1e-3);
		}
	);
});
