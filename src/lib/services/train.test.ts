import { expect, test, vi } from 'vitest';
import type { Dataset } from '$lib/domain/dataset';
import type { Head } from '$lib/domain/head';
import type { Model, TrainingRun } from '$lib/domain/model';
import type { TrainingResult, TrainingSet } from '$lib/domain/training';
import { judge } from '../engine/train';
import { endedRun, relearn, train } from './train';

const label = (id: string) => ({ id, name: id.toUpperCase(), colour: 0, off: false, trashed: null });
const set = (targets: number[]): TrainingSet => ({
	features: Float32Array.from(targets.flatMap((target) => (target === 0 ? [1, 0] : [0, 1]))),
	augmented: [],
	dimension: 2,
	targets: Int32Array.from(targets),
	classes: 2,
	groups: Int32Array.from(targets, (_, i) => i)
});
const dataset = (targets: number[], tested: number[] | null = null): Dataset => ({
	labels: [label('a'), label('b')],
	photoIds: targets.map((_, i) => `photo ${i}`),
	set: set(targets),
	test: tested && { photoIds: tested.map((_, i) => `test ${i}`), set: set(tested) },
	withheld: 0
});
/** Names the first label where the first feature is the larger. */
const head: Head = {
	layers: [{ weights: Float32Array.of(5, -5, -5, 5), bias: Float32Array.of(0, 0), activation: 'linear' }],
	normalise: true,
	temperature: 1.5
};
const result = (targets: number[]): TrainingResult => ({
	head,
	strength: { chosen: 0.01, path: [{ lambda: 0.01, logLoss: 0.2 }] },
	outOfFold: {
		logits: Float32Array.from(targets.flatMap((target) => (target === 0 ? [3, 0] : [0, 3]))),
		repeats: 1,
		familiarity: new Float32Array(targets.length)
	},
	gate: null,
	epochs: [],
	engine: 'L-BFGS',
	time: 12
});

let ids = 0;
const circumstances = {
	projectId: 'project',
	backbone: { sha256: 'f00', id: 'small' },
	crop: 'centre' as const,
	from: 'f00d',
	now: 77,
	newId: () => `id ${ids++}`,
	config: { kind: 'head' as const, seed: 1 }
};
const options = { signal: new AbortController().signal, onProgress: () => undefined };

test('a run is kept with its model, what it learned from, and how good it is out of fold', async () => {
	const targets = Array.from({ length: 40 }, (_, i) => i % 2);
	const trainer = { judge, learn: vi.fn(async () => result(targets)) };
	const { run, model } = await train(trainer, dataset(targets), circumstances, options);
	expect(model).toMatchObject({ projectId: 'project', created: 77, head, crop: 'centre' });
	expect(model.labels).toEqual([
		{ id: 'a', name: 'A' },
		{ id: 'b', name: 'B' }
	]);
	expect(run).toMatchObject({ state: 'done', modelId: model.id, photos: { a: 20, b: 20 }, time: 12 });
	expect(run.evaluation).toMatchObject({ source: 'folds', photos: 40, labels: ['a', 'b'] });
	expect(run.evaluation?.accuracy.value).toBe(1);
});

const mlp = {
	kind: 'mlp',
	seed: 3,
	units: 4,
	dropout: 0,
	epochs: 1,
	batch: 4,
	learningRate: 0.1
} as const;

test('an MLP is held against the head on the same folds', async () => {
	const targets = Array.from({ length: 40 }, (_, i) => i % 2);
	const wrong = result(targets.map((target, i) => (i < 10 ? 1 - target : target)));
	const learn = vi.fn(async (_set: TrainingSet, { kind }: { kind: string }) =>
		kind === 'mlp' ? result(targets) : wrong
	);
	const { run } = await train({ learn, judge }, dataset(targets), { ...circumstances, config: mlp }, options);
	expect(run.gain?.value).toBe(0.25);
	expect(learn.mock.calls.map(([, asked]) => asked)).toEqual([mlp, { kind: 'head', seed: 3 }]);
});

test('an MLP that could not be held against the head is kept all the same', async () => {
	const targets = Array.from({ length: 40 }, (_, i) => i % 2);
	const learn = async (_set: TrainingSet, { kind }: { kind: string }) => {
		if (kind === 'head') throw new Error('the worker died');
		return result(targets);
	};
	const { run } = await train({ learn, judge }, dataset(targets), { ...circumstances, config: mlp }, options);
	expect(run.state).toBe('done');
	expect(run.gain).toBeUndefined();
});

