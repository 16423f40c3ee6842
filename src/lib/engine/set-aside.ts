/** What is not learned from tells which epoch to keep. */
import { groupedFolds, mostFolds } from '../domain/split';
import type { TrainingSet } from '../domain/training';

/** Which photos train, and which are looked at after each epoch; none of the latter where there are too few. */
export interface Part {
	train: readonly number[];
	validation: readonly number[];
}

/** A grouped fifth of these photos is set aside where there are enough. */
export function setAside(
	{ targets, groups }: Pick<TrainingSet, 'targets' | 'groups'>,
	photos: readonly number[],
	seed: number
): Part {
	const of = (values: Int32Array) => Int32Array.from(photos, (photo) => values[photo] ?? 0);
	const folds = mostFolds(of(targets), of(groups));
	if (folds === 0) return { train: photos, validation: [] };
	const split = groupedFolds(of(targets), of(groups), { folds, seed });
	return {
		train: photos.filter((_, i) => split[i] !== 0),
		validation: photos.filter((_, i) => split[i] === 0)
	};
}

/**
 * @param logits [photos, classes], of these photos
 * @param set targets and weights of all photos
 * @returns weighted mean cross-entropy, and accuracy, 0..1
 */
export function figuresOf(
	logits: Float32Array,
	photos: readonly number[],
	{ targets, weights, classes }: { targets: Int32Array; weights: Float64Array; classes: number }
): { loss: number; accuracy: number } {
	let [loss, total, right] = [0, 0, 0];
	for (const [i, photo] of photos.entries()) {
		const row = logits.subarray(i * classes, (i + 1) * classes);
		const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
		const own = row[targets[photo] ?? 0] ?? NaN;
		const weight = weights[photo] ?? 0;
		loss += weight * (Math.log(row.reduce((a, b) => a + Math.exp(b - most), 0)) - (own - most));
		total += weight;
		if (own === most) right++;
	}
	return { loss: loss / total, accuracy: right / photos.length };
}
