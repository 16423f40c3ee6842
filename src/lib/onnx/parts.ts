/** What no node of a stranger's graph may hold, and what its constants, inputs and outputs must be. */
import { broken, quoted, tooLarge, unsafe, unsupported } from './refusal';
import type { Model } from './model';
import {
	type AttributeProto,
	AttributeProto_AttributeType as Type,
	type GraphProto,
	type NodeProto,
	type TensorProto,
	TensorProto_DataLocation,
	type ValueInfoProto
} from './onnx_pb';
import { assertDims, assertType } from './value';

/** The largest networks for pictures have some thousands. */
const MOST_NODES = 20_000;
const MOST_CONSTANTS = 40_000;
/** Each is followed back to a classifier. */
const MOST_OUTPUTS = 32;
const LONGEST_NAME = 1000;
const MOST_ATTRIBUTES = 64;
/** Joins of a dense network have some dozens. */
const MOST_INPUTS = 1000;

/** @throws Trouble 'onnx-too-large' for a graph of more parts than a picture classifier has */
export function assertCounts({ node, initializer, output }: GraphProto): void {
	assertCount(node.length, MOST_NODES, 'operators');
	assertCount(initializer.length, MOST_CONSTANTS, 'constants');
	assertCount(output.length, MOST_OUTPUTS, 'outputs');
}

function assertCount(count: number, most: number, of: string): void {
	if (count > most) throw tooLarge(`it has ${count} ${of}; ${most} is the most.`);
}

/** @throws Trouble 'onnx-unsafe' */
export function assertPlain({ functions, trainingInfo, graph }: Model): void {
	const [own] = functions;
	if (own)
		throw unsafe(
			`it brings operators of its own (${quoted(own.name)}); they have to be written out (inlined) first.`
		);
	if (trainingInfo.length > 0) throw unsafe('it holds a graph for its own training.');
	for (const { values, indices } of graph.sparseInitializer) {
		for (const part of [values, indices]) if (part) assertInside(part);
		throw unsupported(`its constant ${quoted(values?.name ?? '')} is stored as a sparse one.`);
	}
}

/** @throws Trouble 'onnx-unsafe' where the numbers of a constant lie in another file */
export function assertInside(tensor: TensorProto): void {
	const isOutside =
		tensor.dataLocation === TensorProto_DataLocation.EXTERNAL || tensor.externalData.length > 0;
	if (isOutside) throw unsafe(`its constant ${quoted(tensor.name)} lies in a second file.`);
	if (tensor.segment) throw broken(`its constant ${quoted(tensor.name)} comes in segments.`);
}

/** @throws Trouble for graphs and files inside of a node, and for more or longer names than a network has */
export function assertNode(node: NodeProto): void {
	if (
		node.input.length > MOST_INPUTS ||
		node.output.length > MOST_INPUTS ||
		node.attribute.length > MOST_ATTRIBUTES
	)
		throw unsupported(
			`its operator ${shown(node)} has more than ${MOST_INPUTS} values or ${MOST_ATTRIBUTES} attributes.`
		);
	for (const attribute of node.attribute) assertAttribute(attribute, node);
	for (const value of [...node.input, ...node.output, node.opType, node.domain]) assertName(value);
	if (node.overload) throw unsafe(`its operator ${shown(node)} is one of several of that name.`);
}

const shown = (node: NodeProto): string => `${quoted(node.opType)} (${quoted(node.output[0] ?? node.name)})`;

export function assertName(name: string): void {
	if (name.length > LONGEST_NAME)
		throw unsupported(`it has a name of ${name.length} characters; ${LONGEST_NAME} is the most.`);
}

function assertAttribute(attribute: AttributeProto, node: NodeProto): void {
	const { type, g, graphs, t, tensors, sparseTensor, sparseTensors, refAttrName, tp, typeProtos } = attribute;
	if (g || graphs.length > 0 || type === Type.GRAPH || type === Type.GRAPHS)
		throw unsafe(`its operator ${shown(node)} holds a graph of its own, as loops and branches do.`);
	for (const tensor of [...(t ? [t] : []), ...tensors]) assertInside(tensor);
	for (const sparse of [...(sparseTensor ? [sparseTensor] : []), ...sparseTensors])
		for (const part of [sparse.values, sparse.indices]) if (part) assertInside(part);
	if (refAttrName) throw unsafe(`its operator ${shown(node)} belongs into a function.`);
	if (sparseTensor || sparseTensors.length > 0 || tp || typeProtos.length > 0)
		throw unsupported(`its operator ${shown(node)} holds a sparse constant or a type.`);
}

/**
 * Inputs, outputs and notes about values: all are arrays of plain numbers.
 *
 * @param dictionaries by the names of those that are none, and are not run
 */
export function assertDeclared(
	{ input, output, valueInfo }: GraphProto,
	dictionaries: { has(name: string): boolean }
): void {
	for (const [i, info] of [...input, ...output, ...valueInfo].entries()) {
		assertName(info.name);
		if (i >= input.length && dictionaries.has(info.name)) continue;
		const type = info.type?.value;
		if (type?.case === 'tensorType') {
			// Outputs and notes may leave their type open.
			if (type.value.elemType !== 0 || i < input.length) assertType(type.value.elemType, info.name);
			assertDims(
				(type.value.shape?.dim ?? []).map(() => 1),
				info.name
			);
		} else if (type?.case || i < input.length)
			throw unsupported(`${quoted(info.name)} is a list, a map or the like and not an array of numbers.`);
	}
}

/** The size that is fed: what the graph leaves open is one picture, three colours, height and width. */
export function fedDims(info: ValueInfoProto, size: number, layout: 'NCHW' | 'NHWC'): number[] {
	const open = layout === 'NCHW' ? [1, 3, size, size] : [1, size, size, 3];
	const type = info.type?.value;
	const dims = type?.case === 'tensorType' ? type.value.shape?.dim : undefined;
	// Dimensions of 0 or less are some exporters' way to say "any".
	return dims
		? dims.map(({ value }, axis) => {
				const given = value.case === 'dimValue' ? Number(value.value) : 0;
				return given > 0 ? given : (open[axis] ?? 1);
			})
		: open;
}
