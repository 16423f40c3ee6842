/**
 * The trunk of a backbone as Keras layers: a chain of convolutions and ReLUs, as `models/build` writes MobileNetV1.
 * NCHW becomes NHWC.
 */
import { Trouble } from '$lib/domain/trouble';
import { constantOf } from '$lib/onnx/constant';
import { GraphIndex, intOf, intsOf } from '$lib/onnx/graph';
import { readModel } from '$lib/onnx/model';
import type { NodeProto } from '$lib/onnx/onnx_pb';
import { type FloatTensor, permute } from '$lib/onnx/tensor';
import { type KerasLayer, paddingOf } from './keras';

/** What Teachable Machine's library makes of a channel x in 0..1: t = x · 255 / 127 − 1. Back: x = (t + 1) · SCALE. */
const SCALE = 127 / 255;

interface Trunk {
	/** The first takes the picture as Teachable Machine's library hands it over. */
	layers: KerasLayer[];
	channels: number;
	/** Side of the picture. */
	size: number;
}

/**
 * @param bytes an .onnx file whose `image` [N, 3, size, size] is RGB 0..1
 * @param map name of the value that the features are the average of
 * @throws Trouble 'teachable-backbone' where it is no such chain
 */
export function trunkOf(bytes: Uint8Array, map: string): Trunk {
	const graph = new GraphIndex(readModel(bytes));
	const size = sizeOf(graph);
	const writer = new Writer(graph, size);
	for (const node of chainTo(graph, map)) writer.write(node);
	return { layers: writer.layers, channels: writer.channels, size };
}

/** The nodes from the picture to `value`, in order. */
function chainTo(graph: GraphIndex, value: string): NodeProto[] {
	const chain: NodeProto[] = [];
	const picture = graph.model.graph.input[0]?.name;
	for (let at = value; at !== picture; at = chain[0]?.input[0] ?? '') {
		const node = graph.producer(at);
		if (!node || chain.includes(node)) throw unknown(`nothing makes “${at}”`);
		chain.unshift(node);
	}
	return chain;
}

function sizeOf({ model }: GraphIndex): number {
	const type = model.graph.input[0]?.type?.value;
	const dims = type?.case === 'tensorType' ? (type.value.shape?.dim ?? []) : [];
	const [, channels, height, width] = dims.map(({ value }) =>
		Number(value.case === 'dimValue' && value.value)
	);
	if (channels !== 3 || !height || height !== width) throw unknown('its picture');
	return height;
}

class Writer {
	readonly layers: KerasLayer[];
	channels = 3;
	#height: number;
	#width: number;
	/** Added to the picture before its zeros are put around it. */
	#shift = 0;
	#convolutions = 0;

	constructor(
		readonly graph: GraphIndex,
		size: number
	) {
		[this.#height, this.#width] = [size, size];
		const shape = [null, size, size, 3];
		this.layers = [
			{
				kind: 'InputLayer',
				name: 'image',
				config: { batch_input_shape: shape, dtype: 'float32', sparse: false },
				weights: {}
			}
		];
	}

	write(node: NodeProto): void {
		switch (node.opType) {
			case 'Add':
				this.#shift += this.#scalar(node, 1);
				break;
			case 'Conv':
				if (this.#convolutions === 0) this.#writeRange();
				this.#writeConvolution(node);
				break;
			case 'Clip':
				if (this.#scalar(node, 1) !== 0 || this.#scalar(node, 2) !== 6) throw unknown(node.name);
				this.#writeRelu(6);
				break;
			case 'Relu':
				this.#writeRelu(null);
				break;
			default:
				throw unknown(node.opType);
		}
	}

	/** Both ranges of numbers are the other scaled and shifted, which a batch normalisation does exactly. */
	#writeRange(): void {
		const each = (value: number): FloatTensor => ({ dims: [3], data: new Float32Array(3).fill(value) });
		this.layers.push({
			kind: 'BatchNormalization',
			name: 'range',
			config: { axis: -1, epsilon: 0, momentum: 0.99, center: true, scale: true },
			weights: {
				gamma: each(SCALE),
				beta: each(SCALE + this.#shift),
				moving_mean: each(0),
				moving_variance: each(1)
			}
		});
	}

	#writeConvolution(node: NodeProto): void {
		const [kernel, bias] = [1, 2].map((index) => constantOf(this.graph, node.input[index] ?? ''));
		const group = intOf(node, 'group', 1);
		const depthwise = group > 1;
		const [outputs = 0, inputs = 0, tall = 0, wide = 0] = kernel?.dims ?? [];
		const fits = inputs * group === this.channels && (!depthwise || outputs === group);
		const [down = 1, across = 1] = intsOf(node, 'strides') ?? [];
		const dilated = (intsOf(node, 'dilations') ?? []).some((dilation) => dilation !== 1);
		const pads = intsOf(node, 'pads') ?? [0, 0, 0, 0];
		const window = { kernel: [tall, wide], strides: [down, across], pads } as const;
		const padding = paddingOf({ ...window, height: this.#height, width: this.#width });
		if (!kernel || !bias || !fits || dilated || !padding) throw unknown(node.name);
		const shared = {
			kernel_size: [tall, wide],
			strides: [down, across],
			padding: padding.padding,
			data_format: 'channels_last',
			dilation_rate: [1, 1],
			activation: 'linear',
			use_bias: true
		};
		this.layers.push({
			kind: depthwise ? 'DepthwiseConv2D' : 'Conv2D',
			name: `conv_${++this.#convolutions}`,
			config: depthwise ? { ...shared, depth_multiplier: 1 } : { ...shared, filters: outputs },
			weights: depthwise
				? { depthwise_kernel: permute(kernel.data, kernel.dims, [2, 3, 0, 1]), bias }
				: { kernel: permute(kernel.data, kernel.dims, [2, 3, 1, 0]), bias }
		});
		[this.channels, this.#height, this.#width] = [outputs, padding.height, padding.width];
	}

	#writeRelu(most: number | null): void {
		const name = `conv_${this.#convolutions}_relu`;
		this.layers.push({ kind: 'ReLU', name, config: { max_value: most }, weights: {} });
	}

	#scalar(node: NodeProto, input: number): number {
		const constant = constantOf(this.graph, node.input[input] ?? '');
		const [value] = constant?.data ?? [];
		if (value === undefined || constant?.data.length !== 1) throw unknown(node.name);
		return value;
	}
}

const unknown = (what: string) =>
	new Trouble(
		'teachable-backbone',
		`This model’s network cannot be written as a Teachable Machine file (${what.slice(0, 60)}). Save it as an ONNX file instead.`
	);
