/** What a model says of a photo: the one place where head, calibration and "not sure" come together. */
import { headLogits } from './head';
import type { Model } from './model';
import { softmax } from './prediction';
import { familiarity } from './strangers';

export interface ModelAnswer {
	/** [classes], calibrated. */
	probabilities: Float32Array<ArrayBuffer>;
	/** By how much the photo is more known than it must be; below 0 it is "not sure". Infinity without a gate. */
	above: number;
}

/** @param features [dimension] of the model's own backbone */
export function answerOf({ head, gate }: Pick<Model, 'head' | 'gate'>, features: Float32Array): ModelAnswer {
	const logits = headLogits(head, features);
	return {
		probabilities: softmax(logits.map((x) => x / head.temperature)),
		above: gate ? familiarity(gate, features, logits) - gate.threshold : Infinity
	};
}
