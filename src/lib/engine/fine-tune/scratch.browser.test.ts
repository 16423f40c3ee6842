/** The lecture's network learns from photos alone, on the backend that every device has. */
import { expect, test } from 'vitest';
import { Random } from '../../domain/random';
import type { ScratchConfig, TrainingSet } from '../../domain/training';
import type { FineTuned } from './fine-tune';
import { Tuner } from './tuner';
import type { TuningState } from './tuning';

const SIZE = 32;
const PHOTOS = 24;
const config: ScratchConfig = {
	...{ kind: 'scratch', seed: 4, size: SIZE, epochs: 8, batch: 8, learningRate: 1e-3 }
};

/** Stripes that lie or stand, moved by some pixels, in noise: [3, size, size] in −1..1. */
function pictureOf(target: number, random: Random): Float32Array {
	const shift = random.integer(8);
	return Float32Array.from({ length: 3 * SIZE ** 2 }, (_, i) => {
		const at = target === 0 ? Math.floor(i / SIZE) % SIZE : i % SIZE;
		return ((at + shift) % 8 < 4 ? 0.6 : -0.6) + 0.4 * (2 * random.next() - 1);
	});
}

/** Features of a backbone that tells nothing, so that the head can only guess. */
function setOf(photos: number): TrainingSet {
	const random = new Random(8);
	return {
		features: Float32Array.from({ length: photos * 6 }, () => random.next()),
		...{ augmented: [], dimension: 6, classes: 2 },
		targets: Int32Array.from({ length: photos }, (_, i) => i % 2),
		groups: Int32Array.from({ length: photos }, (_, i) => i)
	};
}

interface Options {
	photos?: number;
	from?: TuningState | null;
	/** Ends it as a killed tab does, at this step. */
	kill?: number;
	onState?(state: TuningState): void;
	epochs?: number;
}

/** @param options.photos and six more, as a test */
async function learned({
	photos = PHOTOS,
	from = null,
	kill,
	onState,
	epochs
}: Options = {}): Promise<FineTuned> {
	const tuner = new Tuner({ size: SIZE });
	const set = setOf(photos);
	const random = new Random(2);
	tuner.expect(photos + 6, { spill: null });
	for (let row = 0; row < photos + 6; row++) await tuner.put(row, pictureOf(row % 2, random));
	let steps = 0;
	return tuner.learn(
		{ set, config: { ...config, epochs: epochs ?? config.epochs }, backend: 'wasm', from },
		{
			keeps: () => ++steps === kill,
			async keep(state) {
				onState?.(structuredClone(state));
				throw new DOMException('killed', 'AbortError');
			}
		},
		{ signal: new AbortController().signal, report: () => undefined }
	);
}

test('it learns what no feature of the backbone tells, and is held against the head on those', async () => {
	const { epochs, rival, head, tail, tested, gate, outOfFold, engine } = await learned();
	expect(engine).toBe('wasm');
	expect(epochs.at(-1)?.loss).toBeLessThan(0.5 * (epochs[0]?.loss ?? 0));
	expect(epochs.at(-1)?.validationAccuracy).toBeGreaterThan(0.8);
	expect(rival.gain?.value).toBeGreaterThan(0.2);
	expect(rival.head.head.layers[0]?.weights).toHaveLength(2 * 6);
	expect(head).toMatchObject({ normalise: false });
	expect(head.layers[0]?.weights).toHaveLength(2 * 1024);
	expect(tail.size).toBe(10);
	expect(tested).toHaveLength(6 * 1024);
	expect(outOfFold?.logits).toHaveLength(2 * PHOTOS);
	expect((gate?.bank.length ?? NaN) % 1024).toBe(0);
}, 120_000);

test('killed in a fold and taken up again, it ends with the same numbers', async () => {
	const short = { photos: 10, epochs: 2 };
	const plain = ({ time: _, rival, ...rest }: FineTuned) => ({ ...rest, gain: rival.gain });
	const whole = plain(await learned(short));
	let from: TuningState | null = null;
	const killed = learned({ ...short, kill: 4, onState: (state) => (from = state) });
	await expect(killed).rejects.toMatchObject({ name: 'AbortError' });
	expect(from).not.toBeNull();
	expect(plain(await learned({ ...short, from }))).toEqual(whole);
}, 120_000);
