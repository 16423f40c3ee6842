/** Files of models made and tried, with onnxruntime-node as the engine. */
import 'fake-indexeddb/auto';
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { backbones } from '$models/catalog';
import { answerOf } from '$lib/domain/answer';
import type { BackboneCard } from '$lib/domain/card';
import type { Dataset } from '$lib/domain/dataset';
import type { Head } from '$lib/domain/head';
import type { Judged, ModelFacts, Precision } from '$lib/domain/model-facts';
import { normalised } from '$lib/domain/nearest';
import { Random } from '$lib/domain/random';
import { writeModelFile, type ModelFileInput } from '$lib/files/model-file';
import { CARD_KEY } from '$lib/files/model-layout';
import { readModel } from '$lib/onnx/model';
import { replaceConstants } from '$lib/onnx/replace';
import { deleteDatabase } from '$lib/storage/database';
import { addRun } from '$lib/storage/models';
import { addPhotos } from '$lib/storage/photos';
import { addProject } from '$lib/storage/projects';
import { realBackbones } from '../../../tests/fixtures/backbones';
import { taughtModel } from '../../../tests/fixtures/model-file';
import {
	PROJECT,
	smallModel,
	smallPhotos,
	smallProject,
	smallRun
} from '../../../tests/fixtures/small-project';
import { tailOf } from '../../../tests/fixtures/tuned';
import type { Engine } from './engine';
import { makeOwn } from './own-model';
import { makeFile } from './share-model';
import type { Subject } from './share-subject';
import type { Trainer } from './trainer';

const change = vi.hoisted(() => ({ of: (input: unknown): unknown => input }));
vi.mock('./share-worker', () => ({
	inShareWorker: (_parts: unknown, _signal: unknown, work: (client: unknown) => unknown) =>
		work({
			call: (_method: string, input: ModelFileInput) =>
				Promise.resolve(writeModelFile(change.of(input) as ModelFileInput)) // the same, with some of it changed
		})
}));

const card = backbones[0]!; // there is one
const backbone = Uint8Array.from(readFileSync(`static/models/${card.id}/model.onnx`));
const real = realBackbones.find(({ name }) => name === card.id)!.read(); // all of ours are there
const tail = tailOf(real);
const photos = smallPhotos(5).map((one, i) => ({ ...one, picture: { ...one.picture, type: `image/${i}` } }));
const side = card.input.size;
const DIMENSION = card.outputs?.features.dimension ?? 0;

/** What stands for a photo, by the number in its type. */
function pixelsOf(type: string): Tensor {
	const random = new Random(Number(type.split('/')[1]) + 1);
	return new Tensor(
		'float32',
		Float32Array.from({ length: 3 * side ** 2 }, () => random.next()),
		[1, 3, side, side]
	);
}

/** Asks a graph about pictures. */
async function asked(bytes: Uint8Array, input: string, pictures: readonly Tensor[]) {
	const session = await InferenceSession.create(bytes);
	const answers = [];
	for (const picture of pictures) answers.push(await session.run({ [input]: picture }));
	await session.release();
	return answers.map(
		(answer) => (name: string) => (answer[name]?.data ?? new Float32Array()) as Float32Array
	); // all are
}

let runs = 0;
/** An engine of one file, and one thread. */
function engineWith(files: ReadonlyMap<string, ArrayBuffer>): Engine {
	let used: BackboneCard | null = null;
	const ask = async (picture: unknown) => {
		runs++;
		const bytes = new Uint8Array(files.get(used?.file.url ?? '') ?? new ArrayBuffer(0));
		const [answer] = await asked(bytes, 'image', [picture as Tensor]); // as `createImageBitmap` gives it here
		return answer ?? (() => new Float32Array());
	};
	const engine = {
		use: (one: BackboneCard) => Promise.resolve(void (used = one)),
		embed: async (picture: unknown) => [(await ask(picture))('features').slice()],
		classify: async (picture: unknown) => {
			const answer = await ask(picture);
			const { threshold = -Infinity } = used?.outputs?.familiarity ?? {};
			const [familiarity = Infinity] = answer('familiarity');
			return { probabilities: answer('probabilities'), familiar: familiarity >= threshold };
		},
		stop: () => undefined,
		status: { phase: 'ready' }
	};
	return engine as unknown as Engine; // what a trial asks of it
}

