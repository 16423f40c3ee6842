import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeSpill } from '../../../../tests/fixtures/spill';
import { Random } from '../../domain/random';
import { Activations } from './activations';
import { TunedNetwork, type Tail } from './network';
import { lookAll, tune, type Standing, type TuneConfig, type TuneJob, type TuneSet } from './run';

const [CHANNELS, SIDE, FEATURES, CLASSES, PHOTOS] = [3, 4, 5, 2, 24];
const config: TuneConfig = {
	...{ seed: 7, epochs: 6, batch: 8, learningRate: 0.02, warmup: 0.1 },
	...{ kind: 'adam', weightDecay: 0.01, earlier: 0.8, smoothing: 0.1 }
};
const part = {
	train: [...Array(PHOTOS).keys()].filter((i) => i % 4 > 0),
	validation: [...Array(PHOTOS).keys()].filter((i) => i % 4 === 0)
};

/** A 1×1 convolution, relu, and the mean over the map. */
function tail(): Tail {
	const random = new Random(3);
	const kernel = tf.tidy(() =>
		tf.variable(tf.tensor4d(numbers(random, CHANNELS * FEATURES), [1, 1, CHANNELS, FEATURES]))
	);
	return {
		variables: [{ variable: kernel, depth: 0, isKernel: true }],
		features: ([map]) => tf.mean(tf.relu(tf.conv2d(map!, kernel as tf.Tensor4D, 1, 'same')), [1, 2]), // one map, and its kernel
		dispose: () => kernel.dispose()
	};
}

const numbers = (random: Random, count: number) =>
	Float32Array.from({ length: count }, () => random.next() - 0.5);

/** Two labels: the second has more of the first channel. Two views, the second a little louder. */
async function setOf(options?: ConstructorParameters<typeof Activations>[2]): Promise<TuneSet> {
	const random = new Random(5);
	const activations = new Activations([[CHANNELS, SIDE, SIDE]], 2 * PHOTOS, options);
	const targets = Int32Array.from({ length: PHOTOS }, (_, i) => Math.floor(i / 2) % 2);
	for (let row = 0; row < 2 * PHOTOS; row++) {
		const map = numbers(random, CHANNELS * SIDE * SIDE);
		for (let i = 0; i < SIDE * SIDE; i++) map[i] = map[i]! + 0.5 * targets[row % PHOTOS]!; // within both
		await activations.put(row, row < PHOTOS ? map : map.map((value) => 1.1 * value));
	}
	return { activations, views: 2, targets, weights: new Float64Array(PHOTOS).fill(1), classes: CLASSES };
}

function networkOf(settings = config) {
	const head = {
		layers: [
			{
				weights: new Float32Array(FEATURES * CLASSES),
				bias: new Float32Array(CLASSES),
				activation: 'linear' as const
			}
		],
		normalise: true,
		temperature: 1
	};
	return new TunedNetwork(tf, tail(), head, settings);
}

/** Runs once. @returns what came of it, with the network's last weights */
async function run(
	job: Partial<TuneJob> = {},
	from: Standing | null = null,
	set: TuneSet | Promise<TuneSet> = setOf(),
	settings = config
) {
	const network = networkOf(settings);
	try {
		const course = { part, until: settings.epochs, from };
		const epochs = await tune(network, await set, course, settings, { pause: async () => {}, ...job });
		return { epochs, weights: await network.weights() };
	} finally {
		network.dispose();
	}
}

let before = 0;
beforeEach(async () => {
	await tf.setBackend('cpu');
	before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

describe.each(['adam', 'sgd'] as const)('a run with %s', (kind) => {
	const settings = { ...config, kind };

	it('learns: both losses fall, and what it did not learn from is named', async () => {
		const { epochs } = await run({}, null, setOf(), { ...settings, epochs: 20, learningRate: 0.1 });
		expect(epochs.map(({ epoch }) => epoch)).toEqual([...Array(20).keys()].map((i) => i + 1));
		const [first, last] = [epochs[0], epochs.at(-1)];
		expect(last?.loss).toBeLessThan(0.8 * (first?.loss ?? 0));
		expect(last?.validationLoss).toBeLessThan(first?.validationLoss ?? 0);
		expect(last?.validationAccuracy).toBeGreaterThan(0.8);
	});

	it.each([1, 7, 19])('kept at step %s and taken up again ends with the same numbers', async (at) => {
		const whole = await run({}, null, setOf(), settings);
		let standing: Standing | null = null;
		let steps = 0;
		const stopped = run(
			{
				onStep: () => steps++,
				keeps: () => steps === at,
				async keep(kept) {
					standing = structuredClone(kept);
					throw new DOMException('killed', 'AbortError');
				}
			},
			null,
			setOf(),
			settings
		);
		await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
		expect(standing).not.toBeNull();
		const resumed = await run({}, standing, setOf(), settings);
		expect(resumed).toEqual(whole);
	});

	it.each([0, 30])('ends with the same numbers where memory has room for %s rows only', async (fit) => {
		const spill = fakeSpill();
		const options = { budget: fit * 2 * CHANNELS * SIDE * SIDE, spill };
		const spilled = await run({}, null, setOf(options), settings);
		expect(spilled).toEqual(await run({}, null, setOf(), settings));
		expect([...spill.rows.keys()]).toEqual([...Array(2 * PHOTOS).keys()].slice(fit));
	});
});

it('ends where it is told to, with the steps that a longer one takes until then', async () => {
	const weights: Float32Array[][] = [];
	for (const [until, epochs] of [
		[2, 6],
		[6, 6]
	] as const) {
		const network = networkOf();
		const lasts: boolean[] = [];
		await tune(
			network,
			await setOf(),
			{ part, until },
			{ ...config, epochs },
			{
				pause: async () => {},
				async onEpoch({ epoch }, last) {
					lasts.push(last);
					if (epoch === 2) weights.push(await network.weights());
				}
			}
		);
		network.dispose();
		expect(lasts).toEqual(Array.from({ length: until }, (_, i) => i === until - 1));
	}
	expect(weights[0]).toEqual(weights[1]);
});

it('that is enough for the person ends with the epoch', async () => {
	let done = 0;
	const { epochs } = await run({ onStep: (step) => (done = step), enough: () => done > 6 });
	expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
});

it('whose numbers run out of bounds ends with the reason', async () => {
	const set = await setOf();
	set.weights[5] = NaN;
	await expect(run({}, null, set)).rejects.toMatchObject({ code: 'training-diverged' });
	// Also where only what is held back is broken.
	const other = await setOf();
	other.weights[4] = NaN;
	await expect(run({}, null, other)).rejects.toMatchObject({ code: 'training-diverged' });
});

it('what was kept of another network is refused in words', async () => {
	const standing = { epoch: 1, step: 0, sums: { loss: 0, right: 0, rows: 0 }, epochs: [], weights: [] };
	await expect(run({}, { ...standing, optimizer: { steps: 0, moments: [] } })).rejects.toMatchObject({
		code: 'training-kept-wrong'
	});
});

it('looks at photos as it trained on them', async () => {
	const [network, set] = [networkOf(), await setOf()];
	const { features, logits } = await lookAll(network, set, [3, 1], async () => {});
	const alone = await lookAll(network, set, [1], async () => {});
	network.dispose();
	expect([features.length, logits.length]).toEqual([2 * FEATURES, 2 * CLASSES]);
	expect(features.slice(FEATURES)).toEqual(alone.features);
});
