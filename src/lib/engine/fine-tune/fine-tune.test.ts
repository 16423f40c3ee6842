import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBetter } from '../../domain/paired';
import { Random } from '../../domain/random';
import { familiarity } from '../../domain/strangers';
import type { TrainingSet } from '../../domain/training';
import { GraphBuilder } from '../../onnx/builder';
import { programOf } from '../../onnx/program';
import { Activations } from './activations';
import { fineTune } from './fine-tune';
import { TunedNetwork } from './network';
import { lookAll, type TuneConfig } from './run';
import { depthsOf, trainable } from './tail';
import { tuneSetOf } from './fit';

const [CHANNELS, SIDE, DIMENSION] = [4, 3, 6];
const config: TuneConfig = {
	...{ seed: 2, epochs: 12, batch: 16, learningRate: 0.03, warmup: 0.1 },
	...{ kind: 'adam', weightDecay: 0, earlier: 0.9, smoothing: 0.05 }
};
const job = () => ({ signal: new AbortController().signal, report: () => undefined });

/** Two convolutions, the first depthwise, and the mean. */
function programFor(seed: number) {
	const random = new Random(seed);
	const numbers = (length: number) => Float32Array.from({ length }, () => random.next() - 0.5);
	const builder = new GraphBuilder('tail');
	builder.input('x', ['N', CHANNELS, SIDE, SIDE]);
	// At first each channel is handed on as it is.
	const centre = Float32Array.from({ length: CHANNELS * 9 }, (_, i) => Number(i % 9 === 4));
	builder.floats('k1', [CHANNELS, 1, 3, 3], centre);
	builder.floats('b1', [CHANNELS], new Float32Array(CHANNELS).fill(0.5));
	builder.floats('k2', [DIMENSION, CHANNELS, 1, 1], numbers(DIMENSION * CHANNELS));
	builder.floats('b2', [DIMENSION], new Float32Array(DIMENSION).fill(0.5));
	const same = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], group: CHANNELS };
	builder.node('Conv', ['x', 'k1', 'b1'], same, 'a');
	builder.node('Relu', ['a'], {}, 'a/relu');
	builder.node('Conv', ['a/relu', 'k2', 'b2'], { kernel_shape: [1, 1] }, 'b');
	builder.node('Relu', ['b'], {}, 'map');
	builder.node('GlobalAveragePool', ['map'], {}, 'pooled');
	builder.node('Flatten', ['pooled'], { axis: 1 }, 'features');
	builder.output('features', ['N', DIMENSION]);
	return programOf(builder.finish());
}

/**
 * Two labels that differ in how neighbours are arranged: no mean over the map tells them apart, so a head cannot, while
 * a trained depthwise convolution can. In pairs that belong together.
 */
async function materialOf(photos: number) {
	const program = programFor(3);
	const random = new Random(9);
	const activations = new Activations([[CHANNELS, SIDE, SIDE]], photos);
	const targets = Int32Array.from({ length: photos }, (_, i) => Math.floor(i / 2) % 2);
	for (const [photo, target] of targets.entries()) {
		const map = Float32Array.from({ length: CHANNELS * SIDE * SIDE }, (_, i) => {
			const at = i % (SIDE * SIDE);
			const [row, column] = [Math.floor(at / SIDE), at % SIDE];
			return Number((target === 0 ? row : column) === 1) + 0.3 * random.next();
		});
		activations.put(photo, map);
	}
	const groups = Int32Array.from({ length: photos }, (_, i) => Math.floor(i / 2));
	const empty = { dimension: DIMENSION, targets, classes: 2, groups, augmented: [] };
	const set: TrainingSet = { ...empty, features: new Float32Array(photos * DIMENSION) };
	const head = {
		layers: [
			{ weights: new Float32Array(2 * DIMENSION), bias: new Float32Array(2), activation: 'linear' as const }
		],
		...{ normalise: true, temperature: 1 }
	};
	const network = new TunedNetwork(tf, trainable(tf, program), head, config);
	const { features } = await lookAll(
		network,
		tuneSetOf({ set, activations }),
		[...targets.keys()],
		async () => {}
	);
	network.dispose();
	return { set: { ...set, features }, activations, program };
}

