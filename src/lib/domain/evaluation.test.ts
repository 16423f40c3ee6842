import { describe, expect, test } from 'vitest';
import { evaluate, evaluateTest, type Judged } from './evaluation';

/** Logits that a softmax turns into these probabilities. */
const logitsOf = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat(), Math.log);

function judgedOf(
	targets: readonly number[],
	labels: readonly string[],
	groups = [...targets.keys()]
): Judged {
	return {
		labels,
		photoIds: targets.map((_, i) => `p${i}`),
		targets: Int32Array.from(targets),
		groups: Int32Array.from(groups),
		temperature: 1,
		gate: null
	};
}

function byFolds(input: Judged, repeats: readonly (readonly (readonly number[])[])[]) {
	const evaluation = evaluate({
		...input,
		outOfFold: { logits: logitsOf(repeats.flat()), repeats: repeats.length, familiarity: new Float32Array(0) }
	});
	if (!evaluation) throw new Error('There should be an evaluation.');
	return evaluation;
}

describe('three labels, two repeats', () => {
	const a = [0.8, 0.1, 0.1];
	const b = [0.15, 0.75, 0.1];
	const unsure = [0.45, 0.05, 0.5];
	const targets = [0, 0, 0, 1, 1, 2, 2];
	const first = [a, a, b, b, b, a, [0.02, 0.03, 0.95]];
	const second = [a, b, b, b, b, unsure, [0.02, 0.03, 0.95]];
	const result = byFolds(judgedOf(targets, ['x', 'y', 'z']), [first, second]);

	test('the confusion is the mean over the repeats', () => {
		expect(result.confusion).toEqual([
			[1.5, 1.5, 0],
			[0, 2, 0],
			[0.5, 0, 1.5]
		]);
	});

	test('accuracy is pooled over the repeats', () => {
		expect(result.accuracy.value).toBeCloseTo(10 / 14, 12);
		// n_eff = 7 / 1.5 = 4.667: Wilson by hand, z² = 3.8415.
		const n = 7 / 1.5;
		const p = 10 / 14;
		const half = (1.959964 * Math.sqrt((p * (1 - p)) / n + 3.841459 / (4 * n * n))) / (1 + 3.841459 / n);
		expect(result.accuracy.high - result.accuracy.low).toBeCloseTo(2 * half, 6);
		expect(result.telling).toBe(false);
		expect(result.gainFromDoubling).toBeCloseTo(0.165 * (4 / 14), 12);
	});

	test('precision, recall and F1 follow from it', () => {
		expect(result.perLabel[0]?.precision).toBeCloseTo(1.5 / 2, 12);
		expect(result.perLabel[0]?.recall).toBeCloseTo(1.5 / 3, 12);
		expect(result.perLabel[0]?.f1).toBeCloseTo(3 / 5, 12);
		expect(result.perLabel[2]).toEqual({ photos: 2, precision: 1, recall: 0.75, f1: 1.5 / 1.75 });
	});

	test('a verdict is the answer of the mean probabilities', () => {
		const verdict = result.verdicts[5];
		expect(verdict?.probabilities[0]).toBeCloseTo((0.8 + 0.45) / 2, 6);
		expect(verdict).toMatchObject({ photoId: 'p5', given: 2, answer: 0 });
	});

	test('suspects: the least likely given label first, volunteered only where sure', () => {
		expect(result.suspects.map(({ photoId }) => photoId)).toEqual(['p2', 'p5']);
		expect(result.suspects[0]).toMatchObject({ other: 1, volunteer: false });
		const sure = byFolds(judgedOf([0, 0, 1, 1], ['x', 'y']), [
			[
				[0.05, 0.95],
				[0.15, 0.85],
				[0.5, 0.5],
				[0.3, 0.7]
			]
		]);
		expect(sure.suspects.map(({ photoId, volunteer }) => [photoId, volunteer])).toEqual([
			['p0', true],
			['p1', false]
		]);
	});

	test('no binary figures', () => expect(result.binary).toBeNull());
});

