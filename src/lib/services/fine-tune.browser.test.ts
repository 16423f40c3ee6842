/** Fine-tuning of the backbone that comes with the app: real workers, real engines, real storage. */
import { lectureCard } from '$models/made';
import { afterEach, expect, test } from 'vitest';
import { answerOf } from '$lib/domain/answer';
import type { BackboneCard } from '$lib/domain/card';
import type { Model } from '$lib/domain/model';
import type { Photo } from '$lib/domain/project';
import type { ScratchConfig } from '$lib/domain/training';
import { assemble, fileOf } from '$lib/onnx/assemble';
import { readModel, writeModel } from '$lib/onnx/model';
import { replaceConstants } from '$lib/onnx/replace';
import { readTuning } from '$lib/storage/training';
import {
	card,
	config,
	engineFor,
	fetched,
	labels,
	LEARNED,
	letGo,
	parts,
	project,
	run,
	taught
} from '../../../tests/fixtures/shapes';
import { decodePhoto } from './embed';
import type { TuneOptions, TuneParts } from './fine-tune';
import { openMade } from './made';
import type { Trainer } from './trainer';

const TESTED = 100;

afterEach(letGo);

/** Keeps what the networks that are trained say of the test. */
const listening = (own: ReturnType<typeof parts>, said: Float32Array[]): TuneParts => ({
	...own,
	trainer: Object.assign(Object.create(own.trainer) as Trainer, {
		cut: own.trainer.cut.bind(own.trainer),
		expect: own.trainer.expect.bind(own.trainer),
		put: own.trainer.put.bind(own.trainer),
		judge: own.trainer.judge.bind(own.trainer),
		async tune(...input: Parameters<Trainer['tune']>) {
			const result = await own.trainer.tune(...input);
			said.push(result.tested);
			return result;
		}
	})
});

/** By how much a probability is another in ONNX Runtime, at most. @param tested what the trainer said of the test's photos */
async function worst(
	model: Model,
	network: { card: BackboneCard; bytes: ArrayBuffer },
	photos: readonly Photo[],
	tested: Float32Array
): Promise<number> {
	const bytes = replaceConstants(new Uint8Array(network.bytes), model.tail ?? new Map());
	const graph = assemble({ bytes, card: network.card, head: model.head, gate: model.gate });
	const file = fileOf(graph.model, {});
	const url = 'made:tuned.onnx';
	const names = new TextEncoder().encode(JSON.stringify(labels.map(({ name }) => name)));
	const engine = await engineFor(
		{
			...{ ...network.card, golden: undefined, input: graph.input, outputs: graph.outputs },
			file: { url, sha256: '', bytes: file.length },
			labels: { url: 'made:names', sha256: '', bytes: names.length, count: 2 }
		},
		new Map([
			[url, file.buffer],
			['made:names', names.buffer]
		])
	);
	const dimension = tested.length / TESTED;
	let worst = 0;
	for (const [i, photo] of photos.slice(LEARNED).entries()) {
		const picture = await decodePhoto(photo);
		if (!picture) throw new Error('no picture');
		const { probabilities } = await engine.classify(picture, project.crop);
		const trained = answerOf(model, tested.slice(i * dimension, (i + 1) * dimension));
		for (const [at, p] of trained.probabilities.entries())
			worst = Math.max(worst, Math.abs(p - (probabilities[at] ?? NaN)));
	}
	return worst;
}

test('a tuned network scores in ONNX Runtime as it did where it was trained, on a hundred photos', async () => {
	const material = await taught(TESTED);
	const words = new Set<string>();
	const said: Float32Array[] = [];
	const own = parts();
	const {
		model,
		run: made,
		head
	} = await run(listening(own, said), material, config, {
		onProgress: ({ words: own }) => words.add(own.replace(/\d+/g, '#'))
	});
	expect([...words]).toEqual([
		'Reading the network',
		'Looking at your photos with the layers that stay: # of #',
		'Solving the head to begin with',
		'Judging, part # of #: epoch # of #',
		'Learning from all photos: epoch # of #',
		'Trying the trained network'
	]);
	expect(made).toMatchObject({ state: 'done', engine: 'wasm', gain: { value: expect.any(Number) } });
	expect(made.evaluation).toMatchObject({ source: 'test', photos: TESTED });
	expect(head.run.config.kind).toBe('head');
	expect(head.model.tail).toBeUndefined();
	expect(model.tail?.size).toBeGreaterThan(1);
	expect(own.tried).toEqual([model]);

	const [tested = new Float32Array(0)] = said;
	expect(tested).toHaveLength(material.dataset.set.dimension * TESTED);
	expect(
		await worst(model, { card, bytes: await fetched(card.file.url) }, material.photos, tested)
	).toBeLessThan(1e-3);
}, 120_000);

