import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '$lib/domain/random';
import { Trouble } from '$lib/domain/trouble';
import { channelsFirst, largestDifference, picture, runNative } from '../../../../models/build/testing';
import { cases, mutated, pick } from '../../../../tests/fixtures/mutations';
import {
	loadOriginal,
	makeNetwork,
	partsOf,
	scramble,
	tf,
	tfl,
	zipOf,
	zipOfParts,
	type Parts
} from '../../../../tests/fixtures/teachable';
import { readTeachable } from './read-model';

let parts: Parts;
let whole: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
	await tf.setBackend('cpu');
	const network = makeNetwork({ size: 16 });
	scramble(network, 1);
	parts = await partsOf(network, ['Cat', 'Dog', 'Nothing']);
	whole = new Uint8Array(await (await zipOfParts(parts)).arrayBuffer());
});

const read = (zip: Blob) => readTeachable(zip, 'pets.zip');
const copy = () => structuredClone(parts);

/** The zip with something wrong in its parts. */
async function refused(change: (parts: Parts) => unknown): Promise<Trouble> {
	const own = copy();
	const other = change(own) as Parts | undefined;
	return read(await zipOfParts(other ?? own)).then(
		() => Promise.reject(new Error('it was taken')),
		(cause: unknown) => (cause instanceof Trouble ? cause : Promise.reject(cause))
	);
}

interface Found {
	class_name: string;
	config: Record<string, unknown>;
}

/** The layers of this kind, wherever they lie. */
function layersOf(parts: Parts, kind: string): Found[] {
	const found: Found[] = [];
	JSON.stringify(parts.model.modelTopology, (_, value: unknown) => {
		// All that have a class have a configuration.
		if (value && typeof value === 'object' && 'class_name' in value && value.class_name === kind)
			found.push(value as Found);
		return value;
	});
	return found;
}

const layerOf = (parts: Parts, kind: string, number = 0): Found => layersOf(parts, kind)[number]!; // tests name layers that are there
const groupOf = ({ weightsManifest }: Parts['model']) => weightsManifest[0]!; // written with one
const firstWeight = (model: Parts['model']) => groupOf(model).weights[0]!; // and with weights

