import { afterEach, expect, test, vi } from 'vitest';
import { asTrouble } from '$lib/domain/trouble';
import { isOpen } from '$lib/files/received/received';
import { readInitializer } from '$lib/onnx/initializer';
import { readModel, writeModel } from '$lib/onnx/model';
import { floatTensor } from '$lib/onnx/tensor';
import { deleteDatabase } from '$lib/storage/database';
import { listReceived, openReceived, receivedLabels } from '$lib/storage/received';
import { onnxOf, smallModelFile } from '../../../tests/fixtures/models';
import { createShareWorker, makeEngine } from './engine-parts';
import { keepModel, readModelFile, tryModel, type ReceiveParts } from './receive';

const parts: ReceiveParts = {
	createWorker: createShareWorker,
	engineWith: (files) => makeEngine('', files)
};
const { signal } = new AbortController();
const read = (bytes: Uint8Array<ArrayBuffer>, more: Partial<ReceiveParts> = {}) =>
	readModelFile({ ...parts, ...more }, new Blob([bytes]), 'pets.onnx', signal);
const codeOf = (job: Promise<unknown>) =>
	job.then(
		() => 'done',
		(cause: unknown) => asTrouble(cause, 'no trouble', '').code
	);
const answers = { labels: ['a', 'b', 'c', 'd'], layout: 'NCHW', size: 8, range: 'unit' } as const;

afterEach(async () => {
	vi.restoreAllMocks();
	await deleteDatabase();
});

test('a model of ours is read, tried and kept, and then answers from what is kept', async () => {
	const { bytes } = smallModelFile();
	const received = await read(bytes);
	expect(isOpen(received)).toBe(false);
	const labels = received.labels ?? [];
	const tried = await tryModel(parts, received, { ...received.guess, labels }, signal);
	expect(await listReceived()).toEqual([]);
	const model = await keepModel(tried, { name: 'Mine', now: 5 });
	expect(await listReceived()).toEqual([model]);
	expect(model).toMatchObject({ kind: 'lensmith', added: 5, card: { name: 'Mine', delivery: 'file' } });
	expect(await receivedLabels(model.card)).toEqual(['Cat', 'Dog', 'Nothing']);
	// Written anew it is the same, byte for byte: it was written by us.
	expect(new Uint8Array((await openReceived(model.card.file)).bytes)).toEqual(bytes);
	expect(model.card.golden?.scores).toHaveLength(3);

	const engine = makeEngine('');
	await engine.use(model.card, 'wasm');
	const picture = () => createImageBitmap(new ImageData(16, 16));
	const { probabilities } = await engine.classify(await picture(), 'centre');
	expect(probabilities.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 5);
	const { features } = await engine.observe(await picture(), 'centre');
	expect(features).toHaveLength(6);
	expect(engine.labels).toEqual(['Cat', 'Dog', 'Nothing']);
	engine.stop();
});

test('a stranger’s answers by the range and order of colours that were told', async () => {
	const received = await read(onnxOf({}));
	const scores = new Map<string, number[]>();
	const ids = new Set<string>();
	for (const range of ['unit', 'bytes-bgr'] as const) {
		const { card, labels, received: kept } = await tryModel(parts, received, { ...answers, range }, signal);
		// Handed on, nothing is asked again, and answered otherwise it is another model.
		const again = await read(kept.onnx);
		expect(isOpen(again)).toBe(false);
		expect(again).toMatchObject({ labels: answers.labels, input: { size: 8, layout: 'NCHW' } });
		expect(again.input.range?.order).toBe(range === 'unit' ? undefined : 'BGR');
		ids.add(card.id);
		const engine = makeEngine(
			'',
			new Map([
				[card.file.url, kept.onnx.buffer],
				[card.labels.url, labels.buffer]
			])
		);
		await engine.use(card, 'wasm');
		// Red all over.
		const data = new ImageData(16, 16);
		for (let i = 0; i < data.data.length; i += 4) data.data.set([255, 0, 0, 255], i);
		const { features } = await engine.observe(await createImageBitmap(data), 'centre');
		scores.set(range, [...features]);
		engine.stop();
	}
	expect(ids.size).toBe(2);
	const { dims, data: kernel } = readInitializer(received.onnx, 'kernel');
	expect(dims).toEqual([6, 3, 3, 3]);
	const sumOf = (channel: number, colour: number) =>
		kernel.slice((channel * 3 + colour) * 9, (channel * 3 + colour + 1) * 9).reduce((sum, x) => sum + x, 0);
	for (let channel = 0; channel < 6; channel++) {
		expect(scores.get('unit')?.[channel]).toBeCloseTo(Math.max(0, sumOf(channel, 0)), 4);
		expect(scores.get('bytes-bgr')?.[channel]).toBeCloseTo(Math.max(0, 255 * sumOf(channel, 2)), 2);
	}
});

test('what misbehaves is ended in words, and nothing is kept', async () => {
	// Its scores are no numbers.
	const odd = readModel(onnxOf({}));
	odd.graph.initializer = odd.graph.initializer.map((tensor) =>
		tensor.name === 'bias' ? floatTensor('bias', [4], new Float32Array(4).fill(NaN)) : tensor
	);
	const received = await read(writeModel(odd));
	expect(await codeOf(tryModel(parts, received, answers, signal))).toBe('self-test-failed');

	// A graph that says other sizes than it has.
	const small = await read(onnxOf({ size: 'any' }));
	expect(await codeOf(tryModel(parts, small, { ...answers, size: 2 }, signal))).toBe('onnx-broken');

	// A worker that never answers, and one that dies.
	const still = () =>
		new Worker(URL.createObjectURL(new Blob(['onmessage = () => {}'], { type: 'text/javascript' })));
	expect(await codeOf(read(onnxOf({}), { createWorker: still, patience: 50 }))).toBe('model-silent');
	const dying = () =>
		new Worker(URL.createObjectURL(new Blob(['throw new Error("no")'], { type: 'text/javascript' })));
	expect(await codeOf(read(onnxOf({}), { createWorker: dying }))).toBe('model-silent');
	expect(await codeOf(read(onnxOf({}).slice(0, 300)))).toBe('onnx-broken');
	expect(await listReceived()).toEqual([]);
});

test('given up, it ends at once and keeps nothing', async () => {
	const end = new AbortController();
	const reading = readModelFile(parts, new Blob([onnxOf({})]), 'a.onnx', end.signal);
	end.abort();
	await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
	const received = await read(onnxOf({}));
	const second = new AbortController();
	const trying = tryModel(parts, received, answers, second.signal);
	second.abort();
	await expect(trying).rejects.toMatchObject({ name: 'AbortError' });
	expect(await listReceived()).toEqual([]);
});
