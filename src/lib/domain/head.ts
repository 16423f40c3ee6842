/**
 * A head is data: the classifier on top of a backbone's features, plain arrays of numbers. Classifying with it
 * needs no engine. One parity test holds it against what trained it.
 */

/** One layer: out = activation(in · weights + bias). */
interface DenseLayer {
	/** [inputs, outputs], row by row. */
	weights: Float32Array;
	/** [outputs] */
	bias: Float32Array;
	activation: 'linear' | 'relu';
}

export interface Head {
	/** One layer: multinomial logistic regression; two: the lecture's MLP. The last one gives a logit for each label. */
	layers: readonly DenseLayer[];
	/** Features are divided by their L2 norm first. */
	normalise: boolean;
	/** Logits are divided by it before the softmax; found in calibration, 1 without. */
	temperature: number;
}

/**
 * @param features [dimension] as the backbone gives them
 * @returns a logit for each label, before the temperature
 * @throws RangeError where the sizes do not fit
 */
export function headLogits(head: Head, features: Float32Array): Float32Array<ArrayBuffer> {
	let values = Float32Array.from(features);
	if (head.normalise) {
		const norm = Math.hypot(...values) || 1;
		values = values.map((x) => x / norm);
	}
	for (const layer of head.layers) values = dense(layer, values);
	return values;
}

function dense({ weights, bias, activation }: DenseLayer, input: Float32Array): Float32Array<ArrayBuffer> {
	const outputs = bias.length;
	if (weights.length !== input.length * outputs)
		throw new RangeError(`${weights.length} weights for ${input.length} inputs and ${outputs} outputs`);
	const sums = Float64Array.from(bias);
	for (let i = 0; i < input.length; i++) {
		const x = input[i] ?? 0;
		if (x === 0) continue;
		const row = i * outputs;
		for (let j = 0; j < outputs; j++) sums[j] = (sums[j] ?? 0) + x * (weights[row + j] ?? 0);
	}
	return Float32Array.from(sums, (sum) => (activation === 'relu' ? Math.max(0, sum) : sum));
}
