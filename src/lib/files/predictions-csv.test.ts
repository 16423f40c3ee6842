import fc from 'fast-check';
import papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { LabelNames, type Prediction } from '$lib/domain/predictions';
import { answersNeeded, predictionsCsv } from './predictions-csv';
import { readTable } from './table';

const row = (facts: Partial<Prediction>): Prediction => ({
	...{ path: 'a.jpg', truth: null, guesses: [], sure: false, counts: true, trouble: null },
	...facts
});
const csv = (rows: readonly Prediction[], labels: readonly string[]) =>
	predictionsCsv(rows, labels, new LabelNames(labels, true));

/** As a spreadsheet would have it: every cell, the header's too. */
async function cells(rows: readonly Prediction[], labels: readonly string[]): Promise<string[][]> {
	const text = await csv(rows, labels);
	return papa.parse<string[]>(text.slice(1), { delimiter: ',', newline: '\r\n' }).data;
}

/** As the app reads tables. */
async function readBack(text: string) {
	const table = await readTable({
		path: 'answers.csv',
		size: text.length,
		read: () => Promise.resolve(new Blob([text]))
	});
	return table?.rows.map(({ file, label }) => ({ file, label }));
}

describe('the table', () => {
	test('has a line for each photo, and a column for each of few labels', async () => {
		const guesses = [
			{ index: 1, probability: 0.91239 },
			{ index: 0, probability: 0.08761 }
		];
		const rows = [
			row({ path: 'cup/a.jpg', truth: 'Cup', guesses, sure: true }),
			row({ path: 'b, "c".jpg', truth: 'bee', guesses }),
			row({ path: 'd.jpg', truth: 'Rome', trouble: 'It is damaged.' }),
			row({ path: 'e.jpg', truth: 'Cup', guesses, counts: false })
		];
		expect(await csv(rows, ['bee', 'cup'])).toBe(
			'\uFEFF' +
				[
					'"file","label","probability","sure","truth","right","error","bee","cup"',
					'"cup/a.jpg","cup",0.9124,"yes","Cup","yes",,0.0876,0.9124',
					'"b, ""c"".jpg","cup",0.9124,"no","bee","no",,0.0876,0.9124',
					'"d.jpg",,,,"Rome",,"It is damaged.",,',
					'"e.jpg","cup",0.9124,"no","Cup",,,0.0876,0.9124'
				].join('\r\n')
		);
	});

	test('has the best five of many labels', async () => {
		const labels = Array.from({ length: 51 }, (_, i) => `label ${i}`);
		expect(answersNeeded(50)).toBe(50);
		expect(answersNeeded(51)).toBe(5);
		const guesses = [7, 50, 3, 9].map((index, i) => ({ index, probability: 0.5 / (i + 1) }));
		const [header, line] = await cells([row({ guesses })], labels);
		expect(header?.slice(7)).toEqual(
			[2, 3, 4, 5].flatMap((place) => [`label ${place}`, `probability ${place}`])
		);
		expect(line?.slice(7)).toEqual(['label 50', '0.25', 'label 3', '0.1667', 'label 9', '0.125', '', '']);
	});

	test('keeps columns apart where a label is called as one', async () => {
		const [header] = await cells([], ['Label', 'file', 'file']);
		expect(header?.slice(7)).toEqual(['Label (2)', 'file (2)', 'file (3)']);
	});

	test.each(['=1+1', '+49', '-2', '@SUM(A1)', '＝1', '＋1', '－1', '＠A', '\t=1', '\r=1', '\n=1', '=1\n2'])(
		'%j is no formula in any cell of text',
		async (text) => {
			const guesses = [{ index: 0, probability: 0.5 }];
			const [header, line] = await cells([row({ path: text, truth: text, trouble: text, guesses })], [text]);
			const guarded = `'${text}`;
			expect(header?.at(-1)).toBe(guarded);
			expect(line).toEqual([guarded, guarded, '0.5', '', guarded, 'yes', guarded, '0.5']);
		}
	);

	test('texts are in quotes, and a semicolon in one begins no formula', async () => {
		const guesses = [{ index: 0, probability: 0.5 }];
		const text = await csv([row({ path: 'a;=1+1;＋2;b.jpg', truth: ';=3', guesses })], ['x;y']);
		expect(text.split('\r\n')).toEqual([
			'\uFEFF"file","label","probability","sure","truth","right","error","x;y"',
			`"a;'=1+1;'＋2;b.jpg","x;y",0.5,"no",";'=3",,,0.5`
		]);
	});

	test('numbers are numbers, the smallest too', async () => {
		const guesses = [{ index: 0, probability: 1e-9 }];
		expect((await cells([row({ guesses })], ['bee']))[1]?.[2]).toBe('0');
	});
});

describe('the app reads it back', () => {
	const start = fc.constantFrom('=', '+', '-', '@', "'", '"', ';', ',', ' ', '\t', '\r', '\n', '\uFEFF', '');
	const hostile = fc
		.tuple(start, fc.string({ unit: 'binary', maxLength: 12 }))
		.map((parts) => parts.join(''));

	test('files and labels, whatever they are called', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.record({ path: hostile.map((name) => `${name}.jpg`), index: fc.nat(2) }), {
					minLength: 1
				}),
				fc.tuple(hostile, hostile, hostile),
				async (photos, labels) => {
					const rows = photos.map(({ path, index }) => row({ path, guesses: [{ index, probability: 0.5 }] }));
					const guarded = (text = '') => text.replace(/(^|;)([=+\-@＝＋－＠\t\r\n])/g, "$1'$2").trim();
					expect(await readBack(await csv(rows, labels))).toEqual(
						photos.map(({ path, index }) => ({ file: guarded(path), label: guarded(labels[index]) || null }))
					);
				}
			),
			{ seed: 12, numRuns: 300 }
		);
	});
});
