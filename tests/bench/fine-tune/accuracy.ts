/**
 * Photos that nothing has seen, asked of the head, of the tuned network, and of whichever the app would take: the tuned
 * one where it is better in the app's own folds by enough. Each photo counts as a group of its own, where the app puts near
 * duplicates together: these folders have few. Labels have as many photos to test with as are left, scissors of objects10 nine.
 */
import { FINE_TUNE } from '../../../src/lib/components/teach/train/config';
import type { Estimate } from '../../../src/lib/domain/evaluation';
import { headLogits, type Head } from '../../../src/lib/domain/head';
import { isBetter } from '../../../src/lib/domain/paired';
import { Random } from '../../../src/lib/domain/random';
import { fineTune, type FineTuned } from '../../../src/lib/engine/fine-tune/fine-tune';
import { tuneSetOf } from '../../../src/lib/engine/fine-tune/fit';
import { TunedNetwork } from '../../../src/lib/engine/fine-tune/network';
import { lookAll, type TuneConfig } from '../../../src/lib/engine/fine-tune/run';
import { tuneConfigOf } from '../../../src/lib/engine/fine-tune/settings';
import { trainable } from '../../../src/lib/engine/fine-tune/tail';
import type { StartedTf } from '../../../src/lib/engine/tf';
import { atLeast, plain, type Row } from '../report';
import { accuracyOf, mean } from '../teach/splits';
import { partOf, type Photos } from './material';

const area = 'fine-tune';
/** Two-sided 95 % quantiles of Student's distribution with 1, 2, … degrees of freedom. */
const STUDENT = [12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];
const job = { signal: new AbortController().signal, report: () => undefined };

interface Split {
	train: readonly number[];
	test: readonly number[];
}

function splitOf({ set: { targets, classes } }: Photos, perLabel: number, seed: number): Split {
	const left = new Array<number>(classes).fill(perLabel);
	const train: number[] = [];
	const test: number[] = [];
	for (const photo of new Random(seed).shuffle(targets.keys())) {
		const label = targets[photo] ?? 0;
		const count = left[label] ?? 0;
		(count > 0 ? train : test).push(photo);
		left[label] = count - 1;
	}
	return { train, test };
}

/** Percent of the test photos that are named rightly, mean over the labels. @param logits of the n-th of them */
function right({ set }: Photos, { test }: Split, logits: (n: number) => Float32Array): number {
	const answers = test.map((_, n) => {
		const row = logits(n);
		return row.indexOf(Math.max(...row));
	});
	const targets = Int32Array.from(test, (photo) => set.targets[photo] ?? 0);
	return 100 * accuracyOf(answers, targets, set.classes);
}

function ofHead(photos: Photos, split: Split, head: Head): number {
	const { features, dimension } = photos.set;
	return right(photos, split, (n) => {
		const at = (split.test[n] ?? 0) * dimension;
		return headLogits(head, features.subarray(at, at + dimension));
	});
}

/**
 * As a press of Train has it, six trainings a split. Each split is told as it ends.
 *
 * @param goal for the mean gain of the tuned network, in points; null for none
 */
export async function* accuracy(
	started: StartedTf,
	photos: Photos,
	{ perLabel, splits, goal }: { perLabel: number; splits: number; goal: number | null }
): AsyncGenerator<Row> {
	const judged: Judged[] = [];
	for (let seed = 0; seed < splits; seed++) {
		const one = await judgedOn(started, photos, perLabel, seed);
		judged.push(one);
		const of = [one.head, one.tuned].map((percent) => percent.toFixed(2)).join(' → ');
		const { value, low } = one.gain ?? { value: NaN, low: NaN };
		const said = `${(100 * value).toFixed(2)} ± ${(100 * (value - low)).toFixed(2)}`;
		console.error(
			`${photos.name} ${perLabel} split ${seed}: ${of} %, kept ${one.share}, the folds said ${said}`
		);
	}
	const heads = judged.map(({ head }) => head);
	const where = `${photos.name}, ${perLabel} photos a label, ${splits} splits`;
	const [gain, half] = gainOf(
		judged.map(({ tuned }) => tuned),
		heads
	);
	const rival = `${mean(judged.map(({ tuned }) => tuned)).toFixed(1)} against ${mean(heads).toFixed(1)} %, ${within(half)}`;
	const row = { area, name: `fine-tuned, gain over the head, ${where}`, value: gain, unit: 'points', rival };
	yield goal === null || splits < 2 ? plain(row) : atLeast(row, goal);
	const better = judged.filter(({ gain }) => isBetter(gain)).length;
	const answers = judged.map(({ head, tuned, gain }) => (isBetter(gain) ? tuned : head));
	const [taken, either] = gainOf(answers, heads);
	const worst = Math.min(...answers.map((percent, i) => percent - (heads[i] ?? NaN)));
	const name = `what the app takes, gain over the head, ${where}`;
	const choice = `tuned in ${better} of ${splits}, the worst split ${worst.toFixed(1)}, ${within(either)}`;
	const chosen = { area, name, value: taken, unit: 'points', rival: choice };
	// The rule was chosen with figures of trash6 in sight.
	yield splits < 2 ? plain(chosen) : atLeast(chosen, -either, 'not below 0 by more than its noise');
}

/** What one split's models get of photos that nothing has seen, in percent, and what the folds said of it. */
interface Judged {
	head: number;
	tuned: number;
	gain: Estimate | null;
	/** Of what the tuned network learned, what it kept, 0..1. */
	share: number | undefined;
}

async function judgedOn(started: StartedTf, photos: Photos, perLabel: number, seed: number): Promise<Judged> {
	const split = splitOf(photos, perLabel, seed);
	const config = tuneConfigOf({ ...FINE_TUNE, seed });
	const { rival, ...tuned } = await fineTune(started, partOf(photos, split.train), config, job);
	const logits = await answersOf(started, photos, split.test, { ...tuned, config });
	const { classes } = photos.set;
	return {
		head: ofHead(photos, split, rival.head.head),
		tuned: right(photos, split, (n) => logits.subarray(n * classes, (n + 1) * classes)),
		gain: rival.gain,
		share: tuned.share
	};
}

/** @returns [test, classes] */
async function answersOf(
	{ tf }: StartedTf,
	photos: Photos,
	test: readonly number[],
	{ tail, head, config }: Pick<FineTuned, 'tail' | 'head'> & { config: TuneConfig }
): Promise<Float32Array> {
	const program = { ...photos.program, parameters: new Map([...photos.program.parameters, ...tail]) };
	const network = new TunedNetwork(tf, trainable(tf, program), head, config);
	try {
		return (await lookAll(network, tuneSetOf(photos), test, async () => {})).logits;
	} finally {
		network.dispose();
	}
}

const within = (half: number) =>
	Number.isFinite(half) ? `± ${half.toFixed(1)} over splits of these photos` : 'of one split';

/**
 * @returns mean, and half of the 95 % interval (Student) that splits of these photos give; other photos would differ by
 *   more, as the splits share theirs. NaN of less than two
 */
function gainOf(own: readonly number[], other: readonly number[]): [number, number] {
	const gains = own.map((value, i) => value - (other[i] ?? NaN));
	const gain = mean(gains);
	const variance = gains.reduce((sum, value) => sum + (value - gain) ** 2, 0) / (gains.length - 1);
	return [gain, (STUDENT[gains.length - 2] ?? 1.96) * Math.sqrt(variance / gains.length)];
}
