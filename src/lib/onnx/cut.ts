/** Where a backbone can be cut in two, so that what comes after is trained and what comes before is run only once a photo. */
import type { InputFacts } from '../domain/card';
import { Trouble } from '../domain/trouble';
import { valuesIn } from './check';
import { type Branch, branchesOf, type Flow, flowBetween, isConvolution, type Seam, seamsOf } from './flow';
import { constantDims } from './constant';
import { GraphIndex, intOf } from './graph';
import { readModel } from './model';
import { type NodeProto, TensorProto_DataType as DataType } from './onnx_pb';
import { quoted } from './refusal';
import { dropConstantInputs } from './rewrite';
import { isStandard } from './shapes';
import { product } from './tensor';
import { trainableOf } from './trainable';

export interface Cut {
	/** Together all that goes from the picture to the features: one value, or one of each network that stands side by side. */
	values: string[];
	/** Of each value for one picture, without the batch: [channels, height, width]. */
	dims: number[][];
	/** How many float32 weights lie between the cut and the features (and the map), each counted once. */
	numbers: number;
	/** Kinds of operators there, in order; of another domain than ONNX's as `domain.Kind`. */
	operators: string[];
}

interface Asked {
	input: Pick<InputFacts, 'layout' | 'size'>;
	/** Name of the features, and of the map where there is one. */
	features: string;
	map: string | null;
}

type Sizes = ReturnType<typeof valuesIn>;

/**
 * The useful places for a cut, from the picture to the features: behind whole blocks, never within a residual one, nor
 * between a depthwise convolution and what mixes its channels, nor where more channels go than before and after (the
 * middle of an inverted bottleneck), and never behind the last convolution.
 * Where two networks stand side by side, the k-th place from the end of the one goes with the k-th of the other.
 *
 * @param bytes a whole .onnx file
 * @returns none where the graph has no such place
 * @throws Trouble as `readModel` and `checkGraph`; 'onnx-missing' where there are no such features or map
 */
export function cutsOf(bytes: Uint8Array, { input, features, map }: Asked): Cut[] {
	const model = readModel(bytes);
	dropConstantInputs(model);
	const sizes = valuesIn(model, input);
	const ends = map === null ? [features] : [features, map];
	for (const name of ends)
		if (!sizes.get(name))
			throw new Trouble('onnx-missing', `This ONNX model has no value called ${quoted(name)}.`);
	const graph = new GraphIndex(model);
	const flow = flowBetween(
		model.graph,
		model.graph.input.map(({ name }) => name),
		ends
	);
	const places = branchesOf(flow, ends).map((branch) => placesIn(branch, graph, sizes));
	const count = places.length > 0 ? Math.min(...places.map(({ length }) => length)) : 0;
	return Array.from({ length: count }, (_, i) => {
		const values = places.map((list) => list.at(i - count) ?? '');
		const after = flowBetween(model.graph, values, ends);
		return parts(flow, after, ends) ? [cutBefore(after.nodes, values, graph, sizes)] : [];
	}).flat();
}

/** Whether nothing of what comes before is read afterwards but the values of the cut. */
const parts = (whole: Flow, after: Flow, ends: readonly string[]): boolean =>
	[...ends, ...after.nodes.flatMap(({ input }) => input)].every(
		(name) => after.carried.has(name) || !whole.carried.has(name)
	);

function cutBefore(nodes: readonly NodeProto[], values: string[], graph: GraphIndex, sizes: Sizes): Cut {
	const weights = new Map(
		nodes.flatMap((node) => trainableOf(graph, node).map(({ name, dims }) => [name, product(dims)]))
	);
	return {
		values,
		dims: values.map((value) => [...(sizes.get(value)?.dims ?? [])].slice(1)),
		numbers: [...weights.values()].reduce((sum, one) => sum + one, 0),
		operators: [...new Set(nodes.map(kindOf))]
	};
}

const kindOf = ({ domain, opType }: NodeProto): string =>
	isStandard(domain) ? opType : `${domain}.${opType}`;

/** Seams with the same convolutions before and behind them. */
interface Block {
	seams: Seam[];
	/** Whether a convolution of it mixes channels; one that filters each by itself belongs to the next that does. */
	mixes: boolean;
}

/** One place a block, from front to back. */
function placesIn(branch: Branch, graph: GraphIndex, sizes: Sizes): string[] {
	const places = blocksOf(branch, graph).flatMap(({ seams, mixes }) => {
		const seam = smallest(seams, sizes);
		return seam ? [{ ...seam, mixes, channels: sizes.get(seam.value)?.dims[1] ?? 0 }] : [];
	});
	const last = branch.nodes.length - 1;
	const widths = places.map(({ channels }) => channels);
	return places
		.filter(({ at, mixes }, i) => mixes && at < last && !isBulge(widths, i))
		.map(({ value }) => value);
}

function blocksOf(branch: Branch, graph: GraphIndex): Block[] {
	const blocks: Block[] = [];
	let before = -1;
	for (const seam of seamsOf(branch)) {
		const made = branch.nodes.slice(before + 1, seam.at + 1).filter(isConvolution);
		const block = blocks.at(-1);
		if (block && made.length === 0) block.seams.push(seam);
		else blocks.push({ seams: [seam], mixes: made.some((node) => !isDepthwise(graph, node)) });
		before = seam.at;
	}
	return blocks;
}

/** A feature map of the fewest numbers (behind a pooling), of equal ones the last (behind the activation). */
function smallest(seams: readonly Seam[], sizes: Sizes): Seam | null {
	let found: Seam | null = null;
	let least = Infinity;
	for (const seam of seams) {
		const size = sizes.get(seam.value);
		// One map for one picture.
		if (size?.dims.length !== 4 || size.dims[0] !== 1 || size.type !== DataType.FLOAT) continue;
		if (size.elements > least) continue;
		[found, least] = [seam, size.elements];
	}
	return found;
}

function isDepthwise(graph: GraphIndex, node: NodeProto): boolean {
	const group = intOf(node, 'group', 1);
	const [out, each] = constantDims(graph, node.input[1] ?? '') ?? [];
	return group > 1 && each === 1 && out === group;
}

/** Wider than what is before and what comes behind: as the middle of an inverted bottleneck is. */
function isBulge(widths: readonly number[], i: number): boolean {
	const own = widths[i] ?? 0;
	const differs = (width: number) => width !== own;
	const before = widths.slice(0, i).findLast(differs) ?? Infinity;
	const after = widths.slice(i + 1).find(differs) ?? Infinity;
	return before < own && after < own;
}
