/** Keras networks that lie in each other, as one list of layers in the order they are computed. */
import * as v from 'valibot';
import { damaged, quoted, unsupported } from './refusals';
import { graphSchema, inboundSchema, type Layer, layerSchema, sequenceSchema, shapeSchema } from './schema';

export interface LayerNode {
	name: string;
	/** Keras' name of it: `Conv2D`. */
	kind: string;
	config: unknown;
	/** Indices of the nodes that it takes, all before it. */
	inputs: readonly number[];
}

export interface Network {
	/** The first stands for the picture. */
	nodes: readonly LayerNode[];
	/** Index of the node that answers. */
	output: number;
	/** Of one picture. */
	height: number;
	width: number;
	channels: number;
}

/** MobileNetV2 has some 150. */
const MOST_LAYERS = 2000;
/** Teachable Machine's are three deep. */
const DEEPEST = 8;

/**
 * @param topology `modelTopology` of a layers model, as TF.js or as Keras' converter writes it
 * @throws Trouble 'teachable-broken', 'teachable-unsupported'
 */
export function readTopology(topology: Record<string, unknown>): Network {
	const model = topology.model_config ?? topology;
	const flat = new Flattener();
	const output = flat.write(layerOf(model), [0], 0);
	const { shape } = flat;
	if (!shape) throw unsupported('it does not take a picture of a known size.');
	const [height, width, channels] = shape;
	return { nodes: flat.nodes, output, height, width, channels };
}

interface Waiting {
	layer: Layer;
	name: string;
	/** Names of the layers whose values it takes; of an input none. */
	sources: readonly string[];
}

class Flattener {
	readonly nodes: LayerNode[] = [{ name: 'image', kind: 'InputLayer', config: {}, inputs: [] }];
	shape: readonly [height: number, width: number, channels: number] | null = null;

	/** @returns index of the node that holds the layer's value */
	write(layer: Layer, inputs: readonly number[], depth: number): number {
		if (depth > DEEPEST) throw unsupported('its networks lie too deep in each other.');
		switch (layer.class_name) {
			case 'Sequential':
				return this.#sequence(layer, inputs, depth);
			case 'Model':
			case 'Functional':
				return this.#graph(layer, inputs, depth);
			default:
				return this.#leaf(layer, inputs);
		}
	}

	#sequence({ config }: Layer, inputs: readonly number[], depth: number): number {
		const parsed = v.safeParse(sequenceSchema, config);
		if (!parsed.success) throw damaged('a list of its layers cannot be read.');
		let value = onlyOne(inputs);
		for (const layer of layersOf(Array.isArray(parsed.output) ? parsed.output : parsed.output.layers))
			value = this.write(layer, [value], depth + 1);
		return value;
	}

	#graph({ config }: Layer, inputs: readonly number[], depth: number): number {
		const parsed = v.safeParse(graphSchema, config);
		if (!parsed.success) throw unsupported('a part of it does not have one input and one output.');
		const { layers, input_layers, output_layers } = parsed.output;
		const known = new Map<string, number>();
		let waiting = layersOf(layers).map((layer): Waiting => {
			const isInput = layer.class_name === 'InputLayer';
			return { layer, name: nameOf(layer), sources: isInput ? [] : sourcesOf(layer) };
		});
		while (waiting.length > 0) {
			const rest = waiting.filter((one) => !this.#writeWhereReady(one, known, inputs, depth));
			if (rest.length === waiting.length) throw damaged('its layers do not follow from each other.');
			waiting = rest;
		}
		const value = known.get(output_layers[0][0]);
		if (value === undefined || !known.has(input_layers[0][0]))
			throw damaged('a layer that it begins or ends with is missing.');
		return value;
	}

	/** @returns false where a layer before it has yet to be written */
	#writeWhereReady(
		{ layer, name, sources }: Waiting,
		known: Map<string, number>,
		outside: readonly number[],
		depth: number
	): boolean {
		const inputs = sources.flatMap((source) => known.get(source) ?? []);
		if (inputs.length < sources.length) return false;
		if (known.has(name)) throw damaged(`two of its layers are called ${quoted(name)}.`);
		known.set(name, this.write(layer, sources.length > 0 ? inputs : outside, depth + 1));
		return true;
	}

	#leaf(layer: Layer, inputs: readonly number[]): number {
		if (!this.shape) {
			const parsed = v.safeParse(shapeSchema, layer.config);
			if (!parsed.success) throw unsupported('it does not begin with a picture.');
			const [, height, width, channels] = parsed.output.batch_input_shape;
			this.shape = [height, width, channels];
		}
		if (layer.class_name === 'InputLayer') return onlyOne(inputs);
		this.nodes.push({ name: nameOf(layer), kind: layer.class_name, config: layer.config, inputs });
		if (this.nodes.length > MOST_LAYERS) throw tooMany();
		return this.nodes.length - 1;
	}
}

function layersOf(list: readonly unknown[]): Layer[] {
	if (list.length > MOST_LAYERS) throw tooMany();
	return list.map(layerOf);
}

function layerOf(layer: unknown): Layer {
	const parsed = v.safeParse(layerSchema, layer);
	if (!parsed.success) throw damaged('one of its layers cannot be read.');
	return parsed.output;
}

/** Names of the layers whose values it takes. */
function sourcesOf(layer: Layer): string[] {
	const parsed = v.safeParse(inboundSchema, layer.inbound_nodes);
	if (parsed.success) return parsed.output[0].map(([name]) => name);
	throw unsupported(`its layer ${quoted(nameOf(layer))} is used more than once, or takes nothing.`);
}

function nameOf({ name, config }: Layer): string {
	return name ?? (Array.isArray(config) ? '' : (config.name ?? ''));
}

function onlyOne([input, ...others]: readonly number[]): number {
	if (input === undefined || others.length > 0) throw unsupported('a part of it takes more than one value.');
	return input;
}

const tooMany = () => unsupported(`it has more than ${MOST_LAYERS.toLocaleString('en')} layers.`);
