/** Between a head, which works on features as the backbone gives them, and weights on the axes of a design. */
import type { Head } from '../../domain/head';
import type { Task } from './softmax-regression';
import { weightsOnAxes, weightsOnFeatures } from './span';
import { dot } from './vectors';

/** The head that classifies features as the backbone gives them; the bias takes the centre back. */
export function headOf({ design, classes }: Task, weights: Float64Array): Head {
	const { axes, dimension, mean, scale } = design;
	const layer = {
		weights: new Float32Array(dimension * classes),
		bias: new Float32Array(classes),
		activation: 'linear' as const
	};
	for (let c = 0; c < classes; c++) {
		const start = c * (axes + 1);
		const own = weightsOnFeatures(design, weights.slice(start, start + axes));
		own.forEach((weight, i) => (layer.weights[i * classes + c] = weight * (scale ?? 1)));
		layer.bias[c] = (weights[start + axes] ?? 0) - dot(own, 0, mean, 0, dimension);
	}
	return { layers: [layer], normalise: scale === null, temperature: 1 };
}

/** Weights to start from, of a head that tells the same classes apart; null where it does not fit. */
export function startOf({ design, classes }: Task, head: Head): Float64Array | null {
	const { axes, dimension, mean, scale } = design;
	const [layer] = head.layers;
	if (!layer || head.layers.length > 1 || layer.bias.length !== classes) return null;
	if (layer.weights.length !== dimension * classes || !head.normalise || scale !== null) return null;
	const start = new Float64Array(classes * (axes + 1));
	for (let c = 0; c < classes; c++) {
		const own = Float64Array.from({ length: dimension }, (_, i) => layer.weights[i * classes + c] ?? 0);
		const at = c * (axes + 1);
		start.set(weightsOnAxes(design, own), at);
		start[at + axes] = (layer.bias[c] ?? 0) + dot(own, 0, mean, 0, dimension);
	}
	return start;
}