test('photos set aside as a test judge the model, whatever the folds say', async () => {
	const targets = Array.from({ length: 40 }, (_, i) => i % 2);
	const tested = Array.from({ length: 24 }, (_, i) => i % 2);
	const data = dataset(targets, tested);
	// The second of them looks like the other label.
	data.test?.set.features.set([1, 0], 2);
	const trainer = { learn: async () => result(targets), judge };
	const { evaluation } = (await train(trainer, data, circumstances, options)).run;
	expect(evaluation).toMatchObject({ source: 'test', photos: 24 });
	expect(evaluation?.accuracy.value).toBeCloseTo(23 / 24, 9);
	expect(evaluation?.verdicts.map(({ photoId }) => photoId).slice(0, 2)).toEqual(['test 0', 'test 1']);
});

test('a test too small for a percentage leaves the judgement to the folds', async () => {
	const targets = Array.from({ length: 40 }, (_, i) => i % 2);
	const trainer = { learn: async () => result(targets), judge };
	const { evaluation } = (await train(trainer, dataset(targets, [0, 1]), circumstances, options)).run;
	expect(evaluation).toMatchObject({ source: 'folds', photos: 40 });
});

test('too few photos for folds make a model without a figure', async () => {
	const trainer = { judge, learn: async () => ({ ...result([0, 1]), outOfFold: null }) };
	const { run } = await train(trainer, dataset([0, 1]), circumstances, options);
	expect(run).toMatchObject({ state: 'done', evaluation: null });
});

test('a run that ended without a model says why', () => {
	const how = { time: 5, epochs: [] };
	expect(endedRun(dataset([0, 1]), circumstances, { ...how, why: null })).toMatchObject({
		state: 'stopped',
		trouble: '',
		modelId: null
	});
	expect(endedRun(dataset([0, 1]), circumstances, { ...how, why: 'No.' })).toMatchObject({
		state: 'failed',
		trouble: 'No.'
	});
});

const model = (labels: string[]): Model => ({
	id: 'before',
	projectId: 'project',
	created: 1,
	backbone: circumstances.backbone,
	crop: 'centre',
	labels: labels.map((id) => ({ id, name: id })),
	head,
	gate: null
});
const fresh: Head = { ...head, temperature: 1 };

test('learning on starts warm and keeps strength and temperature while the labels are the same', async () => {
	const trainer = { relearn: vi.fn(async () => fresh) };
	const judged = {
		model: model(['a', 'b']),
		run: { strength: { chosen: 0.5, path: [] } } as unknown as TrainingRun
	};
	const before = { model: judged.model, judged };
	const next = await relearn(trainer, dataset([0, 1]), circumstances, { before, signal: options.signal });
	expect(trainer.relearn.mock.calls[0]).toMatchObject([{}, { lambda: 0.5, start: head }, {}]);
	expect(next.head.temperature).toBe(1.5);
});

test('a new label starts anew: nothing of another shape is taken for a start', async () => {
	const trainer = { relearn: vi.fn(async () => fresh) };
	const judged = { model: model(['a', 'c']), run: null };
	const before = { model: judged.model, judged };
	const next = await relearn(trainer, dataset([0, 1]), circumstances, { before, signal: options.signal });
	expect(trainer.relearn.mock.calls[0]).toMatchObject([{}, { start: null }, {}]);
	expect(next.head.temperature).toBe(1);
});

test('learning on, the gate knows the photos that came, and its threshold holds', async () => {
	const trainer = { relearn: vi.fn(async () => fresh) };
	const gate = {
		neighbours: 1,
		similarity: { mean: 0.5, deviation: 0.1 },
		energy: { mean: 1, deviation: 1 },
		threshold: -1,
		bank: Float32Array.of(1, 0),
		kept: 0.95,
		near: null
	};
	const judged = { model: { ...model(['a', 'b']), gate }, run: null };
	const before = { model: judged.model, judged };
	const next = await relearn(trainer, dataset([0, 1, 1]), circumstances, { before, signal: options.signal });
	expect(next.gate).toEqual({ ...gate, bank: Float32Array.of(1, 0, 0, 1, 0, 1) });
	expect(next.from).toBe('f00d');
});
