/** Photos with a wrong label among the right ones: are they found? (learning.md §5) */
import { Random } from '../../../src/lib/domain/random';
import { atLeast, type Row } from '../report';
import { learn } from './learned';
import type { Dataset } from './photos';
import { mean, splitOf, withEnough } from './splits';

const PER_LABEL = 50;
const FLIPPED = 0.1;

export async function* wrongLabels(datasets: readonly Dataset[], splits: number): AsyncGenerator<Row> {
	const precisions: number[] = [];
	for (const dataset of datasets) {
		const part = withEnough(dataset, PER_LABEL);
		if (!part) continue;
		const own: number[] = [];
		for (let seed = 0; seed < splits; seed++) own.push(100 * (await precision(part, seed)));
		precisions.push(...own);
		const row = { name: `wrong labels among the first N suspects, ${dataset.name}`, value: mean(own) };
		yield { area: 'teach', ...row, unit: '%', rival: null, goal: null, met: null };
	}
	yield atLeast(
		{
			area: 'teach',
			name: 'wrong labels among the first N suspects, mean',
			value: mean(precisions),
			unit: '%',
			rival: null
		},
		75
	);
}

/** Share of truly wrong ones among the first N suspects, N the number of wrong ones. */
async function precision(dataset: Dataset, seed: number): Promise<number> {
	const { train } = splitOf(dataset, PER_LABEL, seed);
	const random = new Random(seed + 1000);
	const count = Math.round(FLIPPED * train.targets.length);
	const wrong = new Set(random.shuffle(train.targets.keys()).slice(0, count));
	const targets = train.targets.map((target, i) =>
		wrong.has(i) ? (target + 1 + random.integer(train.classes - 1)) % train.classes : target
	);
	const { evaluation } = await learn({ ...train, targets }, seed);
	const first = evaluation?.suspects.slice(0, count) ?? [];
	return first.filter(({ photoId }) => wrong.has(Number(photoId))).length / count;
}
