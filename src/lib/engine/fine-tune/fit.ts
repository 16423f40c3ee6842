/** Teaches the tail of a backbone and a head on some of the photos, from the weights that it is given and the solved head. */
import type { Head } from '../../domain/head';
import type { Epoch, TrainedTail, TrainingSet } from '../../domain/training';
import type { Program } from '../../onnx/program';
import { relearnHead } from '../learn';
import { labelCounts, photoWeights } from '../problem';
import type { StartedTf } from '../tf';
import type { Activations } from './activations';
import { TunedNetwork } from './network';
import { lookAll, tune, type Standing, type TuneConfig, type TuneJob, type TuneSet } from './run';
import { trainable } from './tail';

/** What the tail of a project's backbone is taught by. */
export interface Material {
	/** Features of the backbone as it came, which the head starts from; where it has a start of its own, only its rival's. */
	set: TrainingSet;
	/** Row of photo p in view v: p + v · photos, the views of `set` in its order. */
	activations: Activations;
	/** The tail; its first output are the features. */
	program: Program;
	/** Strength of the penalty for the head that is started from. */
	lambda: number;
	/** The head to start from; left out: the one that is solved on the features. */
	begins?: Head;
}

/**
 * What the network says of these rows of the activations, as it is at the moment: [rows, dimension] and [rows, classes].
 * @param share of what it has learned that it says it with, 0..1
 */
export type LookAt = (
	rows: readonly number[],
	share: number
) => Promise<{ features: Float32Array<ArrayBuffer>; logits: Float32Array<ArrayBuffer> }>;

export interface FitJob extends Omit<TuneJob, 'onEpoch'> {
	/** Awaited. @param last no other epoch follows */
	onEpoch?(epoch: Epoch, last: boolean, look: LookAt): Promise<void> | void;
}

export interface Fitted {
	head: Head;
	tail: TrainedTail;
	epochs: readonly Epoch[];
}

/** What is asked of one fit. */
export interface Fit {
	/** Photos that are learned from. */
	photos: readonly number[];
	/** Photos that are looked at after each epoch, for its curve. */
	checked: readonly number[];
	/** Epochs that it takes of those that its schedule is laid out for. */
	until: number;
	/** Of all that it learns, what is kept in the end, 0..1; only where there was something to begin with. */
	share: number;
	from?: Standing | null;
}

/** @throws Trouble 'training-labels', 'training-diverged'; what `job.pause` throws */
export async function fit(
	{ tf }: StartedTf,
	material: Material,
	config: TuneConfig,
	{ photos, checked, until, share, from }: Fit,
	{ onEpoch, ...job }: FitJob
): Promise<Fitted> {
	const { set, program } = material;
	const { lambda, begins } = material;
	const start = begins ?? relearnHead(onlyPhotos(set, photos), { lambda, start: null });
	const tail = trainable(tf, program);
	const network = new TunedNetwork(tf, tail, start, config);
	const tuned = tuneSetOf(material);
	try {
		// What began with nothing keeps all that it learns.
		const begun = begins ? [] : await network.weights();
		const look: LookAt = (rows, share) =>
			withShare(network, begun, share, () => lookAll(network, tuned, rows, () => job.pause()));
		const course = { part: { train: photos, validation: checked }, until, from };
		const watched = { ...job, onEpoch: (epoch: Epoch, last: boolean) => onEpoch?.(epoch, last, look) };
		const epochs = await tune(network, tuned, course, config, watched);
		const [head, numbers] = await withShare(network, begun, share, () =>
			Promise.all([network.head(), tail.parameters()])
		);
		return { epochs, head, tail: numbers };
	} finally {
		network.dispose();
	}
}

/** The network with a share of what it has learned, while `work` takes. @param begun its numbers before it learned */
async function withShare<T>(
	network: TunedNetwork,
	begun: readonly Float32Array[],
	share: number,
	work: () => Promise<T>
): Promise<T> {
	if (share === 1) return work();
	const learned = await network.weights();
	network.load(
		learned.map((numbers, i) => numbers.map((value, at) => mixed(begun[i]?.[at] ?? NaN, value, share)))
	);
	try {
		return await work();
	} finally {
		network.load(learned);
	}
}

const mixed = (before: number, after: number, share: number) => before + share * (after - before);

export const tuneSetOf = ({ set, activations }: Pick<Material, 'set' | 'activations'>): TuneSet => ({
	activations,
	views: 1 + set.augmented.length,
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
