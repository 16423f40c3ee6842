import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evaluation, ReliabilityBin, Verdict } from '$lib/domain/evaluation';
import type { Label } from '$lib/domain/project';
import { firstPlace, matrixOf, MOST_SHOWN, nextPlace, shade, type Place } from './matrix';
import { isolated } from '$lib/domain/names';
import { namesOf } from './names';
import { leastSure, mixedUp, mixesOf, mostWrong, ofCell, openSuspects } from './verdicts';
import {
	aucWords,
	binaryWords,
	explanations,
	headline,
	reliabilityWords,
	sourceWords,
	weakestFirst
} from './words';

/** A verdict of the label that is likeliest. */
function verdict(photoId: string, given: number, probabilities: number[]): Verdict {
	return { photoId, given, answer: probabilities.indexOf(Math.max(...probabilities)), probabilities };
}

const verdicts = [
	verdict('a', 0, [0.9, 0.05, 0.05]),
	verdict('b', 0, [0.4, 0.35, 0.25]),
	verdict('c', 0, [0.2, 0.7, 0.1]),
	verdict('d', 1, [0.96, 0.02, 0.02]),
	verdict('e', 2, [0.3, 0.31, 0.39]),
	verdict('f', 2, [0.5, 0.1, 0.4])
];
const judged: Evaluation = {
	source: 'folds',
	labels: ['daisy', 'camomile', 'clover'],
	photos: 6,
	groups: 6,
	accuracy: { value: 0.5, low: 0.2, high: 0.8 },
	telling: false,
	perLabel: [],
	confusion: [],
	binary: null,
	reliability: [],
	calibrationError: 0,
	verdicts,
	suspects: [],
	gainFromDoubling: 0,
	strangers: null
};
const idsOf = (photos: readonly { photoId: string }[]) => photos.map(({ photoId }) => photoId);

describe('photos worth a look', () => {
	test('are the surest of a wrong answer, and the least sure of a right one', () => {
		expect(idsOf(mostWrong(verdicts))).toEqual(['d', 'c', 'f']);
		expect(idsOf(leastSure(verdicts))).toEqual(['b', 'e']);
	});

	test('are found behind a cell and behind a mix-up', () => {
		expect(idsOf(ofCell(verdicts, 0, 0))).toEqual(['a', 'b']);
		expect(idsOf(ofCell(verdicts, 1, 2))).toEqual([]);
		expect(idsOf(mixedUp(verdicts, 1, 0))).toEqual(['d', 'c']);
	});
});

describe('mix-ups', () => {
	test('count the photos that they open, most first', () => {
		const confusion = [
			[2, 1, 0],
			[1, 0, 0],
			[2, 0, 1]
		];
		const evaluation = { ...judged, verdicts, confusion };
		const mixes = mixesOf(evaluation, ['Daisy', 'Camomile', 'Clover']);
		expect(mixes).toMatchObject([
			{ names: 'Daisy and Camomile', photos: 2 },
			{ names: 'Clover and Daisy', photos: 1 }
		]);
		for (const { first, second, photos } of mixes)
			expect(mixedUp(verdicts, first, second)).toHaveLength(photos);
	});
});

describe('suspects', () => {
	const labels = ['daisy', 'camomile', 'clover'];
	const suspects = [
		{ photoId: 'd', given: 0.02, other: 0, otherProbability: 0.96, volunteer: true },
		{ photoId: 'c', given: 0.2, other: 1, otherProbability: 0.7, volunteer: false }
	];
	const names = ['Daisy', 'Camomile', 'Clover'];
	const given = (photoId: string) =>
		labels[verdicts.find((one) => one.photoId === photoId)?.given ?? 0] ?? null;
	const open = (there: string[], labelOf: (photoId: string) => string | null) =>
		openSuspects({ labels, suspects, verdicts }, names, new Set(there), labelOf);

	test('come with the names of both labels', () => {
		expect(open(labels, given)).toMatchObject([
			{ photoId: 'd', name: 'Camomile', otherName: 'Daisy' },
			{ photoId: 'c', name: 'Daisy', otherName: 'Camomile' }
		]);
	});

	test('go where they were moved or thrown away, or the other label was', () => {
		expect(idsOf(open(labels, (id) => (id === 'd' ? 'daisy' : given(id))))).toEqual(['c']);
		expect(idsOf(open(labels, (id) => (id === 'c' ? null : given(id))))).toEqual(['d']);
		expect(idsOf(open(['camomile'], given))).toEqual(['c']);
	});
});

