/** The very text that the app hands out, run as a module with the real runtime, beside the app's own engine. */
import * as ort from 'onnxruntime-web/wasm';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import text from 'virtual:lensmith-model';
import { backbones } from '$models/catalog';
import { taughtFile, type Wish } from '../../../tests/fixtures/model-file';
import { taughtSureFrom, topK } from '../domain/prediction';
import { Inference } from '../engine/inference';
import { GraphBuilder } from '../onnx/builder';
import type { loadModel, Model, Picture, Runtime } from '.';

const card = backbones[0]!; // there is one
const THREE = ['Daisy', 'Camomile', 'Tansy'];
const inference = new Inference();
const open: { dispose(): Promise<void> }[] = [];
let runner: { loadModel: typeof loadModel };
let backbone: ArrayBuffer;
/** Wider than high. */
let photo: Blob;

const bytesAt = async (url: string) => (await fetch(new URL(url, location.origin))).arrayBuffer();

beforeAll(async () => {
	const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
	runner = (await import(/* @vite-ignore */ url)) as typeof runner; // what it exports
	backbone = await bytesAt(card.file.url);
	photo = new Blob([await bytesAt('samples/restaurant.jpg')]);
	const { url: engine } = await inference.binaryFile('wasm');
	await inference.start({ backend: 'wasm', binary: 'wasm', bytes: await bytesAt(engine), threads: 1 });
});
afterEach(() => Promise.all(open.splice(0).map((model) => model.dispose())));

/** The same file in the runner and in the app's engine. */
async function both(wish: Wish = {}) {
	const { bytes, card: own } = taughtFile(backbone, card, wish);
	const model = await runner.loadModel(bytes, ort);
	open.push(model);
	const labels = wish.labels ?? THREE;
	await inference.load({
		card: { ...card, ...own, golden: undefined, labels: { ...card.labels, count: labels.length } },
		bytes: bytes.slice().buffer
	});
	const crop = wish.crop ?? 'centre';
	/** @param picture as the person chose it; closed */
	const app = async (picture: ImageBitmap) => {
		const { probabilities, familiar } = await inference.classify({ source: picture, crop });
		const [best = { index: -1, probability: 0 }] = topK(probabilities, 1);
		const gated = wish.threshold !== null;
		return {
			probabilities,
			label: labels[best.index],
			sure: familiar && best.probability >= taughtSureFrom(labels.length, gated)
		};
	};
	return { model, app, labels };
}

async function expectSame(
	{ model, app, labels }: Awaited<ReturnType<typeof both>>,
	picture: Picture,
	seen: ImageBitmap
) {
	const answer = await model.classify(picture);
	const expected = await app(seen);
	expect(answer.label).toBe(expected.label);
	expect(answer.sure).toBe(expected.sure);
	expect(answer.all.map(({ label }) => label).sort()).toEqual([...labels].sort());
	for (const { label, probability } of answer.all)
		expect(
			Math.abs(probability - (expected.probabilities[labels.indexOf(label)] ?? NaN))
		).toBeLessThanOrEqual(1e-4);
	expect(answer.all[0]).toEqual({ label: answer.label, probability: answer.probability });
	return answer;
}

describe('answers as the app does', () => {
	test.each<[string, Wish]>([
		['the centre, with a gate', {}],
		['all of the picture', { crop: 'whole' }],
		['16 bits', { precision: 'fp16' }],
		['8 bits', { precision: 'int8' }],
		['two labels without a gate', { labels: ['a', 'b'], threshold: null }]
	])('%s', async (_, wish) => {
		const pair = await both(wish);
		await expectSame(pair, photo, await createImageBitmap(photo));
	});

	test('sure above the threshold alone', async () => {
		const familiarity = async (threshold: number) => {
			const pair = await both({ threshold });
			return (await expectSame(pair, photo, await createImageBitmap(photo))).sure;
		};
		expect(await familiarity(-1e6)).toBe(true);
		expect(await familiarity(1e6)).toBe(false);
	});

	test('of an image, a canvas, a bitmap, a frame and a video', async () => {
		const pair = await both();
		const image = new Image();
		image.src = URL.createObjectURL(photo);
		await expectSame(pair, image, await createImageBitmap(photo)); // it waits until it has come
		const bitmap = await createImageBitmap(photo);
		await expectSame(pair, bitmap, await createImageBitmap(bitmap));
		const canvas = new OffscreenCanvas(301, 200);
		canvas.getContext('2d')?.drawImage(bitmap, 0, 0, 301, 200);
		await expectSame(pair, canvas, await createImageBitmap(canvas));
		const shown = Object.assign(document.createElement('canvas'), { width: 300, height: 200 });
		shown.getContext('2d')?.drawImage(bitmap, 0, 0, 300, 200);
		await expectSame(pair, shown, await createImageBitmap(shown));
		const frame = new VideoFrame(bitmap, { timestamp: 0 });
		await expectSame(pair, frame, await createImageBitmap(frame));
		frame.close();
		const video = Object.assign(document.createElement('video'), {
			muted: true,
			srcObject: shown.captureStream()
		});
		await expect(pair.model.classify(video)).rejects.toThrow(/no picture yet/);
		await video.play();
		await expectSame(pair, video, await createImageBitmap(video));
	});

	test('what lets light through lies on white, and a picture smaller than the network’s grows', async () => {
		const pair = await both();
		const canvas = new OffscreenCanvas(60, 45);
		const context = canvas.getContext('2d')!; // every browser gives it
		context.fillStyle = 'rgb(200 30 30 / 0.5)';
		context.fillRect(5, 5, 30, 30);
		const png = await canvas.convertToBlob();
		await expectSame(pair, png, await createImageBitmap(png));
	});
});

