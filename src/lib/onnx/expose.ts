/** Makes a stranger's image classifier answer what a backbone must: scores, features and, where there is one, the map. */
import type { InputFacts, OutputFacts } from '../domain/card';
import { Trouble } from '../domain/trouble';
import { valueInfo } from './builder';
import { type Classifier, findClassifier } from './classifier';
import { typeOf } from './constant';
import { GraphIndex, prune } from './graph';
import { type Model, readModel, writeModel } from './model';
import { TensorProto_DataType as DataType, type ValueInfoProto } from './onnx_pb';
import { assertCounts } from './parts';
import { append, castInput, dropConstantInputs, dropDictionaries, ours, settleClassifier } from './rewrite';

/** What the graph says of the picture it takes. Whatever it leaves open is null. */
export interface GraphInput {
	name: string;
	layout: InputFacts['layout'] | null;
	/** Height in pixels, and width. */
	size: number | null;
	other: number | null;
	/** Pictures a run; null is any number. */
	batch: number | null;
}

export interface Exposed {
	/** The graph with `outputs` as its only outputs, float32. */
	bytes: Uint8Array<ArrayBuffer>;
	outputs: OutputFacts;
	/** How many scores it gives, those that are skipped not counted. */
	classes: number;
	input: GraphInput;
}

/**
 * Finds the classifier (the last Gemm, MatMul or 1×1 Conv), its input (features) and the feature map before the
 * pooling, and makes them outputs. `outputs.map.classifier` is then an initialiser with the classes first, whatever
 * it was before (transposed, 8 bits). Where no pooling stands beside the classifier there is no map. Everything else
 * that the graph answered is dropped.
 *
 * @param bytes a whole .onnx file
 * @param classes how many labels there are; one score more is a background and skipped.
 *   Where left out, 1,001 scores are taken for ImageNet with a background.
 * @throws Trouble `onnx-broken`, `onnx-external`, `onnx-too-large`, `onnx-unsupported`, or `onnx-unsuitable`: what is missing
 */
export function exposeOutputs(bytes: Uint8Array, classes?: number): Exposed {
	const model = readModel(bytes);
	assertCounts(model.graph);
	dropConstantInputs(model);
	dropDictionaries(model);
	const input = readInput(model);
	const graph = new GraphIndex(model);
	const found = findClassifier(graph);
	if (typeof found === 'string') throw unsuitable(found);
	const [rows = 0, channels = 0] = found.weights.dims;
	const skip = classes === undefined ? Number(rows === 1001) : rows - classes;
	if (skip !== 0 && skip !== 1)
		throw unsuitable(`it knows ${rows} classes where there are ${classes} labels.`);

	const isHalf = typeOf(graph, found.node.input[1] ?? '') === DataType.FLOAT16;
	const classifier = settleClassifier(graph, found);
	const float = (name: string) =>
		isHalf ? append(graph, 'Cast', [name], { to: DataType.FLOAT }, `${name}/float`) : name;
	const map = mapOf(graph, found);
	const featuresName = float(featuresOf(graph, found, map));
	const mapName = map && float(map);
	const scoresInfo = floatInfo(graph, found.scores);
	model.graph.output = [scoresInfo, valueInfo(featuresName), ...(mapName ? [valueInfo(mapName)] : [])];
	castInput(graph, input.name);
	prune(model.graph);
	// What a stranger says of sizes need not be so.
	model.graph.valueInfo = [];
	return {
		bytes: writeModel(model),
		outputs: {
			scores: { name: scoresInfo.name, kind: found.kind, skip },
			features: { name: featuresName, dimension: channels },
			map: mapName ? { name: mapName, channels, classifier } : null
		},
		classes: rows - skip,
		input
	};
}

/** The only input that is not a constant: [N, 3, h, w] or [N, h, w, 3]. */
function readInput({ graph }: Model): GraphInput {
	const [input, ...others] = graph.input;
	const type = input?.type?.value;
	if (!input || others.length > 0)
		throw unsuitable(`it takes ${graph.input.length} inputs and not one picture.`);
	if (type?.case !== 'tensorType' || ![DataType.FLOAT, DataType.FLOAT16].includes(type.value.elemType)) {
		throw unsuitable('its input is not an array of floating-point numbers.');
	}
	const dims = type.value.shape?.dim.map(({ value }) =>
		value.case === 'dimValue' ? Number(value.value) : null
	);
	if (dims && dims.length !== 4)
		throw unsuitable(`its input has ${dims.length} dimensions; pictures come with 4.`);
	const [batch = null, second = null, third = null, fourth = null] = dims ?? [];
	const layout = second === 3 ? 'NCHW' : fourth === 3 ? 'NHWC' : null;
	const [size, other] = layout === 'NHWC' ? [second, third] : [third, fourth];
	// Dimensions of 0 or less are some exporters' way to say "any".
	const known = (dim: number | null) => (dim !== null && dim > 0 ? dim : null);
	return { name: input.name, layout, size: known(size), other: known(other), batch: known(batch) };
}

/** The feature map as float (or half) NCHW; null without a pooling. */
function mapOf(graph: GraphIndex, { node, pooling, order }: Classifier): string | null {
	if (!pooling) return null;
	if (order === 'classify-pool') return node.input[0] ?? '';
	const [data = '', scale = '', zero = ''] = pooling.node.input;
	const isQuantised = pooling.node.opType.startsWith('QLinear');
	const map = isQuantised
		? append(graph, 'DequantizeLinear', [data, scale, zero], {}, ours('map/dequantized'))
		: data;
	return pooling.channelsLast ? append(graph, 'Transpose', [map], { perm: [0, 3, 1, 2] }, ours('map')) : map;
}

/** Pooled features: what the classifier gets, or what it would get if it came after the pooling. */
function featuresOf(graph: GraphIndex, { node, order }: Classifier, map: string | null): string {
	const [data = ''] = node.input;
	if (node.opType !== 'Conv') return data;
	const pooled =
		order === 'classify-pool' && map ? append(graph, 'GlobalAveragePool', [map], {}, ours('pooled')) : data;
	return append(graph, 'Flatten', [pooled], { axis: 1 }, ours('features'));
}

/** The scores' declaration, cast to float where they are halves. */
function floatInfo(graph: GraphIndex, name: string): ValueInfoProto {
	const info = graph.model.graph.output.find((output) => output.name === name) ?? valueInfo(name);
	const type = info.type?.value;
	const elemType = type?.case === 'tensorType' ? type.value.elemType : DataType.FLOAT;
	if (elemType === DataType.FLOAT) return info;
	if (elemType !== DataType.FLOAT16) throw unsuitable('its scores are not floating-point numbers.');
	return valueInfo(append(graph, 'Cast', [name], { to: DataType.FLOAT }, ours('scores/float')));
}

const unsuitable = (reason: string): Trouble =>
	new Trouble('onnx-unsuitable', `This network cannot be used here: ${reason}`);