describe('the matrix', () => {
	test('counts every photo once, in the cell that opens it', () => {
		const { labels, photos } = matrixOf({ labels: ['x', 'y', 'z'], verdicts });
		expect(labels).toEqual([0, 1, 2]);
		expect(photos).toEqual([
			[2, 1, 0],
			[1, 0, 0],
			[1, 0, 1]
		]);
	});

	test('shows the labels that are mixed up most where there are too many', () => {
		const ids = Array.from({ length: MOST_SHOWN + 10 }, (_, i) => String(i));
		const many = [39, 38].map((given) => ({ photoId: '', given, answer: 37, probabilities: [] }));
		const { labels, photos } = matrixOf({ labels: ids, verdicts: many });
		expect(labels).toHaveLength(MOST_SHOWN);
		expect(labels.slice(-3)).toEqual([37, 38, 39]);
		expect(labels[0]).toBe(0);
		expect(photos.at(-1)?.at(-3)).toBe(1);
	});

	test('shades a cell by its share of the row', () => {
		expect(shade([3, 1], 1)).toBe(0.25);
		expect(shade([0, 0], 1)).toBe(0);
	});

	test('arrows lead along the row and to the nearest column of the next', () => {
		const photos = [
			[5, 0, 2],
			[0, 0, 0],
			[1, 4, 0]
		];
		expect(nextPlace(photos, { row: 0, column: 0 }, 'ArrowRight')).toEqual({ row: 0, column: 2 });
		expect(nextPlace(photos, { row: 0, column: 2 }, 'ArrowRight')).toBeNull();
		expect(nextPlace(photos, { row: 0, column: 2 }, 'ArrowDown')).toEqual({ row: 2, column: 1 });
		expect(nextPlace(photos, { row: 2, column: 1 }, 'Home')).toEqual({ row: 2, column: 0 });
		expect(nextPlace(photos, { row: 2, column: 0 }, 'End')).toEqual({ row: 2, column: 1 });
		expect(nextPlace(photos, { row: 2, column: 1 }, 'a')).toBeNull();
		expect(firstPlace([[0], [0]])).toBeNull();
	});

	test('every cell with photos is reached by arrows from the first', () => {
		const square = fc
			.integer({ min: 1, max: 6 })
			.chain((n) =>
				fc.array(fc.array(fc.nat(1), { minLength: n, maxLength: n }), { minLength: n, maxLength: n })
			);
		fc.assert(
			fc.property(square, (photos) => {
				const start = firstPlace(photos);
				const filled = photos.flat().filter((n) => n > 0).length;
				expect(start ? reachable(photos, start) : 0).toBe(filled);
			})
		);
	});
});

function reachable(photos: number[][], start: Place): number {
	const seen = new Set<string>();
	const open = [start];
	for (let place = open.pop(); place; place = open.pop()) {
		const key = `${place.row} ${place.column}`;
		if (seen.has(key)) continue;
		seen.add(key);
		for (const arrow of ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']) {
			const next = nextPlace(photos, place, arrow);
			if (next) open.push(next);
		}
	}
	return seen.size;
}

describe('names', () => {
	const label = (id: string, name: string): Label => ({ id, name, colour: 0, off: false, trashed: null });

	test('are those of now, in the order of the evaluation', () => {
		expect(namesOf(['b', 'a', 'gone'], [label('a', 'Daisy'), label('b', 'Camomile')])).toEqual([
			'Camomile',
			'Daisy',
			'a label that is gone'
		]);
	});

	test('that run from right to left do not turn the sentence', () => {
		expect(isolated('نحلة')).toBe('\u2068نحلة\u2069');
		expect(isolated('蜜蜂 🐝')).toBe('蜜蜂 🐝');
	});
});

describe('words', () => {
	const bins = (...rows: [number, number, number][]): ReliabilityBin[] =>
		rows.map(([stated, right, photos]) => ({ stated, right, photos }));

	test('a judgement has its first sentence as a headline', () => {
		expect(headline('About 9 of 10 right: 91 %. It mixes up “a. b” and “c”.')).toEqual({
			first: 'About 9 of 10 right: 91\u202f%.',
			rest: 'It mixes up “a. b” and “c”.'
		});
		expect(headline('Most were right.')).toEqual({ first: 'Most were right.', rest: '' });
	});

	test('percentages near the truth can be taken at their word', () => {
		const words = reliabilityWords(bins([0.62, 0.6, 40], [0.95, 0.94, 60]), 0.014);
		expect(words).toContain('taken at their word: on average they are off by 1 point.');
		expect(words).toContain('Where it said about 62\u202f%, it was right for 60\u202f% of 40 photos.');
	});

	test('percentages that are too high, too low, or both, are called so', () => {
		expect(reliabilityWords(bins([0.9, 0.7, 50]), 0.2)).toContain('it is right less often than it says');
		expect(reliabilityWords(bins([0.6, 0.8, 50]), 0.2)).toContain('it is right more often than it says');
		expect(reliabilityWords(bins([0.6, 0.8, 50], [0.9, 0.7, 50]), 0.2)).toContain('sometimes too high');
	});

	test('no example is made of a handful of photos', () => {
		expect(reliabilityWords(bins([0.5, 1, 2]), 0.01)).not.toContain('Where it said');
	});

	test('sensitivity and specificity are said of their labels, with intervals', () => {
		const estimate = { value: 0.9, low: 0.81, high: 0.95 };
		const binary = { sensitivity: estimate, specificity: { ...estimate, value: 0.8 }, auc: 0.94, roc: [] };
		expect(binaryWords(binary, ['Ripe', 'Unripe'])).toEqual({
			sensitivity: 'Of the photos of Ripe it finds 90 of 100 (between 81 and 95).',
			specificity: 'Of the photos of Unripe it leaves alone 80 of 100 (between 81 and 95).'
		});
		expect(aucWords(0.94, 'Ripe')).toContain('picks the one of Ripe 94 of 100 times');
	});

	test('where the figures come from is told', () => {
		const of = { source: 'folds', photos: 150, groups: 88 } as const;
		expect(sourceWords(of)).toMatch(/Each of 150 photos .*88 groups in all/);
		expect(sourceWords({ ...of, groups: 150 })).not.toContain('groups');
		expect(sourceWords({ ...of, source: 'test' })).toContain('the 150 test photos');
	});

	test('the weakest labels come first, those without a figure last', () => {
		const f1s = [0.9, null, 0.4, 0.9];
		const figures = f1s.map((f1) => ({ photos: 20, precision: f1, recall: f1, f1 }));
		expect(weakestFirst(figures)).toEqual([2, 0, 3, 1]);
	});

	test('precision and recall are explained on a label', () => {
		const [precision, recall] = explanations('Daisy', { photos: 20, precision: 0.8, recall: null, f1: null });
		expect(precision?.words).toBe('Of the photos it called Daisy, how many are Daisy. Here: 80\u202f%.');
		expect(recall?.words).toBe('Of the photos that are Daisy, how many it called so.');
	});
});
