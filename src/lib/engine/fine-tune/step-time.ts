/** How long a step of training takes on a backend of TF.js. */
import type { Head } from '../../domain/head';
import type { TrainingSet } from '../../domain/training';
import type { StartedTf } from '../tf';
import { FIRST_ROWS } from './agreement';
import type { Material } from './fit';
import { TunedNetwork } from './network';
import { mapsOf, type TuneConfig } from './run';
import { trainable } from './tail';

/** Steps that are timed, after one that compiles and makes room; the fastest counts. */
const STEPS = 3;

/**
 * Trains on some of the rows by steps of no size, which change nothing.
 *
 * @param signal ends it between two steps
 * @returns milliseconds of a step of a whole batch. On the CPU fewer rows are timed, as it takes as much longer for more.
 */
export async function stepTime(
	{ tf, backend }: StartedTf,
	{ set, activations, program, begins }: Omit<Material, 'lambda'>,
	config: TuneConfig,
	signal?: AbortSignal
): Promise<number> {
	const onCpu = backend === 'wasm' || backend === 'cpu';
	const rows = onCpu ? Math.min(FIRST_ROWS, config.batch) : config.batch;
	const photos = set.targets.length;
	const batch = {
		maps: await mapsOf(
			{ activations },
			Array.from({ length: rows }, (_, i) => i % photos)
		),
		targets: new Int32Array(rows),
		weights: new Float32Array(rows).fill(1)
	};
	const network = new TunedNetwork(tf, trainable(tf, program), begins ?? headOfZeros(set), config);
	try {
		await network.step(batch, 0);
		let least = Infinity;
		for (let i = 0; i < STEPS; i++) {
			signal?.throwIfAborted();
			const begin = performance.now();
			await network.step(batch, 0);
			least = Math.min(least, performance.now() - begin);
		}
		return (least * config.batch) / rows;
	} finally {
		network.dispose();
	}
}

function headOfZeros({ dimension, classes }: Pick<TrainingSet, 'dimension' | 'classes'>): Head {
	const [weights, bias] = [new Float32Array(dimension * classes), new Float32Array(classes)];
	return { layers: [{ weights, bias, activation: 'linear' }], normalise: true, temperature: 1 };
}
