/** Whether what is said of a model comes true on photos that it never met (learning.md §2 to §4 and §6). */
import { calibrated, calibrationError, reliabilityBins } from '../../../src/lib/domain/calibration';
import { atLeast, atMost, type Row } from '../report';
import { learn, type Learned } from './learned';
import type { Dataset } from './photos';
import {
	accuracyOf,
	burstSplitOf,
	mean,
	onlyLabels,
	rowsOf,
	splitOf,
	withEnough,
	type Split
} from './splits';

const SIZES = [10, 20, 50];
const CALIBRATION_GOALS: Record<number, number> = { 10: 6, 20: 5, 50: 4.5 };
const FAR_GOALS: Record<number, number> = { 10: 75, 20: 80, 50: 83 };
const BURSTS = 10;

/** All figures are shares, 0..1. */
interface Trial {
	claimed: number;
	low: number;
	high: number;
	/** On so many photos that were not learned from. */
	truth: number;
	tested: number;
	calibration: number;
	kept: number | null;
	/** Of photos of the other tasks. */
	far: number | null;
	/** Of the label that it was taught without. */
	near: number | null;
	/** What the app says of all three; "far" of photos of kinds that the gate never met. */
	stated: { kept: number | null; near: number | null; far: number | null };
	gain: number;
}

export async function* honesty(datasets: readonly Dataset[], splits: number): AsyncGenerator<Row> {
	const cells = new Map<string, Trial[]>();
	for (const perLabel of SIZES) {
		const ofSize: Trial[] = [];
		for (const dataset of datasets) {
			const part = withEnough(dataset, perLabel);
			if (!part) continue;
			const others = datasets.filter(({ name }) => name !== dataset.name);
			const trials: Trial[] = [];
			for (let seed = 0; seed < splits; seed++) {
				const split = splitOf(part, perLabel, seed);
				trials.push(
					await trial(split, part.classes, seed, others, await refusedLookAlikes(part, perLabel, seed))
				);
			}
			cells.set(`${dataset.name} ${perLabel}`, trials);
			ofSize.push(...trials);
			yield coverage(trials, `${dataset.name}, ${perLabel} photos a label`);
		}
		yield* ofOneSize(ofSize, perLabel);
	}
	yield* withBursts(datasets, splits);
	yield doubling(cells);
}

async function trial(
	split: Split,
	classes: number,
	seed: number,
	others: readonly Dataset[],
	near: number | null
): Promise<Trial> {
	const model = await learn(split.train, seed);
	const { evaluation } = model;
	if (!evaluation) throw new Error('A split of this size can be judged.');
	const { features, targets } = split.test;
	const truth = accuracyOf(model.answers(features), targets, classes);
	const refused = model.refused(features);
	const other = others.map(({ features }) => model.refused(features)).filter((share) => share !== null);
	const { gate } = model.result;
	const { value, low, high } = evaluation.accuracy;
	return {
		...{ claimed: value, low, high, truth },
		tested: targets.length,
		calibration: calibrationOf(model, split, classes),
		kept: refused === null ? null : 1 - refused,
		far: other.length > 0 ? mean(other) : null,
		near,
		stated: { kept: gate?.kept ?? null, near: gate?.near ?? null, far: evaluation.strangers?.far ?? null },
		gain: evaluation.gainFromDoubling
	};
}

function calibrationOf(model: Learned, { test }: Split, classes: number): number {
	const logits = model.logits(test.features);
	const answers = Array.from(test.targets, (target, i) => {
		const row = calibrated(logits.subarray(i * classes, (i + 1) * classes), model.result.head.temperature);
		const probability = Math.max(...row);
		return { probability, right: row.indexOf(probability) === target, weight: 1 };
	});
	return calibrationError(reliabilityBins(answers));
}

/** Learns all labels but one, in turn, and shows it that one's photos. */
async function refusedLookAlikes(dataset: Dataset, perLabel: number, seed: number): Promise<number | null> {
	if (dataset.classes < 3) return null;
	const held = seed % dataset.classes;
	const labels = [...Array(dataset.classes).keys()];
	const rest = onlyLabels(
		dataset,
		labels.filter((label) => label !== held)
	);
	const model = await learn(splitOf(rest, perLabel, seed).train, seed);
	const strangers = [...dataset.targets.keys()].filter((i) => dataset.targets[i] === held);
	return model.refused(rowsOf(dataset.features, dataset.dimension, strangers));
}