const judged: Judged = { photos: 5, own: 4, file: 4 };
const compareAnswers = vi.fn<Trainer['compareAnswers']>(() => Promise.resolve(judged));
const parts = {
	createWorker: () => ({}) as Worker, // there is none, see above
	openBackbone: () => Promise.resolve(backbone.slice().buffer),
	engineWith,
	trainer: { compareAnswers }
};

/** With features of the backbone as it came, as they are kept. */
async function subjectWith(model: Partial<Subject['model']>): Promise<Subject> {
	const name = card.input.name ?? '';
	const answers = await asked(
		backbone,
		name,
		photos.map(({ picture }) => pixelsOf(picture.type))
	);
	const features = answers.map((answer) => answer(card.outputs?.features.name ?? '').slice());
	const taught = taughtModel(card, { labels: ['Daisy', 'Camomile'], threshold: -1000 });
	const whole = { ...smallModel(), ...taught, ...model };
	return {
		name: 'Plants',
		model: whole,
		labels: ['Daisy', 'Camomile'],
		...{ run: null, lambda: null, card, stale: false },
		photos: photos.map(({ photo }, i) => ({ photo, features: features[i] ?? new Float32Array() })),
		dataset: {
			labels: whole.labels.map(({ id, name }) => ({ id, name })),
			photoIds: photos.map(({ photo }) => photo.id),
			set: { features: Float32Array.from(features.flatMap((row) => [...row])), dimension: DIMENSION }
		} as unknown as Dataset // what is asked of it before the trainer
	};
}

const made = (subject: Subject, precision: Precision, onProgress = vi.fn()) =>
	makeFile(parts, subject, precision, { signal: new AbortController().signal, onProgress });

function factsIn(bytes: Uint8Array): ModelFacts {
	const card = readModel(bytes).metadataProps.find(({ key }) => key === CARD_KEY);
	return JSON.parse(card?.value ?? '') as ModelFacts;
}

beforeEach(async () => {
	vi.stubGlobal('createImageBitmap', ({ type }: Blob) => Promise.resolve(pixelsOf(type)));
	await addProject(smallProject({ modelId: null }));
	await addPhotos(photos);
	runs = 0;
	change.of = (input) => input;
	compareAnswers.mockClear();
});
afterEach(async () => {
	vi.unstubAllGlobals();
	await deleteDatabase();
});

test('a head’s file is held against the features that are kept', async () => {
	const subject = await subjectWith({});
	const { measured, bytes } = await made(subject, 'fp32');
	expect(measured).toEqual({ photos: 5, alike: 5, judged });
	expect(factsIn(bytes).training).toEqual({});
	// One look at each, and one more to compare.
	expect(runs).toBe(10);
	const [first, ...rest] = subject.photos;
	const other = {
		...subject,
		photos: [{ ...first!, features: first!.features.map((x) => 1.1 * x + 0.1) }, ...rest]
	}; // there are five
	await expect(made(other, 'fp32')).rejects.toMatchObject({ code: 'share-wrong' });
});

