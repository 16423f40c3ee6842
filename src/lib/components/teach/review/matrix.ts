/** The confusion matrix as it is shown: whole photos, so that a cell opens as many as it says. */
import type { Evaluation, Verdict } from '$lib/domain/evaluation';

/** Labels that a matrix has room for; beyond them the most mixed-up ones are shown. */
export const MOST_SHOWN = 30;

export interface Matrix {
	/** Indices of the evaluation's labels that are shown, in their order. */
	labels: readonly number[];
	/** Photos, [given × answer], of those labels. */
	photos: readonly (readonly number[])[];
}

/** Where a cell is, as row and column of a matrix. */
export interface Place {
	row: number;
	column: number;
}

/** Counts each photo once, by its answer over all repeats. */
export function matrixOf({ labels, verdicts }: Pick<Evaluation, 'labels' | 'verdicts'>): Matrix {
	const shown = mostMixedUp(labels.length, verdicts);
	const place = new Map(shown.map((index, at) => [index, at]));
	const photos = shown.map(() => shown.map(() => 0));
	for (const { given, answer } of verdicts) {
		const row = photos[place.get(given) ?? -1];
		const column = place.get(answer);
		if (row && column !== undefined) row[column] = (row[column] ?? 0) + 1;
	}
	return { labels: shown, photos };
}

function mostMixedUp(labels: number, verdicts: readonly Verdict[]): number[] {
	const all = Array.from({ length: labels }, (_, index) => index);
	if (labels <= MOST_SHOWN) return all;
	const wrong = all.map(() => 0);
	for (const { given, answer } of verdicts)
		if (given !== answer) for (const one of [given, answer]) wrong[one] = (wrong[one] ?? 0) + 1;
	return all
		.sort((a, b) => (wrong[b] ?? 0) - (wrong[a] ?? 0) || a - b)
		.slice(0, MOST_SHOWN)
		.sort((a, b) => a - b);
}

/** How strongly a cell is shaded: its share of its row, 0..1. */
export function shade(row: readonly number[], column: number): number {
	const photos = row.reduce((sum, n) => sum + n, 0);
	return photos === 0 ? 0 : (row[column] ?? 0) / photos;
}

/**
 * Where an arrow key leads: along the row, or to the nearest column of the next row, always to a cell with photos.
 * Every such cell can be reached from every other.
 * @returns null where there is nothing in that direction, or for another key
 */
export function nextPlace(photos: Matrix['photos'], from: Place, key: string): Place | null {
	const row = columnsOf(photos[from.row]);
	switch (key) {
		case 'ArrowRight':
			return inRow(
				from.row,
				row.find((column) => column > from.column)
			);
		case 'ArrowLeft':
			return inRow(
				from.row,
				row.findLast((column) => column < from.column)
			);
		case 'Home':
			return inRow(from.row, row[0]);
		case 'End':
			return inRow(from.row, row.at(-1));
		case 'ArrowDown':
			return nextRow(photos, from, 1);
		case 'ArrowUp':
			return nextRow(photos, from, -1);
		default:
			return null;
	}
}

function inRow(row: number, column: number | undefined): Place | null {
	return column === undefined ? null : { row, column };
}

function nextRow(photos: Matrix['photos'], from: Place, step: 1 | -1): Place | null {
	for (let row = from.row + step; row >= 0 && row < photos.length; row += step) {
		const [nearest] = columnsOf(photos[row]).sort(
			(a, b) => Math.abs(a - from.column) - Math.abs(b - from.column)
		);
		if (nearest !== undefined) return { row, column: nearest };
	}
	return null;
}

/** Columns with photos. */
function columnsOf(row: readonly number[] = []): number[] {
	return row.flatMap((n, column) => (n > 0 ? [column] : []));
}

/** The first cell with photos; null in an empty matrix. */
export function firstPlace(photos: Matrix['photos']): Place | null {
	return nextRow(photos, { row: -1, column: 0 }, 1);
}
