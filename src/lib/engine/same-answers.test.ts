import { expect, test } from 'vitest';
import { Random } from '../domain/random';
import type { TrainingSet } from '../domain/training';
import { compareAnswers } from './same-answers';

const random = new Random(5);
const dimension = 8;
/** Two clouds that overlap a little. */
function clouds(photos: number): TrainingSet {
	const targets = Int32Array.from({ length: photos }, (_, i) => i % 2);
	const features = Float32Array.from({ length: photos * dimension }, (_, i) => {
		const own = targets[Math.floor(i / dimension)] === 0 ? 0.2 : -0.2;
		return (i % dimension === 0 ? own : 0) + (random.next() - 0.5);
	});
	const groups = Int32Array.from({ length: photos }, (_, i) => i);
	return { features, augmented: [], dimension, targets, classes: 2, groups };
}
const job = { signal: new AbortController().signal };
const input = (set: TrainingSet, features: Float32Array, rows = [...set.targets.keys()]) => ({
	...{ set, features, lambda: null, seed: 1 },
	rows: Int32Array.from(rows)
});

test('the same features: the same answers, of every photo, and not all of them right', async () => {
	const set = clouds(60);
	const measured = await compareAnswers(input(set, set.features), job);
	expect(measured).toMatchObject({ photos: 60 });
	expect(measured?.own).toBe(measured?.file);
	expect(measured?.own).toBeGreaterThan(30);
	expect(measured?.own).toBeLessThan(60);
});

test('features turned upside down: what was right is wrong', async () => {
	const set = clouds(60);
	const measured = await compareAnswers(
		input(
			set,
			set.features.map((x) => -x)
		),
		job
	);
	expect(measured?.file).toBeLessThan(30);
	expect(measured?.own).toBeGreaterThan(30);
});

test('only photos that were looked at count, each with its own features', async () => {
	const set = clouds(60);
	const rows = [3, 10, 11, 40];
	const features = Float32Array.from(
		rows.flatMap((row) => [...set.features.subarray(row * dimension, (row + 1) * dimension)])
	);
	const judged = await compareAnswers(input(set, features, rows), job);
	expect(judged?.photos).toBe(4);
	expect(judged?.file).toBe(judged?.own);
});

test('too few photos for folds: nothing is said', async () => {
	const set = clouds(2);
	expect(await compareAnswers(input(set, set.features), job)).toBeNull();
});
