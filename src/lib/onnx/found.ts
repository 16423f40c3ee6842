/** What was found of a graph's constants so far, and how much may still be read and computed for them. */
import type { GraphIndex } from './graph';
import type { NodeProto, TensorProto } from './onnx_pb';
import { type FloatTensor, numbersIn } from './tensor';

/** Numbers that may be read and computed for one graph: for each in the file this many, but no more than 256 MB. */
const COPIES = 4;
const MOST_NUMBERS = 2 ** 26;
/** Scales, zeros and sizes of a small file may be read again and again. */
const SPARE = 2 ** 16;
/** What nodes of a graph were found to give: a file that reads one value again and again must not cost as often. */
export interface Found {
	readonly values: Map<string, FloatTensor | null>;
	readonly dims: Map<string, number[] | null>;
	/** Numbers that may still be read or computed. */
	left: number;
}

const known = new WeakMap<GraphIndex, Found>();

export function foundIn(graph: GraphIndex): Found {
	const before = known.get(graph);
	if (before) return before;
	const { initializer, node } = graph.model.graph;
	const constants = node.map(ownValue).filter((tensor) => tensor !== undefined);
	const count = [...initializer, ...constants].reduce((sum, tensor) => sum + numbersIn(tensor), 0);
	const found: Found = {
		values: new Map(),
		dims: new Map(),
		left: Math.min(MOST_NUMBERS, COPIES * count + SPARE)
	};
	known.set(graph, found);
	return found;
}

/** What a Constant holds. */
export const ownValue = ({ opType, attribute }: NodeProto): TensorProto | undefined =>
	opType === 'Constant' ? (attribute.find(({ name }) => name === 'value')?.t ?? undefined) : undefined;

/** @returns whether that many numbers may be made */
export function spend(count: number, found: Found): boolean {
	found.left -= count;
	return found.left >= 0;
}
