/** A model runs on a page of another origin, with the files that the app gives for it and nothing else of the app. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Locator, Page } from '@playwright/test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { cropRect } from '../../src/lib/image/crop';
import { toTensor } from '../../src/lib/image/resize';
import { coffeeFilm } from '../fixtures/camera';
import { cameraFlags } from '../fixtures/flags';
import { browserWith, expect, test } from '../fixtures/screens';
import { photoFiles } from '../pages/teach';

test.use({ ...browserWith(...cameraFlags(coffeeFilm())), permissions: ['camera'], keepsApp: false });

const types: Record<string, string> = {
	'.html': 'text/html',
	'.js': 'text/javascript',
	'.mjs': 'text/javascript',
	'.wasm': 'application/wasm'
};
const typeOf = (name: string) => types[extname(name)] ?? 'application/octet-stream';

/** A plain web server with these files. */
async function host(files: ReadonlyMap<string, Buffer>) {
	const server = createServer((request, response) => {
		const name = decodeURIComponent(request.url ?? '').slice(1);
		const file = files.get(name);
		response.writeHead(file ? 200 : 404, { 'Content-Type': typeOf(name) }).end(file);
	});
	await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
	const { port } = server.address() as AddressInfo; // it listens on one
	return { url: `http://localhost:${port}`, close: () => server.close() };
}

/** The public server of packages, out of the one that is installed. */
async function publicServer(context: BrowserContext): Promise<void> {
	const { version } = JSON.parse(readFileSync('node_modules/onnxruntime-web/package.json', 'utf8')) as {
		version: string;
	}; // npm's
	await context.route('https://cdn.jsdelivr.net/**', async (route) => {
		const [, asked, path = ''] =
			/npm\/onnxruntime-web@([^/]+)\/(dist\/[\w.-]+)$/.exec(route.request().url()) ?? [];
		expect(asked).toBe(version);
		const headers = { 'Access-Control-Allow-Origin': '*', 'Content-Type': typeOf(path) };
		await route.fulfill({ headers, body: readFileSync(`node_modules/onnxruntime-web/${path}`) });
	});
}

/** What the example says where it is sure of a label, or not. */
const named = (label: string) => new RegExp(`^${label} \\(\\d+ %\\)$|^Not sure\\. ${label}\\?$`);

const clear = (output: Locator) => output.evaluate((one) => (one.textContent = ''));

/** Streams that a page asks of the camera from now on. */
async function countStreams(page: Page): Promise<() => Promise<{ asked: number; live: number }>> {
	await page.evaluate(() => {
		const streams: Promise<MediaStream>[] = [];
		const { mediaDevices } = navigator;
		const ask = mediaDevices.getUserMedia.bind(mediaDevices);
		mediaDevices.getUserMedia = (wish) => {
			const stream = ask(wish);
			streams.push(stream);
			return stream;
		};
		Object.assign(window, { streams });
	});
	return () =>
		page.evaluate(async () => {
			const { streams } = window as unknown as { streams: Promise<MediaStream>[] }; // put there above
			const active = (await Promise.all(streams)).filter((stream) => stream.active);
			return { asked: streams.length, live: active.length };
		});
}

/** What the module says of a picture, and the picture's pixels as this browser decodes it. */
function classified(page: Page, picture: Buffer) {
	return page.evaluate(
		async (bytes) => {
			const load = (address: string) => import(address);
			const script = document.querySelector('script')?.textContent ?? '';
			const ort = await load(/'(https:[^']+)'/.exec(script)?.[1] ?? '');
			const { loadModel } = await load('./lensmith-model.js');
			const model = await loadModel('Balcony.onnx', ort);
			const photo = new Blob([new Uint8Array(bytes)]);
			const answer = (await model.classify(photo)) as {
				label: string;
				all: { label: string; probability: number }[];
			};
			const labels = [...model.labels] as string[];
			await model.dispose();
			const bitmap = await createImageBitmap(photo);
			const { width, height } = bitmap;
			const context = new OffscreenCanvas(width, height).getContext('2d');
			context?.drawImage(bitmap, 0, 0);
			return {
				answer,
				labels,
				width,
				height,
				data: [...(context?.getImageData(0, 0, width, height).data ?? [])]
			};
		},
		[...picture]
	);
}