test('a fine-tuned model’s file is held against its own network, with the weights as they are', async () => {
	const subject = await subjectWith({ tail });
	const onProgress = vi.fn();
	const { measured, bytes } = await made(subject, 'fp32', onProgress);
	expect(measured).toEqual({ photos: 5, alike: 5, judged: null });
	expect(runs).toBe(15);
	expect(onProgress.mock.calls.map(([done, of]: unknown[]) => `${done}/${of}`)).toEqual(
		Array.from({ length: 10 }, (_, i) => `${i}/10`)
	);
	expect(compareAnswers).not.toHaveBeenCalled();
	const numbers = [...tail.values()].reduce((sum, { data }) => sum + data.length, 0);
	expect(factsIn(bytes).training).toEqual({ changedNumbers: numbers });
	// It answers as its head does of the network with its numbers.
	const pictures = photos.map(({ picture }) => pixelsOf(picture.type));
	const tuned = await asked(replaceConstants(backbone, tail), card.input.name ?? '', pictures);
	const answers = await asked(bytes, 'image', pictures);
	for (const [i, answer] of answers.entries()) {
		const expected = answerOf(
			subject.model,
			tuned[i]?.(card.outputs?.features.name ?? '') ?? new Float32Array()
		);
		answer('probabilities').forEach((p, label) =>
			expect(p).toBeCloseTo(expected.probabilities[label] ?? NaN, 3)
		);
	}
});

test('its network looks at the photos once for all forms of the file', async () => {
	const subject = await subjectWith({ tail });
	for (const precision of ['fp32', 'fp16', 'int8'] as const) {
		const { measured } = await made(subject, precision);
		expect(measured.photos).toBe(5);
		expect(measured.judged).toBeNull();
	}
	expect(runs).toBe(5 + 3 * 10);
});

test('a form that answers otherwise is told, and one whose features are others is not offered', async () => {
	const worse = new Map(
		Array.from(tail, ([name, { dims, data }]) => [name, { dims, data: data.map((x) => -x) }])
	);
	const picture = pixelsOf('image/0');
	const unit = async (numbers: typeof tail) => {
		const [answer] = await asked(replaceConstants(backbone, numbers), card.input.name ?? '', [picture]);
		return normalised(answer?.(card.outputs?.features.name ?? '') ?? new Float32Array(), DIMENSION);
	};
	/** The first label is what the network makes of the picture, the second what the other one makes of it. */
	const [one, other] = [await unit(tail), await unit(worse)];
	const weights = Float32Array.from({ length: 2 * DIMENSION }, (_, i) => {
		const difference = (one[i >> 1] ?? 0) - (other[i >> 1] ?? 0);
		return i % 2 === 0 ? difference : -difference;
	});
	const head: Head = {
		layers: [{ weights, bias: new Float32Array(2), activation: 'linear' }],
		...{ normalise: true, temperature: 1 }
	};
	const subject = await subjectWith({ tail, head, gate: null });
	/** What is written in a precision has other numbers than the model. */
	const spoil = (precision: Precision) => {
		change.of = (input) => {
			const { model, ...rest } = input as ModelFileInput; // as the mock above gives it
			return { ...rest, model: rest.precision === precision ? { ...model, tail: worse } : model };
		};
	};
	expect((await made(subject, 'fp32')).measured.alike).toBe(5);
	spoil('int8');
	expect((await made(subject, 'int8')).measured).toEqual({ photos: 5, alike: 0, judged: null });
	spoil('fp32');
	await expect(made(subject, 'fp32')).rejects.toMatchObject({ code: 'share-wrong' });
});

test('on the Look screen a fine-tuned model runs with its own network', async () => {
	const model = { ...smallModel(), ...taughtModel(card, { labels: ['Daisy', 'Camomile'] }), tail };
	await addRun(smallRun(), model, true);
	const { files, card: own } = await makeOwn(parts, PROJECT, new AbortController().signal);
	const bytes = new Uint8Array(files.get(own.file.url) ?? new ArrayBuffer(0));
	const picture = pixelsOf('image/0');
	const name = card.outputs?.features.name ?? '';
	const [answer] = await asked(bytes, own.input.name ?? '', [picture]);
	const [tuned] = await asked(replaceConstants(backbone, tail), card.input.name ?? '', [picture]);
	const features = tuned?.(name) ?? new Float32Array();
	const [plain] = await asked(backbone, card.input.name ?? '', [picture]);
	const off = (of: Float32Array = new Float32Array()) =>
		Math.hypot(...features.map((x, i) => x - (of[i] ?? NaN)));
	expect(off(answer?.('features'))).toBeLessThan(1e-3);
	expect(off(plain?.(name))).toBeGreaterThan(0.1);
});
