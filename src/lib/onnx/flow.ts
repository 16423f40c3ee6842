/** How a picture flows through a graph: what lies on the way, where the way parts, and where all of it goes through one value. */
import type { GraphProto, NodeProto } from './onnx_pb';

/** Nodes in an order in which each comes after what it reads, and the values that go from one to another. */
export interface Flow {
	nodes: readonly NodeProto[];
	/** What the flow carries, from its sources to its ends; constants are not among it. */
	carried: ReadonlySet<string>;
}

/** A part of a flow that shares nothing with the others until what comes after its last convolution. */
export interface Branch extends Flow {
	/** Values that are wanted outside of it. */
	ends: ReadonlySet<string>;
}

/** A value through which all of a branch goes. */
export interface Seam {
	value: string;
	/** Which of the branch's nodes makes it. */
	at: number;
}

const convolutions = new Set(['Conv', 'ConvTranspose', 'FusedConv', 'QLinearConv', 'ConvInteger']);
export const isConvolution = ({ opType }: NodeProto): boolean => convolutions.has(opType);

/** Without those that are left out, which ONNX writes as ''. */
const named = (values: readonly string[]) => values.filter((name) => name !== '');

/**
 * Everything by which some values make others.
 *
 * @param graph with its nodes in order, as `checkGraph` takes it
 */
export function flowBetween(graph: GraphProto, from: readonly string[], to: readonly string[]): Flow {
	const live = new Set(from);
	const reached = graph.node.filter((node) => {
		const isReached = node.input.some((name) => live.has(name));
		if (isReached) for (const name of named(node.output)) live.add(name);
		return isReached;
	});
	const carried = new Set(to.filter((name) => live.has(name)));
	const nodes = reached.toReversed().filter((node) => {
		const isWanted = node.output.some((name) => carried.has(name));
		if (isWanted) for (const name of node.input) if (live.has(name)) carried.add(name);
		return isWanted;
	});
	return { nodes: nodes.reverse(), carried };
}

/**
 * Networks that stand side by side, from the first convolution of each to its last; most graphs are a single one.
 *
 * @param to the ends of the flow
 */
export function branchesOf({ nodes, carried }: Flow, to: readonly string[]): Branch[] {
	const inner = behindFirst(beforeLast(nodes));
	const groups = new Groups();
	for (const { input, output } of inner) {
		const made = output.filter((name) => carried.has(name));
		groups.join([...made, ...input.filter((name) => groups.has(name))]);
	}
	const own = new Set(inner);
	const others = nodes.filter((node) => !own.has(node));
	const ends = new Set([...to, ...others.flatMap(({ input }) => input)]);
	const branches = new Map<string, NodeProto[]>();
	for (const node of inner) {
		const group = groups.of(node.output.find((name) => carried.has(name)) ?? '');
		const part = branches.get(group);
		if (part) part.push(node);
		else branches.set(group, [node]);
	}
	return [...branches.values()].map((part) => ({ nodes: part, carried, ends }));
}

/** Those that are convolutions or have one behind them. */
function beforeLast(nodes: readonly NodeProto[]): NodeProto[] {
	const read = new Set<string>();
	const found = nodes.toReversed().filter((node) => {
		const isBefore = isConvolution(node) || node.output.some((name) => read.has(name));
		if (isBefore) for (const name of named(node.input)) read.add(name);
		return isBefore;
	});
	return found.reverse();
}

/** Those that are convolutions or read what comes out of one. */
function behindFirst(nodes: readonly NodeProto[]): NodeProto[] {
	const made = new Set<string>();
	return nodes.filter((node) => {
		const isBehind = isConvolution(node) || node.input.some((name) => made.has(name));
		if (isBehind) for (const name of named(node.output)) made.add(name);
		return isBehind;
	});
}

/** Values that belong together (disjoint sets, with paths halved). */
class Groups {
	readonly #parents = new Map<string, string>();

	has(name: string): boolean {
		return this.#parents.has(name);
	}

	of(name: string): string {
		let at = name;
		for (let up = this.#parents.get(at); up !== undefined && up !== at; up = this.#parents.get(at)) {
			const above = this.#parents.get(up) ?? up;
			this.#parents.set(at, above);
			at = above;
		}
		return at;
	}

	join([first = '', ...others]: readonly string[]): void {
		if (!this.has(first)) this.#parents.set(first, first);
		for (const name of others) this.#parents.set(this.of(name), this.of(first));
	}
}

/**
 * The values that every way from the branch's sources to its ends leads through, from front to back: those that are
 * made when nothing older is still to be read.
 */
export function seamsOf({ nodes, carried, ends }: Branch): Seam[] {
	const lastRead = new Map<string, number>();
	for (const [i, { input }] of nodes.entries()) for (const name of input) lastRead.set(name, i);
	const made = new Set(nodes.flatMap(({ output }) => output));
	const readUntil = (name: string) =>
		ends.has(name) && made.has(name) ? Infinity : (lastRead.get(name) ?? -1);
	const isSource = (name: string) => carried.has(name) && !made.has(name);
	const sources = nodes.flatMap(({ input }) => input.filter(isSource));
	let latest = sources.reduce((last, name) => Math.max(last, readUntil(name)), -1);
	const seams: Seam[] = [];
	for (const [at, { output }] of nodes.entries()) {
		const results = output.filter((name) => carried.has(name));
		const [value] = results;
		if (value !== undefined && results.length === 1 && latest <= at) seams.push({ value, at });
		for (const name of results) latest = Math.max(latest, readUntil(name));
	}
	return seams;
}
