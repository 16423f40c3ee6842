import { beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/lib/onnx/builder';
import { permute } from '../../src/lib/onnx/tensor';
import { Layers, plane } from '../../src/lib/onnx/layers';
import { channelsFirst, largestDifference, noise, picture, runNative, tf } from './testing';
import type { TfjsAttribute, TfjsModel, TfjsNode, Weight } from './tfjs';
import { readTfjs } from './tfjs';
import { TfjsConverter } from './tfjs-to-onnx';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const strides = (down: number, across: number): TfjsAttribute => ({
	list: { i: ['1', String(down), String(across), '1'] }
});

function model(
	nodes: [string, string, string[], TfjsNode['attr']?][],
	weights: Record<string, Weight>
): TfjsModel {
	const all = nodes.map(([name, op, input, attr = {}]) => [name, { name, op, input, attr }] as const);
	return { nodes: new Map(all), weights: new Map(Object.entries(weights)) };
}

const weight = (dims: number[], seed: number): Weight => ({
	dims,
	data: noise(
		seed,
		dims.reduce((a, b) => a * b, 1)
	)
});
const positive = (dims: number[], seed: number): Weight => {
	const { data } = weight(dims, seed);
	return { dims, data: data.map((value) => Math.abs(value) + 0.5) };
};
const scalar = (value: number): Weight => ({ dims: [], data: Float32Array.of(value) });

/** The plane that `target` is converted to, NCHW. */
async function converted(source: TfjsModel, target: string, data: Float32Array, [h, w]: [number, number]) {
	const builder = new GraphBuilder('test');
	const image = plane(builder.input('image', ['N', 3, h, w]), 3, h, w);
	const names = { value: (node: string) => node, classifier: 'classifier' };
	const value = new TfjsConverter(source, new Layers(builder), image, names).convert(target);
	if (value.kind !== 'plane') throw new Error('a plane was expected');
	builder.output(value.name, ['N', value.channels, value.height, value.width]);
	const feeds = { image: { data: channelsFirst(data, [h, w, 3]), dims: [1, 3, h, w] } };
	const answer = (await runNative(builder.finish(), feeds))[value.name];
	expect(answer?.dims).toEqual([1, value.channels, value.height, value.width]);
	return answer?.data ?? new Float32Array();
}

const expected = (job: () => tf.Tensor4D): Float32Array =>
	tf.tidy(() => {
		const result = job();
		const [, height, width, channels] = result.shape;
		return channelsFirst(result.dataSync<'float32'>(), [height, width, channels]);
	});

const vector = ({ data }: Weight): tf.Tensor1D => tf.tensor1d(data);
const filter = ({ dims: [h = 1, w = 1, i = 1, o = 1], data }: Weight): tf.Tensor4D =>
	tf.tensor4d(data, [h, w, i, o]);

describe(
	'what is folded computes the same as the original, one operator after the other',
	{ timeout: 60_000 },
	() => {
		beforeAll(async () => {
			await tf.setBackend('cpu');
		});

		it.each<[string, number, number, 'SAME' | 'VALID', [number, number]]>([
			['even sides, SAME', 16, 16, 'SAME', [2, 2]],
			['odd sides, SAME', 17, 15, 'SAME', [2, 2]],
			['VALID, strides that differ', 17, 16, 'VALID', [2, 1]]
		])(
			'normalised input, convolution, batch normalisation, Relu6: %s',
			async (_, h, w, padding, [down, across]) => {
				const [k, gamma, beta] = [weight([3, 3, 3, 4], 1), weight([4], 2), weight([4], 3)];
				const [mean, variance] = [weight([4], 4), positive([4], 5)];
				const weights = { k, gamma, beta, mean, variance, two: scalar(2), one: scalar(1) };
				const source = model(
					[
						['images', 'Placeholder', []],
						['doubled', 'Mul', ['images', 'two']],
						['centred', 'Sub', ['doubled', 'one']],
						[
							'conv',
							'Conv2D',
							['centred', 'k'],
							{ padding: { s: base64(padding) }, strides: strides(down, across) }
						],
						[
							'norm',
							'FusedBatchNormV3',
							['conv', 'gamma', 'beta', 'mean', 'variance'],
							{ epsilon: { f: 0.001 } }
						],
						['out', 'Relu6', ['norm']]
					],
					weights
				);
				const data = picture(1, 17).slice(0, h * w * 3);
				const reference = expected(() => {
					const centred = tf.sub<tf.Tensor4D>(tf.mul(tf.tensor4d(data, [1, h, w, 3]), 2), 1);
					const way = padding === 'SAME' ? 'same' : 'valid';
					const conv = tf.conv2d(centred, filter(k), [down, across], way);
					const norm = tf.batchNorm4d(
						conv,
						vector(mean),
						vector(variance),
						vector(beta),
						vector(gamma),
						0.001
					);
					return tf.clipByValue(norm, 0, 6);
				});
				expect(
					largestDifference(await converted(source, 'out', data, [h, w]), reference)
				).toBeLessThanOrEqual(1e-5);
			}
		);

		it('depthwise with two outputs a channel, dilated, times and plus constants', async () => {
			const [k, times, plus] = [weight([3, 3, 3, 2], 6), weight([6], 7), weight([6], 8)];
			const source = model(
				[
					['images', 'Placeholder', []],
					[
						'conv',
						'DepthwiseConv2dNative',
						['images', 'k'],
						{ padding: { s: base64('SAME') }, strides: strides(1, 1), dilations: strides(2, 2) }
					],
					['scaled', 'Mul', ['conv', 'times']],
					['shifted', 'AddV2', ['scaled', 'plus']]
				],
				{ k, times, plus }
			);
			const data = picture(2, 12);
			const reference = expected(() => {
				const image = tf.tensor4d(data, [1, 12, 12, 3]);
				const conv = tf.depthwiseConv2d(image, filter(k), 1, 'same', 'NHWC', 2);
				return tf.add<tf.Tensor4D>(tf.mul(conv, vector(times)), vector(plus));
			});
			expect(
				largestDifference(await converted(source, 'shifted', data, [12, 12]), reference)
			).toBeLessThanOrEqual(1e-5);
		});

		it('an operator that is not known is named', () => {
			const source = model(
				[
					['images', 'Placeholder', []],
					['bent', 'Elu', ['images']]
				],
				{}
			);
			const builder = new GraphBuilder('test');
			const image = plane(builder.input('image', ['N', 3, 4, 4]), 3, 4, 4);
			const names = { value: (node: string) => node, classifier: 'classifier' };
			expect(() => new TfjsConverter(source, new Layers(builder), image, names).convert('bent')).toThrow(
				'Elu'
			);
		});
	}
);

it('axes are put in another order', () => {
	const { dims, data } = permute(Float32Array.of(0, 1, 2, 3, 4, 5), [1, 2, 3], [2, 0, 1]);
	expect(dims).toEqual([3, 1, 2]);
	expect([...data]).toEqual([0, 3, 1, 4, 2, 5]);
});

it('a TF.js model with too few or quantised weights is refused', () => {
	const json = (entry: object) =>
		JSON.stringify({ modelTopology: { node: [] }, weightsManifest: [{ weights: [entry] }] });
	const entry = { name: 'w', shape: [3], dtype: 'float32' };
	expect(() => readTfjs(json(entry), new Uint8Array(8))).toThrow('8 bytes of weights where 12 are declared');
	expect(() => readTfjs(json({ ...entry, quantization: { dtype: 'uint8' } }), new Uint8Array(3))).toThrow(
		'w:'
	);
	expect(readTfjs(json(entry), new Uint8Array(12)).weights.get('w')?.data).toEqual(new Float32Array(3));
});
