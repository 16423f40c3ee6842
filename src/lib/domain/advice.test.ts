import { describe, expect, test } from 'vitest';
import {
	countLabels,
	curveWords,
	judgementWords,
	missingToTrain,
	mixUps,
	nextSteps,
	type LabelCount
} from './advice';
import { confusionMatrix, labelFigures, shareRight } from './confusion';
import type { Evaluation } from './evaluation';
import { wilson } from './interval';
import { doublingWords, kindWords, strangerWords } from './judgement-words';

const names = ['daisy', 'camomile', 'rose'];

/** From a confusion matrix of whole photos, one repeat. */
function judged(confusion: readonly (readonly number[])[], groups?: number): Evaluation {
	const cells = confusion.flatMap((row, given) =>
		row.flatMap((n, answer) => new Array(n).fill({ given, answer }))
	);
	const counts = confusionMatrix(
		cells.map(({ answer }) => answer),
		1,
		cells.map(({ given }) => given),
		confusion.length
	);
	const accuracy = wilson(shareRight(counts), cells.length / 1.5);
	return {
		source: 'folds',
		labels: confusion.map((_, i) => `id${i}`),
		photos: cells.length,
		groups: groups ?? cells.length,
		accuracy,
		telling: (accuracy.high - accuracy.low) / 2 <= 0.15,
		perLabel: labelFigures(
			counts,
			confusion.map((row) => row.reduce((a, b) => a + b, 0))
		),
		confusion: counts,
		binary: null,
		reliability: [],
		calibrationError: 0,
		verdicts: [],
		suspects: [],
		gainFromDoubling: 0.165 * (1 - accuracy.value),
		strangers: null
	};
}

const label = (name: string, photos: number, more: Partial<LabelCount> = {}): LabelCount => ({
	id: `id${names.indexOf(name)}`,
	name,
	photos,
	bursts: photos,
	different: photos,
	...more
});

describe('how good it is, in words', () => {
	test('a share, a percentage with its interval, and what it mixes up', () => {
		const words = judgementWords(
			judged([
				[95, 14, 1],
				[13, 97, 0],
				[0, 2, 108]
			]),
			names
		);
		expect(words).toBe('About 9 of 10 right: 91 %, between 86 and 94. It mixes up “daisy” and “camomile”.');
	});

	test('no percentage where too few photos are known', () => {
		const words = judgementWords(
			judged(
				[
					[5, 1],
					[1, 5]
				],
				4
			),
			names
		);
		expect(words).toContain('Most were right, but 12 photos from 4 bursts are too few');
		expect(words).not.toContain('%');
	});

	test('never 100 %', () => {
		for (const n of [3, 10, 50, 500, 20_000]) {
			const words = judgementWords(
				judged([
					[n, 0],
					[0, n]
				]),
				names
			);
			expect(words).not.toMatch(/100 %/);
			const nearly = judgementWords(
				judged([
					[n, 0],
					[1, n]
				]),
				names
			);
			expect(nearly).not.toMatch(/100 %|between 100|and 100|About (\d+) of \1\b/);
		}
		expect(
			judgementWords(
				judged([
					[50, 0],
					[0, 50]
				]),
				names
			)
		).toBe('All of 100 photos right: of new ones probably 95 of 100 or more.');
	});

	test('test photos are named as such', () => {
		const evaluation = { ...judged([[45, 5], [5, 45]]), source: 'test' as const }; // prettier-ignore
		expect(judgementWords(evaluation, names)).toContain('About 9 of 10 right on your test photos: 90 %');
	});

	test('a label that was not judged is told', () => {
		const evaluation = judged([[50, 0, 0], [0, 50, 0], [0, 0, 0]]); // prettier-ignore
		const perLabel = evaluation.perLabel.map((figures, i) =>
			i === 2 ? { ...figures, photos: 20 } : figures
		);
		expect(judgementWords({ ...evaluation, perLabel }, names)).toContain(
			'How well it knows “rose” could not be measured.'
		);
	});

	test('mix-ups: both directions together, the more often mistaken first, trifles left out', () => {
		const found = mixUps(
			judged([
				[90, 2, 8],
				[9, 91, 0],
				[0, 1, 99]
			]),
			names
		);
		expect(found).toMatchObject([{ first: 1, second: 0, photos: 11, of: 200 }]);
		expect(found[0]?.words).toBe('“camomile” and “daisy”: 11 of 200 photos');
	});

	test('strangers and doubling', () => {
		const strangers = { kept: 0.96, near: 0.23, far: 0.8 };
		expect(strangerWords({ strangers })).toBe(
			'keeps 96 of 100 of yours; refuses 8 of 10 things of another kind, 2 of 10 look-alikes'
		);
		expect(strangerWords({ strangers: { kept: 0.96, near: null, far: null } })).toBe(
			'keeps 96 of 100 of yours'
		);
		// One that escaped is not seen among 96: it must not say that all are refused.
		expect(strangerWords({ strangers: { kept: 0.96, near: null, far: 0.99 } })).toContain('refuses 9 of 10');
		const kinds = [
			{ kind: 'animals', refused: 0.98 },
			{ kind: 'buildings', refused: 0.61 }
		];
		expect(kindWords(kinds)).toBe('animals 9 of 10, buildings 6 of 10');
		const poor = judged([[60, 40], [40, 60]]); // prettier-ignore
		expect(doublingWords(poor)).toBe('Twice as many photos would add about 7 points, give or take 3.');
		expect(doublingWords(judged([[95, 5], [5, 95]]))).toContain('little'); // prettier-ignore
	});
});

