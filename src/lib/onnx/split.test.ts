/** Trunk and tail, run one after the other by onnxruntime-node, against the whole. */
import { Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { realBackbones, type RealBackbone } from '../../../tests/fixtures/backbones';
import { answersInRuntime } from '../../../tests/fixtures/onnx';
import { Random } from '../domain/random';
import { GraphBuilder, valueInfo } from './builder';
import { checkGraph } from './check';
import { type Cut, cutsOf } from './cut';
import { readModel, writeModel } from './model';
import { cutAt, type Halves } from './split';

const random = new Random(11);
const numbers = (length: number) => Float32Array.from({ length }, () => random.next() - 0.5);
type Answers = Record<string, Float32Array>;

/** The row of the trunk's features as the inputs of the tail. */
function parted(row: Float32Array, { values, dims }: Cut, pictures = 1): Record<string, Tensor> {
	const each = row.length / pictures;
	let from = 0;
	return Object.fromEntries(
		values.map((name, i) => {
			const own = dims[i] ?? [];
			const length = own.reduce((a, b) => a * b, 1);
			const data = new Float32Array(pictures * length);
			for (let n = 0; n < pictures; n++)
				data.set(row.subarray(n * each + from, n * each + from + length), n * length);
			from += length;
			return [name, new Tensor('float32', data, [pictures, ...own])];
		})
	);
}

/** The largest difference, as a part of the largest number of the output where that is more than 1. */
function off(found: Answers, expected: Answers): number {
	const parts = Object.entries(found).map(([name, list]) => {
		const other = expected[name] ?? new Float32Array();
		expect(list.length).toBe(other.length);
		const differences = list.map((value, i) => Math.abs(value - (other[i] ?? NaN)));
		const largest = (all: Float32Array) => all.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
		return largest(differences) / Math.max(1, largest(other));
	});
	return Math.max(...parts);
}

const namesOf = ({ outputs }: RealBackbone) => [
	outputs.features.name,
	...(outputs.map ? [outputs.map.name] : [])
];
const asked = ({ input, outputs }: RealBackbone) => ({
	input,
	features: outputs.features.name,
	map: outputs.map?.name ?? null
});

describe.each(realBackbones)('$name', ({ name, absent, read }) => {
	test.skipIf(absent)('trunk, then tail, is the whole, wherever it is cut', async () => {
		const backbone = read();
		const { bytes, input, outputs } = backbone;
		const picture = new Tensor('float32', numbers(3 * input.size ** 2), [1, 3, input.size, input.size]);
		const whole = await answersInRuntime(bytes, { [input.name]: picture });
		const wanted = [...namesOf(backbone), outputs.scores.name];
		const cuts = cutsOf(bytes, asked(backbone));
		expect(cuts.length).toBeGreaterThan(0);
		for (const cut of cuts) {
			const { trunk, tail, features } = cutAt(bytes, cut, wanted);
			const row =
				(await answersInRuntime(trunk, { [input.name]: picture }))[features.name] ?? new Float32Array();
			expect(row).toHaveLength(features.dimension);
			const answers = await answersInRuntime(tail, parted(row, cut));
			expect(Object.keys(answers).sort()).toEqual([...wanted].sort());
			expect(off(answers, whole), cut.values.join()).toBeLessThanOrEqual(1e-5);
			expect(trunk.length + tail.length).toBeLessThan(1.02 * bytes.length + 5000);
			expect(readModel(tail).graph.input.map((value) => value.name)).toEqual(cut.values);
		}
	});

	test.skipIf(absent)('the trunk passes the check, and can be cut again', () => {
		const backbone = read();
		const { bytes, input } = backbone;
		const late = cutsOf(bytes, asked(backbone)).at(-1);
		if (!late) throw new Error(`${name} cannot be cut`);
		const { trunk, features } = cutAt(bytes, late, namesOf(backbone));
		const { outputs } = checkGraph(readModel(trunk), input);
		expect(outputs).toEqual([{ name: features.name, dims: [1, features.dimension] }]);
		const [early] = cutsOf(trunk, { input, features: features.name, map: null });
		if (!early) throw new Error('the trunk cannot be cut');
		const again = cutAt(trunk, early, [features.name]);
		expect(again.features.name).not.toBe(features.name);
	});
});

describe('a small graph', () => {
	/** Two convolutions, the second without a bias. */
	function small(batch: number | string = 'N'): Uint8Array {
		const builder = new GraphBuilder('small');
		builder.input('x', [batch, 3, 6, 6]);
		builder.floats('k1', [4, 3, 3, 3], numbers(108));
		builder.floats('k2', [5, 4, 3, 3], numbers(180));
		builder.node('Conv', ['x', 'k1'], { kernel_shape: [3, 3] }, 'a');
		builder.node('Relu', ['a'], {}, 'a/relu');
		builder.node('Conv', ['a/relu', 'k2'], { kernel_shape: [3, 3] }, 'map');
		builder.node('GlobalAveragePool', ['map'], {}, 'pooled');
		builder.node('Flatten', ['pooled'], { axis: 1 }, 'features');
		builder.node('ReduceMean', ['x'], { axes: [2, 3] }, 'colour');
		builder.output('features', [batch, 5]);
		builder.output('colour', [batch, 3, 1, 1]);
		return builder.finish();
	}
	const input = { layout: 'NCHW', size: 6 } as const;
	const cut: Cut = { values: ['a/relu'], dims: [[4, 4, 4]], numbers: 180, operators: [] };

	test('of several pictures at once, and of an old form with constants among the inputs and a wrong note', async () => {
		const bytes = small();
		expect(cutsOf(bytes, { input, features: 'features', map: null })).toMatchObject([
			{ values: ['a/relu'], dims: [[4, 4, 4]] }
		]);
		const model = readModel(bytes);
		// A note that is wrong.
		model.graph.valueInfo.push(valueInfo('a', [9, 9]));
		const kernel = readModel(small()).graph.input[0];
		for (const { name } of model.graph.initializer) if (kernel) model.graph.input.push({ ...kernel, name });
		const picture = new Tensor('float32', numbers(2 * 108), [2, 3, 6, 6]);
		const whole = await answersInRuntime(bytes, { x: picture });
		for (const file of [bytes, writeModel(model)]) {
			const { trunk, tail, features }: Halves = cutAt(file, cut, ['features', 'map']);
			const row = (await answersInRuntime(trunk, { x: picture }))[features.name] ?? new Float32Array();
			const answers = await answersInRuntime(tail, parted(row, cut, 2));
			expect(off({ features: answers['features'] ?? new Float32Array() }, whole)).toBeLessThanOrEqual(1e-5);
			expect(readModel(trunk).graph.valueInfo).toEqual([]);
			expect(readModel(trunk).graph.initializer.map(({ name }) => name)).toEqual(['k1']);
			expect(readModel(tail).graph.initializer.map(({ name }) => name)).toEqual(['k2']);
			expect(readModel(tail).graph.node.map(({ opType }) => opType)).toEqual([
				'Conv',
				'GlobalAveragePool',
				'Flatten'
			]);
		}
	});

	test('the map may be the cut itself', async () => {
		const at: Cut = { ...cut, values: ['map'], dims: [[5, 2, 2]] };
		const bytes = small();
		const picture = new Tensor('float32', numbers(108), [1, 3, 6, 6]);
		const { trunk, tail, features } = cutAt(bytes, at, ['features', 'map']);
		const row = (await answersInRuntime(trunk, { x: picture }))[features.name] ?? new Float32Array();
		const answers = await answersInRuntime(tail, parted(row, at));
		expect(answers['map']).toEqual(row);
		expect(
			off(
				{ features: answers['features'] ?? new Float32Array() },
				await answersInRuntime(bytes, { x: picture })
			)
		).toBeLessThanOrEqual(1e-5);
	});

	test('what lies before the cut is not to be had from the tail, and unknown names are said to be missing', () => {
		expect(() => cutAt(small(), cut, ['features', 'colour'])).toThrow(RangeError);
		expect(() => cutAt(small(), cut, ['a'])).toThrow(/needs "x", which lies before the cut a\/relu/);
		expect(() => cutAt(small(), cut, ['other'])).toThrow('no value called "other"');
		expect(() => cutAt(small(), { ...cut, values: ['b'] }, ['features'])).toThrow('no value called "b"');
	});
});