let before = 0;
beforeEach(async () => {
	await tf.setBackend('cpu');
	before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

const started = { tf, backend: 'cpu' as const };

describe('fine-tuning', () => {
	it('beats the head where the features cannot tell, and says by how much on photos that neither had seen', async () => {
		const material = await materialOf(64);
		const told: number[] = [];
		const { rival, outOfFold, gate, head, tail, epochs, engine } = await fineTune(started, material, config, {
			...job(),
			report: ({ done }) => told.push(done)
		});
		expect(engine).toBe('cpu');
		expect(epochs).toHaveLength(config.epochs);
		expect(rival.gain?.value).toBeGreaterThan(0.2);
		expect(isBetter(rival.gain)).toBe(true);
		expect(outOfFold?.logits).toHaveLength(64 * 2);
		expect(head.temperature).toBeGreaterThan(0);
		expect([...tail.keys()].sort()).toEqual(['b1', 'b2', 'k1', 'k2']);
		expect(tail.get('k1')?.data).not.toEqual(material.program.parameters.get('k1')?.data);
		expect(told.at(-1)).toBe(1);
		expect(told.every((done, i) => done >= (told[i - 1] ?? 0))).toBe(true);
		expect(gate?.kept).toBeGreaterThan(0.85);
	});

	it('keeps photos that it has not seen, and refuses what looks like none', async () => {
		const material = await materialOf(64);
		const { gate, head, tail } = await fineTune(started, material, config, job());
		if (!gate) throw new Error('there is no gate');
		const program = { ...material.program, parameters: new Map([...material.program.parameters, ...tail]) };
		const network = new TunedNetwork(tf, trainable(tf, program), head, config);
		const fresh = await materialOf(200);
		const photos = Array.from({ length: 100 }, (_, i) => 100 + i);
		const { features, logits } = await lookAll(network, tuneSetOf(fresh), photos, async () => {});
		network.dispose();
		const kept = photos.filter((_, i) => {
			const own = features.subarray(i * DIMENSION, (i + 1) * DIMENSION);
			return familiarity(gate, own, logits.subarray(2 * i, 2 * i + 2)) >= gate.threshold;
		});
		expect(kept.length).toBeGreaterThan(80);
		const odd = new Float32Array(DIMENSION);
		odd[0] = -1;
		expect(familiarity(gate, odd, [0, 0])).toBeLessThan(gate.threshold);
	});

	it('gives the same bits with the same seed', async () => {
		const [one, two] = [await materialOf(24), await materialOf(24)];
		const short = { ...config, epochs: 2 };
		const first = await fineTune(started, one, short, job());
		const second = await fineTune(started, two, short, job());
		const plain = ({ time: _, rival, ...rest }: typeof first) => ({ ...rest, gain: rival.gain });
		expect(plain(second)).toEqual(plain(first));
	});

	it('with too few photos for folds learns, and claims nothing', async () => {
		const { outOfFold, gate, rival, epochs } = await fineTune(
			started,
			await materialOf(4),
			{ ...config, epochs: 2 },
			job()
		);
		expect([outOfFold, gate, rival.gain]).toEqual([null, null, null]);
		expect(epochs.every(({ validationLoss }) => validationLoss === null)).toBe(true);
	});

	it('that is stopped leaves nothing', async () => {
		const stop = new AbortController();
		const run = fineTune(started, await materialOf(24), config, {
			signal: stop.signal,
			report: ({ epoch }) => epoch && stop.abort()
		});
		await expect(run).rejects.toMatchObject({ name: 'AbortError' });
	});
});

it('layers are counted from the end, biases with their kernels', () => {
	expect(Object.fromEntries(depthsOf(programFor(1)))).toEqual({ k1: 1, b1: 1, k2: 0, b2: 0 });
});
