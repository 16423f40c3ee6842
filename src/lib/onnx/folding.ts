/** What is folded into a convolution before it is written: layouts, batch normalisations, scales. */
import type { Convolution } from './layers';
import { permute } from './tensor';

/** Depthwise kernels are [height, width, in, multiplier]; output channel = in · multiplier + m. */
export function depthwiseKernel(
	data: Float32Array,
	dims: readonly number[]
): { dims: number[]; data: Float32Array } {
	const [height = 1, width = 1, inputs = 1, multiplier = 1] = dims;
	return { dims: [inputs * multiplier, 1, height, width], data: permute(data, dims, [2, 3, 0, 1]).data };
}

/** What a batch normalisation does: scale · x + shift, a channel at a time. */
export function normalisation(
	{ gamma, beta, mean, variance }: Record<'gamma' | 'beta' | 'mean' | 'variance', Float32Array>,
	epsilon: number
): { scale: Float32Array; shift: Float32Array } {
	const scale = gamma.map((value, i) => value / Math.sqrt((variance[i] ?? 0) + epsilon));
	return { scale, shift: beta.map((value, i) => value - (mean[i] ?? 0) * (scale[i] ?? 0)) };
}

/** The convolution whose result is scale · y + shift; one number, or one an output channel. */
export function scaled(convolution: Convolution, scale: Float32Array, shift: Float32Array): Convolution {
	const { kernel, bias } = convolution;
	if (kernel.data instanceof Uint16Array) throw new Error('half-precision kernels are not folded into');
	const size = kernel.data.length / bias.length;
	const of = (values: Float32Array, channel: number) => values[values.length === 1 ? 0 : channel] ?? 0;
	return {
		...convolution,
		kernel: { ...kernel, data: kernel.data.map((value, i) => value * of(scale, Math.floor(i / size))) },
		bias: bias.map((value, channel) => value * of(scale, channel) + of(shift, channel))
	};
}
