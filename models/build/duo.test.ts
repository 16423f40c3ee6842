import { beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/lib/onnx/builder';
import { fromFloat16 } from '../../src/lib/onnx/float16';
import { buildDuo, readDetector, trunkEnd, writeTrunk } from './duo';
import { Layers, plane } from '../../src/lib/onnx/layers';
import { buildMobilenet } from './mobilenet';
import { channelsFirst, largestDifference, picture, runNative, tf } from './testing';
import type { TfliteModel, TfliteOperator } from './tflite';

/** The detector, one operator after the other, in TF.js: NHWC, its own padding, nothing of the converter. */
function interpret(model: TfliteModel, image: tf.Tensor4D): tf.Tensor4D {
	// Pictures and kernels have rank 4; a bias of rank 1 is only added, where TF.js asks for no rank.
	const values = new Map<number, tf.Tensor4D>([[model.input, image]]);
	const value = (index: number | undefined): tf.Tensor4D => {
		const known = values.get(index ?? -1);
		if (known) return known;
		const { data, dims } = model.tensors[index ?? -1] ?? {};
		if (!data) throw new Error(`tensor ${index} has no value`);
		return tf.tensor<tf.Rank.R4>(
			data instanceof Uint16Array ? Float32Array.from(data, fromFloat16) : data,
			dims as [number, number, number, number]
		);
	};
	for (const operator of model.operators) {
		const [first, second, third] = operator.inputs;
		if (operator.op === 'DEQUANTIZE') values.set(operator.output, value(first));
		if (operator.op === 'ADD')
			values.set(operator.output, activate(tf.add(value(first), value(second)), operator));
		if (operator.op === 'CONV_2D' || operator.op === 'DEPTHWISE_CONV_2D') {
			const raw = convolve(value(first), value(second), operator);
			values.set(operator.output, activate(tf.add(raw, value(third)), operator));
		}
		if (model.tensors[operator.output]?.name === trunkEnd) return value(operator.output);
	}
	throw new Error('the end of the trunk was not met');
}

function convolve(input: tf.Tensor4D, kernel: tf.Tensor4D, operator: TfliteOperator): tf.Tensor4D {
	const padding = operator.padding === 'SAME' ? 'same' : 'valid';
	if (operator.op === 'CONV_2D') {
		const filter = tf.transpose<tf.Tensor4D>(kernel, [1, 2, 3, 0]);
		return tf.conv2d(input, filter, operator.strides, padding, 'NHWC', operator.dilations);
	}
	const [, height, width, channels] = kernel.shape;
	const filter: tf.Tensor4D = tf.reshape(kernel, [height, width, channels, 1]);
	return tf.depthwiseConv2d(input, filter, operator.strides, padding, 'NHWC', operator.dilations);
}

function activate(value: tf.Tensor4D, { activation }: TfliteOperator): tf.Tensor4D {
	if (activation === 'relu6') return tf.clipByValue(value, 0, 6);
	return activation === 'relu' ? tf.relu(value) : value;
}

const area = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));

describe(
	'the trunk of the detector as ONNX beside an interpreter of the TFLite file',
	{ timeout: 60_000 },
	() => {
		let detector: TfliteModel;

		beforeAll(async () => {
			await tf.setBackend('cpu');
			detector = await readDetector();
		}, 120_000);

		// 75 gives odd sides all the way down (38, 19, 10, 5, 3), where SAME pads otherwise than at even ones.
		it.each([64, 75, 96])('answers alike at %i pixels', async (size) => {
			const data = picture(size, size);
			const [expected, shape] = tf.tidy(() => {
				const image = tf.sub<tf.Tensor4D>(tf.mul(tf.tensor4d(data, [1, size, size, 3]), 2), 1);
				const end = interpret(detector, image);
				return [end.dataSync<'float32'>(), end.shape] as const;
			});
			const builder = new GraphBuilder('trunk');
			const image = plane(builder.input('image', ['N', 3, size, size]), 3, size, size);
			const end = writeTrunk(detector, new Layers(builder), image);
			builder.output(end.name, ['N', end.channels, end.height, end.width]);
			const answers = await runNative(builder.finish(), {
				image: { data: channelsFirst(data, [size, size, 3]), dims: [1, 3, size, size] }
			});
			const [, height, width, channels] = shape;
			expect(answers[end.name]?.dims).toEqual([1, channels, height, width]);
			expect(area(expected)).toBeGreaterThan(1);
			const difference = largestDifference(
				answers[end.name]?.data ?? [],
				channelsFirst(expected, [height, width, channels])
			);
			expect(difference).toBeLessThanOrEqual(1e-3);
		});
	}
);

describe('Duo', { timeout: 60_000 }, () => {
	it('gives MobileNet’s scores and both halves of the features at their weights', async () => {
		const size = 96;
		const feeds = {
			image: { data: channelsFirst(picture(3, size), [size, size, 3]), dims: [1, 3, size, size] }
		};
		const duo = await runNative(await buildDuo(size), feeds);
		const alone = await runNative(await buildMobilenet(size), feeds);
		expect(largestDifference(duo.logits?.data ?? [], alone.logits?.data ?? [])).toBeLessThanOrEqual(1e-5);
		expect(largestDifference(duo.map?.data ?? [], alone.map?.data ?? [])).toBeLessThanOrEqual(1e-5);
		const features = duo.features?.data ?? new Float32Array();
		const own = alone.features?.data ?? new Float32Array();
		expect(features.length).toBe(416);
		expect(
			largestDifference(
				features.subarray(0, 256),
				own.map((value) => value / area(own))
			)
		).toBeLessThan(1e-6);
		expect(area(features.subarray(256))).toBeCloseTo(0.5, 5);
	});
});
