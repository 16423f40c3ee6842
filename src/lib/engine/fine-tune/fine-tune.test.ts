import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { config, DIMENSION, materialOf, tailFile } from '../../../../tests/fixtures/tuning';
import { isBetter } from '../../domain/paired';
import type { TrainingProgress } from '../../domain/training';
import { familiarity } from '../../domain/strangers';
import { programOf } from '../../onnx/program';
import { replaceConstants } from '../../onnx/replace';
import { fineTune } from './fine-tune';
import { fit, tuneSetOf } from './fit';
import { TunedNetwork } from './network';
import { lookAll } from './run';
import { depthsOf, trainable } from './tail';
import type { TuningState } from './tuning';

const job = () => ({ signal: new AbortController().signal, report: () => undefined });

let before = 0;
beforeEach(async () => {
	await tf.setBackend('cpu');
	before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

const started = { tf, backend: 'cpu' as const };

describe('fine-tuning', () => {
	it('beats the head where the features cannot tell, and says by how much on photos that neither had seen', async () => {
		const material = await materialOf(tf, 64);
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

	it('keeps all of what was learned where that is good for photos it has not seen, and a part where it is not', async () => {
		const material = await materialOf(tf, 64);
		expect((await fineTune(started, material, config, job())).share).toBe(1);
		// What the head can tell needs no other features.
		const easy = await materialOf(tf, 40, true);
		expect((await fineTune(started, easy, { ...config, epochs: 4 }, job())).share).toBe(0.25);
	});

	it('keeps photos that it has not seen, and refuses what looks like none', async () => {
		const material = await materialOf(tf, 64);
		const { gate, head, tail } = await fineTune(started, material, config, job());
		if (!gate) throw new Error('there is no gate');
		const program = { ...material.program, parameters: new Map([...material.program.parameters, ...tail]) };
		const network = new TunedNetwork(tf, trainable(tf, program), head, config);
		const fresh = await materialOf(tf, 200);
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

	it('goes back into ONNX: ONNX Runtime gives the features of the network that was trained, within 1e-3', async () => {
		const material = await materialOf(tf, 100);
		const { head, tail } = await fineTune(started, material, { ...config, epochs: 3 }, job());
		const program = { ...material.program, parameters: new Map([...material.program.parameters, ...tail]) };
		const network = new TunedNetwork(tf, trainable(tf, program), head, config);
		const photos = [...material.set.targets.keys()];
		const { features } = await lookAll(network, tuneSetOf(material), photos, async () => {});
		network.dispose();
		const session = await InferenceSession.create(replaceConstants(tailFile(3), tail));
		const [rows = new Float32Array()] = await material.activations.read(photos);
		const [[channels, height, width] = [0, 0, 0]] = material.activations.maps;
		// Channels last, as the trainer has them; ONNX wants them first.
		const x = Float32Array.from(rows, (_, i) => {
			const [photo, rest] = [Math.floor(i / (channels * height * width)), i % (channels * height * width)];
			const [channel, at] = [Math.floor(rest / (height * width)), rest % (height * width)];
			return rows[(photo * height * width + at) * channels + channel] ?? NaN;
		});
		const answer = await session.run({
			x: new Tensor('float32', x, [photos.length, channels, height, width])
		});
		const theirs = answer['features']?.data as Float32Array; // a float32 output
		await session.release();
		expect(theirs).toHaveLength(features.length);
		expect(Math.max(...features.map((value, i) => Math.abs(value - (theirs[i] ?? NaN))))).toBeLessThan(1e-3);
	});

	it('a share of what was learned lies on the line from the backbone as it came', async () => {
		const material = { ...(await materialOf(tf, 24)), lambda: 1e-3 };
		const short = { ...config, epochs: 2 };
		const rows = [0, 1];
		const looks: number[][] = [];
		const learned = async (share: number) =>
			fit(
				started,
				material,
				short,
				{ photos: [...Array(24).keys()], checked: [], until: 2, share },
				{
					pause: async () => {},
					async onEpoch(_, last, look) {
						if (last) looks.push([...(await look(rows, share)).features]);
					}
				}
			);
		const [none, half, all] = [await learned(0), await learned(0.5), await learned(1)];
		for (const [name, { data }] of none.tail) {
			expect([...data]).toEqual([...(material.program.parameters.get(name)?.data ?? [])]);
			for (const [i, begun] of data.entries())
				expect(half.tail.get(name)?.data[i]).toBeCloseTo(
					(begun + (all.tail.get(name)?.data[i] ?? NaN)) / 2,
					6
				);
		}
		const [layer, other] = [half.head.layers[0], all.head.layers[0]];
		expect(layer?.weights).not.toEqual(other?.weights);
		// What is asked on the way is what comes out at its end.
		const program = { ...material.program, parameters: new Map(half.tail) };
		const network = new TunedNetwork(tf, trainable(tf, program), half.head, config);
		const { features } = await lookAll(network, tuneSetOf(material), rows, async () => {});
		network.dispose();
		expect([...features]).toEqual(looks[1]);
	});

	it('gives the same bits with the same seed', async () => {
		const [one, two] = [await materialOf(tf, 24), await materialOf(tf, 24)];
		const short = { ...config, epochs: 2 };
		const first = await fineTune(started, one, short, job());
		const second = await fineTune(started, two, short, job());
		const plain = ({ time: _, rival, ...rest }: typeof first) => ({ ...rest, gain: rival.gain });
		expect(plain(second)).toEqual(plain(first));
	});

	/** Ends a run as a killed tab does, at a step of it. @returns where it stood */
	async function killedAt(
		at: number,
		short: typeof config,
		material = () => materialOf(tf, 24)
	): Promise<TuningState> {
		let steps = 0;
		let kept: TuningState | null = null;
		const killed = fineTune(started, await material(), short, {
			...job(),
			keeps: () => ++steps === at,
			async keep(state) {
				kept = structuredClone(state);
				throw new DOMException('killed', 'AbortError');
			}
		});
		await expect(killed).rejects.toMatchObject({ name: 'AbortError' });
		if (!kept) throw new Error(`There are no ${at} steps.`);
		return kept;
	}

	it.each([
		['in the first fold', 3],
		['in a later one, in the middle of an epoch', 10],
		['with the photos all in', 42]
	])('killed %s and taken up again gives the same bits', async (_, at) => {
		const short = { ...config, epochs: 4, batch: 12 };
		const whole = await fineTune(started, await materialOf(tf, 24), short, job());
		const from = await killedAt(at, short);
		const told: number[] = [];
		const report = ({ done, epoch }: TrainingProgress) => epoch && told.push(done);
		const again = await fineTune(started, await materialOf(tf, 24), short, { ...job(), from, report });
		const plain = ({ time: _, rival, ...rest }: typeof whole) => ({ ...rest, gain: rival.gain });
		expect(plain(again)).toEqual(plain(whole));
		expect(from.folds.length).toBe(at === 3 ? 0 : at === 10 ? 1 : 5);
		// It does not begin again.
		expect(told[0] ?? 1).toBeGreaterThan(from.folds.length / 7);
	});

	it('killed where a part of what is learned is kept, it is the same part of the same', async () => {
		const short = { ...config, epochs: 4 };
		const whole = await fineTune(started, await materialOf(tf, 40, true), short, job());
		expect(whole.share).toBeLessThan(1);
		const from = await killedAt(5 * 4 * 2 + 3, short, () => materialOf(tf, 40, true));
		expect(from.folds).toHaveLength(5);
		const again = await fineTune(started, await materialOf(tf, 40, true), short, { ...job(), from });
		expect([again.share, again.tail, again.head]).toEqual([whole.share, whole.tail, whole.head]);
	});

	it('what an older version of the app kept is not gone on with', async () => {
		const short = { ...config, epochs: 2 };
		const whole = await fineTune(started, await materialOf(tf, 24), short, job());
		const from = { ...(await killedAt(3, short)), form: 2 } as unknown as TuningState;
		const told: number[] = [];
		const report = ({ done }: TrainingProgress) => told.push(done);
		const again = await fineTune(started, await materialOf(tf, 24), short, { ...job(), from, report });
		expect(again.tail).toEqual(whole.tail);
		expect(again.epochs).toHaveLength(2);
	});

	it('that is enough for the person takes no more epochs than the one under way, and is judged all the same', async () => {
		let epochs = 0;
		const ended: boolean[] = [];
		const result = await fineTune(started, await materialOf(tf, 24), config, {
			...job(),
			enough: () => epochs >= 2,
			report({ epoch, canEnd }) {
				if (epoch) epochs = epoch.epoch;
				if (canEnd !== undefined) ended.push(canEnd);
			}
		});
		expect(result.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
		expect(result.outOfFold?.logits.some((logit) => logit !== 0)).toBe(true);
		expect([ended[0], ended.at(-1)]).toEqual([true, false]);
	});

	it('tells what the tuned network says of rows that come after the photos', async () => {
		const [{ set, program, activations }, more] = [await materialOf(tf, 24), await materialOf(tf, 26)];
		const short = { ...config, epochs: 2 };
		const { tested } = await fineTune(started, { set, program, activations: more.activations }, short, job());
		const { tail, head, tested: none } = await fineTune(started, { set, program, activations }, short, job());
		const tuned = { ...program, parameters: new Map([...program.parameters, ...tail]) };
		const network = new TunedNetwork(tf, trainable(tf, tuned), head, config);
		const { features } = await lookAll(network, tuneSetOf(more), [24, 25], async () => {});
		network.dispose();
		expect(none).toHaveLength(0);
		expect(tested).toEqual(features);
	});

	it('with too few photos for folds learns, and claims nothing', async () => {
		const { outOfFold, gate, rival, epochs } = await fineTune(
			started,
			await materialOf(tf, 4),
			{ ...config, epochs: 2 },
			job()
		);
		expect([outOfFold, gate, rival.gain]).toEqual([null, null, null]);
		expect(epochs.every(({ validationLoss }) => validationLoss === null)).toBe(true);
	});

	it('that is stopped leaves nothing', async () => {
		const stop = new AbortController();
		const run = fineTune(started, await materialOf(tf, 24), config, {
			signal: stop.signal,
			report: ({ epoch }) => epoch && stop.abort()
		});
		await expect(run).rejects.toMatchObject({ name: 'AbortError' });
	});
});

it('layers are counted from the end, biases with their kernels', () => {
	expect(Object.fromEntries(depthsOf(programOf(tailFile(1))))).toEqual({ k1: 1, b1: 1, k2: 0, b2: 0 });
});
