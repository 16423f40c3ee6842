import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { channelsFirst, largestDifference, picture, runNative } from '../../../../models/build/testing';
import {
	loadOriginal,
	makeNetwork,
	partsOf,
	partsOfZip,
	scramble,
	tf,
	tfl,
	zipOf,
	zipOfParts,
	type Parts,
	type Wish
} from '../../../../tests/fixtures/teachable';
import { toFloat16 } from '$lib/onnx/float16';
import { readTeachable, type TeachableModel } from './read-model';

const labels = ['Cat', 'Dog', 'Nothing'];

beforeAll(async () => {
	await tf.setBackend('cpu');
});

async function made(wish: Wish = {}, seed = 1): Promise<Parts> {
	const network = makeNetwork(wish);
	scramble(network, seed);
	const names = Array.from({ length: wish.labels ?? 3 }, (_, i) => labels[i] ?? `Label ${i}`);
	return partsOf(network, names);
}

/** The picture as Teachable Machine's library hands it to the network. */
function captured(data: Float32Array, size: number, grey: boolean): tf.Tensor4D {
	const pixels = tf.mul(tf.tensor4d(data, [1, size, size, 3]), 255);
	const seen = grey ? tf.sum(tf.mul(pixels, [0.2989, 0.587, 0.114]), -1, true) : pixels;
	return tf.sub(tf.div(seen, 127), 1);
}

/** Holds the ONNX against TF.js on seeded pictures: probabilities, and what the head is fed. */
async function compare(model: TeachableModel, original: tfl.LayersModel, grey = false): Promise<number> {
	let largest = 0;
	const said: Float32Array[] = [];
	const seen: Float32Array[] = [];
	const trunk = original.layers[0] as tfl.LayersModel; // a network in the network
	const size = model.imageSize;
	for (const data of pictures(size)) {
		const [probabilities, pooled] = tf.tidy(() => {
			const input = captured(data, size, grey);
			const heads = [original.predict(input), trunk.predict(input)] as tf.Tensor[]; // of one value each
			return heads.map((one) => one.dataSync<'float32'>());
		});
		const answers = await runNative(model.onnx, {
			image: { data: channelsFirst(data, [size, size, 3]), dims: [1, 3, size, size] }
		});
		largest = Math.max(largest, largestDifference(answers.probabilities?.data ?? [], probabilities ?? []));
		said.push(probabilities ?? new Float32Array());
		seen.push(pooled ?? new Float32Array());
		if (pooled?.length === model.dimension)
			largest = Math.max(largest, largestDifference(answers.features?.data ?? [], pooled));
		expect(answers.probabilities?.dims).toEqual([1, model.labels.length]);
		expect(answers.features?.dims).toEqual([1, model.dimension]);
		expect(answers.map?.dims.slice(0, 2)).toEqual([1, model.channels]);
		expect(
			largestDifference(averages(answers.map?.data ?? [], model.channels), answers.features?.data ?? [])
		).toBeLessThanOrEqual(1e-4);
	}
	// Else the pictures would prove nothing.
	expect(spread(said)).toBeGreaterThan(1e-3);
	expect(spread(seen)).toBeGreaterThan(0.1);
	return largest;
}

/** A bright one, a dark one, and one that is red. */
const pictures = (size: number): Float32Array[] => [
	picture(1, size),
	picture(2, size).map((value) => value / 5),
	picture(3, size).map((value, i) => (i % 3 === 0 ? value : 0))
];

/** How far apart the answers to the pictures are. */
const spread = ([first = [], ...others]: readonly ArrayLike<number>[]): number =>
	Math.max(...others.map((other) => largestDifference(other, first)));

const averages = (map: ArrayLike<number>, channels: number): number[] =>
	Array.from({ length: channels }, (_, c) => {
		const area = map.length / channels;
		return Array.from({ length: area }, (_, i) => map[c * area + i] ?? 0).reduce((a, b) => a + b, 0) / area;
	});

describe('a model is read as ONNX that says what TF.js says', () => {
	test.each<[string, Wish]>([
		['as Teachable Machine makes them', {}],
		['odd sides', { size: 33 }],
		['the library’s first version, which flattens', { pooling: 'flatten' }],
		['one grey channel', { colours: 1 }],
		['one layer on the features', { head: () => [tfl.layers.dense({ units: 3, activation: 'softmax' })] }],
		[
			'softmax and activation as layers of their own',
			{
				head: () => [
					tfl.layers.reshape({ targetShape: [1, 1, 10] }),
					tfl.layers.flatten(),
					tfl.layers.dense({ units: 5 }),
					tfl.layers.activation({ activation: 'relu6' }),
					tfl.layers.dense({ units: 3 }),
					tfl.layers.softmax()
				]
			}
		]
	])('%s', async (_, wish) => {
		const parts = await made(wish);
		const model = await readTeachable(await zipOfParts(parts), 'pets.zip');
		expect(model).toMatchObject({
			labels,
			name: 'Pets',
			imageSize: wish.size ?? 32,
			dimension: 10,
			channels: 10
		});
		expect(model.created).toBe(Date.UTC(2024, 4, 6, 7, 8, 9));
		expect(model.classifier !== null).toBe(wish.head !== undefined && wish.head().length === 1);
		expect(await compare(model, await loadOriginal(parts), wish.colours === 1)).toBeLessThanOrEqual(1e-5);
	});
});

