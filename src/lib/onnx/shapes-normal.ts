/** Sizes of normalisations, with what some of them tell beside their result. */
import type { Call, Rules } from './call';
import { same } from './shapes-elementwise';
import { Value } from './value';

/** Up to opset 13 means and variances come twice; after it once, where it trains. Files saved while training have them. */
function batchNormalization(call: Call): Value[] {
	const { dims, type } = call.value(0);
	const most = call.opset < 14 ? 5 : call.int('training_mode', 0) === 1 ? 3 : 1;
	if (call.node.output.length > most)
		throw call.broken(`has ${call.node.output.length} outputs where ${most} belong.`);
	const statistics = new Value(call.value(3).type, dims.slice(1, 2));
	return [new Value(type, dims), ...Array<Value>(most - 1).fill(statistics)];
}

/** Means and deviations are one for each place before the axis. */
function layerNormalization(call: Call): Value[] {
	const { dims, type } = call.value(0);
	const axis = call.axis(call.int('axis', -1), dims.length);
	const means = new Value(
		type,
		dims.map((dim, i) => (i < axis ? dim : 1))
	);
	return [new Value(type, dims), means, means];
}

export const normal: Rules = {
	BatchNormalization: { inputs: [5, 5], outputs: 5, shape: batchNormalization },
	InstanceNormalization: same(3),
	GroupNormalization: same(3),
	LayerNormalization: { inputs: [2, 3], outputs: 3, shape: layerNormalization },
	MeanVarianceNormalization: same(1),
	LpNormalization: same(1),
	LRN: { ...same(1), steps: (call, first) => first.elements * Math.max(1, call.int('size', 1)) }
};
