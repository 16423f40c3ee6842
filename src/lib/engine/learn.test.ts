import { describe, expect, test } from 'vitest';
import { clouds } from '../../../tests/fixtures/clouds';
import { headLogits, type Head } from '../domain/head';
import { normalised } from '../domain/nearest';
import { refusedShare } from '../domain/strangers';
import type { TrainingProgress, TrainingResult, TrainingSet } from '../domain/training';
import { learnHead, relearnHead } from './learn';
import { foldsOf, splitOf, STRENGTHS, USUAL_STRENGTH } from './out-of-fold';
import { photoWeights, Problem } from './problem';
import { headOf } from './solvers/linear-head';

const config = { kind: 'head', seed: 5 } as const;
const job = () => ({ signal: new AbortController().signal, report: () => undefined });

function accuracy(head: Head, { features, targets, dimension }: TrainingSet, of?: number) {
	const photos = [...targets.keys()].filter((photo) => of === undefined || targets[photo] === of);
	const right = photos.filter((photo) => {
		const logits = headLogits(head, features.subarray(photo * dimension, (photo + 1) * dimension));
		return logits.indexOf(Math.max(...logits)) === targets[photo];
	});
	return right.length / photos.length;
}

/** The result of photos that are enough for folds. */
function judged(result: TrainingResult) {
	const { outOfFold, strength, gate } = result;
	if (!outOfFold || !strength || !gate) throw new Error('not judged');
	return { ...result, outOfFold, strength, gate };
}

