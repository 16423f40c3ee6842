/** Keras layers → ONNX: NHWC becomes NCHW, batch normalisations and paddings are folded into the convolutions. */
import * as v from 'valibot';
import { depthwiseKernel, normalisation, scaled } from '$lib/onnx/folding';
import type { Activation, Convolution, Layers, Plane, Row } from '$lib/onnx/layers';
import { permute, product } from '$lib/onnx/tensor';
import { damaged, quoted, unsupported } from './refusals';
import {
	activationSchema,
	convolutionSchema,
	denseSchema,
	normalisationSchema,
	paddingSchema,
	poolingSchema,
	reluSchema,
	reshapeSchema,
	softmaxSchema
} from './schema';
import type { LayerNode, Network } from './topology';
import { type Padded, untouched, type Value, valueName, Values } from './values';
import type { Weights } from './weights';

export interface Answer {
	probabilities: Row;
	/** What the last pooling (or flattening) was made of. */
	map: Plane;
	/** `map` averaged over height and width. */
	features: Row;
	/** Name of the constant [labels, channels] where one layer alone leads from the features to the answer. */
	classifier: string | null;
}

/** What a number that is folded costs: it is copied, in the page, and kept. */
const FOLDING = 500;

const activations: ReadonlyMap<string, Activation> = new Map([
	['linear', 'none'],
	['relu', 'relu'],
	['relu6', 'relu6']
]);

export class LayersConverter {
	readonly values: Values;
	/** Rows that a softmax made. */
	readonly #squashed = new Set<string>();
	#pooled: { map: Plane; features: Row } | null = null;
	#classifier: { weights: string; of: string } | null = null;

	/** @param image with as many channels as the network takes */
	constructor(
		readonly network: Network,
		readonly weights: Weights,
		readonly layers: Layers,
		image: Plane | Convolution
	) {
		this.values = new Values(layers, network.nodes, image);
	}

	/** @throws Trouble 'teachable-unsupported' names a layer that is not known here; 'teachable-broken' */
	convert(): Answer {
		const { nodes, output } = this.network;
		for (const [index, node] of nodes.entries()) if (index > 0) this.values.push(this.#write(node, index));
		const probabilities = this.values.of(output);
		if (probabilities.kind !== 'row' || !this.#squashed.has(probabilities.name))
			throw unsupported('it does not end in a probability for each label (softmax).');
		if (!this.#pooled) throw unsupported('it has no pooling between what it sees and what it says.');
		const classifier = this.#classifier;
		const alone = classifier?.of === this.#pooled.features.name;
		return { probabilities, ...this.#pooled, classifier: alone ? classifier.weights : null };
	}

	#write(node: LayerNode, index: number): Value {
		const name = valueName(node, index);
		switch (node.kind) {
			case 'Conv2D':
			case 'DepthwiseConv2D':
				return this.#convolution(node, name);
			case 'BatchNormalization':
				return this.#batchNorm(node);
			case 'ReLU': {
				const { max_value } = read(reluSchema, node);
				return this.#activate(node, max_value === 6 ? 'relu6' : 'relu', name);
			}
			case 'Activation':
				return this.#activate(node, read(activationSchema, node).activation ?? 'linear', name);
			case 'Softmax':
				read(softmaxSchema, node);
				return this.#activate(node, 'softmax', name);
			case 'ZeroPadding2D':
				return this.#pad(node);
			case 'Add':
				return this.#add(node, name);
			case 'GlobalAveragePooling2D':
				read(poolingSchema, node);
				return this.#pool(this.values.plain(onlyInput(node)), name);
			case 'Dropout':
				return this.values.of(onlyInput(node));
			case 'Flatten':
				return this.#flatten(this.values.of(onlyInput(node)), onlyInput(node), name);
			case 'Reshape':
				return this.#reshape(node, name);
			case 'Dense':
				return this.#dense(node, name);
			default:
				throw unsupported(
					`its layer ${quoted(node.name)} is of a kind that is not known here (${node.kind.slice(0, 40)}).`
				);
		}
	}

	#convolution(node: LayerNode, name: string): Value {
		const config = read(convolutionSchema, node);
		const before = this.values.of(onlyInput(node));
		const { input, margin } =
			before.kind === 'padded' ? before : { input: this.values.plane(onlyInput(node)) };
		const depthwise = node.kind === 'DepthwiseConv2D';
		// TF.js does not dilate these at all (4.22), and the others only without strides.
		if (product(config.dilation_rate) > 1 && (depthwise || product(config.strides) > 1))
			throw unknownSettings(node);
		const { dims, data } = this.weights.take(node.name, depthwise ? 'depthwise_kernel' : 'kernel');
		const [, , inputs = 0, outputs = 0] = dims;
		if (dims.length !== 4 || inputs !== input.channels) throw doesNotFit(node);
		const channels = depthwise ? inputs * outputs : outputs;
		const convolution: Convolution = {
			kind: 'convolution',
			input,
			kernel: depthwise ? depthwiseKernel(data, dims) : permute(data, dims, [3, 2, 0, 1]),
			bias: config.use_bias
				? this.weights.takeVector(node.name, 'bias', channels)
				: new Float32Array(channels),
			groups: depthwise ? inputs : 1,
			strides: config.strides,
			dilations: config.dilation_rate,
			padding: config.padding === 'same' ? 'SAME' : 'VALID',
			...(margin && { margin })
		};
		return this.#activated(convolution, config.activation ?? 'linear', node, name);
	}

	#batchNorm(node: LayerNode): Convolution {
		const config = read(normalisationSchema, node);
		const value = this.values.of(onlyInput(node));
		const convolution = value.kind === 'convolution' ? value : untouched(this.values.plane(onlyInput(node)));
		const channels = convolution.bias.length;
		const of = (role: string) => this.weights.takeVector(node.name, role, channels);
		const { scale, shift } = normalisation(
			{
				gamma: config.scale ? of('gamma') : new Float32Array(channels).fill(1),
				beta: config.center ? of('beta') : new Float32Array(channels),
				mean: of('moving_mean'),
				variance: of('moving_variance')
			},
			config.epsilon
		);
		this.values.spend(convolution.kernel.data.length * FOLDING);
		const folded = scaled(convolution, scale, shift);
		const finite = [folded.kernel.data, folded.bias].every((numbers) => numbers.every(Number.isFinite));
		if (!finite) throw damaged(`the numbers of its layer ${quoted(node.name)} run out of bounds.`);
		return folded;
	}

	#activate(node: LayerNode, activation: string, name: string): Value {
		return this.#activated(this.values.of(onlyInput(node)), activation, node, name);
	}

