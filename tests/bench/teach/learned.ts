/** Learns a split with the app's own code and asks the model about photos it has not seen. */
import { learnHead } from '../../../src/lib/engine/learn';
import { evaluate, type Evaluation } from '../../../src/lib/domain/evaluation';
import { headLogits } from '../../../src/lib/domain/head';
import { refusedShare } from '../../../src/lib/domain/strangers';
import type { TrainingResult, TrainingSet } from '../../../src/lib/domain/training';

export interface Learned {
	result: TrainingResult;
	evaluation: Evaluation | null;
	/** Logits of photos, [n, classes]. */
	logits(features: Float32Array): Float32Array;
	answers(features: Float32Array): number[];
	/** Share that is answered "not sure"; null without a gate. */
	refused(features: Float32Array): number | null;
}

export async function learn(set: TrainingSet, seed: number): Promise<Learned> {
	const { dimension, classes } = set;
	const result = await learnHead(
		set,
		{ kind: 'head', seed },
		{ signal: new AbortController().signal, report: () => undefined }
	);
	const labels = Array.from({ length: classes }, (_, i) => String(i));
	const evaluation =
		result.outOfFold &&
		evaluate({
			labels,
			photoIds: Array.from(set.targets.keys(), String),
			targets: set.targets,
			groups: set.groups,
			outOfFold: result.outOfFold,
			temperature: result.head.temperature,
			gate: result.gate
		});
	const logits = (features: Float32Array) => {
		const out = new Float32Array((features.length / dimension) * classes);
		for (let i = 0; i * dimension < features.length; i++)
			out.set(headLogits(result.head, features.subarray(i * dimension, (i + 1) * dimension)), i * classes);
		return out;
	};
	return {
		result,
		evaluation,
		logits,
		answers: (features) => {
			const rows = logits(features);
			return Array.from({ length: features.length / dimension }, (_, i) => {
				const row = rows.subarray(i * classes, (i + 1) * classes);
				return row.indexOf(Math.max(...row));
			});
		},
		refused: (features) =>
			result.gate && refusedShare(result.gate, features, dimension, logits(features), classes)
	};
}
