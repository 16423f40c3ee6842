/** Gives constants of a graph other numbers, such as those that a training gave the tail. */
import { Trouble } from '../domain/trouble';
import { constantDims } from './constant';
import { GraphIndex, prune } from './graph';
import { type Model, readModel, writeModel } from './model';
import { quoted } from './refusal';
import { dropConstantInputs } from './rewrite';
import { type FloatTensor, floatTensor } from './tensor';

/**
 * Every value of these names becomes a float32 initialiser, whatever made it before (an initialiser of another type, a
 * Constant, a chain of Cast, Transpose and the like). Everything that reads it sees the new numbers.
 *
 * @param bytes a whole .onnx file
 * @param tensors by the name of the value; dimensions as they are in the graph
 * @throws Trouble as `readModel`; 'onnx-missing' where there is no such constant; RangeError where the dimensions differ
 */
export function replaceConstants(
	bytes: Uint8Array,
	tensors: ReadonlyMap<string, FloatTensor>
): Uint8Array<ArrayBuffer> {
	const model = readModel(bytes);
	dropConstantInputs(model);
	assertThere(model, tensors);
	const { graph } = model;
	graph.initializer = graph.initializer.filter(({ name }) => !tensors.has(name));
	graph.node = graph.node.filter(({ output }) => !output.some((name) => tensors.has(name)));
	for (const [name, { dims, data }] of tensors) graph.initializer.push(floatTensor(name, dims, data));
	// What the file says of types need not hold any more.
	graph.valueInfo = graph.valueInfo.filter(({ name }) => !tensors.has(name));
	prune(graph);
	return writeModel(model);
}

function assertThere(model: Model, tensors: ReadonlyMap<string, FloatTensor>): void {
	const graph = new GraphIndex(model);
	for (const [name, { dims }] of tensors) {
		const own = constantDims(graph, name);
		if (!own) throw new Trouble('onnx-missing', `This ONNX model has no constant called ${quoted(name)}.`);
		if (own.join() !== dims.join())
			throw new RangeError(`${name}: [${dims.join(', ')}] for [${own.join(', ')}]`);
	}
}
