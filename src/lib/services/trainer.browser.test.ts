import { afterEach, describe, expect, test } from 'vitest';
import { headLogits } from '$lib/domain/head';
import type { MlpConfig, TrainingProgress } from '$lib/domain/training';
import { clouds } from '../../../tests/fixtures/clouds';
import { makeTrainer, Trainer } from './trainer';

const config = { kind: 'head', seed: 7 } as const;
const mlp: MlpConfig = {
	kind: 'mlp',
	seed: 7,
	units: 16,
	dropout: 0.5,
	epochs: 6,
	batch: 8,
	learningRate: 0.01
};
const faulty = (fault: 'dies' | 'deaf' | 'breaks' | 'mute') =>
	new Worker(new URL('../../../tests/fixtures/faulty-training.worker.ts', import.meta.url), {
		type: 'module',
		name: fault
	});

const trainers: Trainer[] = [];
function keep(trainer: Trainer): Trainer {
	trainers.push(trainer);
	return trainer;
}
afterEach(() => trainers.splice(0).forEach((trainer) => trainer.stop()));

const index = (values: ArrayLike<number>) => {
	let most = 0;
	for (let i = 0; i < values.length; i++) if ((values[i] ?? 0) > (values[most] ?? 0)) most = i;
	return most;
};

describe('the training worker', () => {
	test('learns a head that names new photos, says how far it is, and gives the same bits again', async () => {
		const trainer = keep(makeTrainer());
		const set = clouds({ photos: [12, 12, 12], views: 2 });
		const told: TrainingProgress[] = [];
		const first = await trainer.learn(set, config, { onProgress: (progress) => told.push(progress) });
		const second = await trainer.learn(set, config);
		expect({ ...second, time: 0 }).toEqual({ ...first, time: 0 });
		expect(first.engine).toBe('L-BFGS');
		expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).sort((a, b) => a - b));
		expect(told.length).toBeGreaterThan(5);
		expect(told.every(({ words }) => words.length > 5)).toBe(true);

		const fresh = clouds({ photos: [20, 20, 20], sample: 9 });
		const right = fresh.targets.filter((target, i) => {
			const features = fresh.features.subarray(i * fresh.dimension, (i + 1) * fresh.dimension);
			return index(headLogits(first.head, features)) === target;
		});
		expect(right.length).toBeGreaterThan(54);
		expect(set.features.length).toBe(36 * 24); // copied, not moved
	});

	test('keeps learning from the head before', async () => {
		const trainer = keep(makeTrainer());
		const set = clouds({ photos: [8, 8] });
		const { head } = await trainer.learn(set, config);
		const more = clouds({ photos: [9, 8] });
		const again = await trainer.relearn(more, { lambda: 10 ** -3.5, start: head });
		expect(again.layers[0]?.bias.length).toBe(2);
		expect(again.layers[0]?.weights).not.toEqual(head.layers[0]?.weights);
	});

	test('trains the MLP on WASM, epoch by epoch', async () => {
		const trainer = keep(makeTrainer());
		const epochs: number[] = [];
		const set = clouds({ photos: [10, 10] });
		const result = await trainer.learn(set, mlp, {
			backend: 'wasm',
			onProgress: ({ epoch }) => epoch && epochs.push(epoch.epoch)
		});
		expect(result.engine).toBe('wasm');
		expect(epochs).toEqual([1, 2, 3, 4, 5, 6]);
		expect(result.epochs.map(({ epoch }) => epoch)).toEqual(epochs);
		expect(result.head.layers.map(({ bias }) => bias.length)).toEqual([16, 2]);
	});

	test('passes on in words what cannot be learned', async () => {
		const trainer = keep(makeTrainer());
		const set = clouds({ photos: [10, 0] });
		await expect(trainer.learn(set, config)).rejects.toMatchObject({
			name: 'Trouble',
			code: 'training-labels'
		});
		await expect(trainer.learn(set, mlp)).rejects.toMatchObject({ code: 'training-labels' });
	});

	test('stops when it is told to, and goes on with the next call', async () => {
		const trainer = keep(makeTrainer());
		const stop = new AbortController();
		const long = trainer.learn(
			clouds({ photos: [60, 60, 60] }),
			{ ...mlp, epochs: 5000 },
			{ backend: 'wasm', signal: stop.signal, onProgress: ({ epoch }) => epoch && stop.abort() }
		);
		await expect(long).rejects.toMatchObject({ name: 'AbortError' });
		const { head } = await trainer.learn(clouds({ photos: [6, 6] }), config);
		expect(head.layers).toHaveLength(1);
	});
});

describe('a worker that fails (18)', () => {
	/** The first worker has the fault, whoever comes after is well. */
	function failingOnce(fault: Parameters<typeof faulty>[0], patience?: number) {
		let first = true;
		const createWorker = () => {
			if (!first)
				return new Worker(new URL('../../../workers/training.worker.ts', import.meta.url), {
					type: 'module'
				});
			first = false;
			return faulty(fault);
		};
		return keep(new Trainer({ createWorker, patience }));
	}
	const set = clouds({ photos: [6, 6] });

	test('by dying rejects its call in words, and another takes its place', async () => {
		const trainer = failingOnce('dies');
		await expect(trainer.learn(set, config)).rejects.toMatchObject({ code: 'training-stopped' });
		expect((await trainer.learn(set, config)).head.layers).toHaveLength(1);
	});

	test('by hearing no cancel is ended', async () => {
		const trainer = failingOnce('deaf', 200);
		const stop = new AbortController();
		const call = trainer.learn(set, config, { signal: stop.signal, onProgress: () => stop.abort() });
		await expect(call).rejects.toMatchObject({ name: 'AbortError' });
		expect((await trainer.learn(set, config)).head.layers).toHaveLength(1);
	});

	test('by hearing no cancel of another call goes on with what it tunes', async () => {
		const trainer = failingOnce('mute', 50);
		const tuning = trainer.tune({} as never); // the fixture looks at no input
		const stop = new AbortController();
		const call = trainer.learn(set, config, { signal: stop.signal });
		stop.abort();
		await expect(call).rejects.toMatchObject({ name: 'AbortError' });
		await trainer.enough();
		expect(await tuning).toBe('tuned');
	});

	test('with an error that is not in words is put into words', async () => {
		const trainer = failingOnce('breaks');
		const failure = await trainer.learn(set, config).catch((cause: unknown) => cause);
		expect(failure).toMatchObject({ code: 'training-failed' });
		expect(String(failure)).toContain('train again');
	});

	test('by being stopped rejects what it was at', async () => {
		const trainer = failingOnce('deaf');
		const call = trainer.learn(set, config, { onProgress: () => trainer.stop() });
		await expect(call).rejects.toMatchObject({ code: 'training-stopped' });
	});
});
