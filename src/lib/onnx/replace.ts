/** Writes numbers that were trained back into a graph, in place of those it had. */
import { Trouble } from '../domain/trouble';
import { constantDims, typeOf } from './constant';
import { GraphIndex, prune } from './graph';
import { readModel, writeModel } from './model';
import { TensorProto_DataType as DataType } from './onnx_pb';
import { quoted } from './refusal';
import { dropConstantInputs } from './rewrite';
import { type FloatTensor, floatTensor } from './tensor';

/**
 * Each named value, an initialiser or what Constant, Cast, DequantizeLinear, Transpose and the like make of one, becomes
 * a float32 initialiser of the same name with these numbers, for all that read it. What only made it goes.
 *
 * @param bytes a whole .onnx file
 * @param tensors by name, in the dimensions that the value has
 * @returns the file with the new numbers
 * @throws Trouble as `readModel`; 'onnx-missing' where there is no such constant, 'onnx-unsupported' where it is not of
 *   float32, so that what reads it could not take one; RangeError where the dimensions differ or are not filled
 */
export function replaceConstants(
	bytes: Uint8Array,
	tensors: ReadonlyMap<string, FloatTensor>
): Uint8Array<ArrayBuffer> {
	const model = readModel(bytes);
	dropConstantInputs(model);
	const { graph } = model;
	const index = new GraphIndex(model);
	for (const [name, { dims }] of tensors) assertFits(index, name, dims);
	graph.node = graph.node.filter(({ output }) => !output.some((name) => tensors.has(name)));
	graph.initializer = graph.initializer.filter(({ name }) => !tensors.has(name));
	for (const [name, { dims, data }] of tensors) graph.initializer.push(floatTensor(name, dims, data));
	prune(graph);
	return writeModel(model);
}

function assertFits(graph: GraphIndex, name: string, dims: readonly number[]): void {
	const own = constantDims(graph, name);
	if (!own) throw new Trouble('onnx-missing', `This ONNX model has no constant called ${quoted(name)}.`);
	if (typeOf(graph, name) !== DataType.FLOAT)
		throw new Trouble(
			'onnx-unsupported',
			`The constant ${quoted(name)} of this ONNX model is not kept as 32-bit numbers, so it cannot be changed.`
		);
	if (own.length !== dims.length || own.some((dim, axis) => dim !== dims[axis]))
		throw new RangeError(`${name}: [${dims.join(', ')}] in place of [${own.join(', ')}]`);
}
