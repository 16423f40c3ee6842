/** A network's last blocks as a plain list of steps with their numbers: what an engine needs to run and train them. */
import { Trouble } from '../domain/trouble';
import { isConstant } from './constant';
import { prune } from './graph';
import { readModel } from './model';
import { ProgramNode, Reading } from './program-node';
import { readers } from './program-operators';
import type { Step } from './program-steps';
import { isStandard } from './shapes';
import type { FloatTensor } from './tensor';

export interface Program {
	/** Names of what it is fed, in the file's order. */
	inputs: string[];
	/** Names of what it is asked for. */
	outputs: string[];
	/** In an order in which each finds what it reads. */
	steps: Step[];
	/**
	 * What is trained, in ONNX's own layout, by the name of the value that the operator reads: weights and biases of
	 * Conv, Gemm and MatMul (with the Add behind it), scale and bias of BatchNormalization.
	 */
	parameters: Map<string, FloatTensor>;
	/** What is not. */
	constants: Map<string, FloatTensor>;
}

/**
 * @param bytes the tail as a whole .onnx file
 * @param outputs those that are wanted; left out: all. What only others need is not read.
 * @throws Trouble 'finetune-operator' where an operator or an attribute is none that can be trained; as `readModel` and
 *   `readTensor`
 */
export function programOf(bytes: Uint8Array, outputs?: readonly string[]): Program {
	const model = readModel(bytes);
	const { graph } = model;
	if (outputs) graph.output = graph.output.filter(({ name }) => outputs.includes(name));
	prune(graph);
	const reading = new Reading(model);
	const initializers = new Set(graph.initializer.map(({ name }) => name));
	const inputs = graph.input.map(({ name }) => name).filter((name) => !initializers.has(name));
	for (const name of inputs) reading.made.add(name);
	const steps: Step[] = [];
	for (const node of graph.node) {
		const made = node.output.filter((name) => name !== '');
		if (made.every((name) => isConstant(reading.graph, name) || reading.sizes(name))) continue;
		const view = new ProgramNode(node, reading);
		const reader = isStandard(node.domain) ? readers.get(node.opType) : undefined;
		if (!reader) throw view.refusal();
		const step = reader(view);
		view.finish();
		steps.push(step);
		for (const name of 'outputs' in step ? step.outputs : [step.output]) reading.made.add(name);
	}
	const { parameters, constants } = reading;
	for (const name of parameters.keys()) constants.delete(name);
	const wanted = outputs ? [...outputs] : graph.output.map(({ name }) => name);
	assertMade(wanted, reading);
	return { inputs, outputs: wanted, steps, parameters, constants };
}

function assertMade(outputs: readonly string[], { made }: Reading): void {
	const missing = outputs.find((name) => !made.has(name));
	if (missing === undefined) return;
	throw new Trouble('onnx-broken', 'This ONNX file is damaged: one of its outputs is made by no operator.');
}
