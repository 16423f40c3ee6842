/**
 * Looks for the classifier in a graph: the last Gemm, MatMul or 1 × 1 Conv before an output, and the pooling by it,
 * where there is one.
 */
import { constantDims, constantOf, dequantize, isConstant, smallConstant } from './constant';
import { type GraphIndex, intOf, intsOf } from './graph';
import type { NodeProto } from './onnx_pb';
import { type FloatTensor, permute } from './tensor';

export interface Classifier {
	/** Name of the graph's output that holds the scores. */
	scores: string;
	kind: 'logits' | 'probabilities';
	node: NodeProto;
	weights: Weights;
	/** What averages over the picture right beside the classifier; null where nothing does (VGG, MobileNetV3, ViT). */
	pooling: Pooling | null;
	/** Most networks pool, then classify; SqueezeNet classifies every place, then pools. */
	order: 'pool-classify' | 'classify-pool';
}

/** Of a graph's classifiers only the one that is chosen is read. */
interface Weights {
	/** [classes, channels] of a Gemm or MatMul, [classes, channels, 1, 1] of a Conv. */
	dims: readonly number[];
	/** Float weights, classes first; null where too much would have to be computed for them. */
	read: () => FloatTensor | null;
}

interface Pooling {
	node: NodeProto;
	channelsLast: boolean;
}

const pools = new Set([
	'GlobalAveragePool',
	'AveragePool',
	'ReduceMean',
	'GlobalMaxPool',
	'MaxPool',
	'QLinearGlobalAveragePool',
	'QLinearAveragePool'
]);

/** Operators that only move or relabel numbers. */
const moves = new Set(
	'Flatten Reshape Squeeze Unsqueeze Dropout Identity Cast Transpose QuantizeLinear DequantizeLinear'.split(
		' '
	)
);

/** Operators that may stand between the classifier and the scores beside those. */
const after = new Set(
	'Add Sub Mul Div Relu Clip LogSoftmax Softmax Sigmoid QLinearAdd QLinearSoftmax'.split(' ')
);
const squashes = new Set(['Softmax', 'Sigmoid', 'QLinearSoftmax']);

/**
 * @returns the classifier behind one of the graph's outputs; of several the one that follows a pooling,
 *   then the last in the graph. Or the reason why there is none, as the end of "This network cannot be used here: …".
 */
export function findClassifier(graph: GraphIndex): Classifier | string {
	// What lies behind two outputs is looked at for the first.
	const seen = new Set<NodeProto>();
	const found = graph.model.graph.output.map(({ name }) => classifierOf(graph, name, seen));
	const usable = found.filter((candidate) => typeof candidate !== 'string');
	const { node } = graph.model.graph;
	const rank = (candidate: Classifier) =>
		(candidate.order === 'pool-classify' ? node.length : 0) + node.indexOf(candidate.node);
	usable.sort((a, b) => rank(b) - rank(a));
	return usable[0] ?? found.find((reason) => typeof reason === 'string') ?? 'it has no outputs.';
}

function classifierOf(graph: GraphIndex, output: string, seen: Set<NodeProto>): Classifier | string {
	let kind: Classifier['kind'] = 'logits';
	let pooling: Pooling | null = null;
	let value = output;
	for (let node = graph.producer(value); node && !seen.has(node); node = graph.producer(value)) {
		seen.add(node);
		const weights = weightsOf(graph, node);
		if (weights) return complete(graph, { scores: output, kind, node, weights }, pooling);
		const pooled = poolingOf(graph, node);
		if (pooled) pooling = pooled;
		else if (!moves.has(node.opType) && !after.has(node.opType)) {
			return `its scores come out of ${node.opType}, not out of a classifier (Gemm, MatMul or 1×1 Conv).`;
		}
		if (squashes.has(node.opType)) kind = 'probabilities';
		value = dataInput(graph, node);
	}
	return 'it has no classifier (Gemm, MatMul or 1×1 Conv) before its scores.';
}

