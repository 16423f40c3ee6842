/** The app's own training worker against Teachable Machine's recipe, in turn in one browser, on the same features. */
import type { Page } from 'playwright';
import { USUAL_STRENGTH } from '../../../src/lib/engine/out-of-fold';
import { atLeast, median, plain, type Row } from '../report';
import { serveRival } from '../rival/serve';
import type { Stage } from '../stage';
import type { features } from './projects';

type Features = Awaited<ReturnType<typeof features>>;
const area = 'teach';

interface InPage {
	call(method: string, input: unknown, mirrors: boolean): Promise<unknown>;
	runRecipe(set: { features: number[]; targets: number[] }): Promise<number>;
}

export async function* againstRecipe(stage: Stage, found: Features): AsyncGenerator<Row> {
	const { rounds } = stage.counts;
	const context = await stage.context();
	const own = await context.newPage();
	await own.goto(stage.emptyUrl);
	await startTrainer(own, stage.trainingWorkerUrl, found);
	const rival = await serveRival({ network: false });
	const other = await context.newPage();
	await other.goto(rival.url);
	await other.waitForFunction('globalThis.runRecipe !== undefined');
	const times = {
		solve: [] as number[],
		path: [] as number[],
		mirrors: [] as number[],
		recipe: [] as number[]
	};
	for (let round = -1; round < rounds; round++) {
		const took = {
			solve: await timed(own, 'relearn', { lambda: USUAL_STRENGTH, start: null }),
			path: await timed(own, 'learn', { config: { kind: 'head', seed: round + 1 } }),
			mirrors: await timed(own, 'learn', { config: { kind: 'head', seed: round + 1 } }, true),
			recipe: await other.evaluate(
				(found) =>
					(globalThis as unknown as InPage).runRecipe({ features: found.plain, targets: found.targets }),
				found
			)
		};
		// The first round warms up.
		if (round < 0) continue;
		for (const what of ['solve', 'path', 'mirrors', 'recipe'] as const) times[what].push(took[what]);
	}
	rival.close();
	await context.close();
	const recipe = median(times.recipe);
	for (const [name, times_, goal] of [
		['one solve of the head', times.solve, 20],
		['the head with folds, gate and look-alikes', times.path, 3]
	] as const) {
		const value = median(times_);
		const against = `${value.toFixed(1)} ms against ${recipe.toFixed(0)} ms`;
		yield atLeast(
			{
				...{ area, unit: 'times', rival: against, value: recipe / value },
				name: `${name}, faster than the recipe, 3 × 50, in the browser`
			},
			goal
		);
	}
	yield plain({
		...{
			area,
			unit: 'ms',
			rival: `${recipe.toFixed(0)} ms of the recipe, which learns from no mirror images`
		},
		name: 'the head with folds, gate and look-alikes, mirror images too, 3 × 50, in the browser',
		value: median(times.mirrors)
	});
}

/** The page keeps the production build's training worker as `call`, with the set that it learns from. */
function startTrainer(page: Page, workerUrl: string, found: Features): Promise<void> {
	return page.evaluate(
		({ workerUrl, found }) => {
			const worker = new Worker(workerUrl, { type: 'module' });
			const mirrored = Float32Array.from(found.mirrored);
			const plain = {
				features: Float32Array.from(found.plain),
				augmented: [],
				dimension: found.plain.length / found.targets.length,
				targets: Int32Array.from(found.targets),
				classes: new Set(found.targets).size,
				groups: Int32Array.from(found.targets.keys())
			};
			let id = 0;
			const call = (method: string, input: object, mirrors: boolean) =>
				new Promise((resolve, reject) => {
					const mine = ++id;
					const listen = ({ data }: MessageEvent) => {
						if (data.id !== mine || data.kind === 'progress') return;
						worker.removeEventListener('message', listen);
						if (data.kind === 'done') resolve(data.value);
						else reject(new Error(`${method}: ${data.error.message}`));
					};
					worker.addEventListener('message', listen);
					const set = mirrors ? { ...plain, augmented: [mirrored] } : plain;
					worker.postMessage({ kind: 'call', id: mine, method, input: { set, ...input } });
				});
			Object.assign(globalThis, { call });
		},
		{ workerUrl, found }
	);
}

/** Milliseconds from asking to the answer, the copy of the set included. */
function timed(page: Page, method: string, input: object, mirrors = false): Promise<number> {
	return page.evaluate(
		async ({ method, input, mirrors }) => {
			const begin = performance.now();
			await (globalThis as unknown as InPage).call(method, input, mirrors);
			return performance.now() - begin;
		},
		{ method, input, mirrors }
	);
}
