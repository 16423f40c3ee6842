import { readFileSync, existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '$lib/domain/random';
import { receivedId } from '$lib/domain/received';
import type { ModelFacts } from '$lib/domain/model-facts';
import { Trouble } from '$lib/domain/trouble';
import { makeNetwork, partsOf, scramble, tf, zipOf, zipOfParts } from '../../../../tests/fixtures/teachable';
import { cases, mutated } from '../../../../tests/fixtures/mutations';
import { onnxOf, smallModelFile } from '../../../../tests/fixtures/models';
import { readReceived } from './read-model';
import { cardOf, isOpen, settled } from './received';
import { settleReceived } from './settle';

type Content = Uint8Array<ArrayBuffer> | Blob;
const read = (content: Content, name = 'pets.onnx') => readReceived(new Blob([content]), name);
const codeOf = (job: Promise<unknown>) =>
	job.then(
		() => 'read',
		(cause: unknown) => (cause instanceof Trouble ? cause.code : Promise.reject(cause))
	);

describe('a model taught with Lensmith', () => {
	it('needs no answers: labels, picture, card and "not sure" are in it', async () => {
		const { bytes, facts } = smallModelFile();
		const received = await read(bytes);
		expect(received).toMatchObject({
			kind: 'lensmith',
			name: 'Pets',
			labels: ['Cat', 'Dog', 'Nothing'],
			classes: 3,
			licence: 'Apache-2.0',
			input: { name: 'image', layout: 'NCHW', size: 8, range: { mean: [0, 0, 0], std: [1, 1, 1] } },
			outputs: {
				scores: { name: 'probabilities', kind: 'probabilities', skip: 0 },
				features: { name: 'features', dimension: 6 },
				map: { name: 'map', channels: 6, classifier: 'lensmith/head/0/weights' },
				familiarity: { name: 'familiarity', threshold: -1.5 }
			}
		});
		expect(received.facts).toEqual(facts);
		expect(isOpen(received)).toBe(false);
		expect(received.sha256).toBe(received.came.sha256);
	});

	it.each<[string, (facts: ModelFacts) => unknown, string]>([
		['of a later version', (facts) => ({ ...facts, version: 2, unknown: [] }), 'model-newer'],
		[
			'with other labels than scores',
			(facts) => ({ ...facts, labels: facts.labels.slice(1) }),
			'model-card-broken'
		],
		[
			'right more often than always',
			(facts) => ({
				...facts,
				judgement: {
					source: 'folds',
					photos: 9,
					calibrationError: 0,
					accuracy: { value: 2, low: 0, high: 1 }
				}
			}),
			'model-card-broken'
		],
		['with a threshold of no gate', (facts) => ({ ...facts, parts: { gate: null } }), 'model-card-broken'],
		['with no card in it', () => 'x', 'model-card-broken']
	])('%s is refused in words', async (_, change, code) => {
		expect(await codeOf(read(smallModelFile({ card: change }).bytes))).toBe(code);
	});

	it('names that would hide or push others away are cleaned', async () => {
		const { bytes } = smallModelFile({
			card: (facts) => ({
				...facts,
				name: ' a\u202eb ',
				labels: ['\u200b', 'Cat\n'.repeat(60), 'cat '].map((name) => ({ name, photos: 1 })),
				parts: { gate: { threshold: 0 } }
			})
		});
		const { name, labels } = await read(bytes);
		expect(name).toBe('ab');
		expect(labels?.[0]).toBe('Label 1');
		expect(labels?.every((label) => label.length <= 60)).toBe(true);
	});
});

describe('a model of others', () => {
	it('what its metadata tells is not asked', async () => {
		const ultralytics = {
			author: 'Ultralytics',
			names: `{0: 'cat', 1: "dog's", 2: 'owl', 3: 'yak'}`,
			imgsz: '[8, 8]',
			license: 'AGPL-3.0',
			task: 'classify'
		};
		const received = await read(onnxOf({ metadata: ultralytics, size: 'height' }));
		expect(received).toMatchObject({
			kind: 'onnx',
			name: 'pets',
			labels: ['cat', "dog's", 'owl', 'yak'],
			licence: 'AGPL-3.0',
			input: { layout: 'NCHW', size: 8, range: { mean: [0, 0, 0] } }
		});
		expect(isOpen(received)).toBe(false);
	});

	it('Windows’ keys tell range and order of colours', async () => {
		const metadata = { 'Image.BitmapPixelFormat': 'Bgr8', 'Image.NominalPixelRange': 'NominalRange_0_255' };
		const { input } = await read(onnxOf({ metadata }));
		expect(input.range).toEqual({ mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255], order: 'BGR' });
	});

	it('what it leaves open is asked, with the usual as a guess', async () => {
		const received = await read(onnxOf({ size: 'height' }));
		expect(received).toMatchObject({
			labels: null,
			classes: 4,
			input: { layout: 'NCHW', size: null, range: null },
			guess: { layout: 'NCHW', size: 224, range: 'imagenet' }
		});
		expect(isOpen(received)).toBe(true);
		const answers = { labels: ['a', 'b', 'c', 'd'], layout: 'NHWC', size: 96, range: 'caffe' } as const;
		expect(settled(received, answers)).toMatchObject({ layout: 'NCHW', size: 96, range: { order: 'BGR' } });
		const labels = { url: 'l', sha256: '', bytes: 1, count: 4 };
		expect(cardOf(received, answers, labels, 'f')).toMatchObject({
			id: receivedId(received.sha256),
			delivery: 'file',
			summary: 'Tells a, b, c, d.',
			input: { name: 'data', layout: 'NCHW', size: 96, order: 'BGR' },
			file: { url: 'f', sha256: received.sha256 }
		});
	});

	it('Custom Vision’s zip: labels beside it, scores as a dictionary', async () => {
		const bytes = onnxOf({ dictionary: ['x', 'y', 'z', 'w'] });
		const entries = { 'model.onnx': bytes, 'labels.txt': 'Cat\nDog\nOwl\nYak', 'cvexport.manifest': '{}' };
		const received = await read(await zipOf(entries), 'export.zip');
		expect(received).toMatchObject({ kind: 'onnx', labels: ['Cat', 'Dog', 'Owl', 'Yak'] });
		expect(received.sha256).not.toBe(received.came.sha256);
		expect((await read(bytes)).labels).toEqual(['x', 'y', 'z', 'w']);
	});

	it('one score more than names is a background', async () => {
		expect(await read(onnxOf({ metadata: { names: '["a", "b", "c"]' } }))).toMatchObject({
			labels: ['a', 'b', 'c'],
			classes: 3
		});
	});

	it.each<[string, Content | Promise<Content>, string, string?]>([
		['two models in a zip', zipOf({ 'a.onnx': onnxOf({}), 'b.onnx': onnxOf({}) }), 'model-several'],
		['a zip without', zipOf({ 'a.txt': 'x' }), 'model-none'],
		['pictures that are not square', onnxOf({ width: 12 }), 'model-unsuitable'],
		['several pictures at a time', onnxOf({ batch: 4 }), 'model-unsuitable'],
		['grey pictures', onnxOf({ metadata: { 'Image.BitmapPixelFormat': 'Gray8' } }), 'model-unsuitable'],
		['huge pictures', onnxOf({ size: 4096, width: 4096 }), 'model-unsuitable'],
		['no ONNX', new TextEncoder().encode('hello, world'), 'onnx-broken', 'x.onnx'],
		['nothing', new Uint8Array(), 'onnx-broken', 'x.onnx'],
		['another kind of file', new TextEncoder().encode('%PDF-1.7'), 'model-none', 'x.pdf']
	])('%s: refused in words', async (_, bytes, code, name = 'x') => {
		expect(await codeOf(read(await bytes, name))).toBe(code);
	});

	const stranger = '../shared/models/onnx/mobilenet_v2_1.0_224.onnx';
	it.skipIf(!existsSync(stranger))(`a real MobileNetV2 (needs ${stranger})`, async () => {
		const received = await read(new Uint8Array(readFileSync(stranger)), 'mobilenet_v2_1.0_224.onnx');
		expect(received).toMatchObject({
			kind: 'onnx',
			name: 'mobilenet_v2_1.0_224',
			classes: 1000,
			input: { size: 224, layout: 'NCHW' }
		});
	});
});