describe('what is missing', () => {
	test('to learn at all', () => {
		expect(missingToTrain([])).toContain('Name two things');
		expect(missingToTrain([label('daisy', 9)])).toContain('second label');
		expect(missingToTrain([label('daisy', 0), label('rose', 0)])).toContain('“daisy” and “rose”');
		expect(missingToTrain([label('daisy', 9), label('rose', 0)])).toContain('Photograph “rose” too');
		expect(missingToTrain([label('daisy', 1), label('rose', 1)])).toBeNull();
	});

	test('comes alone, before everything else', () => {
		expect(nextSteps({ labels: [label('daisy', 1)], evaluation: null })).toHaveLength(1);
	});
});

describe('next steps', () => {
	const steps = (labels: LabelCount[], evaluation: Evaluation | null = null) =>
		nextSteps({ labels, evaluation }).join('\n');

	test('few photos', () => {
		expect(steps([label('daisy', 1), label('rose', 30)])).toContain('There is only 1 photo of “daisy”.');
		expect(steps([label('daisy', 3), label('rose', 4)])).toContain(
			'only 9 photos or fewer of “daisy” and “rose”'
		);
	});
	test('photos that are all the same', () => {
		expect(steps([label('daisy', 30, { different: 1 }), label('rose', 30)])).toContain(
			'All photos of “daisy” look the same'
		);
	});
	test('one burst is one session and one background', () => {
		const words = steps([label('daisy', 30, { bursts: 1 }), label('rose', 30)]);
		expect(words).toContain('All photos of “daisy” were taken in one go: one session, one background');
	});
	test('500 of one and 5 of another', () => {
		expect(steps([label('daisy', 500), label('rose', 5)])).toContain(
			'500 photos of “daisy” stand against 5 of “rose”'
		);
		expect(steps([label('daisy', 40), label('rose', 20)])).not.toContain('stand against');
	});
	test('a label without photos beside two with', () => {
		expect(steps([label('daisy', 30), label('rose', 30), label('camomile', 0)])).toContain(
			'Photograph “camomile”'
		);
	});
	test('what helps most is the label that is missed most, and what it is taken for', () => {
		const evaluation = judged([[30, 0, 0], [9, 21, 0], [1, 0, 29]]); // prettier-ignore
		const words = steps(
			names.map((name) => label(name, 30)),
			evaluation
		);
		expect(words).toContain('15 more of “camomile”, on another day and in another place, would help most.');
		expect(words).toContain('sets it apart from “daisy”');
	});
	test('many labels are not all listed', () => {
		const many = ['a', 'b', 'c', 'd', 'e'].map((name) => label(name, 2));
		expect(steps(many)).toContain('“a”, “b” and 3 others');
	});
	test('the accuracy at twice the photos is never said', () => {
		const evaluation = judged([[60, 40], [40, 60]]); // prettier-ignore
		const words = steps([label('daisy', 100), label('camomile', 100)], evaluation);
		expect(words).toContain('about 7 points, give or take 3');
		expect(words).not.toMatch(/6[0-9] %/);
	});
	test('counts come from the photos', () => {
		const photos = [
			{ labelId: 'x', burstId: '1', hash: 'a' },
			{ labelId: 'x', burstId: '1', hash: 'a' },
			{ labelId: 'x', burstId: '2', hash: 'b' },
			{ labelId: 'gone', burstId: '3', hash: 'c' }
		];
		expect(countLabels([{ id: 'x', name: 'X' }], photos)).toEqual([
			{ id: 'x', name: 'X', photos: 3, bursts: 2, different: 2 }
		]);
	});
});

