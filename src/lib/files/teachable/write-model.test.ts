import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { headLogits, type Head } from '$lib/domain/head';
import { softmax } from '$lib/domain/prediction';
import { backbones } from '$models/catalog';
import {
	channelsFirst,
	largestDifference,
	noise,
	picture,
	runNative
} from '../../../../models/build/testing';
import { loadOriginal, partsOfZip, tf } from '../../../../tests/fixtures/teachable';
import { readTeachable } from './read-model';
import { TEACHABLE_BACKBONE, teachableObjection, writeTeachable } from './write-model';

const card = backbones.find(({ id }) => id === TEACHABLE_BACKBONE)!;
const backbone = new Uint8Array(readFileSync(`static/${card.file.url}`));
const labels = ['Cat', 'Dog', 'Nothing'];
const now = Date.UTC(2025, 0, 2, 3, 4, 6);

const layer = (inputs: number, units: number, seed: number, activation: 'linear' | 'relu' = 'linear') => ({
	weights: noise(seed, inputs * units).map((value) => value / 4),
	bias: noise(seed + 1, units),
	activation
});
const linear: Head = { layers: [layer(256, 3, 1)], normalise: false, temperature: 0.7 };
const two: Head = {
	layers: [layer(256, 20, 3, 'relu'), layer(20, 3, 5)],
	normalise: false,
	temperature: 2.5
};

const write = (head: Head) => writeTeachable({ backbone, head, labels, name: 'Pets', now });
const input = (data: Float32Array) => ({
	image: { data: channelsFirst(data, [224, 224, 3]), dims: [1, 3, 224, 224] }
});

/** What Lensmith says of a picture [224, 224, 3] in 0..1. */
async function ours(head: Head, data: Float32Array): Promise<Float32Array> {
	const features = (await runNative(backbone, input(data))).features?.data ?? new Float32Array();
	return softmax(headLogits(head, features).map((logit) => logit / head.temperature));
}

/** Flat ones show what the zeros around a picture are worth. */
const pictures = [
	picture(1, 224),
	picture(2, 224).map((value) => value / 4),
	new Float32Array(224 * 224 * 3),
	new Float32Array(224 * 224 * 3).fill(1)
];

describe('what is written', { timeout: 120_000 }, () => {
	beforeAll(async () => {
		await tf.setBackend('cpu');
	});

	test.each([
		['one layer', linear],
		['two layers', two]
	])('says in TF.js what Lensmith says: %s', async (_, head) => {
		const network = await loadOriginal(await partsOfZip(await write(head)));
		const said: Float32Array[] = [];
		for (const data of pictures) {
			const expected = await ours(head, data);
			const answer = tf.tidy(() => {
				const pixels = tf.tensor4d(data, [1, 224, 224, 3]);
				const seen = tf.sub(tf.div(tf.mul(pixels, 255), 127), 1);
				return (network.predict(seen) as tf.Tensor).dataSync<'float32'>(); // one value
			});
			expect(largestDifference(answer, expected)).toBeLessThanOrEqual(1e-4);
			said.push(expected);
		}
		expect(largestDifference(said[0]!, said[2]!)).toBeGreaterThan(0.05); // else the pictures would prove nothing
		network.dispose();
	});

	test('is read again by Lensmith, as the same', async () => {
		const model = await readTeachable(await write(linear), 'any.zip');
		expect(model).toMatchObject({
			labels,
			name: 'Pets',
			created: now,
			imageSize: 224,
			dimension: 256,
			channels: 256
		});
		expect(model.classifier).not.toBeNull();
		for (const data of pictures) {
			const answers = await runNative(model.onnx, input(data));
			expect(
				largestDifference(answers.probabilities?.data ?? [], await ours(linear, data))
			).toBeLessThanOrEqual(1e-4);
		}
	});

	test('is laid out and signed as Teachable Machine’s own, the same bytes each time', async () => {
		const zip = await write(linear);
		const { metadata, model } = await partsOfZip(zip);
		expect(metadata).toMatchObject({
			packageName: '@teachablemachine/image',
			modelName: 'Pets',
			labels,
			imageSize: 224,
			timeStamp: '2025-01-02T03:04:06.000Z'
		});
		type Sequence = { class_name: string; config: { layers: Sequence[] } };
		const { class_name, config } = model.modelTopology as Sequence;
		expect([
			class_name,
			...config.layers.map((part) => part.config.layers.map((one) => one.class_name))
		]).toEqual(['Sequential', ['Model', 'GlobalAveragePooling2D'], ['Dense']]);
		expect(new Uint8Array(await zip.arrayBuffer())).toEqual(
			new Uint8Array(await (await write(linear)).arrayBuffer())
		);
	});
});

describe('what cannot be written', () => {
	test('a head that divides by the norm, or that does not fit', async () => {
		for (const head of [
			{ ...linear, normalise: true },
			{ ...linear, layers: [layer(255, 3, 1)] },
			{ ...linear, layers: [layer(256, 2, 1)] },
			{ ...linear, layers: [layer(256, 3, 1, 'relu')] }
		])
			await expect(write(head)).rejects.toMatchObject({ name: 'Trouble', code: 'teachable-head' });
	});

	test('another network than a chain of convolutions', async () => {
		const { onnx } = await readTeachable(await write(linear), 'any.zip');
		const input = { backbone: onnx, head: linear, labels, name: 'Pets', now };
		await expect(writeTeachable(input)).rejects.toMatchObject({
			name: 'Trouble',
			code: 'teachable-backbone'
		});
	});

	test('is said of a model before', () => {
		const backbone = { id: TEACHABLE_BACKBONE, sha256: card.file.sha256 };
		expect(teachableObjection({ backbone, crop: 'centre' })).toBeNull();
		expect(teachableObjection({ backbone, crop: 'whole' })).toContain('centre');
		expect(teachableObjection({ backbone, crop: 'centre', tail: new Map() })).toContain(
			'own layers were trained'
		);
		expect(teachableObjection({ backbone: { ...backbone, id: 'duo' }, crop: 'centre' })).toContain(
			'MobileNet'
		);
	});
});