describe('what is refused in words', () => {
	test.each<[string, (parts: Parts) => unknown, string, RegExp]>([
		['sounds', ({ metadata }) => void (metadata.wordLabels = ['a']), 'teachable-other', /sounds/],
		[
			'poses',
			({ metadata }) => void (metadata.packageName = '@teachablemachine/pose'),
			'teachable-other',
			/poses/
		],
		['no labels', ({ metadata }) => void delete metadata.labels, 'teachable-broken', /no labels/],
		[
			'labels by inheritance',
			(p) => ({
				...p,
				metadata: JSON.parse('{"__proto__":{"labels":["a","b","c"]}}') as Record<string, unknown>
			}),
			'teachable-broken',
			/no labels/
		],
		['one label', ({ metadata }) => void (metadata.labels = ['Cat']), 'teachable-labels', /fewer than two/],
		[
			'1,001 labels',
			({ metadata }) => void (metadata.labels = Array(1001).fill('Cat')),
			'teachable-labels',
			/1,000/
		],
		[
			'more labels than probabilities',
			({ metadata }) => void (metadata.labels = ['a', 'b', 'c', 'd']),
			'teachable-broken',
			/4 labels and 3/
		],
		['weights too short', (p) => ({ ...p, weights: p.weights.slice(4) }), 'teachable-broken', /not as long/],
		[
			'weights too long',
			(p) => ({ ...p, weights: new Uint8Array(p.weights.length + 4) }),
			'teachable-broken',
			/not as long/
		],
		[
			'no number among the weights',
			({ weights }) => void new DataView(weights.buffer).setFloat32(40, NaN, true),
			'teachable-broken',
			/no number/
		],
		[
			'an infinite weight',
			({ weights }) => void new DataView(weights.buffer).setFloat32(40, -Infinity, true),
			'teachable-broken',
			/no number/
		],
		[
			'numbers that cannot be',
			({ model }) => void (firstWeight(model).shape = [2 ** 24, 2 ** 24]),
			'teachable-unsupported',
			/64 MB/
		],
		[
			'whole numbers as weights',
			({ model }) => void (firstWeight(model).dtype = 'int32'),
			'teachable-unsupported',
			/another kind/
		],
		[
			'a shard that is missing',
			({ model }) => void (groupOf(model).paths = ['a.bin']),
			'teachable-broken',
			/missing \(a.bin\)/
		],
		[
			'a shard outside of the folder',
			({ model }) => void (groupOf(model).paths = ['../weights.bin']),
			'teachable-broken',
			/missing/
		],
		[
			'a graph model',
			(p) => ({ ...p, model: { ...p.model, format: 'graph-model' } as Parts['model'] }),
			'teachable-unsupported',
			/graph/
		],
		[
			'a layer that is not known',
			(p) => void (layerOf(p, 'ReLU').class_name = 'LSTM'),
			'teachable-unsupported',
			/LSTM/
		],
		[
			'another activation',
			(p) => void (layerOf(p, 'Dense').config.activation = 'selu'),
			'teachable-unsupported',
			/selu/
		],
		[
			'another layout',
			(p) => void (layerOf(p, 'Conv2D').config.data_format = 'channels_first'),
			'teachable-unsupported',
			/Conv2D/
		],
		[
			'no softmax at the end',
			(p) => void (layerOf(p, 'Dense', 1).config.activation = 'linear'),
			'teachable-unsupported',
			/softmax/
		],
		[
			'a layer without its weights',
			(p) => void (layerOf(p, 'Dense').config.name = 'else'),
			'teachable-broken',
			/“else” has no kernel/
		],
		[
			'two layers of one name',
			(p) => void (layerOf(p, 'Dense').config.name = layerOf(p, 'Dense', 1).config.name),
			'teachable-broken',
			/does not fit|of its own/
		],
		[
			'a giant picture',
			(p) => void (layerOf(p, 'InputLayer').config.batch_input_shape = [null, 4096, 4096, 3]),
			'teachable-unsupported',
			/4096 × 4096/
		],
		[
			'a picture of depth',
			(p) => void (layerOf(p, 'InputLayer').config.batch_input_shape = [null, 16, 16, 4]),
			'teachable-unsupported',
			/colours/
		],
		[
			'a giant step',
			(p) => void Object.assign(layerOf(p, 'Conv2D').config, { strides: [1, 1], dilation_rate: [99, 99] }),
			'teachable-broken',
			/one pixel/
		],
		[
			'negative variances',
			({ model, weights }) => {
				let at = 0;
				for (const { name, shape } of groupOf(model).weights) {
					if (/variance/.test(name)) new DataView(weights.buffer).setFloat32(at, -1, true);
					at += 4 * shape.reduce((product, side) => product * side, 1);
				}
			},
			'teachable-broken',
			/out of bounds/
		]
	])('%s', async (_, change, code, words) => {
		expect(await refused(change)).toMatchObject({ code, message: expect.stringMatching(words) });
	});

	test.each<[string, Record<string, string>, RegExp]>([
		['Keras', { 'keras_model.h5': 'a', 'labels.txt': 'a' }, /Tensorflow.js/],
		['TensorFlow Lite', { 'model_unquant.tflite': 'a', 'labels.txt': 'a' }, /Tensorflow.js/],
		['a project', { 'manifest.json': '{}', 'Cat-!-0.png': 'a' }, /project with its photos/],
		['photos', { 'cats/a.jpg': 'a' }, /no model.json/],
		['two models', { 'a/model.json': '{}', 'b/model.json': '{}' }, /more than one model/]
	])('a zip of %s', async (_, entries, words) => {
		await expect(zipOf(entries).then(read)).rejects.toMatchObject({
			code: 'teachable-other',
			message: expect.stringMatching(words)
		});
	});

	test('JSON that is large, deep, or none', async () => {
		const rest = { 'weights.bin': parts.weights, 'metadata.json': JSON.stringify(parts.metadata) };
		for (const [model, code] of [
			['{"a":'.repeat(100) + '1' + '}'.repeat(100), 'teachable-broken'],
			['['.repeat(1_000_000), 'teachable-broken'],
			['', 'teachable-broken'],
			['null', 'teachable-broken'],
			[`{"a":"${'a'.repeat(9_000_000)}"}`, 'teachable-unsupported']
		] as const)
			await expect(zipOf({ ...rest, 'model.json': model }).then(read)).rejects.toMatchObject({ code });
		const long = { ...parts.metadata, more: 'a'.repeat(2 ** 20) };
		await expect(zipOfParts({ ...copy(), metadata: long }).then(read)).rejects.toMatchObject({
			code: 'teachable-unsupported'
		});
	});

	test('a circle of layers, and more of them than there may be', async () => {
		const circle = await refused((p) => {
			const relu = layerOf(p, 'ReLU') as unknown as { inbound_nodes: unknown; name: string };
			relu.inbound_nodes = [[[relu.name, 0, 0, {}]]];
		});
		expect(circle.message).toContain('do not follow');
		const many = await refused((p) => {
			const { layers } = layerOf(p, 'Sequential').config as { layers: unknown[] };
			layers.push(
				...Array.from({ length: 3000 }, (_, i) => ({ class_name: 'Dropout', config: { name: `d${i}` } }))
			);
		});
		expect(many.message).toContain('2,000 layers');
	});

	test('a small file that would become a large network', async () => {
		const many = await refused((p) => {
			const { layers } = layerOf(p, 'Sequential').config as { layers: unknown[] };
			layers.splice(0, 1, ...Array.from({ length: 1000 }, () => layers[0]));
		});
		expect(many).toMatchObject({ code: expect.stringMatching(/^teachable-/) });
	});

	test('a thousand labels that are the same, at once', async () => {
		const network = makeNetwork({
			size: 16,
			labels: 1000,
			head: () => [tfl.layers.dense({ units: 1000, activation: 'softmax' })]
		});
		const model = await read(
			await zipOfParts(await partsOf(network, Array<string>(1000).fill('x'.repeat(100))))
		);
		expect(new Set(model.labels).size).toBe(1000);
		expect(Math.max(...model.labels.map(({ length }) => length))).toBe(60);
	});
});

