/** Which constants of a node are weights that could be trained. */
import { constantDims, typeOf } from './constant';
import type { GraphIndex } from './graph';
import { type NodeProto, TensorProto_DataType as DataType } from './onnx_pb';
import { product } from './tensor';

/** Where weights, offsets and slopes lie among the inputs. Means and variances are measured, not trained. */
const places: Partial<Record<string, readonly number[]>> = {
	Conv: [1, 2],
	ConvTranspose: [1, 2],
	FusedConv: [1, 2],
	Gemm: [1, 2],
	MatMul: [0, 1],
	BatchNormalization: [1, 2],
	InstanceNormalization: [1, 2],
	GroupNormalization: [1, 2],
	LayerNormalization: [1, 2],
	PRelu: [1],
	Add: [0, 1],
	Mul: [0, 1]
};
/** A single number that is added or multiplied (the 3 and 1 / 6 of a hard swish) is a part of the formula. */
const formulas = new Set(['Add', 'Mul']);

/**
 * Names of the node's inputs that are trainable float32 numbers: initialisers, or what a Cast or the like makes of one.
 *
 * @throws Trouble as `constantDims`
 */
export function trainableOf(graph: GraphIndex, node: NodeProto): { name: string; dims: number[] }[] {
	const found = (places[node.opType] ?? []).map((place) => {
		const name = node.input[place] ?? '';
		if (name === '' || typeOf(graph, name) !== DataType.FLOAT) return null;
		const dims = constantDims(graph, name);
		return dims && (product(dims) > 1 || !formulas.has(node.opType)) ? { name, dims } : null;
	});
	return found.filter((weights) => weights !== null);
}
