/** What was taken for what, and precision, recall and F1 from it. */
import type { LabelFigures } from './evaluation';

/**
 * @param answers index of the answer, [repeats, photos] row by row
 * @param targets index of the given label, [photos]
 * @returns [given × answer], mean number of photos over the repeats
 */
export function confusionMatrix(
	answers: ArrayLike<number>,
	repeats: number,
	targets: ArrayLike<number>,
	classes: number
): number[][] {
	const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
	const photos = targets.length;
	for (let i = 0; i < repeats * photos; i++) {
		const row = counts[targets[i % photos] ?? 0];
		const answer = answers[i] ?? 0;
		if (row) row[answer] = (row[answer] ?? 0) + 1;
	}
	return counts.map((row) => row.map((count) => count / repeats));
}

/**
 * @param confusion [given × answer]
 * @param photos of each label, those that were not judged included
 */
export function labelFigures(
	confusion: readonly (readonly number[])[],
	photos: readonly number[]
): LabelFigures[] {
	return confusion.map((row, label) => {
		const right = row[label] ?? 0;
		const given = row.reduce((a, b) => a + b, 0);
		const answered = confusion.reduce((sum, other) => sum + (other[label] ?? 0), 0);
		return {
			photos: photos[label] ?? 0,
			// Nothing is said of a label none of whose photos was judged.
			precision: given > 0 ? ratio(right, answered) : null,
			recall: ratio(right, given),
			f1: given > 0 ? ratio(2 * right, given + answered) : null
		};
	});
}

/** Share of the diagonal, 0..1; 0 of nothing. */
export function shareRight(confusion: readonly (readonly number[])[]): number {
	const all = confusion.flat().reduce((a, b) => a + b, 0);
	return confusion.reduce((sum, row, label) => sum + (row[label] ?? 0), 0) / (all || 1);
}

function ratio(part: number, whole: number): number | null {
	return whole > 0 ? part / whole : null;
}