describe('learning a head', () => {
	test('names new photos about as well as it says of itself', async () => {
		const facts = { dimension: 16, spread: 2.2 };
		const set = clouds({ ...facts, photos: [25, 25, 25], views: 2 });
		const { head, outOfFold, strength, gate } = judged(await learnHead(set, config, job()));
		const truth = accuracy(head, clouds({ ...facts, photos: [400, 400, 400], sample: 3 }));
		expect(truth).toBeGreaterThan(0.6);
		expect(truth).toBeLessThan(0.99);
		const { logits, repeats } = outOfFold;
		expect([repeats, logits.length]).toEqual([3, 3 * 75 * 3]);
		let right = 0;
		for (let row = 0; row < 3 * 75; row++) {
			const own = logits.subarray(row * 3, row * 3 + 3);
			if (own.indexOf(Math.max(...own)) === set.targets[row % 75]) right++;
		}
		expect(Math.abs(right / 225 - truth)).toBeLessThan(0.12);
		expect(STRENGTHS).toContain(strength.chosen);
		const least = Math.min(...strength.path.map(({ logLoss }) => logLoss));
		expect(strength.path.find(({ lambda }) => lambda === strength.chosen)?.logLoss).toBe(least);
		expect(gate.bank.length).toBe(75 * 16);
		expect(gate.kept).toBeGreaterThan(0.85);
		expect(head.temperature).toBeGreaterThan(0.5);
	});

	test('is measured by photos of other kinds, by its own head', async () => {
		const set = clouds({ photos: [15, 15, 15] });
		const of = (seed: number) => clouds({ photos: [20], seed }).features;
		const held = [
			{ kind: 'its own', features: set.features },
			{ kind: 'strange', features: of(9) }
		];
		const foreign = { reference: of(8), held };
		const { gate, head } = judged(await learnHead({ ...set, foreign }, config, job()));
		expect(gate.foreign).toEqual(normalised(foreign.reference, set.dimension));
		const [own, strange] = gate.far ?? [];
		expect(own?.kind).toBe('its own');
		expect(own?.refused).toBeLessThan(0.2);
		const logits = Float32Array.from({ length: 20 * 3 }, (_, i) => {
			const row = Math.floor(i / 3) * set.dimension;
			return headLogits(head, of(9).subarray(row, row + set.dimension))[i % 3] ?? NaN;
		});
		expect(strange).toEqual({
			kind: 'strange',
			refused: refusedShare(gate, of(9), set.dimension, logits, 3)
		});
		expect(strange?.refused).toBeGreaterThan(0.8);
		const without = judged(await learnHead(set, config, job())).gate;
		expect(without).not.toHaveProperty('far');
		expect(without).not.toHaveProperty('foreign');
	});

	test('refuses more look-alikes where labels lie far apart than where one is like another', async () => {
		const apart = judged(await learnHead(clouds({ photos: [20, 20, 20] }), config, job())).gate;
		const spread = judged(await learnHead(clouds({ photos: [20, 20, 20], spread: 3 }), config, job())).gate;
		expect(apart.near).toBeGreaterThan(0.5);
		expect(spread.near).toBeLessThan(0.3);
	});

	test('gives the same bits with the same photos and seed, and other folds with another seed', async () => {
		const set = clouds({ photos: [10, 10, 10], spread: 2 });
		const [one, two] = [await learnHead(set, config, job()), await learnHead(set, config, job())];
		expect({ ...two, time: 0 }).toEqual({ ...one, time: 0 });
		const other = judged(await learnHead(set, { ...config, seed: 6 }, job()));
		expect(other.outOfFold.logits).not.toEqual(judged(one).outOfFold.logits);
	});

	test('judges each photo by heads that saw neither it nor its burst', async () => {
		// Photos of a burst are all but equal, and the labels mean nothing: whoever has seen the burst is always right.
		const set = clouds({ photos: [60], burst: 5, spread: 3 });
		const random = Int32Array.from(set.groups, (group) => (group * 7) % 2);
		const meaningless = { ...set, targets: random, classes: 2 };
		const { outOfFold } = judged(await learnHead(meaningless, config, job()));
		let right = 0;
		for (let row = 0; row < 180; row++) {
			const [a = 0, b = 0] = outOfFold.logits.subarray(row * 2, row * 2 + 2);
			if ((b > a ? 1 : 0) === random[row % 60]) right++;
		}
		expect(right / 180).toBeLessThan(0.75);
	});

	test('no fold trains on what it judges, nor on its burst or a view of it', () => {
		const set = clouds({ photos: [20, 30], burst: 4, views: 2 });
		const problem = new Problem(set);
		const folds = foldsOf(problem, splitOf(problem, 5, 1), 5);
		expect(folds.flatMap(({ held }) => held).sort((a, b) => a - b)).toEqual([...set.targets.keys()]);
		for (const { train, held } of folds) {
			const seen = new Set([...train].map((row) => set.groups[row % 50]));
			for (const photo of held) expect(seen.has(set.groups[photo])).toBe(false);
			// Each photo as it is and in two views.
			expect(new Set(train).size).toBe(3 * (50 - held.length));
		}
	});

	test('on features as they are, by folds of its own, whatever they are counted in', async () => {
		const plain = { ...config, normalise: false } as const;
		// One label is the other, three times as strong: divided by their norms they are the same.
		const set = clouds({ photos: [60], dimension: 8 });
		const strong = (photo: number) => photo % 2;
		const features = set.features.map((value, i) => value * (1 + 2 * strong(Math.floor(i / 8))));
		const targets = Int32Array.from({ length: 60 }, (_, photo) => strong(photo));
		const twice = { ...set, features, targets, classes: 2 };
		const { head, outOfFold } = judged(await learnHead(twice, plain, job()));
		expect(head.normalise).toBe(false);
		expect(accuracy(head, twice)).toBeGreaterThan(0.95);
		const right = Array.from({ length: 60 }, (_, photo) => {
			const [a = 0, b = 0] = outOfFold.logits.subarray(photo * 2, photo * 2 + 2);
			return Number(b > a) === strong(photo);
		}).filter(Boolean).length;
		expect(right / 60).toBeGreaterThan(0.9);
		expect(accuracy((await learnHead(twice, config, job())).head, twice)).toBeLessThan(0.75);

		const larger = { ...twice, features: features.map((value) => value * 1000) };
		const { head: ofLarger } = await learnHead(larger, plain, job());
		for (let at = 0; at < 60 * 8; at += 8) {
			const own = headLogits(ofLarger, larger.features.subarray(at, at + 8));
			headLogits(head, features.subarray(at, at + 8)).forEach((logit, c) =>
				expect(own[c]).toBeCloseTo(logit, 3)
			);
		}
	});

	test('with too few photos for folds still gives a head, and judges nothing', async () => {
		const set = clouds({ photos: [1, 2] });
		const result = await learnHead(set, config, job());
		expect(result).toMatchObject({ strength: null, outOfFold: null, gate: null });
		expect(result.head.temperature).toBe(1);
		expect(accuracy(result.head, set)).toBe(1);
	});

	test('with all photos of one burst a label judges nothing', async () => {
		const { outOfFold } = await learnHead(clouds({ photos: [9, 9], burst: 9 }), config, job());
		expect(outOfFold).toBeNull();
	});

	test('with fewer than two labels says what is missing (13)', async () => {
		await expect(learnHead(clouds({ photos: [9, 0] }), config, job())).rejects.toMatchObject({
			code: 'training-labels'
		});
		await expect(learnHead(clouds({ photos: [] }), config, job())).rejects.toMatchObject({
			code: 'training-labels'
		});
	});

	test('with a label that has no photos yet never answers it', async () => {
		const set = clouds({ photos: [9, 0, 9] });
		const { head } = await learnHead(set, config, job());
		for (let photo = 0; photo < 18; photo++) {
			const logits = headLogits(head, set.features.subarray(photo * 24, (photo + 1) * 24));
			expect(logits[1]).toBeLessThan(Math.max(...logits) - 3);
		}
	});

	test('with numbers that are none ends in words (17)', async () => {
		for (const photos of [
			[9, 9],
			[40, 40]
		]) {
			const set = clouds({ photos });
			set.features[3] = NaN;
			await expect(learnHead(set, config, job())).rejects.toMatchObject({ code: 'training-diverged' });
			expect(() => relearnHead(set, { lambda: 1e-3, start: null })).toThrow('ran out of bounds');
		}
	});

	test('all photos the same: no certainty, no crash (13)', async () => {
		const set = clouds({ photos: [10, 10] });
		for (let i = 1; i < 20; i++) set.features.copyWithin(i * 24, 0, 24);
		const { head } = await learnHead(set, config, job());
		const [a = 0, b = 0] = headLogits(head, set.features.subarray(0, 24));
		expect(Math.abs(a - b)).toBeLessThan(0.1);
	});

	test('tells how far it is and stops when told to', async () => {
		const told: TrainingProgress[] = [];
		const stop = new AbortController();
		const run = learnHead(clouds({ photos: [10, 10] }), config, {
			signal: stop.signal,
			report: (progress) => {
				told.push(progress);
				if (told.length === 8) stop.abort();
			}
		});
		await expect(run).rejects.toMatchObject({ name: 'AbortError' });
		expect(told.length).toBe(8);
		expect(told.map(({ done }) => done)).toEqual([...told.map(({ done }) => done)].sort((a, b) => a - b));
	});
});

