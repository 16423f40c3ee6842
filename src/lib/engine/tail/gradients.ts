/** Operations whose gradients TF.js lacks on some backend, or takes a slow way to. */
import type * as TF from '@tensorflow/tfjs-core';

/** Whether the backend in use has no such kernel; WASM has few of those that gradients need. */
export const lacks = (tf: typeof TF, kernel: string): boolean => !tf.getKernel(kernel, tf.getBackend());

/**
 * A value with a gradient of our own.
 *
 * @param inputs what it depends on, all that gradients flow to
 * @param gradients of the inputs, from that of the value; is given the inputs again, which are kept until then
 */
export function withGradient<T extends TF.Tensor, const I extends readonly TF.Tensor[]>(
	tf: typeof TF,
	inputs: I,
	value: () => T,
	gradients: (dy: T, inputs: I) => TF.Tensor[]
): T {
	return tf.customGrad<T>((...given) => {
		const save = given.at(-1) as TF.GradSaveFunc; // the types do not say that it is the last one
		save([...inputs]);
		const gradFunc = (dy: T, saved: TF.Tensor[]) => gradients(dy, saved as readonly TF.Tensor[] as I); // what was saved
		return { value: value(), gradFunc };
	})(...inputs);
}

/** The product of two matrices. WASM is some ten times as fast where a matrix is turned before than on the way. */
export function product(tf: typeof TF, a: TF.Tensor2D, b: TF.Tensor2D): TF.Tensor2D {
	if (!lacks(tf, 'Conv2DBackpropFilter')) return tf.matMul(a, b);
	return withGradient(
		tf,
		[a, b],
		() => tf.matMul<TF.Tensor2D>(a, b),
		(dy, [a, b]) => [tf.matMul(dy, tf.transpose(b)), tf.matMul(tf.transpose(a), dy)]
	);
}

/** max(min, min(max, x)); the gradient passes within. TF.js takes slow logical operations to it. */
export function clipped(tf: typeof TF, x: TF.Tensor, min: number, max: number): TF.Tensor {
	const value = () => {
		if (min === -Infinity) return tf.minimum(x, max);
		return max === Infinity ? tf.maximum(x, min) : tf.clipByValue(x, min, max);
	};
	if (min === -Infinity && max === Infinity) return x;
	return withGradient(tf, [x], value, (dy, [x]) => {
		const above = min === -Infinity ? dy : tf.mul(dy, tf.step(tf.sub(x, min)));
		return [max === Infinity ? above : tf.mul(above, tf.step(tf.sub(max, x)))];
	});
}

/** √Σx² along axes that stay with size 1; the gradient at 0 is 0. */
export function lengths(tf: typeof TF, x: TF.Tensor, axes: number[]): TF.Tensor {
	const length = (x: TF.Tensor) => tf.sqrt(tf.sum(tf.square(x), axes, true));
	return withGradient(
		tf,
		[x],
		() => length(x),
		(dy, [x]) => [tf.mul(dy, tf.div(x, tf.maximum(length(x), 1e-30)))]
	);
}
