/**
 * The check of a stranger's graph before ONNX Runtime sees it: nothing but plain, known operators over constants that
 * are there, each value made once before it is read, and all sizes known beforehand and within bounds.
 * Every node is looked at once, in the order of the file; nothing is computed but sizes.
 */
import { Call, type Shared } from './call';
import type { Model } from './model';
import { broken, quoted, tooLarge, unsupported } from './refusal';
import {
	assertCounts,
	assertDeclared,
	assertInside,
	assertName,
	assertNode,
	assertPlain,
	fedDims
} from './parts';
import type { NodeProto, ValueInfoProto } from './onnx_pb';
import { isStandard, ruleOf } from './shapes';
import { assertDims, Value, valueOf } from './value';

/** Older and newer forms of operators are not followed. */
const OPSETS = [7, 22] as const;
/** Twice the largest value of VGG or EfficientNet at 600 × 600, and what a phone's tab may get as one piece. */
const LARGEST_VALUE = 256 * 2 ** 20;
/** All values together: more than are alive at once. ResNet-50 at 224 × 224 has 0.15 GB, a phone's tab 1 to 2 GB. */
const MOST_BYTES = 2 ** 30;
/** Twice VGG-16 (15.5 · 10⁹) and more: a minute on a phone without a GPU. */
const MOST_STEPS = 40e9;

export interface CheckedGraph {
	nodes: number;
	/** Numbers in constants. */
	parameters: number;
	/** Bytes of all values that are computed for one picture, together. */
	activationBytes: number;
	/** Of one picture; operators that do not multiply count the numbers they read and write. */
	multiplyAdds: number;
	/** For one picture. */
	outputs: { name: string; dims: number[] }[];
}

/** What a graph is fed: sizes for what its input leaves open. */
interface Picture {
	size: number;
	layout: 'NCHW' | 'NHWC';
}

/**
 * @param model as `readModel` gives it (not changed)
 * @param picture what the graph will be fed; the result holds for it alone
 * @throws Trouble 'onnx-unsafe': files, code or graphs inside of it; 'onnx-unsupported': what this app cannot judge or
 *   do; 'onnx-too-large'; 'onnx-broken': parts that do not fit each other
 */
export function checkGraph(model: Model, picture: Picture): CheckedGraph {
	const { graph } = model;
	const { values, dictionaries } = judged(model, picture);
	return {
		nodes: graph.node.length,
		parameters: values.parameters,
		activationBytes: values.bytes,
		multiplyAdds: values.steps,
		outputs: graph.output.map(({ name }) => {
			const numbers = dictionaries.get(name);
			const value = values.get(numbers ?? name);
			if (!value || (numbers !== undefined && values.get(name)))
				throw broken(`its output ${quoted(name)} is made by no operator, or by two.`);
			return { name, dims: [...value.dims] };
		})
	};
}

/**
 * Type and size of each value when the graph is run on one picture, and the numbers of those that come of sizes alone;
 * constants and inputs too.
 *
 * @param model as `readModel` gives it (not changed)
 * @throws Trouble as `checkGraph`
 */
export const valuesIn = (
	model: Model,
	picture: Picture
): { get(name: string): Pick<Value, 'type' | 'dims' | 'elements' | 'numbers'> | undefined } =>
	judged(model, picture).values;

function judged(
	model: Model,
	picture: Picture
): { values: Values; dictionaries: ReadonlyMap<string, string> } {
	const { graph } = model;
	assertPlain(model);
	assertCounts(graph);
	for (const node of graph.node) assertNode(node);
	const dictionaries = new Map(
		graph.node.filter(isDictionary).map(({ input, output }) => [output[0] ?? '', input[0] ?? ''])
	);
	assertDeclared(graph, dictionaries);
	const shared: Shared = { opset: opsetOf(model), followed: 0 };
	const values = new Values();
	for (const tensor of graph.initializer) {
		assertInside(tensor);
		values.constant(tensor.name, valueOf(tensor, tensor.name));
	}
	feed(graph.input, values, picture);
	for (const node of graph.node) if (!isDictionary(node)) run(node, values, shared);
	return { values, dictionaries };
}

/**
 * Scores by label, as Custom Vision writes them beside or instead of plain ones. No operator here reads one, and
 * `dropDictionaries` takes them out before anything is run.
 */
