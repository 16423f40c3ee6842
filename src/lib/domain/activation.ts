/**
 * Class activation map: where in the picture a network saw a class.
 * Zhou et al., "Learning Deep Features for Discriminative Localization", 2016, eq. 2:
 * M(y, x) = Σ_k w_k f_k(y, x), for a network whose classifier is linear on the average-pooled map.
 */

export interface ActivationMap {
	width: number;
	height: number;
	/** 0..1, rows from the top; 0 = nothing that speaks for the class. */
	data: Float32Array<ArrayBuffer>;
}

/**
 * @param map feature map before pooling, [channels, height, width]
 * @param weights of the class, [channels]
 * @throws RangeError where the sizes disagree
 */
export function activationMap(
	map: Float32Array,
	[channels, height, width]: readonly [number, number, number],
	weights: Float32Array
): ActivationMap {
	const area = height * width;
	if (map.length !== channels * area || weights.length !== channels)
		throw new RangeError(
			`class activation map: ${map.length} values and ${weights.length} weights do not fit ${channels} × ${height} × ${width}`
		);
	const data = new Float32Array(area);
	for (let k = 0; k < channels; k++) {
		const weight = weights[k] ?? 0;
		for (let i = 0; i < area; i++) data[i] = (data[i] ?? 0) + weight * (map[k * area + i] ?? 0);
	}
	const most = data.reduce((a, b) => Math.max(a, b), 0);
	// What speaks against the class is no place to point at.
	return { width, height, data: data.map((x) => (most > 0 ? Math.max(0, x) / most : 0)) };
}