describe('whatever way it is packed', () => {
	let parts: Parts;
	let expected: TeachableModel;
	beforeAll(async () => {
		parts = await made();
		expected = await readTeachable(await zipOfParts(parts), 'pets.zip');
	});
	const files = ({ metadata, model, weights }: Parts) => ({
		'metadata.json': JSON.stringify(metadata),
		'model.json': JSON.stringify(model),
		'weights.bin': weights
	});
	const read = async (entries: Parameters<typeof zipOf>[0], name = 'pets.zip') =>
		readTeachable(await zipOf(entries), name);

	test('in a folder, with what macOS puts beside it', async () => {
		const inFolder = Object.entries(files(parts)).flatMap(([name, content]): [string, typeof content][] => [
			[`my model/${name}`, content],
			[`__MACOSX/my model/._${name}`, 'junk']
		]);
		expect(await read(Object.fromEntries(inFolder))).toEqual(expected);
	});

	test('weights called ./weights.bin, or in shards that cut through numbers', async () => {
		const manifest = parts.model.weightsManifest[0]!; // written with one
		const as = (...paths: string[]) => ({ ...parts.model, weightsManifest: [{ ...manifest, paths }] });
		expect(await read(files({ ...parts, model: as('./weights.bin') }))).toEqual(expected);
		const { 'metadata.json': metadata } = files(parts);
		const shards = {
			'metadata.json': metadata,
			'model.json': JSON.stringify(as('group1-shard1of2', 'group1-shard2of2')),
			'group1-shard1of2': parts.weights.slice(0, 1001),
			'group1-shard2of2': parts.weights.slice(1001)
		};
		expect(await read(shards)).toEqual(expected);
	});

	test('2019’s way of writing a sequence, and what its metadata lacks', async () => {
		// Then, `config` was the list of layers itself.
		const old = (layer: unknown): unknown => {
			if (Array.isArray(layer)) return layer.map(old);
			if (!layer || typeof layer !== 'object') return layer;
			const all = Object.fromEntries(Object.entries(layer).map(([key, value]) => [key, old(value)]));
			const isSequence = all.class_name === 'Sequential';
			return isSequence ? { ...all, config: (all.config as { layers: unknown }).layers } : all;
		};
		const model = { ...parts.model, modelTopology: old(parts.model.modelTopology) as object };
		const metadata = { labels, modelName: 'untitled' };
		expect(await read(files({ ...parts, metadata, model }), 'downloads/My pets.zip')).toEqual({
			...expected,
			name: 'My pets',
			created: null
		});
	});

	test('as Keras’ converter wraps a topology', async () => {
		const model = { ...parts.model, modelTopology: { model_config: parts.model.modelTopology } };
		expect(await read(files({ ...parts, model }))).toEqual(expected);
	});

	test('weights of 8, 16 and half bits, about as they were', async () => {
		const data = picture(1, 32);
		const feeds = { image: { data: channelsFirst(data, [32, 32, 3]), dims: [1, 3, 32, 32] } };
		const right = (await runNative(expected.onnx, feeds)).features?.data ?? [];
		for (const [dtype, tolerance] of [
			['uint8', 0.3],
			['uint16', 2e-3],
			['float16', 2e-2]
		] as const) {
			const model = await read(files(quantised(parts, dtype)));
			const off = largestDifference((await runNative(model.onnx, feeds)).features?.data ?? [], right);
			expect(off, dtype).toBeGreaterThan(0);
			expect(off, dtype).toBeLessThan(tolerance);
		}
	});

	test('labels are cleaned and told apart', async () => {
		const odd = ['  Cat\u202E ', 'cat', ''];
		const model = await read(files({ ...parts, metadata: { ...parts.metadata, labels: odd } }));
		expect(model.labels).toEqual(['Cat', 'cat (2)', 'Class 3']);
	});
});

const whole = (dtype: 'uint8' | 'uint16', numbers: Float32Array) =>
	dtype === 'uint8' ? Uint8Array.from(numbers) : Uint16Array.from(numbers);

/** As tensorflowjs_converter makes weights smaller. */
function quantised(parts: Parts, dtype: 'uint8' | 'uint16' | 'float16'): Parts {
	const numbers = new Float32Array(parts.weights.buffer);
	const out: Uint8Array[] = [];
	let at = 0;
	const [group] = parts.model.weightsManifest;
	const weights = group!.weights.map((entry) => {
		const length = entry.shape.reduce((product, side) => product * side, 1);
		const own = numbers.subarray(at, (at += length));
		const most = dtype === 'uint8' ? 255 : 65535;
		const min = Math.min(...own);
		const scale = (Math.max(...own) - min) / most || 1;
		const stored =
			dtype === 'float16'
				? Uint16Array.from(own, toFloat16)
				: whole(
						dtype,
						own.map((value) => Math.round((value - min) / scale))
					);
		out.push(new Uint8Array(stored.buffer));
		return { ...entry, quantization: dtype === 'float16' ? { dtype } : { dtype, scale, min } };
	});
	return {
		metadata: parts.metadata,
		model: { ...parts.model, weightsManifest: [{ ...group!, weights }] },
		weights: Uint8Array.from(out.flatMap((bytes) => [...bytes]))
	};
}

/** Of googlecreativelab/teachablemachine-community; 2019's and the small one for Arduinos. */
const real = '../shared/models/tm';
describe.skipIf(!existsSync(real))('the real ones in ../shared/models/tm', () => {
	test.each([
		['image-model.zip', 224, 1280, 'image-model', false],
		['tiny-image-model.zip', 96, 256, 'tiny-image-model', true]
	])('%s', { timeout: 120_000 }, async (file, imageSize, dimension, name, grey) => {
		const zip = new Blob([readFileSync(`${real}/${file}`)]);
		const model = await readTeachable(zip, file);
		expect(model).toMatchObject({
			labels: ['Class 1', 'Class 2'],
			imageSize,
			dimension,
			name,
			classifier: null
		});
		expect(await compare(model, await loadOriginal(await partsOfZip(zip)), grey)).toBeLessThanOrEqual(1e-4);
	});
});
