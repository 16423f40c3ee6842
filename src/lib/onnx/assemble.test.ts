/** Models put together here, run by onnxruntime-node, against the app's own arithmetic. */
import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { backbones } from '../../../models/catalog';
import type { BackboneCard } from '../domain/card';
import { headLogits, type Head } from '../domain/head';
import { softmax } from '../domain/prediction';
import { Random } from '../domain/random';
import { familiarity } from '../domain/strangers';
import type { StrangerGate } from '../domain/training';
import { normalised } from '../domain/nearest';
import { assemble, fileOf } from './assemble';
import { GraphBuilder } from './builder';
import { exposeOutputs } from './expose';
import { readModel, writeModel } from './model';
import type { Precision } from '../domain/model-facts';
import { setPrecision } from './precision';

const random = new Random(7);
const numbers = (length: number, scale = 1) =>
	Float32Array.from({ length }, () => (random.next() - 0.5) * scale);

function linear(dimension: number, classes: number, normalise: boolean): Head {
	const layer = {
		weights: numbers(dimension * classes, 4),
		bias: numbers(classes),
		activation: 'linear'
	} as const;
	return { layers: [layer], normalise, temperature: 0.7 };
}

function twoLayers(dimension: number, classes: number): Head {
	const hidden = { weights: numbers(dimension * 16), bias: numbers(16), activation: 'relu' } as const;
	return { layers: [hidden, ...linear(16, classes, false).layers], normalise: true, temperature: 1.3 };
}

function gateOf(dimension: number, photos: number, foreign: number): StrangerGate {
	const bank = normalised(numbers(photos * dimension).map(Math.abs), dimension);
	return {
		neighbours: 3,
		similarity: { mean: 0.4, deviation: 0.2 },
		energy: { mean: 2, deviation: 0.5 },
		threshold: -1.5,
		bank,
		...(foreign && { foreign: normalised(numbers(foreign * dimension).map(Math.abs), dimension) }),
		kept: 0.95,
		near: null
	};
}

async function run(bytes: Uint8Array, input: string, picture: Float32Array, dims: number[]) {
	const session = await InferenceSession.create(bytes);
	const answers = await session.run({ [input]: new Tensor('float32', picture, dims) });
	await session.release();
	return (name: string) => answers[name]?.data as Float32Array; // all of them are
}

const files = new Map<string, Uint8Array>();
const embedded = backbones.filter(({ delivery }) => delivery === 'embedded');
beforeAll(async () => {
	for (const { id } of embedded) files.set(id, await readFile(`static/models/${id}/model.onnx`));
});

const near = (a: ArrayLike<number>, b: ArrayLike<number>, by: number) => {
	expect(a.length).toBe(b.length);
	for (let i = 0; i < b.length; i++) expect(Math.abs((a[i] ?? NaN) - (b[i] ?? NaN))).toBeLessThanOrEqual(by);
};

describe.each(embedded)('on $id', (card: BackboneCard) => {
	const dimension = card.outputs?.features.dimension ?? 0;
	const side = card.input.size;
	const dims = [1, 3, side, side];

	test.each([
		['one layer, a gate with foreign photos', linear(dimension, 3, true), gateOf(dimension, 40, 12)],
		['plain features, a gate without', linear(dimension, 2, false), gateOf(dimension, 7, 0)],
		['two layers, no gate', twoLayers(dimension, 5), null]
	])('%s: scores and familiarity are the app’s', async (_, head, gate) => {
		const bytes = files.get(card.id) ?? new Uint8Array();
		const { model, outputs, input } = assemble({ bytes, card, head, gate });
		const file = fileOf(model, { names: '{}' });
		const picture = numbers(3 * side ** 2).map((x) => x + 0.5);
		const before = await run(bytes, card.input.name ?? '', picture, dims);
		const after = await run(file, input.name ?? '', picture, dims);
		const features = before(card.outputs?.features.name ?? '');
		near(after('features'), features, 1e-5);
		const logits = headLogits(head, features);
		near(after('probabilities'), softmax(logits.map((x) => x / head.temperature)), 1e-5);
		if (gate) near(after('familiarity'), [familiarity(gate, features, logits)], 1e-3);
		expect(outputs.familiarity?.threshold).toBe(gate?.threshold);
		expect(readModel(file).metadataProps.map(({ key }) => key)).toEqual(['names']);
		// The thousand classes of before are left out.
		expect(file.length).toBeLessThan(
			bytes.length + (gate?.bank.byteLength ?? 0) + (gate?.foreign?.byteLength ?? 0)
		);
	});

	test('taught once more on top of what was taught: only the last head is in it', async () => {
		const bytes = files.get(card.id) ?? new Uint8Array();
		const first = assemble({ bytes, card, head: linear(dimension, 3, true), gate: gateOf(dimension, 9, 6) });
		const once = fileOf(first.model, {});
		const own = { input: first.input, outputs: first.outputs, labels: { ...card.labels, count: 3 } };
		const head = linear(dimension, 4, true);
		const gate = gateOf(dimension, 11, 7);
		const second = assemble({ bytes: once, card: own, head, gate });
		const picture = numbers(3 * side ** 2).map((x) => x + 0.5);
		const features = (await run(once, 'image', picture, dims))('features');
		const after = await run(fileOf(second.model, {}), 'image', picture, dims);
		const logits = headLogits(head, features);
		near(after('probabilities'), softmax(logits.map((x) => x / head.temperature)), 1e-5);
		near(after('familiarity'), [familiarity(gate, features, logits)], 1e-3);
	});

	test('16 and 8 bits: smaller, nearly the same features, the same numbers twice', async () => {
		const bytes = files.get(card.id) ?? new Uint8Array();
		const head = linear(dimension, 3, true);
		const gate = gateOf(dimension, 40, 12);
		const picture = numbers(3 * side ** 2).map((x) => x + 0.5);
		const made = (precision: Precision) => {
			const { model } = assemble({ bytes, card, head, gate });
			setPrecision(model, precision);
			return fileOf(model, {});
		};
		const whole = made('fp32');
		const before = await run(whole, 'image', picture, dims);
		const norm = Math.hypot(...before('features'));
		for (const [precision, share, off] of [
			['fp16', 0.02, 0.02],
			['int8', 0.01, 0.35]
		] as const) {
			const file = made(precision);
			expect(Buffer.compare(made(precision), file)).toBe(0);
			const after = await run(file, 'image', picture, dims);
			const difference = Math.hypot(...before('features').map((x, i) => x - (after('features')[i] ?? 0)));
			expect(difference / norm).toBeLessThan(off);
			expect(difference).toBeGreaterThan(0);
			near(after('probabilities'), before('probabilities'), 0.1);
			const float = Math.max(
				...readModel(file).graph.initializer.map(({ dataType, dims }) =>
					dataType === 1 ? Number(dims.reduce((a, b) => a * b, 1n)) : 0
				)
			);
			// What is left as it was: the head and what is added.
			expect(float).toBeLessThan(whole.length * share);
		}
		expect(made('int8').length).toBeLessThan(made('fp16').length);
	});
});