describe('two labels', () => {
	const yes = [0.9, 0.1];
	const no = [0.2, 0.8];
	const groups = [0, 0, 1, 1, 2, 3, 4, 5];
	const result = byFolds(judgedOf([0, 0, 0, 0, 1, 1, 1, 1], ['x', 'y'], groups), [
		[yes, yes, yes, no, no, no, no, yes]
	]);

	test('sensitivity is of the first, specificity of the second, each with its own interval', () => {
		expect(result.binary?.sensitivity.value).toBe(0.75);
		expect(result.binary?.specificity.value).toBe(0.75);
		// Two bursts of two are worth 2 / 1.5 photos, four single ones 4 / 1.5.
		const width = (which: 'sensitivity' | 'specificity') =>
			(result.binary?.[which].high ?? 0) - (result.binary?.[which].low ?? 0);
		expect(width('sensitivity')).toBeGreaterThan(width('specificity'));
		expect(result.groups).toBe(6);
	});

	test('the area counts ties half', () => {
		// Scores of x: .9 .9 .9 .2; of y: .2 .2 .2 .9. Pairs: 9 right, 3 + 3 ties, 1 wrong.
		expect(result.binary?.auc).toBeCloseTo((9 + 3) / 16, 12);
	});
});

describe('what is not known', () => {
	test('a label of one burst is not judged, and nobody claims it was', () => {
		const input = judgedOf([0, 0, 1, 1, 2, 2, 2], ['x', 'y', 'z'], [0, 1, 2, 3, 4, 4, 4]);
		const rows = [0, 0, 1, 1].map((label) => [0, 1, 2].map((i) => (i === label ? 0.8 : 0.1)));
		const unjudged = [1 / 3, 1 / 3, 1 / 3];
		const result = byFolds(input, [[...rows, unjudged, unjudged, unjudged]]);
		expect(result.photos).toBe(4);
		expect(result.accuracy.value).toBe(1);
		expect(result.perLabel[2]).toEqual({ photos: 3, precision: null, recall: null, f1: null });
		expect(result.verdicts).toHaveLength(4);
	});

	test('a label that was never answered has no precision', () => {
		const result = byFolds(judgedOf([0, 0, 1, 1], ['x', 'y']), [Array.from({ length: 4 }, () => [0.7, 0.3])]);
		expect(result.perLabel[1]).toEqual({ photos: 2, precision: null, recall: 0, f1: 0 });
	});

	test('without two groups of any label there is no evaluation', () => {
		const input = judgedOf([0, 0, 1], ['x', 'y'], [0, 0, 1]);
		const outOfFold = { logits: new Float32Array(6), repeats: 1, familiarity: new Float32Array(0) };
		expect(evaluate({ ...input, outOfFold })).toBeNull();
	});
});

describe('a test set that the person brought', () => {
	test('is judged whole, also labels of one burst, and by its own size', () => {
		const input = judgedOf([0, 0, 1, 1], ['x', 'y'], [0, 0, 1, 2]);
		const rows = [
			[0.9, 0.1],
			[0.9, 0.1],
			[0.1, 0.9],
			[0.6, 0.4]
		];
		const result = evaluateTest({
			...input,
			logits: logitsOf(rows),
			gate: {
				...{ kept: 0.96, near: 0.2 },
				far: [
					{ kind: 'animals', refused: 1 },
					{ kind: 'buildings', refused: 0.6 }
				]
			}
		});
		expect(result).toMatchObject({ source: 'test', photos: 4, groups: 3 });
		expect(result?.accuracy.value).toBe(0.75);
		expect(result?.strangers).toMatchObject({ kept: 0.96, near: 0.2, far: 0.8, kinds: [{}, {}] });
	});

	test('of one label has no binary figures; without photos it is none', () => {
		const one = evaluateTest({ ...judgedOf([0, 0], ['x', 'y']), logits: new Float32Array(4) });
		expect(one?.binary).toBeNull();
		expect(evaluateTest({ ...judgedOf([], ['x', 'y']), logits: new Float32Array(0) })).toBeNull();
	});
});

test('the temperature tempers what is stated, not what is answered', () => {
	const input = judgedOf([0, 0, 1, 1], ['x', 'y']);
	const rows = [
		[0.9, 0.1],
		[0.9, 0.1],
		[0.1, 0.9],
		[0.1, 0.9]
	];
	const cool = byFolds(input, [rows]);
	const warm = byFolds({ ...input, temperature: 2 }, [rows]);
	expect(cool.calibrationError).toBeCloseTo(0.1, 6);
	// p = 3 / (3 + 1): odds of 9 become odds of √9.
	expect(warm.verdicts[0]?.probabilities[0]).toBeCloseTo(0.75, 6);
	expect(warm.accuracy.value).toBe(1);
});
