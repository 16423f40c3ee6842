import { describe, expect, test } from 'vitest';
import { Random } from './random';
import { normalised } from './nearest';
import {
	buildGate,
	compareRow,
	emptyComparison,
	energy,
	familiarity,
	refusedShare,
	thresholdOf,
	type GateInput
} from './strangers';

const dimension = 8;

/** Two labels around two directions, ten groups of `size` photos each; logits as a head would give them. */
function taught(size = 4, seed = 3): GateInput {
	const random = new Random(seed);
	const photos = 20 * size;
	const features = new Float32Array(photos * dimension);
	const logits = new Float32Array(photos * 2);
	const groups = Int32Array.from({ length: photos }, (_, i) => Math.floor(i / size));
	for (let i = 0; i < photos; i++) {
		const label = (groups[i] ?? 0) % 2;
		for (let j = 0; j < dimension; j++)
			features[i * dimension + j] =
				(j === label ? 3 : 0) + random.next() + (j === 5 ? 0 : 0.3 * random.next());
		logits[i * 2 + label] = 2 + random.next();
		logits[i * 2 + 1 - label] = -2 - random.next();
	}
	return {
		features,
		dimension,
		groups,
		logits,
		repeats: 1,
		classes: 2,
		judged: new Uint8Array(photos).fill(1)
	};
}

function built(input = taught()) {
	const result = buildGate(input);
	if (!result) throw new Error('There should be a gate.');
	return result;
}

describe('energy', () => {
	test('is logsumexp of the logits less their mean', () => {
		expect(energy([2, 0])).toBeCloseTo(Math.log(Math.E + 1 / Math.E), 12);
		expect(energy([0, 0, 0])).toBeCloseTo(Math.log(3), 12);
	});
	test('does not change when all logits move together', () => {
		expect(energy([102, 100])).toBeCloseTo(energy([2, 0]), 10);
	});
});

describe('the threshold', () => {
	test('is the ⌊0.05 (n + 1)⌋-th smallest score', () => {
		const scores = Array.from({ length: 59 }, (_, i) => 59 - i);
		expect(thresholdOf(scores)).toBe(3);
		expect(thresholdOf(scores.slice(0, 19))).toBe(41);
		expect(thresholdOf(scores.slice(0, 18))).toBe(-Infinity);
	});
});

describe('the gate', () => {
	test('scores are z-scores added: mean 0', () => {
		const { familiarity: scores } = built();
		expect(scores.reduce((a, b) => a + b, 0) / scores.length).toBeCloseTo(0, 4);
	});

	test('keeps nearly all of what was taught and refuses another direction', () => {
		const { gate } = built();
		expect(gate.kept).toBeGreaterThanOrEqual(0.9);
		const fresh = taught(4, 99);
		expect(refusedShare(gate, fresh.features, dimension, fresh.logits, 2)).toBeLessThan(0.15);
		const foreign = new Float32Array(dimension);
		foreign[6] = 1;
		expect(familiarity(gate, foreign, [0.1, -0.1])).toBeLessThan(gate.threshold);
		expect(refusedShare(gate, foreign, dimension, Float32Array.of(0.1, -0.1), 2)).toBe(1);
	});

	test('never compares a photo with its own group', () => {
		// All photos of a group are one photo: compared with those, every similarity would be 1.
		const input = taught(10);
		for (let i = 0; i < input.groups.length; i++) {
			const first = (input.groups[i] ?? 0) * 10;
			input.features.copyWithin(i * dimension, first * dimension, (first + 1) * dimension);
		}
		expect(built(input).gate.similarity.mean).toBeLessThan(0.9999);
	});

	test('finds the 5th nearest, as a plain sort does', () => {
		const input = taught();
		const { gate } = built(input);
		const query = input.features.slice(0, dimension);
		const unit = (v: Float32Array) => v.map((x) => x / Math.hypot(...v));
		const all = Array.from({ length: input.groups.length }, (_, i) => {
			const row = unit(input.features.slice(i * dimension, (i + 1) * dimension));
			return unit(query).reduce((sum, x, j) => sum + x * (row[j] ?? 0), 0);
		}).sort((a, b) => b - a);
		const expected =
			((all[4] ?? 0) - gate.similarity.mean) / gate.similarity.deviation +
			(energy([1, -1]) - gate.energy.mean) / gate.energy.deviation;
		expect(familiarity(gate, query, [1, -1])).toBeCloseTo(expected, 3);
	});

	test('is not there with too few photos, or with one group', () => {
		const few = taught(1);
		expect(buildGate({ ...few, judged: few.judged.map((_, i) => (i < 18 ? 1 : 0)) })).toBeNull();
		expect(buildGate({ ...few, groups: few.groups.map(() => 0) })).toBeNull();
	});

	test('photos that were not judged have no score', () => {
		const input = taught();
		input.judged[3] = 0;
		const { familiarity: scores } = built(input);
		expect(scores[3]).toBeNaN();
		expect(scores[4]).not.toBeNaN();
	});

	test('identical photos give finite scores', () => {
		const input = taught();
		for (let i = 0; i < input.groups.length; i++) input.features.copyWithin(i * dimension, 0, dimension);
		input.logits.fill(0);
		expect(built(input).familiarity.every(Number.isFinite)).toBe(true);
	});

	test('what is like foreign photos counts less, and a gate of before answers as it did', () => {
		const random = new Random(8);
		const foreign = Float32Array.from({ length: 6 * dimension }, (_, i) =>
			i % dimension === 6 ? 3 : 0.3 * random.next()
		);
		const [{ gate: plain }, { gate }] = [built(), built({ ...taught(), foreign })];
		// Half of what was taught, half of another direction: that of the foreign photos, or one that nothing has.
		const [strange, like] = [7, 6].map((axis) => {
			const mixed = new Float32Array(dimension);
			mixed[0] = mixed[axis] = 2;
			return mixed;
		});
		if (!strange || !like) throw new Error('There should be two.');
		const cost = (of: typeof gate) => familiarity(of, strange, [2, -2]) - familiarity(of, like, [2, -2]);
		expect(Math.abs(cost(plain))).toBeLessThan(2);
		expect(cost(gate)).toBeGreaterThan(4);
		expect(gate.kept).toBeGreaterThanOrEqual(0.9);
		expect(plain).not.toHaveProperty('foreign');
		expect(gate.foreign?.length).toBe(6 * dimension);
	});

	test('fewer than five foreign photos say nothing', () => {
		const foreign = new Float32Array(4 * dimension).fill(1);
		const [one, two] = [built(), built({ ...taught(), foreign })];
		expect(two.familiarity).toEqual(one.familiarity);
	});

	test('says the same of photos that were compared among others before', () => {
		const input = { ...taught(), foreign: taught(1, 7).features };
		const photos = input.groups.length;
		const rows = [...Array(photos).keys()].filter((row) => row % 3 !== 0);
		const bank = normalised(input.features, dimension);
		const foreign = normalised(input.foreign, dimension);
		const compared = emptyComparison(bank, dimension);
		for (let row = 0; row < photos; row++) compareRow(compared, row, bank, foreign);
		const of = (matrix: Float32Array, width: number) =>
			Float32Array.from(rows.flatMap((row) => [...matrix.subarray(row * width, (row + 1) * width)]));
		const part = {
			...input,
			features: of(input.features, dimension),
			logits: of(input.logits, 2),
			groups: Int32Array.from(rows, (row) => input.groups[row] ?? 0),
			judged: new Uint8Array(rows.length).fill(1)
		};
		expect(built({ ...part, compared: { ...compared, rows } })).toEqual(built(part));
	});
});
