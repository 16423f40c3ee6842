/** How well a score tells two kinds apart at every threshold: receiver operating characteristic. */
import type { Binary, Verdict } from './evaluation';
import { effectivePhotos, wilson } from './interval';

export interface RocPoint {
	falsePositive: number;
	truePositive: number;
}

/**
 * From (0, 0) to (1, 1), false-positive rate rising; scores that are equal make one step, a diagonal one.
 * @param scores high where it is more likely what is looked for
 * @param positive whether it is; both kinds must occur
 */
export function rocCurve(scores: readonly number[], positive: readonly boolean[]): RocPoint[] {
	const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
	const positives = positive.filter(Boolean).length;
	const negatives = positive.length - positives;
	let [truePositive, falsePositive] = [0, 0];
	const points: RocPoint[] = [{ falsePositive: 0, truePositive: 0 }];
	order.forEach((photo, at) => {
		if (positive[photo]) truePositive++;
		else falsePositive++;
		const next = order[at + 1];
		if (next !== undefined && scores[next] === scores[photo]) return;
		points.push({ falsePositive: falsePositive / negatives, truePositive: truePositive / positives });
	});
	return points;
}

/** By trapezoids: the share of pairs in which the positive scores higher, equal scores counted half. */
export function areaUnder(points: readonly RocPoint[]): number {
	let area = 0;
	points.forEach((point, i) => {
		const before = points[i - 1];
		if (!before) return;
		area += ((point.falsePositive - before.falsePositive) * (point.truePositive + before.truePositive)) / 2;
	});
	return area;
}

/**
 * Of two labels, the first one being what is looked for.
 * @param confusion [given × answer]
 * @param groups number of the group of each verdict's photo
 * @returns null where one of the two was given to no photo judged
 */
export function binaryFigures(
	confusion: readonly (readonly number[])[],
	verdicts: readonly Verdict[],
	groups: readonly number[],
	designEffect: number
): Binary | null {
	const positive = verdicts.map(({ given }) => given === 0);
	if (!positive.includes(true) || !positive.includes(false)) return null;
	const share = (label: number) => {
		const row = confusion[label] ?? [];
		const own = groups.filter((_, i) => verdicts[i]?.given === label);
		const all = row.reduce((a, b) => a + b, 0);
		return wilson((row[label] ?? 0) / all, effectivePhotos(own, designEffect));
	};
	const roc = rocCurve(
		verdicts.map(({ probabilities }) => probabilities[0] ?? 0),
		positive
	);
	return { sensitivity: share(0), specificity: share(1), auc: areaUnder(roc), roc };
}
