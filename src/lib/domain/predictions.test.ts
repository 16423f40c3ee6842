import { describe, expect, test } from 'vitest';
import type { BackboneCard } from './card';
import { cleanName } from './names';
import { filtered, hasSynonyms, hasTest, LabelNames, tallyOf, type Prediction } from './predictions';

const labels = ['tabby, tabby cat', 'cup', 'crane', 'crane, hoist'];

/** A row whose first answer is the label of `index`. */
function row(index: number, facts: Partial<Prediction> = {}): Prediction {
	const guesses = [{ index, probability: 0.9 }];
	return { path: 'a.jpg', truth: null, guesses, sure: true, counts: true, trouble: null, ...facts };
}
const broken: Prediction = {
	path: 'b.jpg',
	truth: 'cup',
	guesses: [],
	sure: false,
	counts: true,
	trouble: 'It is damaged.'
};

describe('which labels a name means', () => {
	const names = new LabelNames(labels, true);

	test.each([
		['the whole label', 'Tabby, tabby cat', [0]],
		['each of its names', 'tabby cat', [0]],
		['any case, width and composition', ' ＣＵＰ ', [1]],
		['a label that is called just so before one that is called so among others', 'crane', [2]],
		['the other name of that one', 'hoist', [3]]
	])('%s', (_, name, expected) => {
		expect([...(names.meant(name) ?? [])]).toEqual(expected);
	});

	test.each(['', 'cat', 'tabby,', ','])('“%s” means none', (name) => {
		expect(names.meant(name)).toBeNull();
	});

	test('a comma in a label that a person wrote splits nothing', () => {
		const own = new LabelNames(['salt, pepper', 'salt'], false);
		expect([...(own.meant('salt') ?? [])]).toEqual([1]);
		expect(own.meant('pepper')).toBeNull();
	});

	test('a label that is longer than names may be is meant by what is left of it', () => {
		const long = 'jack-o’-lantern, pumpkin lantern, turnip lantern, ghost of the field at night';
		const meant = new LabelNames(['cup', long], true).meant(cleanName(long));
		expect([...(meant ?? [])]).toEqual([1]);
	});

	test('two labels of one name are both meant', () => {
		expect([...(new LabelNames(['crane', 'cup', 'Crane'], true).meant('crane') ?? [])]).toEqual([0, 2]);
	});
});

describe('a comma parts synonyms', () => {
	const taught = {} as BackboneCard['taught']; // that it is there is all that counts
	test.each<[string, BackboneCard['delivery'], number, boolean, boolean]>([
		['in a network that comes with the app', 'embedded', 1000, false, true],
		['in one that is fetched', 'download', 10, false, true],
		['in another’s of ImageNet’s classes', 'file', 1000, false, true],
		['with its background', 'file', 1001, false, true],
		['not in another’s of a few labels', 'file', 3, false, false],
		['not in what a person taught', 'own', 3, true, false],
		['however many they taught', 'file', 1000, true, false]
	])('%s', (_, delivery, count, isTaught, expected) => {
		const labels = { url: '', sha256: '', bytes: 0, count };
		expect(hasSynonyms({ delivery, labels, ...(isTaught && { taught }) })).toBe(expected);
	});
});

describe('how many are right', () => {
	const names = new LabelNames(labels, true);
	const rows = [
		row(0, { truth: 'tabby' }),
		row(1, { truth: 'tabby' }),
		row(1, { truth: 'cup', sure: false }),
		row(1, { truth: 'Rome 2019' }),
		row(1),
		broken
	];

	test('counts by the first answer, and only where the label is one of the model’s', () => {
		const { accuracy, ...counts } = tallyOf(rows, names);
		expect(counts).toEqual({
			...{ answered: 5, unsure: 1, failed: 1, judged: 3, right: 2, foreign: 1, aside: 0 },
			sure: { judged: 2, right: 1 }
		});
		expect(accuracy?.value).toBeCloseTo(2 / 3);
	});

	test('of a set in parts, only those of its test part', () => {
		const others = [
			row(1, { truth: 'cup', counts: false }),
			row(1, { truth: 'tabby', counts: false, sure: false }),
			row(1, { truth: 'Rome 2019', counts: false }),
			row(1, { counts: false })
		];
		const { accuracy, ...counts } = tallyOf([...rows, ...others], names);
		expect(counts).toEqual({
			...{ answered: 9, unsure: 2, failed: 1, judged: 3, right: 2, foreign: 1, aside: 4 },
			sure: { judged: 2, right: 1 }
		});
		expect(accuracy?.value).toBeCloseTo(2 / 3);
		expect(filtered(others, 'wrong', names)).toEqual([]);
	});

	test.each<[string, boolean, Parameters<typeof hasTest>[0]]>([
		['one photo of a label is a test part', true, [{ label: 'cup', split: 'test' }]],
		['other parts are none', false, [{ label: 'cup', split: 'train' }]],
		['nor are photos without a label', false, [{ label: null, split: 'test' }]],
		['nor photos of other labels', false, [{ label: 'Rome 2019', split: 'test' }]]
	])('%s', (_, expected, photos) => {
		expect(hasTest(photos, names)).toBe(expected);
	});

	test('the interval of 87 of 100 is Wilson’s', () => {
		const hundred = Array.from({ length: 100 }, (_, i) => row(1, { truth: i < 87 ? 'cup' : 'tabby' }));
		const { accuracy } = tallyOf(hundred, names);
		expect([accuracy?.low, accuracy?.high].map((share) => Math.round(1000 * (share ?? 0)))).toEqual([
			790, 922
		]);
	});

	test('nothing is claimed where no label is known', () => {
		expect(tallyOf([row(1), row(2, { truth: 'Rome 2019' })], names).accuracy).toBeNull();
	});

	test('filters show what they say', () => {
		const shown = (filter: Parameters<typeof filtered>[1]) =>
			filtered(rows, filter, names).map((one) => rows.indexOf(one));
		expect(shown('all')).toEqual([0, 1, 2, 3, 4, 5]);
		expect(shown('wrong')).toEqual([1]);
		expect(shown('unsure')).toEqual([2]);
		expect(shown('failed')).toEqual([5]);
	});
});