/** What another runtime says of the same file, of pixels that the app's own code prepared. */
async function expected(
	file: Buffer,
	{ data, width, height }: { data: number[]; width: number; height: number }
) {
	const { x, y, width: side } = cropRect(width, height, 'centre');
	const inside = Array.from({ length: side }, (_, row) => {
		const from = 4 * ((y + row) * width + x);
		return data.slice(from, from + 4 * side);
	});
	const pixels = { data: Uint8Array.from(inside.flat()), width: side, height: side };
	const input = toTensor(pixels, { size: 224, layout: 'NCHW', mean: [0, 0, 0], std: [1, 1, 1] });
	const session = await InferenceSession.create(file);
	const { probabilities } = await session.run({ image: new Tensor('float32', input, [1, 3, 224, 224]) });
	await session.release();
	return [...(probabilities?.data as Float32Array)]; // it is float32
}

test('the example names a photo and what the camera sees; its module answers as the app', async ({
	context,
	serve,
	share,
	teach
}, info) => {
	test.setTimeout(120_000);
	const app = await serve();
	await share.trained(teach, app.url);
	const model = await share.save('Runs anywhere');
	await share.openOthers();
	const files = new Map([[model.name, model.bytes]]);
	for (const button of ['lensmith-model.js', 'example.html']) {
		const { name, bytes } = await share.saveBy(`Save ${button}`);
		files.set(name, bytes);
	}
	await app.close();

	await publicServer(context);
	const other = await host(files);
	const page = await context.newPage();
	await page.goto(`${other.url}/example.html`);
	const output = page.getByRole('status');
	await expect(output).toHaveText('It knows Daisy, Stripes.');

	for (const [kind, label] of [
		['disc', 'Daisy'],
		['stripes', 'Stripes']
	] as const) {
		const [photo] = photoFiles(1, 'new', 40, kind);
		if (!photo) throw new Error('no photo');
		await page.getByLabel('A photo').setInputFiles(photo);
		await expect(output).toHaveText(named(label));
		const { answer, labels, ...pixels } = await classified(page, photo.buffer);
		expect(answer.label).toBe(label);
		const probabilities = await expected(model.bytes, pixels);
		for (const one of answer.all) {
			const known = probabilities[labels.indexOf(one.label)] ?? NaN;
			expect(Math.abs(one.probability - known)).toBeLessThanOrEqual(1e-4);
		}
	}

	const streams = await countStreams(page);
	// Impatient people press twice.
	await page.getByRole('button', { name: 'Use the camera' }).evaluate((button: HTMLButtonElement) => {
		button.click();
		button.click();
	});
	const video = page.locator('video');
	await expect.poll(() => video.evaluate((one: HTMLVideoElement) => one.videoWidth)).toBe(640);
	// Again and again: what it said is said anew.
	for (let round = 0; round < 2; round++) {
		await clear(output);
		await expect(output).toHaveText(named('(Daisy|Stripes)'));
	}
	expect(await streams()).toEqual({ asked: 1, live: 1 });
	// A photo ends it.
	const [stripes] = photoFiles(1, 'new', 40, 'stripes');
	if (!stripes) throw new Error('no photo');
	await page.getByLabel('A photo').setInputFiles(stripes);
	await expect.poll(streams).toEqual({ asked: 1, live: 0 });
	await expect(page.getByRole('button', { name: 'Use the camera' })).toBeEnabled();
	await expect(output).toHaveText(named('Stripes'));
	// No frame comes behind it, and the next photo has an answer of its own.
	const [disc] = photoFiles(1, 'new', 40, 'disc');
	if (!disc) throw new Error('no photo');
	await clear(output);
	await page.getByLabel('A photo').setInputFiles(disc);
	await expect(output).toHaveText(named('Daisy'));

	files.delete(model.name);
	await page.reload();
	await expect(output).toContainText('could not be loaded from ./Balcony.onnx');

	await context.unroute('https://cdn.jsdelivr.net/**');
	await context.route('https://cdn.jsdelivr.net/**', (route) => route.abort());
	await page.reload();
	await expect(output).toContainText(
		'needs a web server that sends it and lensmith-model.js, and the internet'
	);
	const onDisk = info.outputPath('example.html');
	writeFileSync(onDisk, files.get('example.html') ?? '');
	await page.goto(pathToFileURL(onDisk).href);
	await expect(output).toContainText('needs a web server');
	await page.close();
	other.close();
});