	#activated(value: Value, activation: string, node: LayerNode, name: string): Value {
		if (activation === 'softmax' && value.kind === 'row') {
			this.layers.builder.node('Softmax', [value.name], { axis: 1 }, name);
			this.#squashed.add(name);
			return { ...value, name };
		}
		const known = activations.get(activation);
		if (!known || value.kind === 'padded')
			throw unsupported(
				`its layer ${quoted(node.name)} has an activation that is not known here (${activation.slice(0, 40)}).`
			);
		if (known === 'none') return value;
		if (value.kind === 'convolution') return this.values.written(value, known, name);
		if (value.kind === 'row') return this.layers.activateRow(value, known, name);
		return this.layers.activate(this.values.settled(value, `${name}/plain`), known, name);
	}

	#pad(node: LayerNode): Padded {
		const [[top, bottom], [left, right]] = read(paddingSchema, node).padding;
		const value = this.values.of(onlyInput(node));
		const { input, margin } =
			value.kind === 'padded' ? value : { input: this.values.plane(onlyInput(node)), margin: [0, 0, 0, 0] };
		const [above = 0, before = 0, below = 0, behind = 0] = margin;
		return {
			kind: 'padded',
			input,
			margin: [top + above, left + before, bottom + below, right + behind]
		};
	}

	#add(node: LayerNode, name: string): Plane {
		const [first, ...others] = node.inputs.map((input) => this.values.plain(input));
		if (!first || others.length === 0) throw doesNotFit(node);
		const fits = (other: Plane) =>
			other.channels === first.channels && other.height === first.height && other.width === first.width;
		if (!others.every(fits)) throw doesNotFit(node);
		return others.reduce(
			(sum, other, i) => this.layers.add(sum, other, 'none', i + 1 < others.length ? `${name}/${i}` : name),
			first
		);
	}

	#pool(map: Plane, name: string): Row {
		const features = this.layers.pool(map, name);
		this.#pooled = { map, features };
		return features;
	}

	/** Keras' rows run through the channels of a place first. Their average is kept beside them, as features. */
	#flatten(value: Value, input: number, name: string): Row {
		if (value.kind === 'row') return value;
		const map = this.values.plain(input);
		this.#pool(map, `${name}/average`);
		const { builder } = this.layers;
		const last = builder.node('Transpose', [map.name], { perm: [0, 2, 3, 1] }, `${name}/channels-last`);
		builder.node('Flatten', [last], { axis: 1 }, name);
		return { kind: 'row', name, length: map.channels * map.height * map.width };
	}

	/** To a row, or to a row in other words: [1, 1, n]. */
	#reshape(node: LayerNode, name: string): Row {
		const { target_shape: shape } = read(reshapeSchema, node);
		const row = this.#flatten(this.values.of(onlyInput(node)), onlyInput(node), name);
		const [length] = shape.filter((side) => side !== 1);
		const isRow = shape.length > 0 && product(shape) === length;
		if (isRow && (length === row.length || length === -1)) return row;
		throw unsupported(`its layer ${quoted(node.name)} reshapes in a way that is not known here.`);
	}

	#dense(node: LayerNode, name: string): Value {
		const config = read(denseSchema, node);
		const input = this.values.of(onlyInput(node));
		const { dims, data } = this.weights.take(node.name, 'kernel');
		const [inputs, units = 0] = dims;
		if (input.kind !== 'row' || dims.length !== 2 || inputs !== input.length) throw doesNotFit(node);
		this.values.spend(data.length);
		const names = { weights: `${name}/weights`, row: `${name}/dense` };
		const weights = permute(data, dims, [1, 0]).data;
		const bias = config.use_bias
			? this.weights.takeVector(node.name, 'bias', units)
			: new Float32Array(units);
		const row = this.layers.dense(input, weights, bias, names);
		this.#classifier = { weights: names.weights, of: input.name };
		return this.#activated(row, config.activation ?? 'linear', node, name);
	}
}

function read<S extends v.GenericSchema>(schema: S, node: LayerNode): v.InferOutput<S> {
	const parsed = v.safeParse(schema, node.config);
	if (parsed.success) return parsed.output;
	throw unknownSettings(node);
}

function onlyInput(node: LayerNode): number {
	const [input, ...others] = node.inputs;
	if (input === undefined || others.length > 0) throw doesNotFit(node);
	return input;
}

const unknownSettings = (node: LayerNode) =>
	unsupported(`its layer ${quoted(node.name)} (${node.kind}) has settings that are not known here.`);
const doesNotFit = (node: LayerNode) =>
	damaged(`its layer ${quoted(node.name)} does not fit what comes before it.`);
