/**
 * The lecture's CNN ("Deep Learning 101", Andrew Beam, 2017), before it has learned anything: two 5 × 5 convolutions of
 * 32 channels and a pooling, twice, then 1,024 numbers; "valid" convolutions, relu behind each layer. All of its weights
 * are 0: whoever trains it draws others.
 */
import { GraphBuilder } from './builder';

const [CHANNELS, KERNEL, UNITS] = [32, 5, 1024];
const IMAGE = 'image';

/** What comes out of it. */
export const LECTURE_FEATURES = { name: 'features', dimension: UNITS } as const;

/** @param size of the picture's side in pixels @returns the .onnx file: [N, 3, size, size] to [N, 1024] */
export function lectureCnn(size: number): Uint8Array<ArrayBuffer> {
	const builder = new GraphBuilder('lecture-cnn');
	let value = builder.input(IMAGE, ['N', 3, size, size]);
	let [channels, side] = [3, size];
	const zeros = (name: string, dims: readonly number[]) =>
		builder.floats(name, dims, new Float32Array(dims.reduce((product, dim) => product * dim, 1)));
	const relu = (sums: string, name: string) => builder.node('Relu', [sums], {}, `${name}/relu`);
	for (const layer of [1, 2, 3, 4]) {
		const name = `conv${layer}`;
		const kernel = zeros(`${name}/weights`, [CHANNELS, channels, KERNEL, KERNEL]);
		const inputs = [value, kernel, zeros(`${name}/bias`, [CHANNELS])];
		value = relu(builder.node('Conv', inputs, { kernel_shape: [KERNEL, KERNEL] }, name), name);
		[channels, side] = [CHANNELS, side - KERNEL + 1];
		if (layer % 2 === 1) continue;
		const window = { kernel_shape: [2, 2], strides: [2, 2] };
		value = builder.node('MaxPool', [value], window, `pool${layer / 2}`);
		side = Math.floor(side / 2);
	}
	const flat = builder.node('Flatten', [value], { axis: 1 }, 'flat');
	const weights = zeros('dense/weights', [UNITS, channels * side ** 2]);
	const dense = builder.node('Gemm', [flat, weights, zeros('dense/bias', [UNITS])], { transB: 1 }, 'dense');
	builder.output(builder.node('Relu', [dense], {}, LECTURE_FEATURES.name), ['N', UNITS]);
	return builder.finish();
}

/** What comes before its first layer: the picture itself, as one row of numbers. */
export function lectureTrunk(size: number): {
	bytes: Uint8Array<ArrayBuffer>;
	features: { name: string; dimension: number };
} {
	const builder = new GraphBuilder('lecture-cnn-trunk');
	const features = { name: 'pixels', dimension: 3 * size ** 2 };
	builder.input(IMAGE, ['N', 3, size, size]);
	builder.node('Flatten', [IMAGE], { axis: 1 }, features.name);
	builder.output(features.name, ['N', features.dimension]);
	return { bytes: builder.finish(), features };
}
