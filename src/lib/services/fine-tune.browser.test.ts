/** Fine-tuning of the backbone that comes with the app: real workers, real engines, real storage. */
import { backbones } from '$models/catalog';
import { lectureCard } from '$models/made';
import { afterEach, expect, test } from 'vitest';
import { answerOf } from '$lib/domain/answer';
import type { BackboneCard } from '$lib/domain/card';
import type { Model } from '$lib/domain/model';
import { datasetOf, type Dataset } from '$lib/domain/dataset';
import { Random } from '$lib/domain/random';
import type { Label, Photo, Project } from '$lib/domain/project';
import type { FineTuneConfig, LayersConfig, ScratchConfig } from '$lib/domain/training';
import { Trouble } from '$lib/domain/trouble';
import { assemble, fileOf } from '$lib/onnx/assemble';
import { readModel, writeModel } from '$lib/onnx/model';
import { replaceConstants } from '$lib/onnx/replace';
import { deleteDatabase } from '$lib/storage/database';
import { addPhotos } from '$lib/storage/photos';
import { addProject } from '$lib/storage/projects';
import { readTuning } from '$lib/storage/training';
import { decodePhoto, Features } from './embed';
import { Engine, type EngineParts } from './engine';
import { fineTune, type TuneOptions, type TuneParts } from './fine-tune';
import { isMade, openMade } from './made';
import { ownOf } from './own-model';
import { makeTrainer, type Trainer } from './trainer';

const [card] = backbones;
if (!card) throw new Error('the catalogue is empty');
const config: FineTuneConfig = {
	kind: 'fine-tune',
	seed: 1,
	blocks: 1,
	epochs: 2,
	batch: 16,
	learningRate: 1e-3
};
const [LEARNED, TESTED] = [16, 100];

const engines: Engine[] = [];
const trainers: Trainer[] = [];
afterEach(async () => {
	engines.splice(0).forEach((engine) => engine.stop());
	trainers.splice(0).forEach((trainer) => trainer.stop());
	await deleteDatabase();
});

const fetched = async (url: string) => (await fetch(new URL(url, location.origin))).arrayBuffer();

async function engineFor(
	card: BackboneCard,
	files: ReadonlyMap<string, ArrayBuffer> = new Map()
): Promise<Engine> {
	const open: EngineParts['open'] = async ({ url }) => ({
		bytes: files.get(url)?.slice(0) ?? (await fetched(url)),
		from: 'kept',
		kept: true
	});
	const engine = new Engine({
		createWorker: () =>
			new Worker(new URL('../../../workers/inference.worker.ts', import.meta.url), { type: 'module' }),
		...{ open, has: async () => true, isolated: false, ios: false }
	});
	engines.push(engine);
	await engine.use(card, 'wasm');
	return engine;
}

/** @returns also the models that were put together */
function parts(): TuneParts & { trainer: Trainer; tried: Model[] } {
	const tried: Model[] = [];
	const trainer = makeTrainer();
	trainers.push(trainer);
	const openBackbone: TuneParts['openBackbone'] = async (file) =>
		isMade(file) ? (await openMade(file)).bytes : fetched(file.url);
	return {
		...{ trainer, tried, openBackbone, engineFor },
		async make(model, signal) {
			const own = { project: row, model, run: null, labels: labels.map(({ name }) => name) };
			const made = await ownOf({ createWorker, openBackbone }, own, signal);
			tried.push(model);
			return made;
		}
	};
}

const createWorker = () =>
	new Worker(new URL('../../../workers/share.worker.ts', import.meta.url), { type: 'module' });

/** A square of a colour on a slope, or a disc: different in each photo. */
async function pictureOf(kind: 'square' | 'disc', random: Random) {
	const context = new OffscreenCanvas(48, 48).getContext('2d');
	if (!context) throw new Error('no canvas');
	const shade = () => `hsl(${360 * random.next()} 60% ${30 + 40 * random.next()}%)`;
	context.fillStyle = shade();
	context.fillRect(0, 0, 48, 48);
	context.fillStyle = shade();
	const [x, y, size] = [10 + 20 * random.next(), 10 + 20 * random.next(), 8 + 6 * random.next()];
	if (kind === 'square') context.fillRect(x - size, y - size, 2 * size, 2 * size);
	else {
		context.arc(x, y, size, 0, 7);
		context.fill();
	}
	const blob = await context.canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
	return { bytes: await blob.arrayBuffer(), type: blob.type };
}

const project = { id: 'project', crop: 'centre' as const };
const labels: Label[] = ['square', 'disc'].map((id, colour) => ({
	id,
	name: id,
	colour,
	off: false,
	trashed: null
}));

