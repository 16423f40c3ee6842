/** Cuts a backbone in two: a trunk that is run as it is, and a tail that can be trained. */
import { Trouble } from '../domain/trouble';
import { nodeProto, valueInfo } from './builder';
import type { Cut } from './cut';
import { prune } from './graph';
import { type Model, readModel, writeModel } from './model';
import type { GraphProto } from './onnx_pb';
import { quoted } from './refusal';
import { dropConstantInputs, ours } from './rewrite';
import { product } from './tensor';

export interface Halves {
	/** Takes the picture as the backbone does, and answers with `features` alone. */
	trunk: Uint8Array<ArrayBuffer>;
	/** [N, dimension]: the numbers of each value of the cut, one value after the other, row-major. */
	features: { name: string; dimension: number };
	/** Takes the values of the cut under their own names, [N, channels, height, width] each, and answers with `outputs`. */
	tail: Uint8Array<ArrayBuffer>;
}

/**
 * @param bytes a whole .onnx file
 * @param cut one of `cutsOf` the same file
 * @param outputs names of values that come of the cut alone, such as the features and the map
 * @throws Trouble as `readModel`; 'onnx-missing' where there is no such value; RangeError where an output needs more of
 *   the graph than the cut gives
 */
export function cutAt(
	bytes: Uint8Array,
	{ values, dims }: Pick<Cut, 'values' | 'dims'>,
	outputs: readonly string[]
): Halves {
	const whole = readModel(bytes);
	for (const name of [...values, ...outputs])
		if (!whole.graph.node.some(({ output }) => output.includes(name)))
			throw new Trouble('onnx-missing', `This ONNX model has no value called ${quoted(name)}.`);
	const features = {
		name: freeName(whole.graph, 'cut'),
		dimension: dims.reduce((sum, own) => sum + product(own), 0)
	};
	return {
		trunk: trunkOf(whole, values, features),
		features,
		tail: tailOf(readModel(bytes), { values, dims }, outputs)
	};
}

function trunkOf(
	model: Model,
	values: readonly string[],
	{ name, dimension }: Halves['features']
): Halves['trunk'] {
	const { graph } = model;
	dropConstantInputs(model);
	const rows = values.map((value, i) => {
		const row = values.length === 1 ? name : freeName(graph, `cut/${i}`);
		graph.node.push(nodeProto('Flatten', [value], { axis: 1 }, row));
		return row;
	});
	if (rows.length > 1) graph.node.push(nodeProto('Concat', rows, { axis: 1 }, name));
	return finished(model, [valueInfo(name, ['N', dimension])]);
}

function tailOf(
	model: Model,
	{ values, dims }: Pick<Cut, 'values' | 'dims'>,
	outputs: readonly string[]
): Halves['tail'] {
	const { graph } = model;
	dropConstantInputs(model);
	graph.node = graph.node.filter(({ output }) => !output.some((name) => values.includes(name)));
	graph.input = values.map((value, i) => valueInfo(value, ['N', ...(dims[i] ?? [])]));
	const tail = finished(
		model,
		outputs.map((name) => valueInfo(name))
	);
	const given = new Set(['', ...values, ...[...graph.initializer].map(({ name }) => name)]);
	for (const { output } of graph.node) for (const name of output) given.add(name);
	const wanted = [...outputs, ...graph.node.flatMap(({ input }) => input)];
	const missing = wanted.find((name) => !given.has(name));
	if (missing !== undefined)
		throw new RangeError(
			`${outputs.join(', ')}: needs "${missing}", which lies before the cut ${values.join(', ')}`
		);
	return tail;
}

function finished(model: Model, outputs: GraphProto['output']): Uint8Array<ArrayBuffer> {
	model.graph.output = outputs;
	// What the file says of sizes need not be so.
	model.graph.valueInfo = [];
	prune(model.graph);
	return writeModel(model);
}

/** A name of ours that nothing in the graph has, for the graph may have been cut before. */
function freeName({ node, initializer, input }: GraphProto, name: string): string {
	const taken = new Set([
		...node.flatMap(({ output }) => output),
		...[...initializer, ...input].map((own) => own.name)
	]);
	let free = ours(name);
	while (taken.has(free)) free += '/again';
	return free;
}