describe('on strangers’ graphs', () => {
	/** A convolution, a pooling and a classifier, in an older form of ONNX too. */
	function graphOf(version: number, map: string): Uint8Array {
		const builder = new GraphBuilder('small');
		builder.input('data', ['N', 3, 8, 8]);
		builder.floats('kernel', [6, 3, 3, 3], numbers(6 * 27));
		builder.node('Conv', ['data', 'kernel'], { kernel_shape: [3, 3] }, 'conv');
		builder.node('Relu', ['conv'], {}, map);
		builder.node('GlobalAveragePool', [map], {}, 'pooled');
		builder.node('Flatten', ['pooled'], { axis: 1 }, 'row');
		builder.floats('weights', [4, 6], numbers(24));
		builder.floats('bias', [4], numbers(4));
		builder.node('Gemm', ['row', 'weights', 'bias'], { transB: 1 }, 'image');
		builder.output('image', ['N', 4]);
		const model = readModel(builder.finish());
		for (const one of model.opsetImport) one.version = BigInt(version);
		return writeModel(model);
	}
	const input = { name: null, layout: 'NCHW', size: 8, mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] } as const;

	test.each([
		[7, 'map', 'RGB'],
		[9, 'features', 'RGB'],
		[11, 'probabilities', 'BGR'],
		[17, 'image/map', 'BGR']
	] as const)('opset %i, whatever its values are called (%s), fed %s', async (version, map, order) => {
		const bytes = graphOf(version, map);
		const labels = { url: '', sha256: '', bytes: 0, count: 4 };
		const facts = { ...input, mean: [...input.mean], std: [...input.std], order };
		const card = { input: facts, outputs: null, labels };
		const [head, gate] = [linear(6, 3, true), gateOf(6, 9, 6)];
		const made = assemble({
			bytes,
			card: card as Pick<BackboneCard, 'input' | 'outputs' | 'labels'>,
			head,
			gate
		});
		const picture = numbers(3 * 64).map((x) => x + 0.5);
		const fed = picture.map((_, i) => {
			const channel = Math.floor(i / 64);
			const colour = order === 'BGR' ? 2 - channel : channel;
			return ((picture[colour * 64 + (i % 64)] ?? 0) - (input.mean[colour] ?? 0)) / (input.std[colour] ?? 1);
		});
		const exposed = exposeOutputs(bytes, 4);
		const features = (await run(exposed.bytes, 'data', fed, [1, 3, 8, 8]))(exposed.outputs.features.name);
		const after = await run(fileOf(made.model, {}), 'image', picture, [1, 3, 8, 8]);
		const logits = headLogits(head, features);
		near(after('features'), features, 1e-5);
		near(after('probabilities'), softmax(logits.map((x) => x / head.temperature)), 1e-5);
		near(after('familiarity'), [familiarity(gate, features, logits)], 1e-3);
		expect(after('map')).toHaveLength(6 * 36);
		expect(made.outputs.map?.channels).toBe(6);
	});
});
