/**
 * Whether TF.js computes what the runtime does, before anything is trained: an engine that is silently wrong on a
 * convolution (faults 7) would teach a network that answers otherwise where it is used.
 */
import type * as TF from '@tensorflow/tfjs-core';
import { nearly } from '../../domain/nearly';
import type { Program } from '../../onnx/program';
import { TailNetwork } from '../tail/network';
import type { Activations } from './activations';
import { mapsOf } from './run';

/** Rows that are compared. */
export const FIRST_ROWS = 4;
/** Largest difference of a feature, as a share of the largest: activations are halves, and a GPU rounds in its own way. */
const TOLERANCE = 0.02;

const rowsOf = ({ rows }: Activations, photos: number) => [
	...Array(Math.min(FIRST_ROWS, rows, photos)).keys()
];

/** What the network says of the first rows as it came, [rows, dimension]. */
export async function firstFeatures(
	tf: typeof TF,
	program: Program,
	activations: Activations,
	photos: number
): Promise<Float32Array<ArrayBuffer>> {
	const rows = rowsOf(activations, photos);
	const maps = await mapsOf({ activations }, rows);
	const network = new TailNetwork(tf, program);
	try {
		const made = tf.tidy(() =>
			network.features(
				maps.map(({ data, shape: [height, width, channels] }) =>
					tf.tensor4d(data, [rows.length, height, width, channels])
				)
			)
		);
		return Float32Array.from(await made.data().finally(() => made.dispose()));
	} finally {
		network.dispose();
	}
}

/**
 * @param known features of the first rows, [rows or more, dimension]
 * @returns whether the network as it came makes the same of what the trunk said
 */
export async function agrees(
	tf: typeof TF,
	program: Program,
	activations: Activations,
	{ features, dimension }: { features: Float32Array; dimension: number }
): Promise<boolean> {
	const photos = features.length / dimension;
	const own = await firstFeatures(tf, program, activations, photos);
	const expected = features.subarray(0, rowsOf(activations, photos).length * dimension);
	return nearly(expected, own, TOLERANCE);
}