function complete(
	graph: GraphIndex,
	part: Pick<Classifier, 'scores' | 'kind' | 'node' | 'weights'>,
	later: Pooling | null
): Classifier {
	const isConvolution = part.weights.dims.length === 4;
	if (later && isConvolution) return { ...part, pooling: later, order: 'classify-pool' };
	let value = part.node.input[0] ?? '';
	for (let i = 0; i < graph.model.graph.node.length; i++) {
		const node = graph.producer(value);
		const pooling = node ? poolingOf(graph, node) : null;
		if (pooling) return { ...part, pooling, order: 'pool-classify' };
		if (!node || !moves.has(node.opType)) break;
		value = node.input[0] ?? '';
	}
	return { ...part, pooling: null, order: 'pool-classify' };
}

/** null where the node is none, or averages over anything but height and width. */
function poolingOf(graph: GraphIndex, node: NodeProto): Pooling | null {
	if (!pools.has(node.opType)) return null;
	if (node.opType !== 'ReduceMean') return { node, channelsLast: intOf(node, 'channels_last', 0) === 1 };
	const given = intsOf(node, 'axes') ?? smallConstant(graph, node.input[1] ?? '') ?? [];
	const axes = Array.from(given, (axis) => (axis + 4) % 4).sort();
	if (axes.join() !== '2,3' && axes.join() !== '1,2') return null;
	return { node, channelsLast: axes.join() === '1,2' };
}

/** The input that is not a constant. */
function dataInput(graph: GraphIndex, node: NodeProto): string {
	const [first = ''] = node.input;
	if (node.opType === 'QLinearAdd') return isConstant(graph, first) ? (node.input[3] ?? '') : first;
	const isArithmetic = ['Add', 'Sub', 'Mul', 'Div'].includes(node.opType);
	return isArithmetic && isConstant(graph, first) ? (node.input[1] ?? '') : first;
}

/** null where the node is no classifier. */
function weightsOf(graph: GraphIndex, node: NodeProto): Weights | null {
	const [, second = ''] = node.input;
	const plain = () => constantOf(graph, second);
	switch (node.opType) {
		case 'Gemm':
			if (intOf(node, 'transA', 0)) return null;
			return matrix(constantDims(graph, second), plain, intOf(node, 'transB', 0) === 1);
		case 'MatMul':
			return matrix(constantDims(graph, second), plain, false);
		case 'Conv':
			return kernel(node, constantDims(graph, second), plain);
		case 'QLinearMatMul':
		case 'QGemm': {
			const classesFirst = node.opType === 'QGemm' && intOf(node, 'transB', 0) === 1;
			return matrix(quantisedDims(graph, node), () => quantised(graph, node, 1), classesFirst);
		}
		case 'QLinearConv':
			return kernel(node, quantisedDims(graph, node), () => quantised(graph, node, 0));
		default:
			return null;
	}
}

function matrix(dims: number[] | null, read: Weights['read'], classesFirst: boolean): Weights | null {
	if (dims?.length !== 2) return null;
	if (classesFirst) return { dims, read };
	return {
		dims: dims.toReversed(),
		read() {
			const weights = read();
			return weights && permute(weights.data, weights.dims, [1, 0]);
		}
	};
}

function kernel(node: NodeProto, dims: number[] | null, read: Weights['read']): Weights | null {
	const [, , height, width] = dims ?? [];
	const strides = intsOf(node, 'strides') ?? [1, 1];
	const simple =
		height === 1 && width === 1 && intOf(node, 'group', 1) === 1 && strides.every((s) => s === 1);
	return dims && simple ? { dims, read } : null;
}

function quantisedDims(graph: GraphIndex, { input }: NodeProto): number[] | null {
	const [weights, scale] = input.slice(3, 5).map((name) => constantDims(graph, name));
	return weights && scale ? weights : null;
}

/** Weights, their scale and zero are inputs 3, 4 and 5 of all QLinear operators. */
function quantised(graph: GraphIndex, node: NodeProto, axis: number): FloatTensor | null {
	const [weights, scale, zero] = node.input.slice(3, 6).map((name) => constantOf(graph, name));
	return weights && scale ? dequantize(weights, scale, zero ?? null, axis) : null;
}
