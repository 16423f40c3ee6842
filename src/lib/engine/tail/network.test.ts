/** Every operator of a tail: results against ONNX Runtime, slopes against differences. */
import '@tensorflow/tfjs-backend-cpu';
import { existsSync, readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { SmallGraph } from '../../../../tests/fixtures/small-graph';
import { tailCases, type TailCase } from '../../../../tests/fixtures/tail-cases';
import { lossOf, outcomeOf } from '../../../../tests/fixtures/tail-outcome';
import { Random } from '../../domain/random';
import { programOf } from '../../onnx/program';
import { permute } from '../../onnx/tensor';
import * as tf from '../tf-core';
import { TailNetwork } from './network';

beforeAll(async () => {
	await tf.setBackend('cpu');
});

async function inRuntime({ bytes, fed }: TailCase) {
	const session = await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });
	const feeds = session.inputNames.map((name, i) => {
		const { data, dims } = fed[i] ?? { data: new Float32Array(0), dims: [0] };
		return [name, new Tensor('float32', data, dims)] as const;
	});
	const answers = await session.run(Object.fromEntries(feeds));
	const outputs = session.outputNames.map((name) => answers[name]);
	await session.release();
	return outputs.map((output) => ({
		dims: [...(output?.dims ?? [])],
		data: [...((output?.data ?? []) as Float32Array)] // all outputs are float32
	}));
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number) {
	expect(found.length).toBe(wanted.length);
	for (let i = 0; i < wanted.length; i++)
		expect(Math.abs((found[i] ?? NaN) - (wanted[i] ?? NaN)), `number ${i}`).toBeLessThanOrEqual(tolerance);
}

const STEP = 2 ** -8;
const SAMPLES = 12;

/** Slopes of some numbers of each input and parameter. */
async function expectSlopes(one: TailCase, gradients: readonly Float32Array[]) {
	const random = new Random(7);
	for (const [of, gradient] of gradients.entries()) {
		for (const at of random.shuffle(gradient.keys()).slice(0, SAMPLES)) {
			const above = await lossOf(tf, one, { of, at, by: STEP });
			const below = await lossOf(tf, one, { of, at, by: -STEP });
			const slope = (above - below) / (2 * STEP);
			const error = Math.abs(slope - (gradient[at] ?? NaN));
			expect(error, `value ${of}, number ${at}: ${slope}`).toBeLessThan(2e-3 + 1e-2 * Math.abs(slope));
		}
	}
}

const mobilenet = '../shared/models/onnx/mobilenet_v2_1.0_224.onnx';

describe('whole networks give what ONNX Runtime gives', () => {
	const same = async (path: string, size: number) => {
		const random = new Random(11);
		const data = Float32Array.from({ length: 2 * 3 * size * size }, () => random.next());
		const pictures = [0, 1].map((i) => data.slice((i * data.length) / 2, ((i + 1) * data.length) / 2));
		const bytes = readFileSync(path);
		const network = new TailNetwork(tf, programOf(bytes));
		const { data: map, dims } = permute(data, [2, 3, size, size], [0, 2, 3, 1]);
		const outputs = tf.tidy(() => [...network.run([tf.tensor(map, dims)]).values()]);
		for (const [i, picture] of pictures.entries()) {
			const fed = [{ dims: [1, 3, size, size], data: picture }];
			const wanted = await inRuntime({ name: path, bytes, fed });
			for (const [at, output] of outputs.entries()) {
				const one = tf.tidy(() => {
					const part = tf.slice(output, [i], [1]);
					return part.rank === 4 ? tf.transpose(part, [0, 3, 1, 2]) : part;
				});
				expectClose(one.dataSync(), wanted[at]?.data ?? [], 1e-3);
				one.dispose();
			}
		}
		expect(outputs.length).toBeGreaterThan(1);
		tf.dispose(outputs);
		network.dispose();
	};

	test('MobileNetV1', () => same('static/models/mobilenet-v1-025/model.onnx', 224));
	test('Duo', () => same('static/models/duo/model.onnx', 256));
	test.skipIf(!existsSync(mobilenet))('MobileNetV2 (needs ../shared)', () => same(mobilenet, 224));
});

