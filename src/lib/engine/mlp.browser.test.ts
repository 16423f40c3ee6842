import { describe, expect, test } from 'vitest';
import { clouds } from '../../../tests/fixtures/clouds';
import { headLogits } from '../domain/head';
import { normalised } from '../domain/nearest';
import type { MlpConfig } from '../domain/training';
import { trainMlp } from './mlp';
import { MlpNetwork } from './mlp-network';
import { startTf } from './tf';

const config: MlpConfig = {
	kind: 'mlp',
	seed: 3,
	units: 32,
	dropout: 0.5,
	epochs: 30,
	batch: 8,
	learningRate: 0.005
};
const job = () => ({ signal: new AbortController().signal, report: () => undefined });

/** Share of new photos that a head names rightly. */
function accuracy(head: Parameters<typeof headLogits>[0], photos: readonly number[]) {
	const { features, targets, dimension } = clouds({ photos, sample: 5 });
	const right = targets.filter((target, i) => {
		const logits = headLogits(head, features.subarray(i * dimension, (i + 1) * dimension));
		return logits.indexOf(Math.max(...logits)) === target;
	});
	return right.length / targets.length;
}

describe('the MLP on WASM', () => {
	test('learns: loss falls, new photos are named, and what it says of itself is out of fold', async () => {
		const set = clouds({ photos: [20, 20, 20], burst: 2, views: 2 });
		const { head, epochs, outOfFold, gate, engine } = await trainMlp(set, config, job(), 'wasm');
		expect(engine).toBe('wasm');
		expect(epochs.at(-1)?.loss).toBeLessThan(epochs[0]?.loss ?? 0);
		expect(epochs.every(({ validationLoss }) => validationLoss !== null)).toBe(true);
		expect(accuracy(head, [30, 30, 30])).toBeGreaterThan(0.9);
		expect(outOfFold?.logits.length).toBe(60 * 3);
		expect(outOfFold?.familiarity.length).toBe(60);
		expect(gate?.kept).toBeGreaterThan(0.8);
	});

	test('gives the same bits with the same seed, others with another, and keeps no tensor', async () => {
		const set = clouds({ photos: [8, 8] });
		const short = { ...config, epochs: 3 };
		const { tf } = await startTf('wasm');
		const before = tf.memory().numTensors;
		const first = await trainMlp(set, short, job(), 'wasm');
		expect(tf.memory().numTensors).toBe(before);
		const second = await trainMlp(set, short, job(), 'wasm');
		expect(tf.memory().numTensors).toBe(before);
		expect({ ...second, time: 0 }).toEqual({ ...first, time: 0 });
		const other = await trainMlp(set, { ...short, seed: 4 }, job(), 'wasm');
		expect(other.head.layers[0]?.weights).not.toEqual(first.head.layers[0]?.weights);
	});

	test('keeps no tensor when it is stopped', async () => {
		const { tf } = await startTf('wasm');
		const before = tf.memory().numTensors;
		const stop = new AbortController();
		const run = trainMlp(
			clouds({ photos: [20, 20] }),
			{ ...config, epochs: 1000 },
			{ signal: stop.signal, report: ({ epoch }) => epoch && stop.abort() },
			'wasm'
		);
		await expect(run).rejects.toMatchObject({ name: 'AbortError' });
		expect(tf.memory().numTensors).toBe(before);
	});

	test('with a photo or two of each label still learns, and judges nothing', async () => {
		const set = clouds({ photos: [1, 2] });
		const result = await trainMlp(set, { ...config, epochs: 5 }, job(), 'wasm');
		expect(result.outOfFold).toBeNull();
		expect(result.epochs.map(({ validationLoss }) => validationLoss)).toEqual(new Array(5).fill(null));
		expect(result.head.temperature).toBe(1);
	});

	test('ends in words, without a model, when its numbers run out of bounds (17)', async () => {
		const set = clouds({ photos: [8, 8] });
		set.features[5] = NaN;
		await expect(trainMlp(set, config, job(), 'wasm')).rejects.toMatchObject({ code: 'training-diverged' });
	});

	test('its head computes what the network computes, within 1e-4', async () => {
		const { tf } = await startTf('wasm');
		const { features, targets, dimension } = clouds({ photos: [4, 4, 4] });
		const rows = normalised(features, dimension);
		const network = new MlpNetwork(tf, { ...config, inputs: dimension, classes: 3 });
		for (let i = 0; i < 5; i++) await network.step({ rows, targets, weights: new Float32Array(12).fill(1) });
		const theirs = await network.logits(rows);
		const head = await network.head();
		network.dispose();
		for (let i = 0; i < 12; i++) {
			const ours = headLogits(head, features.subarray(i * dimension, (i + 1) * dimension));
			ours.forEach((x, c) => expect(Math.abs(x - (theirs[i * 3 + c] ?? NaN))).toBeLessThan(1e-4));
		}
	});
});

describe('gradients', () => {
	test('dropout leaves out about its share of the units, and the first step differs by seed', async () => {
		const { tf } = await startTf('wasm');
		const { features, targets, dimension } = clouds({ photos: [4, 4] });
		const batch = { rows: normalised(features, dimension), targets, weights: new Float32Array(8).fill(1) };
		const shape = { inputs: dimension, units: 64, classes: 2, learningRate: 0.01 };
		const losses = [];
		for (const dropout of [0, 0.5]) {
			const network = new MlpNetwork(tf, { ...shape, dropout, seed: 2 });
			losses.push(await network.step(batch));
			network.dispose();
		}
		expect(losses.every(Number.isFinite)).toBe(true);
		expect(losses[0]).not.toBe(losses[1]);
	});
});

test('a small MLP trains on software WebGPU when asked for by name', async () => {
	const set = clouds({ photos: [4, 4], dimension: 8 });
	const tiny = { ...config, units: 8, epochs: 3, batch: 4 };
	const result = await trainMlp(set, tiny, job(), 'webgpu');
	expect(result.engine).toBe('webgpu');
	expect(result.epochs.every(({ loss }) => Number.isFinite(loss))).toBe(true);
}, 120_000);

test('left to itself it takes no software GPU', async () => {
	const { backend } = await startTf('auto');
	expect(['wasm', 'cpu']).toContain(backend);
}, 60_000);