describe('lopsided labels (27)', () => {
	test('are weighted, up to a bound, from three to one on', () => {
		const weightsOf = (...counts: number[]) => {
			const targets = Int32Array.from(counts.flatMap((count, label) => new Array<number>(count).fill(label)));
			const weights = photoWeights(targets, counts);
			return counts.map((count, label) => (count > 0 ? weights[targets.indexOf(label)] : null));
		};
		expect(weightsOf(30, 10)).toEqual([1, 1]);
		expect(weightsOf(40, 10)).toEqual([0.625, 2.5]);
		expect(weightsOf(40, 0, 10)).toEqual([0.625, null, 2.5]);
		expect(weightsOf(500, 5)).toEqual([0.505, 10]);
	});

	test('do not leave the small one unnamed', async () => {
		const facts = { dimension: 12, spread: 3.5, seed: 4 };
		const set = clouds({ ...facts, photos: [300, 12] });
		const { head, strength } = await learnHead(set, config, job());
		const fresh = clouds({ ...facts, photos: [300, 300], sample: 2 });
		const plain = new Problem(set);
		plain.task.weights.fill(1);
		const rows = plain.rowsOf([...set.targets.keys()]);
		const unweighted = headOf(plain.task, plain.solve(rows, strength?.chosen ?? NaN, null).weights);
		expect(accuracy(head, fresh, 1)).toBeGreaterThan(accuracy(unweighted, fresh, 1) + 0.1);
	});
});

describe('keeping on learning', () => {
	test('from the head before ends where a cold start ends', () => {
		const set = clouds({ photos: [20, 20, 20], spread: 3 });
		const before = relearnHead(clouds({ photos: [20, 20, 19], spread: 3 }), {
			lambda: USUAL_STRENGTH,
			start: null
		});
		const warm = relearnHead(set, { lambda: USUAL_STRENGTH, start: { ...before, temperature: 1.5 } });
		const cold = relearnHead(set, { lambda: USUAL_STRENGTH, start: null });
		expect(warm.temperature).toBe(1.5);
		for (let photo = 0; photo < 60; photo++) {
			const features = set.features.subarray(photo * 24, (photo + 1) * 24);
			const [a, b] = [headLogits(warm, features), headLogits(cold, features)];
			a.forEach((x, c) => expect(x - (a[0] ?? NaN)).toBeCloseTo((b[c] ?? NaN) - (b[0] ?? NaN), 1));
		}
	});

	test('with a label that was added starts anew', () => {
		const before = relearnHead(clouds({ photos: [5, 5] }), { lambda: USUAL_STRENGTH, start: null });
		const set = clouds({ photos: [5, 5, 5] });
		const after = relearnHead(set, { lambda: USUAL_STRENGTH, start: before });
		expect(after).toEqual(relearnHead(set, { lambda: USUAL_STRENGTH, start: null }));
	});
});
