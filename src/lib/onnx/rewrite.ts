/** Small changes to a graph in place, each leaving what it computes as it was. */
import { type Attribute, nodeProto, valueInfo } from './builder';
import type { Classifier } from './classifier';
import { constantOf, dequantize, typeOf } from './constant';
import { toFloat16 } from './float16';
import { type GraphIndex, intOf } from './graph';
import type { Model } from './model';
import { type GraphProto, type NodeProto, TensorProto_DataType as DataType } from './onnx_pb';
import { unsupported } from './refusal';
import { type FloatTensor, floatTensor, halfTensor } from './tensor';

/** Names that this app adds cannot meet a stranger's. */
export const ours = (name: string): string => `lensmith/${name}`;

/** Before ONNX's IR 4 every constant was an input too, which keeps engines from folding it. */
export function dropConstantInputs(model: Model): void {
	const { graph } = model;
	const constants = new Set(graph.initializer.map(({ name }) => name));
	graph.input = graph.input.filter(({ name }) => !constants.has(name));
	if (model.irVersion < 4n) model.irVersion = 4n;
}

/** Scores that are given as a dictionary from label to number (ZipMap, as Custom Vision writes it) are given as they were before. */
export function dropDictionaries({ graph }: Model): void {
	const made = new Map(graph.node.map((node) => [node.output[0] ?? '', node]));
	graph.output = graph.output.map((output) => {
		const node = made.get(output.name);
		return node?.opType === 'ZipMap' ? valueInfo(node.input[0] ?? '') : output;
	});
}

/** Appends a node. @returns the name of its value */
export function append(
	graph: GraphIndex,
	op: string,
	inputs: readonly string[],
	attributes: Record<string, Attribute>,
	name: string
): string {
	graph.model.graph.node.push(nodeProto(op, inputs, attributes, name));
	return name;
}

/**
 * Makes the classifier's weights one float (or half) initialiser with the classes first, and a quantised
 * classifier a float one.
 * @returns the initialiser's name
 * @throws Trouble 'onnx-unsupported' where its weights are not read here
 */
export function settleClassifier(graph: GraphIndex, found: Classifier): string {
	if (found.node.opType.startsWith('Q')) return dequantized(graph, found);
	const { node } = found;
	const stored = node.input[1] ?? '';
	const type = typeOf(graph, stored);
	const direct =
		graph.initializer(stored) !== undefined && (type === DataType.FLOAT || type === DataType.FLOAT16);
	const classesFirst = node.opType === 'Conv' || (node.opType === 'Gemm' && intOf(node, 'transB', 0) === 1);
	if (direct && classesFirst) return stored;
	const name = addWeights(graph, weightsIn(found), type === DataType.FLOAT16);
	if (node.opType === 'MatMul') {
		node.input[1] = ours('classifier/transposed');
		graph.model.graph.node.unshift(nodeProto('Transpose', [name], { perm: [1, 0] }, node.input[1]));
	} else {
		node.input[1] = name;
		if (node.opType === 'Gemm') setInt(node, 'transB', 1);
	}
	return name;
}

function weightsIn({ weights }: Classifier): FloatTensor {
	const read = weights.read();
	if (read) return read;
	throw unsupported('the weights of its classifier are computed in more steps than are followed here.');
}

function addWeights(graph: GraphIndex, { dims, data }: FloatTensor, half: boolean): string {
	const name = ours('classifier');
	graph.model.graph.initializer.push(
		half ? halfTensor(name, dims, Uint16Array.from(data, toFloat16)) : floatTensor(name, dims, data)
	);
	return name;
}

/** QLinearMatMul, QGemm and QLinearConv as DequantizeLinear → float operator → QuantizeLinear. */
function dequantized(graph: GraphIndex, found: Classifier): string {
	const { node } = found;
	const weights = weightsIn(found);
	const [data = '', dataScale = '', dataZero = ''] = node.input;
	const [outScale, outZero] = node.opType === 'QGemm' ? node.input.slice(7, 9) : node.input.slice(6, 8);
	const features = ours('dequantized');
	const name = addWeights(graph, weights, false);
	const bias = quantisedBias(graph, node);
	const biasName = bias && ours('classifier/bias');
	if (biasName) graph.model.graph.initializer.push(floatTensor(biasName, bias.dims, bias.data));
	const [output = ''] = node.output;
	const raw = outScale ? ours('scores') : output;
	const isConvolution = weights.dims.length === 4;
	const float = nodeProto(
		isConvolution ? 'Conv' : 'Gemm',
		biasName ? [features, name, biasName] : [features, name],
		isConvolution ? { kernel_shape: [1, 1] } : { transB: 1 },
		raw
	);
	const nodes = [nodeProto('DequantizeLinear', [data, dataScale, dataZero], {}, features), float];
	if (outScale) nodes.push(nodeProto('QuantizeLinear', [raw, outScale, outZero ?? ''], {}, output));
	const all = graph.model.graph.node;
	all.splice(all.indexOf(node), 1, ...nodes);
	found.node = float;
	return name;
}

/** Whole numbers of scale (data's · weights'). */
function quantisedBias(graph: GraphIndex, node: NodeProto): FloatTensor | null {
	const index = node.opType === 'QGemm' ? 6 : node.opType === 'QLinearConv' ? 8 : -1;
	const bias = constantOf(graph, node.input[index] ?? '');
	const dataScale = constantOf(graph, node.input[1] ?? '')?.data[0];
	const scale = constantOf(graph, node.input[4] ?? '');
	if (!bias || !scale || dataScale === undefined) return null;
	return dequantize(bias, { ...scale, data: scale.data.map((value) => value * dataScale) }, null, 0);
}

function setInt(node: NodeProto, name: string, value: number): void {
	const [made] = nodeProto('', [], { [name]: value }, '').attribute;
	node.attribute = [
		...node.attribute.filter((attribute) => attribute.name !== name),
		...(made ? [made] : [])
	];
}

/** A half-precision input becomes a float one that is cast inside. */
export function castInput(graph: GraphIndex, name: string): void {
	const input = graph.model.graph.input.find((candidate) => candidate.name === name);
	const type = input?.type?.value;
	if (type?.case !== 'tensorType' || type.value.elemType !== DataType.FLOAT16) return;
	type.value.elemType = DataType.FLOAT;
	const half = ours('input');
	for (const node of graph.model.graph.node)
		node.input = node.input.map((value) => (value === name ? half : value));
	graph.model.graph.node.unshift(nodeProto('Cast', [name], { to: DataType.FLOAT16 }, half));
}

/** Calls a value otherwise, wherever it is made, kept or read; not inside of control flow. */
export function rename(graph: GraphProto, from: string, to: string): void {
	const other = (name: string) => (name === from ? to : name);
	for (const node of graph.node) {
		node.input = node.input.map(other);
		node.output = node.output.map(other);
		node.name = other(node.name);
	}
	for (const named of [...graph.initializer, ...graph.input, ...graph.output, ...graph.valueInfo])
		named.name = other(named.name);
}