describe('a curve', () => {
	type Of = (i: number) => number;
	const curve = (
		loss: Of,
		validation: Of | null,
		length = 40,
		kind: 'mlp' | 'fine-tune' | 'scratch' = 'mlp'
	) =>
		curveWords(
			Array.from({ length }, (_, i) => ({
				epoch: i + 1,
				loss: loss(i),
				accuracy: 0.5,
				validationLoss: validation ? validation(i) : null,
				validationAccuracy: null
			})),
			kind
		);
	const falling = (i: number) => 0.2 + Math.exp(-i / 5);

	test('that has levelled off', () => {
		expect(curve(falling, (i) => 0.1 + falling(i))).toContain('levelled off');
		expect(curve(falling, null)).toContain('levelled off');
	});
	test('that still falls', () => expect(curve((i) => 2 - i / 30, null)).toContain('more epochs would help'));
	test('that learns by heart, from the epoch where validation was best', () => {
		expect(curve((i) => Math.exp(-i / 8), (i) => 0.5 + ((i - 10) / 30) ** 2)).toContain('From epoch 11 on'); // prettier-ignore
	});
	test('that learns by heart: what was kept and what helps is said of what learned', () => {
		const byHeart = (kind: 'mlp' | 'fine-tune' | 'scratch') => curve((i) => Math.exp(-i / 8), (i) => 0.5 + ((i - 10) / 30) ** 2, 40, kind); // prettier-ignore
		expect(byHeart('mlp')).toMatch(/The epoch before was kept\. .*raise the dropout/);
		expect(byHeart('fine-tune')).toMatch(/As much of what it learned as was best .* is kept\. .*fewer epochs or a lower learning rate/); // prettier-ignore
		expect(byHeart('scratch')).toMatch(/As many epochs as were best .* are kept\. .*fewer epochs/);
		expect(byHeart('fine-tune')).not.toContain('dropout');
	});
	test('that jumps', () => {
		expect(curve((i) => 1 + (i % 2), null)).toContain('steps are too large');
		expect(curve((i) => 1 + i / 10, null)).toContain('steps are too large');
	});
	test('that jumps, of a head that was solved before: only where fewer are named rightly', () => {
		const tuned = (accuracy: (i: number) => number) =>
			curveWords(
				Array.from({ length: 20 }, (_, i) => ({
					...{ epoch: i + 1, loss: 0.05 + 0.1 * (i % 2), accuracy: accuracy(i) },
					...{ validationLoss: null, validationAccuracy: null }
				})),
				'fine-tune'
			);
		expect(tuned(() => 1)).not.toContain('too large');
		expect(tuned((i) => 1 - i / 40)).toContain('steps are too large');
	});
	test('that is no number', () => expect(curve((i) => (i > 5 ? NaN : 1), null)).toContain('no number'));
	test('too short to tell', () => {
		expect(curve(falling, null, 0)).toBe('');
		expect(curve(falling, null, 3)).toContain('Too few epochs');
	});
});
