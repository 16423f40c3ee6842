import { describe, expect, test } from 'vitest';
import { heatWords, placeOfPeak } from './heat';

/** A map of 0.2 everywhere with its peak in one cell. */
function peakAt(x: number, y: number, [width, height] = [7, 7]) {
	const data = new Float32Array(width * height).fill(0.2);
	data[y * width + x] = 1;
	return { width, height, data };
}

describe('the place of the strongest heat', () => {
	test.each([
		[0, 0, 'upper left'],
		[3, 1, 'upper middle'],
		[6, 0, 'upper right'],
		[1, 3, 'middle left'],
		[3, 3, 'middle'],
		[5, 3, 'middle right'],
		[0, 6, 'lower left'],
		[4, 5, 'lower middle'],
		[6, 6, 'lower right']
	])('of cell %i, %i of 7 × 7 is “%s”', (x, y, words) => {
		expect(placeOfPeak(peakAt(x, y), false)).toBe(words);
	});

	test('is named as it is shown in a mirror', () => {
		expect(placeOfPeak(peakAt(0, 0), true)).toBe('upper right');
		expect(placeOfPeak(peakAt(3, 6), true)).toBe('lower middle');
	});

	test('is right for maps that are not square', () => {
		expect(placeOfPeak(peakAt(9, 0, [10, 2]), false)).toBe('upper right');
		expect(placeOfPeak(peakAt(0, 9, [1, 10]), false)).toBe('lower middle');
	});

	test('is none without heat, and the sentence says so', () => {
		const none = { width: 2, height: 2, data: new Float32Array(4) };
		expect(placeOfPeak(none, false)).toBeNull();
		expect(heatWords(none, 'cup', false)).toBe('Nothing in the picture spoke for “cup”.');
		expect(heatWords(peakAt(3, 0), 'cup', false)).toBe('Most for “cup”: upper middle.');
	});
});
