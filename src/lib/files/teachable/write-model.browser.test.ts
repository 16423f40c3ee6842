/**
 * What is written, in the library that people will open it with: @teachablemachine/image as its own pages load it, with
 * the TF.js it was made for and with today's.
 */
import '@tensorflow/tfjs-backend-cpu';
import * as core from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import * as layers from '@tensorflow/tfjs-layers';
import libraryUrl from '@teachablemachine/image/dist/teachablemachine-image.min.js?url&no-inline';
import tfUrl from '@tensorflow/tfjs/dist/tf.min.js?url&no-inline';
import { InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { headLogits, type Head } from '$lib/domain/head';
import { softmax } from '$lib/domain/prediction';
import { Random } from '$lib/domain/random';
import { binaryFile, startRuntime } from '$lib/engine/runtime';
import { backbones } from '$models/catalog';
import { openZip } from '../zip';
import { TEACHABLE_BACKBONE, writeTeachable } from './write-model';

/** As far as it is used here. */
interface Library {
	loadFromFiles(model: File, weights: File, metadata: File): Promise<Loaded>;
}
interface Loaded {
	predict(picture: HTMLCanvasElement): Promise<{ className: string; probability: number }[]>;
	getTotalClasses(): number;
	getMetadata(): { modelName: string; imageSize: number };
}
interface Tf {
	setBackend(name: string): Promise<boolean>;
	version_core: string;
}
/** What scripts leave in a page. */
type Page = Window & { tf?: Tf; tmImage?: Library };

const labels = ['Cup', 'Table', 'Nothing'];
const random = new Random(1);
const numbers = (length: number, scale: number) =>
	Float32Array.from({ length }, () => (2 * random.next() - 1) * scale);
const head: Head = {
	layers: [{ weights: numbers(256 * 3, 0.3), bias: numbers(3, 1), activation: 'linear' }],
	normalise: false,
	temperature: 0.8
};

let backbone: Uint8Array<ArrayBuffer>;
let session: InferenceSession;
let zip: Blob;

beforeAll(async () => {
	const card = backbones.find(({ id }) => id === TEACHABLE_BACKBONE);
	backbone = await bytesOf(`/${card?.file.url}`);
	await startRuntime({ binary: 'wasm', bytes: (await bytesOf(binaryFile('wasm').url)).buffer, threads: 1 });
	session = await InferenceSession.create(backbone, { executionProviders: ['wasm'] });
	zip = await writeTeachable({ backbone, head, labels, name: 'My cups', now: Date.UTC(2025, 0, 1) });
});

async function bytesOf(url: string): Promise<Uint8Array<ArrayBuffer>> {
	return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

function run(url: string, { document }: Window): Promise<void> {
	return new Promise((resolve, reject) => {
		const script = document.createElement('script');
		script.src = url;
		script.onload = () => resolve();
		script.onerror = () => reject(new Error(`${url} could not be loaded`));
		document.head.append(script);
	});
}

/** A page of its own: two TF.js in one would share what they keep. */
async function withFirst(): Promise<Page> {
	const frame = document.createElement('iframe');
	document.body.append(frame);
	if (!frame.contentWindow) throw new Error('no frame');
	await run(tfUrl, frame.contentWindow);
	return frame.contentWindow;
}

function withToday(): Promise<Page> {
	// Its scripts put the parts together in the same way; some are read-only here.
	const tf = { ...core, ...layers } as unknown as Tf;
	return Promise.resolve(Object.assign(window, { tf }));
}

async function load(library: Library): Promise<Loaded> {
	const { files } = await openZip(zip, 'cups.zip');
	const file = async (name: string) =>
		new File([(await files.find(({ path }) => path === name)?.read()) ?? ''], name);
	return library.loadFromFiles(
		await file('model.json'),
		await file('weights.bin'),
		await file('metadata.json')
	);
}

/** 224 pixels wide and high, so that nobody resizes it. */
async function canvasOf(draw: (context: CanvasRenderingContext2D) => void | Promise<void>) {
	const canvas = document.createElement('canvas');
	canvas.width = canvas.height = 224;
	const context = canvas.getContext('2d', { willReadFrequently: true });
	if (!context) throw new Error('no canvas');
	await draw(context);
	return { canvas, pixels: context.getImageData(0, 0, 224, 224).data };
}

const pictures = {
	'a cup': async (context: CanvasRenderingContext2D) => {
		const photo = await createImageBitmap(await (await fetch('/samples/coffee.jpg')).blob());
		context.drawImage(photo, 0, 0, 224, 224);
	},
	white: (context: CanvasRenderingContext2D) => {
		context.fillStyle = '#fff';
		context.fillRect(0, 0, 224, 224);
	},
	'red and blue': (context: CanvasRenderingContext2D) => {
		context.fillStyle = '#f00';
		context.fillRect(0, 0, 224, 224);
		context.fillStyle = '#0000c0';
		context.fillRect(30, 60, 99, 120);
	}
};

/** What Lensmith says of these pixels. */
async function ours(pixels: Uint8ClampedArray): Promise<Float32Array> {
	const area = 224 * 224;
	const input = Float32Array.from(
		{ length: 3 * area },
		(_, i) => (pixels[(i % area) * 4 + Math.floor(i / area)] ?? 0) / 255
	);
	const { features } = await session.run({ image: new Tensor('float32', input, [1, 3, 224, 224]) });
	if (!(features?.data instanceof Float32Array)) throw new Error('no features');
	return softmax(headLogits(head, features.data).map((logit) => logit / head.temperature));
}

describe.each([
	['1.3.1', withFirst],
	['4.22.0', withToday]
])('in Teachable Machine’s library with TF.js %s', (version, open) => {
	let model: Loaded;

	beforeAll(async () => {
		const page = await open();
		expect(page.tf?.version_core).toBe(version);
		await page.tf?.setBackend('cpu');
		await run(libraryUrl, page);
		if (!page.tmImage) throw new Error('the library is not there');
		model = await load(page.tmImage);
	});

	test('it opens', () => {
		expect(model.getTotalClasses()).toBe(3);
		expect(model.getMetadata()).toMatchObject({ modelName: 'My cups', imageSize: 224 });
	});

	test.each(Object.entries(pictures))('it says of %s what Lensmith says', async (_, draw) => {
		const { canvas, pixels } = await canvasOf(draw);
		const expected = await ours(pixels);
		const answer = await model.predict(canvas);
		expect(answer.map(({ className }) => className)).toEqual(labels);
		answer.forEach(({ probability }, i) =>
			expect(Math.abs(probability - (expected[i] ?? NaN))).toBeLessThanOrEqual(1e-4)
		);
	});
});
