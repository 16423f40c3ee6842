/** One split: learned by the app's own solver, written as a file in each precision, both asked about the rest. */
import type { BackboneCard } from '../../../src/lib/domain/card';
import { answerOf } from '../../../src/lib/domain/answer';
import type { Precision } from '../../../src/lib/domain/model-facts';
import { Random } from '../../../src/lib/domain/random';
import type { Foreign, TrainingResult, TrainingSet } from '../../../src/lib/domain/training';
import { isWorse, mostLost } from '../../../src/lib/components/share/words';
import { compareAnswers } from '../../../src/lib/engine/same-answers';
import { writeModelFile } from '../../../src/lib/files/model-file';
import { learn } from '../teach/learned';
import { Run, type Looked } from './looked';

export interface Backbone {
	card: BackboneCard;
	file: Uint8Array;
	foreign: Foreign | null;
}

/** Photos that were not learned from. */
export interface Outcome {
	photos: number;
	/** Answered right by the app, and by the file. */
	own: number;
	file: number;
	/** Given another label by the file than by the app. */
	otherwise: number;
	/** As the sheet says of it before it is saved, by the photos that were learned from. */
	worse: boolean;
}

interface Split {
	set: TrainingSet;
	learned: readonly number[];
	/** Photos, and the label that each has in the set. */
	rest: readonly (readonly [photo: number, target: number])[];
}

/** Photos of a label that are left to test with, at least. */
const LEAST_TEST = 10;
const PRECISIONS = ['fp32', 'fp16', 'int8'] as const;
const { signal } = new AbortController();

/** Those with enough photos to learn so many of. */
export function labelsWith({ targets }: Looked, perLabel: number): number[] {
	const counts = new Map<number, number>();
	for (const target of targets) counts.set(target, (counts.get(target) ?? 0) + 1);
	return [...counts.keys()].filter((label) => (counts.get(label) ?? 0) >= perLabel + LEAST_TEST);
}

export async function trialOf(
	backbone: Backbone,
	looked: Looked,
	{ labels, perLabel, seed }: { labels: number; perLabel: number; seed: number }
): Promise<Record<Precision, Outcome>> {
	const random = new Random(seed);
	const taught = random.shuffle(labelsWith(looked, perLabel)).slice(0, labels);
	const split = splitOf(looked, taught, perLabel, random, backbone.foreign);
	const { result } = await learn(split.set, seed);
	const outcomes: Partial<Record<Precision, Outcome>> = {};
	for (const precision of PRECISIONS) {
		const { bytes } = writeModelFile(fileInput(backbone, result, taught.map(String), precision));
		const run = await Run.of(bytes, backbone.card);
		outcomes[precision] = {
			...(await compared(run, looked, split, result)),
			worse: await shownAsWorse(run, looked, split, result)
		};
		await run.end();
	}
	return outcomes as Record<Precision, Outcome>; // all three are there
}

function splitOf(
	{ targets, features, mirrored }: Looked,
	taught: readonly number[],
	perLabel: number,
	random: Random,
	foreign: Foreign | null
): Split {
	const left = taught.map(() => perLabel);
	const [learned, rest]: [number[], [number, number][]] = [[], []];
	for (const photo of random.shuffle(targets.keys())) {
		const target = taught.indexOf(targets[photo] ?? -1);
		if (target < 0) continue;
		if ((left[target] ?? 0) === 0) rest.push([photo, target]);
		else {
			learned.push(photo);
			left[target] = (left[target] ?? 0) - 1;
		}
	}
	const rows = (of: readonly Float32Array[]) => rowsOf(learned.map((photo) => of[photo] ?? []));
	return {
		set: {
			...{ features: rows(features), augmented: [rows(mirrored)], dimension: features[0]?.length ?? 0 },
			...{ classes: taught.length, groups: Int32Array.from(learned.keys()) },
			targets: Int32Array.from(learned, (photo) => taught.indexOf(targets[photo] ?? -1)),
			...(foreign && { foreign })
		},
		...{ learned, rest }
	};
}

async function compared(run: Run, looked: Looked, { rest }: Split, { head, gate }: TrainingResult) {
	const outcome = { photos: rest.length, own: 0, file: 0, otherwise: 0 };
	for (const [photo, target] of rest) {
		const features = looked.features[photo] ?? new Float32Array();
		const here = bestOf(answerOf({ head, gate }, features).probabilities);
		const picture = looked.pictures[photo] ?? new Float32Array();
		const there = bestOf((await run.ask(picture, ['probabilities'])).probabilities);
		outcome.own += Number(here === target);
		outcome.file += Number(there === target);
		outcome.otherwise += Number(here !== there);
	}
	return outcome;
}

/** As `services/share-model` finds it out. */
async function shownAsWorse(run: Run, looked: Looked, split: Split, result: TrainingResult) {
	const given: Float32Array[] = [];
	let alike = 0;
	for (const photo of split.learned) {
		const { features } = await run.ask(looked.pictures[photo] ?? new Float32Array(), ['features']);
		const [here, there] = [looked.features[photo] ?? new Float32Array(), features].map((of) =>
			answerOf(result, of)
		);
		const sure = (answer: typeof here) => (answer?.above ?? 0) >= 0;
		const best = (answer: typeof here) => bestOf(answer?.probabilities ?? new Float32Array());
		alike += Number(best(here) === best(there) && sure(here) === sure(there));
		given.push(features);
	}
	const judged = await compareAnswers(
		{
			...{ set: { ...split.set, foreign: undefined }, seed: 0, lambda: result.strength?.chosen ?? null },
			...{ rows: Int32Array.from(split.learned.keys()), features: rowsOf(given) }
		},
		{ signal }
	);
	const measured = { photos: given.length, alike, judged };
	return isWorse(measured) || mostLost(measured) !== null;
}

function fileInput(
	{ card, file }: Backbone,
	{ head, gate }: TrainingResult,
	labels: readonly string[],
	precision: Precision
): Parameters<typeof writeModelFile>[0] {
	const { id, name, licence, attribution, source } = card;
	return {
		...{ backbone: Uint8Array.from(file).buffer, card, model: { head, gate }, precision },
		facts: {
			...{ format: 'lensmith-model', version: 1, name: 'Bench', created: 0, app: 'Lensmith' },
			...{ crop: 'centre', precision, judgement: null, strangers: null, measured: null },
			labels: labels.map((label) => ({ name: label, photos: 0 })),
			backbone: { id, name, licence, attribution, source, sha256: card.file.sha256 },
			training: { kind: 'head', seed: 0 }
		}
	};
}

function rowsOf(rows: readonly ArrayLike<number>[]): Float32Array<ArrayBuffer> {
	const width = rows[0]?.length ?? 0;
	const out = new Float32Array(rows.length * width);
	rows.forEach((row, i) => out.set(row, i * width));
	return out;
}

const bestOf = (values: Float32Array) => values.indexOf(Math.max(...values));
