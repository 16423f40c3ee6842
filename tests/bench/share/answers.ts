/** Whether a model's file is as often right as the app, on photos that were not learned from. */
import { readFileSync } from 'node:fs';
import { backbones } from '../../../models/catalog';
import { foreignOf } from '../../../models/foreign';
import type { Precision } from '../../../src/lib/domain/model-facts';
import { atMost, type Row } from '../report';
import { mean } from '../teach/splits';
import { lookedAt, type Looked } from './looked';
import { labelsWith, trialOf, type Backbone, type Outcome } from './trial';

const area = 'share';
const SIZES = [25, 40];
/** Labels of a project: some, drawn anew for each split, or all that have the photos. */
const LABELS = [4, Infinity];
/** Points that a file may lose. */
const GOALS = { fp16: 0.5, int8: 1 } as const;

type Trial = Record<Precision, Outcome>;

/** By the app's solver; the files are run by onnxruntime-node. */
export async function* answers(folder: string, splits: number): AsyncGenerator<Row> {
	const [card] = backbones;
	if (!card) throw new Error('The catalogue is empty.');
	const file = readFileSync(`static/${card.file.url}`);
	const backbone = { card, file, foreign: await foreignOf(card) };
	const all: Trial[] = [];
	for await (const looked of lookedAt(folder, card, file))
		for (const labels of LABELS)
			for (const perLabel of SIZES) {
				const trials = await trialsOf(backbone, looked, { labels, perLabel, splits });
				if (trials.length === 0) continue;
				all.push(...trials);
				const count = Math.min(labels, labelsWith(looked, perLabel).length);
				yield* rowsOf(trials, `${looked.name}, ${count} labels, ${perLabel} photos each`);
			}
	const silent = all.filter(({ int8 }) => lossOf(int8) > GOALS.int8 && !int8.worse);
	yield atMost(
		{
			...{ area, unit: `of ${all.length} splits`, value: silent.length },
			name: 'in 8 bits more than a point lost on new photos, and not shown as worse',
			rival: `${all.filter(({ int8 }) => int8.worse).length} are shown as worse`
		},
		0,
		'none'
	);
}

async function trialsOf(
	backbone: Backbone,
	looked: Looked,
	{ labels, perLabel, splits }: { labels: number; perLabel: number; splits: number }
): Promise<Trial[]> {
	if (labelsWith(looked, perLabel).length < 2) return [];
	const trials: Trial[] = [];
	for (let seed = 0; seed < splits; seed++)
		trials.push(await trialOf(backbone, looked, { labels, perLabel, seed }));
	return trials;
}

const lossOf = ({ own, file, photos }: Outcome) => (100 * (own - file)) / photos;

function* rowsOf(trials: readonly Trial[], where: string): Generator<Row> {
	const of = (precision: Precision) => trials.map((trial) => trial[precision]);
	const sum = (outcomes: readonly Outcome[], what: 'photos' | 'own' | 'otherwise') =>
		outcomes.reduce((total, outcome) => total + outcome[what], 0);
	const [whole, photos] = [of('fp32'), sum(of('fp32'), 'photos')];
	const own = `the app ${((100 * sum(whole, 'own')) / photos).toFixed(1)} % right`;
	yield atMost(
		{
			...{ area, unit: `of ${photos.toLocaleString('en')}`, value: sum(whole, 'otherwise'), rival: own },
			name: `answered otherwise by the file as it is, ${where}`
		},
		0,
		'none'
	);
	for (const [precision, bits] of [
		['fp16', 16],
		['int8', 8]
	] as const) {
		const outcomes = of(precision);
		const losses = outcomes.map(lossOf);
		const worse = outcomes.filter((outcome) => outcome.worse).length;
		const row = {
			...{ area, unit: 'points', value: mean(losses) },
			name: `lost in ${bits} bits, ${where}`,
			rival: `worst split ${Math.max(...losses).toFixed(1)}; ${sum(outcomes, 'otherwise')} of ${photos.toLocaleString('en')} otherwise; shown as worse in ${worse} of ${trials.length}`
		};
		const limit = GOALS[precision];
		if (precision === 'fp16') yield atMost(row, limit);
		else {
			const said = outcomes.every((outcome) => lossOf(outcome) <= limit || outcome.worse);
			yield { ...row, goal: `≤ ${limit} point, or shown as worse`, met: row.value <= limit || said };
		}
	}
}