it('a model of Teachable Machine that is handed on has the same features, the same maker, and the same bytes', async () => {
	await tf.setBackend('cpu');
	const network = makeNetwork({ size: 16 });
	scramble(network, 1);
	const zip = await zipOfParts(await partsOf(network, ['Cat', 'Dog', 'Nothing']));
	const received = await read(zip, 'pets.zip');
	const answers = { ...received.guess, labels: received.labels ?? [] };
	const settled = await settleReceived({ received, answers });
	const again = await read(settled.onnx);
	expect(again).toMatchObject({ kind: 'onnx', labels: ['Cat', 'Dog', 'Nothing'], outputs: settled.outputs });
	const { attribution, source, licence } = received;
	expect(again).toMatchObject({ attribution, source, licence });
	expect(again.outputs?.features).toEqual(received.outputs?.features);
	expect(isOpen(again)).toBe(false);
	const once = await settleReceived({
		received: again,
		answers: { ...again.guess, labels: again.labels ?? [] }
	});
	expect(once.sha256).toBe(settled.sha256);
});

describe('files that were damaged', () => {
	let whole: Uint8Array<ArrayBuffer>[] = [];
	beforeAll(async () => {
		const stranger = onnxOf({ metadata: { names: `{0: 'a', 1: 'b', 2: 'c', 3: 'd'}` } });
		const zip = await zipOf({ 'model.onnx': stranger, 'labels.txt': 'a\nb\nc\nd' });
		whole = [smallModelFile().bytes, stranger, new Uint8Array(await zip.arrayBuffer())];
	});

	it('give words or a model whose parts fit each other', async () => {
		const random = new Random(5);
		for (let i = 0; i < cases(2100); i++) {
			const bytes = mutated(whole[i % whole.length] ?? new Uint8Array(), random);
			try {
				const { labels, classes, outputs } = await read(bytes);
				expect(labels?.length ?? classes).toBe(classes);
				expect(classes).toBeGreaterThan(1);
				if (outputs) expect(outputs.features.dimension).toBeGreaterThan(0);
			} catch (cause) {
				if (!(cause instanceof Trouble)) throw cause;
			}
		}
	});
});
