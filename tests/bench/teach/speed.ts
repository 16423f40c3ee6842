/** How much faster the head is learned than by the recipe, for 3 labels of 50 photos, in turn in one process. */
import { relearnHead } from '../../../src/lib/engine/learn';
import { USUAL_STRENGTH } from '../../../src/lib/engine/out-of-fold';
import { atLeast, median, plain, type Row } from '../report';
import { learn } from './learned';
import type { Dataset } from './photos';
import { withRecipe } from './recipe';
import { onlyLabels, splitOf, withEnough } from './splits';

const ROUNDS = 7;

export async function* speed(datasets: readonly Dataset[]): AsyncGenerator<Row> {
	const part = datasets
		.map((dataset) => withEnough(dataset, 50))
		.find((enough) => enough && enough.classes >= 3);
	if (!part) throw new Error('No dataset has three labels with enough photos.');
	const three = onlyLabels(part, [0, 1, 2]);
	const times = {
		solve: [] as number[],
		path: [] as number[],
		mirrors: [] as number[],
		recipe: [] as number[]
	};
	for (let round = -1; round < ROUNDS; round++) {
		const { train: mirrored } = splitOf(three, 50, round + 1);
		// The recipe learns from no mirror images.
		const train = { ...mirrored, augmented: [] };
		const took = {
			solve: await timed(() => relearnHead(train, { lambda: USUAL_STRENGTH, start: null })),
			path: await timed(() => learn(train, round)),
			mirrors: await timed(() => learn(mirrored, round)),
			recipe: await timed(() => withRecipe(train, round, () => undefined))
		};
		// The first round warms up.
		if (round < 0) continue;
		times.solve.push(took.solve);
		times.path.push(took.path);
		times.mirrors.push(took.mirrors);
		times.recipe.push(took.recipe);
	}
	const recipe = median(times.recipe);
	for (const [name, own, goal] of [
		['one solve of the head', median(times.solve), 20],
		['the head with folds, gate and look-alikes', median(times.path), 3]
	] as const) {
		const rival = `${own.toFixed(1)} ms against ${recipe.toFixed(0)} ms`;
		yield atLeast(
			{
				area: 'teach',
				name: `${name}, faster than the recipe, 3 × 50`,
				value: recipe / own,
				unit: 'times',
				rival
			},
			goal
		);
	}
	yield plain({
		area: 'teach',
		name: 'the head with folds, gate and look-alikes, mirror images too, 3 × 50',
		value: median(times.mirrors),
		unit: 'ms',
		rival: `${recipe.toFixed(0)} ms of the recipe, which learns from no mirror images`
	});
}

async function timed(work: () => unknown): Promise<number> {
	const begin = performance.now();
	await work();
	return performance.now() - begin;
}