describe('a network', () => {
	const given = (graph: SmallGraph) => graph.ints([1, -1]);
	/** As many as there are pictures. */
	const computed = (graph: SmallGraph, map: string) => {
		const pictures = graph.node('Slice', [graph.node('Shape', [map]), graph.ints([0]), graph.ints([1])]);
		return graph.node('Concat', [pictures, graph.ints([-1])], { axis: 0 });
	};

	/** A convolution and a product, saved for one picture. @param sizes of the rows between them */
	function small(sizes: (graph: SmallGraph, map: string) => string = given) {
		const graph = new SmallGraph(new Random(4));
		const conv = graph.node('Conv', [
			graph.input([1, 2, 3, 3]),
			graph.floats([3, 2, 2, 2]),
			graph.floats([3])
		]);
		const map = graph.node('Relu', [conv]);
		const rows = graph.node('Reshape', [map, sizes(graph, map)]);
		return programOf(graph.finish(graph.node('Gemm', [rows, graph.floats([12, 2]), graph.floats([2])])));
	}
	const pictures = () => tf.randomUniform<tf.Rank.R4>([4, 3, 3, 2], -1, 1, 'float32', 6);

	test.each(Object.entries({ given, computed }))(
		'takes many pictures where its file was saved for one: rows of a %s size',
		(_, sizes) => {
			const network = new TailNetwork(tf, small(sizes));
			tf.tidy(() => {
				const all = pictures();
				const together = network.features([all]);
				expect(together.shape).toEqual([4, 2]);
				const each = tf.concat(tf.split(all, 4).map((one) => network.features([one])));
				expectClose(together.dataSync(), each.dataSync(), 1e-6);
			});
			network.dispose();
		}
	);

	test('learns; its parameters are read, loaded and are those of the same network', async () => {
		const program = small();
		const before = tf.memory().numTensors;
		const [network, other] = [new TailNetwork(tf, program), new TailNetwork(tf, program)];
		const [input, wanted] = [pictures(), tf.tensor2d([1, 0, 0, 1, 1, 0, 0, 1], [4, 2])];
		const loss = () => tf.mean<tf.Scalar>(tf.squaredDifference(network.features([input]), wanted));
		const optimizer = tf.train.sgd(0.1);
		const step = () =>
			tf.tidy(() => {
				const { value, grads } = tf.variableGrads(loss, network.variables);
				optimizer.applyGradients(grads);
				return value.dataSync()[0] ?? NaN;
			});
		const losses = Array.from({ length: 20 }, step);
		expect(losses.at(-1)).toBeLessThan(0.3 * (losses[0] ?? 0));
		const learned = await network.parameters();
		expect([...learned].map(([name, { dims }]) => [name, dims])).toEqual(
			[...program.parameters].map(([name, { dims }]) => [name, dims])
		);
		expect(learned).not.toEqual(program.parameters);
		other.load(learned);
		tf.tidy(() =>
			expectClose(other.features([input]).dataSync(), network.features([input]).dataSync(), 1e-6)
		);
		expect(await other.parameters()).toEqual(learned);
		other.load(program.parameters);
		expect(await other.parameters()).toEqual(program.parameters);
		for (const one of [network, other, input, wanted, optimizer]) one.dispose();
		expect(tf.memory().numTensors).toBe(before);
	});

	test('keeps no tensor from one run to the next', () => {
		const network = new TailNetwork(tf, small());
		const input = pictures();
		const run = () =>
			tf.tidy(() => void tf.variableGrads(() => tf.sum(network.features([input])), network.variables));
		const counts = [run, run].map((one) => {
			one();
			return tf.memory().numTensors;
		});
		expect(counts[0]).toBe(counts[1]);
		input.dispose();
		network.dispose();
	});
});

describe('each operator', () => {
	test.each(tailCases(4))('$name', async (one) => {
		const { outputs, gradients, left } = await outcomeOf(tf, one);
		const wanted = await inRuntime(one);
		expect(outputs.map(({ dims }) => dims)).toEqual(wanted.map(({ dims }) => dims));
		for (const [i, { data }] of outputs.entries()) expectClose(data, wanted[i]?.data ?? [], 1e-4);
		expect(gradients.length).toBe(one.fed.length + programOf(one.bytes).parameters.size);
		await expectSlopes(one, gradients);
		expect(left).toBe(0);
	});
});

test('a reshape for another number of pictures than it is shown is refused in words, not mixed', () => {
	const graph = new SmallGraph(new Random(1));
	const bytes = graph.finish(graph.node('Reshape', [graph.input([2, 6]), graph.ints([2, 6])]));
	const network = new TailNetwork(tf, programOf(bytes));
	const shown = (pictures: number) => tf.tidy(() => network.run([tf.zeros([pictures, 6])]).size);
	expect(shown(2)).toBe(1);
	expect(() => shown(4)).toThrow(expect.objectContaining({ code: 'finetune-operator' }));
	network.dispose();
});