const isDictionary = ({ domain, opType }: NodeProto): boolean =>
	domain === 'ai.onnx.ml' && opType === 'ZipMap';

/** All values by name, and what they come to. */
class Values {
	readonly #values = new Map<string, Value>();
	parameters = 0;
	bytes = 0;
	steps = 0;

	get(name: string): Value | undefined {
		return this.#values.get(name);
	}

	constant(name: string, value: Value): void {
		this.parameters += value.elements;
		this.#claim(name, value);
	}

	made(name: string, value: Value): void {
		this.#claim(name, value);
		const size = `[${value.dims.join(', ')}]`;
		if (value.bytes > LARGEST_VALUE)
			throw tooLarge(
				`${quoted(name)} of ${size} takes ${megabytes(value.bytes)}; ${megabytes(LARGEST_VALUE)} is the most.`
			);
		this.bytes += value.bytes;
		if (this.bytes > MOST_BYTES)
			throw tooLarge(`what it computes for one picture takes more than ${megabytes(MOST_BYTES)}.`);
	}

	worked(steps: number): void {
		this.steps += steps;
		if (!(this.steps <= MOST_STEPS))
			throw tooLarge(`one picture takes more than ${MOST_STEPS / 1e9} thousand million steps of arithmetic.`);
	}

	#claim(name: string, value: Value): void {
		assertName(name);
		if (name === '') throw broken('one of its values has no name.');
		if (this.#values.has(name)) throw broken(`two of its values are called ${quoted(name)}.`);
		this.#values.set(name, value);
	}
}

/** The values that the graph is fed. */
function feed(inputs: readonly ValueInfoProto[], values: Values, { size, layout }: Picture): void {
	const names = new Set<string>();
	for (const info of inputs) {
		if (names.has(info.name)) throw broken(`it has two inputs ${quoted(info.name)}.`);
		names.add(info.name);
		// Before ONNX's IR 4 every constant was an input too.
		if (values.get(info.name)) continue;
		const dims = fedDims(info, size, layout);
		assertDims(dims, info.name);
		const type = info.type?.value;
		values.made(info.name, new Value(type?.case === 'tensorType' ? type.value.elemType : 0, dims));
	}
}

function run(node: NodeProto, values: Values, shared: Shared): void {
	const rule = ruleOf(node);
	const call = new Call(node, inputsOf(node, values), shared);
	const [least, most] = rule.inputs;
	const { length } = node.input;
	if (length < least || length > most)
		throw call.broken(`has ${length} inputs where ${least === most ? least : `${least} to ${most}`} belong.`);
	for (let i = 0; i < least; i++) call.value(i);
	if (node.output.length === 0 || node.output.length > (rule.outputs ?? 1))
		throw call.unsupported(`has ${node.output.length} outputs, and ${rule.outputs ?? 1} is the most.`);
	const made = [rule.shape(call)].flat();
	const [first] = made;
	if (!first) throw call.broken('makes nothing.');
	const read = call.inputs.reduce((sum, value) => sum + (value?.elements ?? 0), 0);
	values.worked(rule.steps?.(call, first) ?? read + made.reduce((sum, { elements }) => sum + elements, 0));
	if (node.opType === 'Constant') values.parameters += first.elements;
	for (const [i, name] of node.output.entries()) {
		const value = made[i];
		if (name !== '' && value) values.made(name, value);
	}
}

function inputsOf(node: NodeProto, values: Values): (Value | undefined)[] {
	return node.input.map((name) => {
		const value = values.get(name);
		if (!value && name !== '')
			throw broken(
				`its operator ${quoted(node.opType)} reads ${quoted(name)} before anything has made it, or nothing does.`
			);
		return value;
	});
}

function opsetOf({ opsetImport }: Model): number {
	const versions = new Set(
		opsetImport.filter(({ domain }) => isStandard(domain)).map(({ version }) => Number(version))
	);
	const [version = 0] = versions;
	const [oldest, newest] = OPSETS;
	if (versions.size !== 1) throw broken('it does not say which version of ONNX’s operators it uses.');
	if (version < oldest || version > newest)
		throw unsupported(
			`it is written in version ${version} of ONNX’s operators (opset), and ${oldest} to ${newest} are read. Export it again with opset 17.`
		);
	return version;
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MB`;
