/** Finding one's way in a graph: who makes a value, who takes it, and what is left when only some are wanted. */
import type { Model } from './model';
import type { GraphProto, NodeProto, TensorProto } from './onnx_pb';

export class GraphIndex {
	readonly #producers = new Map<string, NodeProto>();
	readonly #initializers = new Map<string, TensorProto>();

	constructor(readonly model: Model) {
		for (const tensor of model.graph.initializer) this.#initializers.set(tensor.name, tensor);
		for (const node of model.graph.node) for (const name of node.output) this.#producers.set(name, node);
	}

	producer(value: string): NodeProto | undefined {
		return this.#producers.get(value);
	}

	initializer(value: string): TensorProto | undefined {
		return this.#initializers.get(value);
	}
}

export function intOf(node: NodeProto, name: string, otherwise: number): number {
	const attribute = node.attribute.find((candidate) => candidate.name === name);
	return attribute ? Number(attribute.i) : otherwise;
}

/** @returns null where the attribute is absent */
export function intsOf(node: NodeProto, name: string): number[] | null {
	const attribute = node.attribute.find((candidate) => candidate.name === name);
	return attribute ? attribute.ints.map(Number) : null;
}

/** Names that a node reads, those that its inner graphs (If, Loop) read from outside included. */
function reads(node: NodeProto): string[] {
	const inner = node.attribute.flatMap(({ g, graphs }) => (g ? [g, ...graphs] : graphs));
	return [
		...node.input,
		...inner.flatMap((graph) => [...graph.node.flatMap(reads), ...graph.output.map((o) => o.name)])
	];
}

/** Takes out the nodes and constants that no output of the graph needs. */
export function prune(graph: GraphProto): void {
	const producers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
	const wanted = graph.output.map(({ name }) => name);
	const needed = new Set(wanted);
	const nodes = new Set<NodeProto>();
	for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
		const node = producers.get(name);
		if (!node || nodes.has(node)) continue;
		nodes.add(node);
		for (const input of reads(node)) {
			if (input === '' || needed.has(input)) continue;
			needed.add(input);
			wanted.push(input);
		}
	}
	graph.node = graph.node.filter((node) => nodes.has(node));
	graph.initializer = graph.initializer.filter(({ name }) => needed.has(name));
	graph.valueInfo = graph.valueInfo.filter(({ name }) => needed.has(name));
}