/** Whatever becomes of a file: it is read, or refused in words. What is read can be run. @returns what it says of a picture */
async function readOrRefused(zip: Blob): Promise<Float32Array | null> {
	const model = await read(zip).catch((cause: unknown) => {
		expect(cause).toMatchObject({
			name: 'Trouble',
			code: expect.stringMatching(/^(zip|teachable)-/),
			message: expect.stringMatching(/^.{20,600}$/s)
		});
		return null;
	});
	if (!model) return null;
	const { imageSize: size, labels, dimension } = model;
	expect(new Set(labels).size).toBe(labels.length);
	const data = channelsFirst(picture(1, size), [size, size, 3]);
	const answers = await runNative(model.onnx, { image: { data, dims: [1, 3, size, size] } });
	expect(answers.probabilities?.dims).toEqual([1, labels.length]);
	expect(answers.features?.dims).toEqual([1, dimension]);
	return answers.probabilities?.data ?? null;
}

/** What TF.js says of that picture. */
function answerOf(original: tfl.LayersModel): Float32Array {
	const [, size = 0] = original.inputs[0]?.shape ?? [];
	return tf.tidy(() => {
		const image = tf.tensor4d(picture(1, size ?? 0), [1, size ?? 0, size ?? 0, 3]);
		const answer = original.predict(tf.sub(tf.mul(image, 255 / 127), 1)) as tf.Tensor; // of one value
		return answer.dataSync<'float32'>();
	});
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const run = (part: number) => ({ numRuns: Math.ceil(cases(2400) * part), seed: 1, endOnFailure: true });

describe('whatever is done to a file, it is read or refused in words', () => {
	test('bytes of the zip', { timeout: 3_600_000 }, async () => {
		const boundaries = [...whole.keys()].filter((at) => whole[at] === 0x50 && whole[at + 1] === 0x4b);
		await fc.assert(
			fc.asyncProperty(seeds, async (seed) => {
				await readOrRefused(new Blob([mutated(whole, new Random(seed), boundaries)]));
			}),
			run(1 / 4)
		);
	});

	test('bytes of one of its files', { timeout: 3_600_000 }, async () => {
		const files = {
			'metadata.json': new TextEncoder().encode(JSON.stringify(parts.metadata)),
			'model.json': new TextEncoder().encode(JSON.stringify(parts.model)),
			'weights.bin': parts.weights
		};
		let taken = 0;
		await fc.assert(
			fc.asyncProperty(seeds, async (seed) => {
				const random = new Random(seed);
				const name = pick(Object.keys(files) as (keyof typeof files)[], random);
				const entries = { ...files, [name]: mutated(files[name], random) };
				if (await readOrRefused(await zipOf(entries, { level: 0 }))) taken++;
			}),
			run(1 / 4)
		);
		expect(taken).toBeGreaterThan(0); // else nothing got as far as the network
	});

	test('values in its JSON', { timeout: 3_600_000 }, async () => {
		let taken = 0;
		await fc.assert(
			fc.asyncProperty(seeds, async (seed) => {
				const random = new Random(seed);
				const own = copy();
				const root = random.integer(8) === 0 ? own.metadata : own.model;
				for (let left = 1 + random.integer(3); left > 0; left--) bend(root, random);
				if (await readOrRefused(await zipOfParts(own))) taken++;
			}),
			run(1 / 2)
		);
		expect(taken).toBeGreaterThan(0);
	});

	test('other settings, which it takes as TF.js does', { timeout: 3_600_000 }, async () => {
		let compared = 0;
		await fc.assert(
			fc.asyncProperty(seeds, async (seed) => {
				const random = new Random(seed);
				const own = copy();
				for (let left = 1 + random.integer(3); left > 0; left--) set(own, random);
				const said = await readOrRefused(await zipOfParts(own));
				const original = await loadOriginal(own).catch(() => null);
				if (!said || !original) return;
				compared++;
				expect(largestDifference(said, answerOf(original))).toBeLessThanOrEqual(1e-5);
			}),
			run(1 / 8)
		);
		expect(compared).toBeGreaterThan(cases(2400) / 40);
	});
});

/** Settings that a network may have, by the layer's kind. */
const settings: Record<string, Record<string, readonly unknown[]>> = {
	Conv2D: {
		padding: ['same', 'valid'],
		strides: [[1, 1], [2, 2], [3, 2], 2],
		dilation_rate: [[1, 1], [2, 2], 3],
		activation: ['linear', 'relu', 'relu6']
	},
	DepthwiseConv2D: {
		padding: ['same', 'valid'],
		strides: [
			[1, 1],
			[2, 2],
			[3, 3]
		],
		dilation_rate: [
			[1, 1],
			[2, 2]
		],
		activation: ['linear', 'relu', 'relu6']
	},
	BatchNormalization: { epsilon: [1e-5, 0.1, 1], axis: [-1, 3, [3]] },
	ReLU: { max_value: [6, null] },
	ZeroPadding2D: {
		padding: [
			[
				[0, 0],
				[0, 0]
			],
			[
				[1, 2],
				[3, 4]
			],
			[
				[5, 0],
				[0, 1]
			]
		]
	},
	Dense: { activation: ['linear', 'relu', 'softmax', 'relu6'] },
	InputLayer: {
		batch_input_shape: [
			[null, 16, 16, 3],
			[null, 17, 17, 3],
			[null, 24, 24, 3]
		]
	}
};

function set(parts: Parts, random: Random): void {
	const kind = pick(Object.keys(settings), random);
	const [key, values] = pick(Object.entries(settings[kind] ?? {}), random);
	const { config } = pick(layersOf(parts, kind), random);
	config[key] = structuredClone(pick(values as readonly NonNullable<unknown>[], random));
}

const odd: readonly (() => unknown)[] = [
	() => null,
	() => -1,
	() => 0,
	() => 1,
	() => 3,
	() => 1.5,
	() => 2 ** 31,
	() => 1e308,
	() => '',
	() => '__proto__',
	() => 'constructor',
	() => '\u202e<b>\u0000',
	() => [],
	() => ({}),
	() => [null],
	() => Array<number>(1000).fill(7),
	() => true
];

/** Changes one value somewhere in it: to something odd, to another of its values, or away. */
function bend(root: object, random: Random): void {
	const places: [Record<string, unknown>, string][] = [];
	const visit = (value: unknown): void => {
		if (!value || typeof value !== 'object') return;
		for (const key of Object.keys(value)) {
			const holder = value as Record<string, unknown>; // an array's keys are texts too
			places.push([holder, key]);
			visit(holder[key]);
		}
	};
	visit(root);
	const [holder, key] = pick(places, random);
	const [other, otherKey] = pick(places, random);
	const way = random.integer(3);
	if (way === 0) Reflect.deleteProperty(holder, key);
	else holder[key] = way === 1 ? pick(odd, random)() : structuredClone(other[otherKey]);
}
