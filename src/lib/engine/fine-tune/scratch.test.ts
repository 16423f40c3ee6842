/** The lecture's network where it begins: against ONNX Runtime, and what is drawn. */
import '@tensorflow/tfjs-backend-cpu';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../domain/random';
import { lectureCnn } from '../../onnx/lecture-cnn';
import { replaceConstants } from '../../onnx/replace';
import { TailNetwork } from '../tail/network';
import * as tf from '../tf-core';
import { begun, lecturePlan } from './scratch';

beforeAll(async () => {
	await tf.setBackend('cpu');
});

/** [N, 3, size, size], about −1..1 */
const picturesOf = (count: number, size: number) => {
	const random = new Random(5);
	return Float32Array.from({ length: count * 3 * size ** 2 }, () => 2 * random.next() - 1);
};

/** What ONNX Runtime says, [N, ...]. */
async function run(bytes: Uint8Array, pictures: Float32Array, size: number, output: string) {
	const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
	const image = new Tensor('float32', pictures, [pictures.length / (3 * size ** 2), 3, size, size]);
	const said = (await session.run({ image }))[output];
	await session.release();
	if (!said) throw new Error(`it has no ${output}`);
	return { dims: said.dims, data: said.data as Float32Array }; // graphs are float32
}

test.each([
	[32, 211_424],
	[64, 3_357_152],
	[96, 10_697_184]
] as const)(
	'at %i px it has %i numbers, and each photo comes out as 1,024 that differ',
	async (size, count) => {
		const { program, maps, trunk } = lecturePlan(size);
		expect(trunk.numbers).toBe(count);
		expect(maps).toEqual([[3, size, size]]);
		const { program: drawn } = begun(program, { seed: 1, classes: 2 });
		const bytes = replaceConstants(lectureCnn(size), drawn.parameters);
		const { dims, data } = await run(bytes, picturesOf(2, size), size, 'features');
		expect(dims).toEqual([2, 1024]);
		// He's variance keeps the numbers at one size: neither gone nor out of bounds behind five layers.
		const square = data.reduce((sum, x) => sum + x * x, 0) / data.length;
		expect(square).toBeGreaterThan(0.05);
		expect(square).toBeLessThan(5);
		expect(data.slice(0, 1024)).not.toEqual(data.slice(1024));
	}
);

test('its trunk hands on the pixels', async () => {
	const pictures = picturesOf(2, 32);
	const { trunk } = lecturePlan(32);
	const { dims, data } = await run(trunk.bytes, pictures, 32, trunk.features.name);
	expect(dims).toEqual([2, trunk.features.dimension]);
	expect(data).toEqual(pictures);
});

test('TensorFlow.js computes what ONNX Runtime does of it', async () => {
	const { program } = begun(lecturePlan(32).program, { seed: 3, classes: 4 });
	const pictures = picturesOf(2, 32);
	const theirs = await run(replaceConstants(lectureCnn(32), program.parameters), pictures, 32, 'features');
	const network = new TailNetwork(tf, program);
	const ours = tf.tidy(() =>
		network.features([tf.transpose(tf.tensor4d(pictures, [2, 3, 32, 32]), [0, 2, 3, 1])])
	);
	const numbers = await ours.data();
	ours.dispose();
	network.dispose();
	expect(Math.max(...numbers.map((x, i) => Math.abs(x - (theirs.data[i] ?? NaN))))).toBeLessThan(1e-4);
});

describe('what is drawn', () => {
	const { program } = lecturePlan(32);
	const draw = (seed: number, classes = 3) => begun(program, { seed, classes });

	test('comes from the seed alone', () => {
		expect(draw(1)).toEqual(draw(1));
		expect(draw(2).program.parameters.get('conv1/weights')).not.toEqual(
			draw(1).program.parameters.get('conv1/weights')
		);
		expect(draw(2).begins).not.toEqual(draw(1).begins);
	});

	test('kernels have He’s variance, biases are 0, the head is small and takes features as they are', () => {
		const { program: own, begins } = draw(7);
		for (const [name, { dims, data }] of own.parameters) {
			if (name.endsWith('bias')) expect(data.every((x) => x === 0)).toBe(true);
			else {
				const wanted = 2 / dims.slice(1).reduce((a, b) => a * b, 1);
				const found = data.reduce((sum, x) => sum + x * x, 0) / data.length;
				expect(Math.abs(found / wanted - 1)).toBeLessThan(0.1);
			}
		}
		const [layer] = begins.layers;
		expect(begins).toMatchObject({ normalise: false, temperature: 1, layers: [{ activation: 'linear' }] });
		expect(layer?.weights).toHaveLength(1024 * 3);
		expect(layer?.weights.every((x) => Math.abs(x) <= Math.sqrt(6 / 1027))).toBe(true);
	});
});
