/** Teaches the tail of a backbone and a head on some of the photos, from the pretrained weights and the solved head. */
import type { Head } from '../../domain/head';
import type { Epoch, TrainingSet } from '../../domain/training';
import type { Program } from '../../onnx/program';
import type { FloatTensor } from '../../onnx/tensor';
import { relearnHead } from '../learn';
import { labelCounts, photoWeights } from '../problem';
import { setAside } from '../set-aside';
import type { StartedTf } from '../tf';
import type { Activations } from './activations';
import { TunedNetwork } from './network';
import { lookAll, tune, type Standing, type TuneConfig, type TuneJob, type TuneSet } from './run';
import { trainable } from './tail';

/** What the tail of a project's backbone is taught by. */
export interface Material {
	/** Features of the backbone as it came, which the head starts from. */
	set: TrainingSet;
	/** Row of photo p in view v: p + v · photos, the views of `set` in its order. */
	activations: Activations;
	/** The tail; its first output are the features. */
	program: Program;
	/** Strength of the penalty for the head that is started from. */
	lambda: number;
}

export interface Fitted {
	head: Head;
	/** What the tail learned, by the name of the constant in the graph. */
	tail: ReadonlyMap<string, FloatTensor>;
	epochs: readonly Epoch[];
	/** The epoch that was kept. */
	best: number;
	/** What the tuned network says of `looked`, [photos, dimension] and [photos, classes]. */
	features: Float32Array<ArrayBuffer>;
	logits: Float32Array<ArrayBuffer>;
}

/** What is asked of one fit. */
export interface Fit {
	/** Photos that may be seen. */
	photos: readonly number[];
	/** Photos that the result is to be shown. */
	looked: readonly number[];
	/** Whether a grouped fifth of the photos tells which epoch to keep. */
	setAside: boolean;
	from?: Standing | null;
}

/** @throws Trouble 'training-labels', 'training-diverged'; what `job.pause` throws */
export async function fit(
	{ tf }: StartedTf,
	material: Material,
	config: TuneConfig,
	{ photos, looked, setAside: apart, from = null }: Fit,
	job: TuneJob
): Promise<Fitted> {
	const { set, program } = material;
	const part = apart ? setAside(set, photos, config.seed) : { train: photos, validation: [] };
	const start = relearnHead(onlyPhotos(set, part.train), { lambda: material.lambda, start: null });
	const tail = trainable(tf, program);
	const network = new TunedNetwork(tf, tail, start, config);
	try {
		const tuned = tuneSetOf(material);
		const { epochs, best } = await tune(network, tuned, part, config, job, from);
		return {
			...{ epochs, best: best.epoch, head: await network.head(), tail: await tail.parameters() },
			...(await lookAll(network, tuned, looked, () => job.pause()))
		};
	} finally {
		network.dispose();
	}
}

export const tuneSetOf = ({ set, activations }: Pick<Material, 'set' | 'activations'>): TuneSet => ({
	activations,
	targets: set.targets,
	weights: photoWeights(set.targets, labelCounts(set)),
	classes: set.classes
});

/** The same set with these photos alone. */
export function onlyPhotos(set: TrainingSet, photos: readonly number[]): TrainingSet {
	const { dimension } = set;
	const rows = (matrix: Float32Array) => {
		const kept = new Float32Array(photos.length * dimension);
		for (const [i, photo] of photos.entries())
			kept.set(matrix.subarray(photo * dimension, (photo + 1) * dimension), i * dimension);
		return kept;
	};
	const of = (values: Int32Array) => Int32Array.from(photos, (photo) => values[photo] ?? 0);
	return {
		...set,
		features: rows(set.features),
		augmented: set.augmented.map(rows),
		targets: of(set.targets),
		groups: of(set.groups)
	};
}
