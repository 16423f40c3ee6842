/** Seeded splits of a dataset: some photos a label to learn from, the rest to hold it against. */
import type { TrainingSet } from '../../../src/lib/domain/training';
import { Random } from '../../../src/lib/domain/random';
import { BURST, type Dataset } from './photos';

export interface Split {
	train: TrainingSet;
	test: { features: Float32Array; targets: Int32Array };
}

/** Photos of a label that are left to test with, at least. */
const LEAST_TEST = 15;

/**
 * The dataset without the labels that have too few photos for splits of this size.
 * @returns null where fewer than two are left
 */
export function withEnough(dataset: Dataset, perLabel: number): Dataset | null {
	const counts = new Map<number, number>();
	for (const target of dataset.targets) counts.set(target, (counts.get(target) ?? 0) + 1);
	const kept = [...counts.keys()].filter((label) => (counts.get(label) ?? 0) >= perLabel + LEAST_TEST);
	return kept.length < 2 ? null : onlyLabels(dataset, kept);
}

export function onlyLabels(dataset: Dataset, labels: readonly number[]): Dataset {
	const photos = [...dataset.targets.keys()].filter((i) => labels.includes(dataset.targets[i] ?? -1));
	const { dimension } = dataset;
	return {
		...dataset,
		classes: labels.length,
		targets: Int32Array.from(photos, (i) => labels.indexOf(dataset.targets[i] ?? -1)),
		features: rowsOf(dataset.features, dimension, photos),
		bursts: rowsOf(dataset.bursts, BURST * dimension, photos),
		mirrored: rowsOf(dataset.mirrored, BURST * dimension, photos)
	};
}

/**
 * So many photos of each label to learn from, each a group of its own, with mirror images as in the app, and all
 * others to test.
 */
export function splitOf(dataset: Dataset, perLabel: number, seed: number): Split {
	const { train, test } = drawn(dataset, perLabel, seed, () => true);
	const { features, mirrored, targets, dimension, classes, foreign } = dataset;
	return {
		train: {
			features: rowsOf(features, dimension, train),
			augmented: [rowsOf(mirrored, BURST * dimension, train, dimension)],
			dimension,
			targets: Int32Array.from(train, (i) => targets[i] ?? 0),
			classes,
			groups: Int32Array.from(train.keys()),
			foreign
		},
		test: testOf(dataset, test)
	};
}

/** So many bursts of eight near-duplicates of each label to learn from. */
export function burstSplitOf(dataset: Dataset, perLabel: number, seed: number): Split {
	const { dimension, classes, targets, bursts, mirrored, foreign } = dataset;
	const complete = (i: number) =>
		bursts.subarray(((i + 1) * BURST - 1) * dimension, (i + 1) * BURST * dimension).some((x) => x !== 0);
	const { train, test } = drawn(dataset, perLabel, seed, complete);
	return {
		train: {
			features: rowsOf(bursts, BURST * dimension, train),
			augmented: [rowsOf(mirrored, BURST * dimension, train)],
			dimension,
			targets: Int32Array.from(
				{ length: train.length * BURST },
				(_, i) => targets[train[Math.floor(i / BURST)] ?? 0] ?? 0
			),
			classes,
			groups: Int32Array.from({ length: train.length * BURST }, (_, i) => Math.floor(i / BURST)),
			foreign
		},
		test: testOf(dataset, test)
	};
}

function drawn(dataset: Dataset, perLabel: number, seed: number, usable: (photo: number) => boolean) {
	const train: number[] = [];
	const test: number[] = [];
	const left = new Array<number>(dataset.classes).fill(perLabel);
	for (const photo of new Random(seed).shuffle(dataset.targets.keys())) {
		const label = dataset.targets[photo] ?? 0;
		if ((left[label] ?? 0) > 0 && usable(photo)) {
			train.push(photo);
			left[label] = (left[label] ?? 0) - 1;
		} else test.push(photo);
	}
	return { train, test };
}

function testOf({ features, dimension, targets }: Dataset, photos: readonly number[]): Split['test'] {
	return {
		features: rowsOf(features, dimension, photos),
		targets: Int32Array.from(photos, (i) => targets[i] ?? 0)
	};
}

/** The first `columns` of these rows, one below the other. */
export function rowsOf(
	matrix: Float32Array,
	width: number,
	rows: readonly number[],
	columns = width
): Float32Array<ArrayBuffer> {
	const out = new Float32Array(rows.length * columns);
	rows.forEach((row, i) => out.set(matrix.subarray(row * width, row * width + columns), i * columns));
	return out;
}

/** Mean over the labels of the share answered right: the split learned from equally many of each. */
export function accuracyOf(answers: ArrayLike<number>, targets: Int32Array, classes: number): number {
	const right = new Array<number>(classes).fill(0);
	const all = new Array<number>(classes).fill(0);
	targets.forEach((target, i) => {
		all[target] = (all[target] ?? 0) + 1;
		if (answers[i] === target) right[target] = (right[target] ?? 0) + 1;
	});
	const recalls = all.flatMap((count, label) => (count > 0 ? [(right[label] ?? 0) / count] : []));
	return mean(recalls);
}

export function mean(values: readonly number[]): number {
	return values.reduce((a, b) => a + b, 0) / values.length;
}

/** @param share of each label's photos, as the recipe keeps 85 % of them */
export function partOf(set: TrainingSet, share: number): TrainingSet {
	const kept: number[] = [];
	const seen = new Array<number>(set.classes).fill(0);
	const all = new Array<number>(set.classes).fill(0);
	for (const target of set.targets) all[target] = (all[target] ?? 0) + 1;
	set.targets.forEach((target, i) => {
		const most = (all[target] ?? 0) - Math.ceil((1 - share) * (all[target] ?? 0));
		if ((seen[target] ?? 0) < most) kept.push(i);
		seen[target] = (seen[target] ?? 0) + 1;
	});
	return {
		...set,
		features: rowsOf(set.features, set.dimension, kept),
		targets: Int32Array.from(kept, (i) => set.targets[i] ?? 0),
		groups: Int32Array.from(kept, (i) => set.groups[i] ?? 0)
	};
}
