/** The head against the recipe, on the same photos and the same features (learning.md §1). */
import { atLeast, atMost, type Row } from '../report';
import { learn } from './learned';
import type { Dataset } from './photos';
import { withRecipe } from './recipe';
import { accuracyOf, mean, partOf, splitOf, withEnough, type Split } from './splits';

const SIZES = [5, 10, 20];
/** What `@teachablemachine/image` learns from; the rest is its validation. */
const SHIPPED_SHARE = 0.85;
/** learning.md's table, in percent. */
const TRASH6: Record<number, number> = { 5: 51.4, 10: 60.1, 20: 65.7 };

export async function* accuracy(datasets: readonly Dataset[], splits: number): AsyncGenerator<Row> {
	const gains: number[] = [];
	for (const perLabel of SIZES)
		for (const dataset of datasets) {
			const part = withEnough(dataset, perLabel);
			if (!part) continue;
			const figures = {
				head: [] as number[],
				plain: [] as number[],
				recipe: [] as number[],
				shipped: [] as number[]
			};
			for (let seed = 0; seed < splits; seed++) {
				const split = splitOf(part, perLabel, seed);
				const { answers } = await learn(split.train, seed);
				figures.head.push(right(answers(split.test.features), split, part));
				const plain = await learn({ ...split.train, augmented: [] }, seed);
				figures.plain.push(right(plain.answers(split.test.features), split, part));
				figures.recipe.push(await recipe(split, part, seed, 1));
				figures.shipped.push(await recipe(split, part, seed, SHIPPED_SHARE));
			}
			const [head, all, shipped] = [mean(figures.head), mean(figures.recipe), mean(figures.shipped)];
			gains.push(head - all);
			const row = {
				area: 'teach',
				name: `accuracy, ${dataset.name}, ${perLabel} photos a label`,
				value: head,
				unit: '%',
				rival: `recipe ${all.toFixed(1)}, as shipped ${shipped.toFixed(1)}`
			};
			yield atLeast(row, all - 0.5, 'recipe − 0.5');
			const known = dataset.name === 'trash6' ? TRASH6[perLabel] : undefined;
			if (known !== undefined) yield againstTable(mean(figures.plain), perLabel, known);
		}
	yield atLeast(
		{
			area: 'teach',
			name: 'accuracy above the recipe, mean',
			value: mean(gains),
			unit: 'points',
			rival: null
		},
		1
	);
}

function againstTable(head: number, perLabel: number, known: number): Row {
	const name = `accuracy without mirror images, trash6, ${perLabel} photos a label, off the table`;
	return atMost(
		{ area: 'teach', name, value: Math.abs(head - known), unit: 'points', rival: `table ${known}` },
		1
	);
}

const right = (answers: ArrayLike<number>, { test }: Split, { classes }: Dataset) =>
	100 * accuracyOf(answers, test.targets, classes);

function recipe(split: Split, dataset: Dataset, seed: number, share: number): Promise<number> {
	const set = share < 1 ? partOf(split.train, share) : split.train;
	return withRecipe(set, seed, (answer) => right(answer(split.test.features), split, dataset));
}
