/**
 * Photos that nothing has seen, asked of the head, of the tuned network, and of whichever the app would take: the tuned
 * one where it is better in the app's own folds beyond doubt.
 */
import { headLogits, type Head } from '../../../src/lib/domain/head';
import { isBetter } from '../../../src/lib/domain/paired';
import { Random } from '../../../src/lib/domain/random';
import { fineTune, type FineTuned } from '../../../src/lib/engine/fine-tune/fine-tune';
import { fit, tuneSetOf } from '../../../src/lib/engine/fine-tune/fit';
import { TunedNetwork } from '../../../src/lib/engine/fine-tune/network';
import { lookAll } from '../../../src/lib/engine/fine-tune/run';
import { trainable } from '../../../src/lib/engine/fine-tune/tail';
import { learnHead } from '../../../src/lib/engine/learn';
import { USUAL_STRENGTH } from '../../../src/lib/engine/out-of-fold';
import type { StartedTf } from '../../../src/lib/engine/tf';
import { atLeast, plain, type Row } from '../report';
import { accuracyOf, mean } from '../teach/splits';
import { FINE_TUNE } from './usual';
import { partOf, type Photos } from './material';

const Z = 1.96;
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

/** @param goal for the mean gain, in points; null for none */
export async function* accuracy(
	started: StartedTf,
	photos: Photos,
	{ perLabel, splits, goal }: { perLabel: number; splits: number; goal: number | null }
): AsyncGenerator<Row> {
	const [heads, tuned]: [number[], number[]] = [[], []];
	for (let seed = 0; seed < splits; seed++) {
		const split = splitOf(photos, perLabel, seed);
		const { head, strength } = await learnHead(partOf(photos, split.train).set, { kind: 'head', seed }, job);
		heads.push(ofHead(photos, split, head));
		const material = { ...photos, lambda: strength?.chosen ?? USUAL_STRENGTH };
		const asked = { photos: split.train, checked: [], until: FINE_TUNE.epochs };
		let said = new Float32Array(0);
		await fit(started, material, { ...FINE_TUNE, seed }, asked, {
			pause: async () => {},
			onEpoch: async (_, last, look) => {
				if (last) said = (await look(split.test)).logits;
			}
		});
		const { classes } = photos.set;
		tuned.push(right(photos, split, (n) => said.subarray(n * classes, (n + 1) * classes)));
	}
	const name = `fine-tuned, gain over the head, ${photos.name}, ${perLabel} photos a label, ${splits} splits`;
	const [gain, half] = gainOf(tuned, heads);
	const rival = `${mean(tuned).toFixed(1)} against ${mean(heads).toFixed(1)} %, ± ${half.toFixed(1)}`;
	const row = { area: 'fine-tune', name, value: gain, unit: 'points', rival };
	yield goal === null ? plain(row) : atLeast(row, goal);
}

/** The judged way, as a press of Train has it: six trainings a split. */
export async function* chosen(
	started: StartedTf,
	photos: Photos,
	{ perLabel, splits }: { perLabel: number; splits: number }
): AsyncGenerator<Row> {
	const [heads, taken]: [number[], number[]] = [[], []];
	let times = 0;
	for (let seed = 0; seed < splits; seed++) {
		const split = splitOf(photos, perLabel, seed);
		const { rival, tail, head } = await fineTune(
			started,
			partOf(photos, split.train),
			{ ...FINE_TUNE, seed },
			job
		);
		heads.push(ofHead(photos, split, rival.head.head));
		const takes = isBetter(rival.gain);
		if (takes) times++;
		const logits = takes ? await answersOf(started, photos, split.test, { tail, head }) : null;
		const { classes } = photos.set;
		taken.push(
			logits
				? right(photos, split, (n) => logits.subarray(n * classes, (n + 1) * classes))
				: (heads.at(-1) ?? NaN)
		);
	}
	const [gain, half] = gainOf(taken, heads);
	const name = `what the app takes, gain over the head, ${photos.name}, ${perLabel} photos a label, ${splits} splits`;
	const rival = `tuned in ${times} of ${splits}, ± ${half.toFixed(1)}`;
	yield atLeast({ area: 'fine-tune', name, value: gain, unit: 'points', rival }, -half, '0, beyond noise');
}

/** @returns [test, classes] */
async function answersOf(
	{ tf }: StartedTf,
	photos: Photos,
	test: readonly number[],
	{ tail, head }: Pick<FineTuned, 'tail' | 'head'>
): Promise<Float32Array> {
	const program = { ...photos.program, parameters: new Map([...photos.program.parameters, ...tail]) };
	const network = new TunedNetwork(tf, trainable(tf, program), head, FINE_TUNE);
	try {
		return (await lookAll(network, tuneSetOf(photos), test, async () => {})).logits;
	} finally {
		network.dispose();
	}
}

/** @returns mean, and half of its 95 % interval */
function gainOf(own: readonly number[], other: readonly number[]): [number, number] {
	const gains = own.map((value, i) => value - (other[i] ?? NaN));
	const gain = mean(gains);
	const variance = gains.reduce((sum, value) => sum + (value - gain) ** 2, 0) / Math.max(1, gains.length - 1);
	return [gain, Z * Math.sqrt(variance / gains.length)];
}