function coverage(trials: readonly Trial[], where: string): Row {
	const off = 100 * mean(trials.map(({ claimed, truth }) => claimed - truth));
	const truths = trials.map(({ truth }) => truth);
	const steady = covered(trials, new Array<number>(trials.length).fill(mean(truths))).toFixed(0);
	return atLeast(
		{
			area: 'teach',
			name: `interval holds the truth, ${where}`,
			value: covered(trials, truths),
			unit: '%',
			rival: `estimate ${off < 0 ? '−' : '+'}${Math.abs(off).toFixed(1)} points off; ${steady} % hold the mean of all splits`
		},
		92
	);
}

/** Percent of the intervals that hold their split's accuracy. */
function covered(trials: readonly Trial[], truths: readonly number[]): number {
	const held = trials.filter(({ low, high }, i) => {
		const truth = truths[i] ?? 0;
		return low <= truth && truth <= high;
	});
	return (100 * held.length) / trials.length;
}

function* ofOneSize(trials: readonly Trial[], perLabel: number): Generator<Row> {
	const at = `${perLabel} photos a label`;
	const percent = (values: readonly (number | null)[]) =>
		100 * mean(values.filter((value) => value !== null));
	const share = (figure: 'kept' | 'far' | 'near') => percent(trials.map((trial) => trial[figure]));
	const row = (name: string, value: number, said: readonly (number | null)[] = []) => ({
		area: 'teach',
		name: `${name}, ${at}`,
		value,
		unit: '%',
		rival: said.length > 0 ? `the app says ${percent(said).toFixed(0)} %` : null
	});
	const error = row(
		'calibration error on new photos',
		100 * mean(trials.map(({ calibration }) => calibration))
	);
	yield atMost(error, CALIBRATION_GOALS[perLabel] ?? 5);
	const kept = share('kept');
	const keptRow = row(
		'known photos kept',
		kept,
		trials.map(({ stated }) => stated.kept)
	);
	yield { ...keptRow, goal: '94 to 98 %', met: kept >= 94 && kept <= 98 };
	const said = trials.map(({ stated }) => stated.far);
	const kinds = row('kinds that it never met refused, by the app', percent(said));
	yield atLeast(kinds, FAR_GOALS[perLabel] ?? 80);
	yield atLeast(row('photos of the other task refused', share('far'), said), FAR_GOALS[perLabel] ?? 80);
	const near = row(
		'near strangers refused',
		share('near'),
		trials.map(({ stated }) => stated.near)
	);
	yield atLeast(near, 20);
}

async function* withBursts(datasets: readonly Dataset[], splits: number): AsyncGenerator<Row> {
	for (const dataset of datasets) {
		const part = withEnough(dataset, BURSTS);
		if (!part) continue;
		const trials: Trial[] = [];
		for (let seed = 0; seed < splits; seed++)
			trials.push(await trial(burstSplitOf(part, BURSTS, seed), part.classes, seed, [], null));
		const where = `${dataset.name}, ${BURSTS} bursts a label`;
		yield coverage(trials, where);
		const off = 100 * mean(trials.map(({ claimed, truth }) => Math.abs(claimed - truth)));
		const bias = 100 * Math.abs(mean(trials.map(({ claimed, truth }) => claimed - truth)));
		yield atMost(
			{
				area: 'teach',
				name: `estimate off the truth, ${where}`,
				value: bias,
				unit: 'points',
				rival: `${off.toFixed(1)} in a single split`
			},
			4
		);
	}
}

/** What twice the photos were said to add, against what they added. */
function doubling(cells: ReadonlyMap<string, readonly Trial[]>): Row {
	const errors: number[] = [];
	for (const [cell, trials] of cells) {
		const [name, size] = cell.split(' ');
		const twice = cells.get(`${name} ${2 * Number(size)}`);
		if (!twice) continue;
		const added = mean(twice.map(({ truth }) => truth)) - mean(trials.map(({ truth }) => truth));
		errors.push(...trials.map(({ gain }) => 100 * Math.abs(gain - added)));
	}
	return atMost(
		{
			area: 'teach',
			name: 'gain from twice the photos, mean error',
			value: mean(errors),
			unit: 'points',
			rival: null
		},
		3
	);
}
