/** The table of answers as those meet it who hear it or use the keyboard, and what is said above it. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { LabelNames, tallyOf } from '$lib/domain/predictions';
import type { Asked, Row } from '$lib/state/many.svelte';
import { backbones } from '$models/catalog';
import AnswerTable from './AnswerTable.svelte';
import Summary from './Summary.svelte';
import { countWords } from './words';

const labels = ['bee', 'cup'];
const asked: Asked = {
	...{ card: backbones[0]!, labels }, // there is one
	...{ names: new LabelNames(labels, false), tested: false }
};
const rows = (count: number): Row[] =>
	Array.from({ length: count }, (_, place) => ({
		...{ place, path: `cup/${place}.jpg`, truth: 'cup', guesses: [{ index: 1, probability: 0.9 }] },
		...{ sure: true, counts: true, trouble: null, thumbnail: null }
	}));

const shown: Record<string, unknown>[] = [];
afterEach(() => Promise.all(shown.splice(0).map((one) => unmount(one))));

function showTable(count: number): void {
	const props = { rows: rows(count), asked, truths: true, none: 'None' };
	shown.push(mount(AnswerTable, { target: document.body, props }));
	flushSync();
}

const lines = () => [...document.querySelectorAll<HTMLElement>('[role="row"]')];

test.each([360, 1280])('at %i px the head names as many columns as a row has', async (width) => {
	await page.viewport(width, 700);
	showTable(1);
	await expect.element(page.getByRole('columnheader').first()).toBeInTheDocument();
	const heads = page.getByRole('columnheader').elements().length;
	const cells = page.getByRole('cell').elements().length + page.getByRole('rowheader').elements().length;
	expect([heads, cells]).toEqual([4, 4]);
});

test('every row tells which of all it is', () => {
	showTable(130);
	expect(document.querySelector('[role="table"]')?.getAttribute('aria-rowcount')).toBe('131');
	const indices = lines().map((line) => Number(line.getAttribute('aria-rowindex')));
	expect(indices).toEqual(Array.from({ length: 101 }, (_, i) => i + 1));
});

test('“Show more” hands the focus to the first row that came', async () => {
	showTable(230);
	for (const first of [100, 200]) {
		const button = document.querySelector('button');
		button?.focus();
		button?.click();
		await expect.poll(() => document.activeElement === lines()[first + 1]).toBe(true);
		expect(document.activeElement?.textContent).toContain(`${first}.jpg`);
	}
	expect(document.querySelector('button')).toBeNull();
});

/** @returns what is said of photos, the last `aside` of which do not count */
function summary(aside: number, facts: { tested: boolean; taught: string | null }): string {
	const photos = rows(10).map((row) => ({ ...row, counts: row.place < 10 - aside }));
	const tally = tallyOf(photos, asked.names);
	const props = { tally, running: false, total: photos.length, ...facts };
	shown.push(mount(Summary, { target: document.body, props }));
	return [...document.querySelectorAll('section')].at(-1)?.textContent.replace(/\s+/g, ' ') ?? '';
}

test('it is said that only a test part counts', () => {
	const words = summary(6, { tested: true, taught: null });
	expect(words).toContain('4 of 4 right');
	expect(words).toContain('Only the set’s test part counts; 6 others not counted.');
	expect(summary(0, { tested: false, taught: null })).not.toContain('test part');
});

test.each<[string, number, boolean, string]>([
	[
		'while it runs',
		1000,
		true,
		'Only the set’s test part counts; 6 others not counted. 1 could not be answered.'
	],
	[
		'after it was stopped',
		1000,
		false,
		'Asked about 13 of 1,000 photos. Only the set’s test part counts; 6 others not counted. 1 could not be answered.'
	],
	['at the end', 13, false, 'Only the set’s test part counts; 6 others not counted. 1 could not be answered.']
])('%s nothing is said of how many the test part has', (_, total, running, words) => {
	const photos = rows(13).map((row) => ({
		...row,
		counts: row.place < 7,
		// Of the seven in the test part one failed, and two lie in a folder that is no label.
		trouble: row.place === 0 ? 'damaged' : null,
		truth: row.place === 1 || row.place === 2 ? 'spoon' : 'cup'
	}));
	const said = countWords(tallyOf(photos, asked.names), true, running ? null : total).join(' ');
	expect(said).toBe(`${words} 2 photos not counted: no label of this model.`);
});

test('of a model that was taught it is said that photos it learned from flatter it', () => {
	const words = summary(0, { tested: false, taught: 'Balcony' });
	expect(words).toContain('Photos that Balcony was taught with, if they are among these');
	expect(summary(0, { tested: false, taught: null })).not.toContain('taught with');
});