const row: Project = {
	...{ ...project, name: 'Shapes', created: 1, changed: 1, backboneId: card.id },
	...{ labels, views: ['mirrored'], modelId: null, trashed: null }
};

/** Photos in storage, and what is learned from them; more of them are a test where that is asked for. */
async function taught(tested = 0): Promise<{ dataset: Dataset; photos: Photo[] }> {
	await addProject(row);
	const random = new Random(3);
	const kept = [];
	for (let i = 0; i < LEARNED + tested; i++) {
		const kind = i % 2 ? 'disc' : 'square';
		const picture = await pictureOf(kind, random);
		const photo: Photo = {
			...{ id: `photo ${i}`, projectId: project.id, labelId: kind, burstId: `burst ${i}`, added: i + 1 },
			...{
				source: 'file',
				name: '',
				width: 48,
				height: 48,
				bytes: picture.bytes.byteLength,
				sha256: String(i)
			},
			...{ hash: String(i).padStart(16, '0'), trashed: null, split: i < LEARNED ? null : 'test' }
		};
		kept.push({ photo, picture, thumbnail: picture });
	}
	await addPhotos(kept);
	const photos = kept.map(({ photo }) => photo);
	const features = new Features(await engineFor(card as BackboneCard), project, card?.file.sha256 ?? '');
	const quiet = { signal: new AbortController().signal, onPhoto: () => {}, onTrouble: () => {} };
	await features.add(photos, { ...quiet, views: ['mirrored'] });
	const dataset = datasetOf(labels, photos, Int32Array.from(photos.keys()), features, ['mirrored']);
	if (!dataset) throw new Error('there is nothing to learn from');
	return { dataset, photos };
}

const circumstances = (own: LayersConfig) => {
	let ids = 0;
	return {
		...{ projectId: project.id, crop: project.crop, from: 'mark', now: 5, newId: () => `new ${++ids}` },
		backbone: { sha256: card.file.sha256, id: card.id },
		config: own,
		head: { kind: 'head', seed: 1 } as const
	};
};

function run(
	own: TuneParts,
	{ dataset, photos }: Awaited<ReturnType<typeof taught>>,
	settings: LayersConfig = config,
	options: Partial<TuneOptions> = {}
) {
	const quiet = { signal: new AbortController().signal, onProgress: () => {}, from: null, started: 5 };
	const views = ['mirrored'] as const;
	return fineTune(own, { dataset, photos, views, card: card as BackboneCard }, circumstances(settings), {
		...quiet,
		...options
	});
}

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

test('a network that answers otherwise once it is put together is not kept, and says so', async () => {
	const material = await taught();
	const own = parts();
	const off = ({ tail = new Map() }: Model) =>
		new Map(Array.from(tail, ([name, { dims, data }]) => [name, { dims, data: data.map((x) => 1.5 * x) }]));
	const wrong: TuneParts = {
		...own,
		make: (model, signal) => own.make({ ...model, tail: off(model) }, signal)
	};
	await expect(run(wrong, material)).rejects.toMatchObject({
		code: 'finetune-differs',
		message: expect.stringContaining('The model before it stays')
	});
});

test('a network that gives no number once it is put together is not kept either', async () => {
	const material = await taught();
	const own = parts();
	const none = ({ tail = new Map() }: Model) =>
		new Map(Array.from(tail, ([name, { dims, data }]) => [name, { dims, data: data.map(() => NaN) }]));
	const wrong: TuneParts = {
		...own,
		make: (model, signal) => own.make({ ...model, tail: none(model) }, signal)
	};
	await expect(run(wrong, material)).rejects.toMatchObject({ code: 'finetune-differs' });
});

test('a network whose engine fails while it is tried is kept all the same', async () => {
	const material = await taught();
	const own = parts();
	const failing: TuneParts = {
		...own,
		async engineFor(card, files) {
			const engine = await own.engineFor(card, files);
			const gone = { ...card, file: { ...card.file, url: 'made:gone' } };
			// The trunk's own engine has done its work by then.
			if (own.tried.length > 0) await engine.use(gone, 'wasm').catch(() => undefined);
			return engine;
		}
	};
	expect((await run(failing, material)).model.tail?.size).toBeGreaterThan(1);
});

test('a network that no engine can be had for at the moment is kept all the same', async () => {
	const material = await taught();
	const own = parts();
	const none = { ...own, make: () => Promise.reject(new Trouble('share-failed', 'no memory')) };
	expect((await run(none, material)).model.tail?.size).toBeGreaterThan(1);
});

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
	const model = readModel(new Uint8Array(await fetched(card?.file.url ?? '')));
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
