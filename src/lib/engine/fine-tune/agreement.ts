/**
 * Whether TF.js computes what the runtime does, before anything is trained: an engine that is silently wrong on a
 * convolution (faults 7) would teach a network that answers otherwise where it is used.
 */
import type * as TF from '@tensorflow/tfjs-core';
import type { Program } from '../../onnx/program';
import { TailNetwork } from '../tail/network';
import type { Activations } from './activations';
import { mapsOf } from './run';

/** Rows that are compared. */
const ROWS = 4;
/** Largest difference of a feature, as a share of the largest: activations are halves, and a GPU rounds in its own way. */
const TOLERANCE = 0.02;

/**
 * @param features that the whole network gave of the first rows, [rows, dimension]
 * @returns whether the tail, as it came, makes the same of what the trunk said
 */
export async function agrees(
	tf: typeof TF,
	program: Program,
	activations: Activations,
	{ features, dimension }: { features: Float32Array; dimension: number }
): Promise<boolean> {
	const rows = [...Array(Math.min(ROWS, features.length / dimension)).keys()];
	const maps = await mapsOf({ activations }, rows);
	const network = new TailNetwork(tf, program);
	const made = tf.tidy(() =>
		network.features(
			maps.map(({ data, shape: [height, width, channels] }) =>
				tf.tensor4d(data, [rows.length, height, width, channels])
			)
		)
	);
	try {
		const own = await made.data();
		const expected = features.subarray(0, rows.length * dimension);
		const most = expected.reduce((sum, value) => Math.max(sum, Math.abs(value)), 1e-6);
		return (
			own.length === expected.length &&
			expected.every((value, i) => Math.abs(value - (own[i] ?? NaN)) <= TOLERANCE * most)
		);
	} finally {
		made.dispose();
		network.dispose();
	}
}