test('many questions at once are answered in their turn; then it is disposed of', async () => {
	const { model, labels } = await both();
	expect(model.labels).toEqual(labels);
	const one = await model.classify(photo);
	const many = await Promise.all(Array.from({ length: 4 }, () => model.classify(photo)));
	for (const answer of many) expect(answer).toEqual(one);
	const last = model.classify(photo);
	await model.dispose();
	await model.dispose();
	expect(await last).toEqual(one);
	await expect(model.classify(photo)).rejects.toThrow(/Load it again/);
});

test('a page whose runtime works in a worker has the same answers, picture after picture', async () => {
	const { model } = await both();
	const expected = await model.classify(photo);
	// Its settings hold from the first session on, so it is a runtime of its own.
	const address = '/node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs';
	const other = (await import(/* @vite-ignore */ address)) as typeof ort; // the same library
	other.env.wasm.proxy = true;
	const proxied = await runner.loadModel(taughtFile(backbone, card).bytes, other);
	open.push(proxied);
	for (let picture = 0; picture < 3; picture++) expect(await proxied.classify(photo)).toEqual(expected);
});

test('colours last: each channel in its place', async () => {
	const graph = new GraphBuilder('test');
	const mean = graph.node(
		'ReduceMean',
		[graph.input('image', ['N', 6, 6, 3])],
		{ axes: [1, 2], keepdims: 0 },
		'mean'
	);
	const ten = graph.scalar(10);
	graph.node('Softmax', [graph.node('Mul', [mean, ten], {}, 'tenfold')], { axis: 1 }, 'probabilities');
	graph.output('probabilities', ['N', 3]);
	const lensmith = { format: 'lensmith-model', version: 1, crop: 'centre', parts: { gate: null } };
	const bytes = graph.finish({
		metadata: {
			names: '{"0":"red","1":"green","2":"blue"}',
			imgsz: '[6,6]',
			lensmith: JSON.stringify(lensmith)
		}
	});
	const model: Model = await runner.loadModel(bytes, ort);
	open.push(model);
	const canvas = new OffscreenCanvas(20, 10);
	const context = canvas.getContext('2d')!; // as above
	for (const colour of ['red', 'lime', 'blue']) {
		context.fillStyle = colour;
		context.fillRect(0, 0, 20, 10);
		const answer = await model.classify(canvas);
		expect(answer).toMatchObject({ label: colour === 'lime' ? 'green' : colour, sure: true });
		expect(answer.probability).toBeCloseTo(Math.exp(10) / (Math.exp(10) + 2), 6);
	}
});

describe('what goes wrong is said in words', () => {
	test.each<[string, Parameters<typeof loadModel>[0], RegExp]>([
		['an address that nobody answers', 'http://localhost:1/model.onnx', /could not be loaded from http/],
		['something else', new Blob(['not a model']), /no ONNX model/],
		['a graph of another kind', new GraphBuilder('empty').finish(), /not saved by Lensmith/]
	])('%s', async (_, source, words) => {
		const failed = await runner.loadModel(source, ort).catch((cause: unknown) => cause);
		expect(failed).toBeInstanceOf(Error);
		expect((failed as Error).name).toBe('Trouble');
		expect((failed as Error).message).toMatch(words);
	});

	test('a page without the runtime', async () => {
		await expect(runner.loadModel('model.onnx', undefined as unknown as Runtime)).rejects.toThrow(
			/onnxruntime-web/
		);
	});

	test('no picture, and one that is none', async () => {
		const { model } = await both();
		await expect(model.classify(new Blob(['text']))).rejects.toThrow(/no picture that the browser can read/);
		const image = new Image();
		image.src = 'data:image/png;base64,AAAA';
		await expect(model.classify(image)).rejects.toThrow(/no picture that the browser can read/);
		await expect(model.classify(document.createElement('video'))).rejects.toThrow(/no picture yet/);
	});
});