test('a network from scratch learns all of its layers, is held against the head on the backbone, and scores in ONNX Runtime as it did where it was trained', async () => {
	const material = await taught(TESTED);
	const lecture = lectureCard(32);
	const said: Float32Array[] = [];
	const words = new Set<string>();
	const own = parts();
	const { seed, epochs, batch, learningRate } = config;
	const scratch: ScratchConfig = { kind: 'scratch', size: 32, seed, epochs, batch, learningRate };
	const {
		model,
		run: made,
		head
	} = await run(listening(own, said), material, scratch, {
		onProgress: ({ words: own }) => words.add(own.replace(/\d+/g, '#'))
	});
	expect([...words].slice(0, 3)).toEqual([
		'Reading the network',
		'Making your photos smaller, to # px: # of #',
		'Solving the head to compare with'
	]);
	expect(model.backbone).toEqual({ id: 'lecture-cnn-32', sha256: lecture.file.sha256 });
	expect(head.model.backbone).toEqual({ id: card.id, sha256: card.file.sha256 });
	expect(made).toMatchObject({ state: 'done', gain: { value: expect.any(Number) } });
	expect(made.evaluation).toMatchObject({ source: 'test', photos: TESTED });
	expect(model.tail?.size).toBe(10);
	expect(own.tried).toEqual([model]);
	const [tested = new Float32Array(0)] = said;
	expect(tested).toHaveLength(1024 * TESTED);
	const network = { card: lecture, bytes: (await openMade(lecture.file)).bytes };
	expect(await worst(model, network, material.photos, tested)).toBeLessThan(1e-3);
}, 120_000);

test('a worker that dies in the middle of an epoch leaves where it stood, and another ends with the same numbers', async () => {
	const material = await taught();
	const long = { ...config, epochs: 4 };
	const whole = await run(parts(), material, long);
	const dying = parts();
	const killed = run(dying, material, long, { every: 0 });
	const caught = expect(killed).rejects.toMatchObject({ code: 'training-stopped' });
	await expect.poll(() => readTuning(project.id), { timeout: 60_000 }).not.toBeNull();
	dying.trainer.stop();
	await caught;
	const kept = await readTuning(project.id);
	expect(kept).toMatchObject({ from: 'mark', config: long, started: 5 });
	const again = await run(parts(), material, long, { from: kept?.state as TuneOptions['from'] });
	for (const [name, { data }] of whole.model.tail ?? [])
		data.forEach((value, i) =>
			expect(Math.abs((again.model.tail?.get(name)?.data[i] ?? NaN) - value)).toBeLessThanOrEqual(1e-6)
		);
	expect(again.run.epochs).toEqual(whole.run.epochs);
	expect(again.run.gain).toEqual(whole.run.gain);
}, 180_000);

/** The same network with a function at its end that is not trained here. */
async function oddBackbone(): Promise<ArrayBuffer> {
	const model = readModel(new Uint8Array(await fetched(card.file.url)));
	const last = model.graph.node.findLast(({ opType }) => opType === 'Clip' || opType === 'Relu');
	if (!last) throw new Error('there is no such layer');
	last.opType = 'Tanh';
	last.input.splice(1);
	return writeModel(model).buffer;
}

test('a network whose last layers cannot be trained says so before anything is looked at', async () => {
	const { dataset, photos } = await taught();
	const own = parts();
	const odd = { ...own, openBackbone: oddBackbone };
	const refused = run(odd, { dataset, photos });
	await expect(refused).rejects.toMatchObject({
		code: 'finetune-operator',
		message: expect.stringContaining('A new head can be taught on it')
	});
});
