/**
 * TensorFlow.js graph model → ONNX. Normalisation of the input, biases and batch normalisations are folded
 * into the convolutions, NHWC becomes NCHW, SAME becomes explicit padding.
 */
import { depthwiseKernel, normalisation, scaled } from '../../src/lib/onnx/folding';
import type { Activation, Convolution, Layers, Plane, Row } from '../../src/lib/onnx/layers';
import { permute } from '../../src/lib/onnx/tensor';
import { integers, text, texts, type TfjsModel, type TfjsNode, type Weight } from './tfjs';

type Value = Plane | Row | Convolution;

export interface Names {
	/** What a node's value is called in the ONNX graph. */
	value(node: string): string;
	/** The constant that maps features to scores. */
	classifier: string;
}

const activations: Record<string, Activation> = { Relu: 'relu', Relu6: 'relu6' };

export class TfjsConverter {
	readonly #done = new Map<string, Value>();

	constructor(
		readonly model: TfjsModel,
		readonly layers: Layers,
		readonly image: Plane,
		readonly names: Names
	) {}

	/**
	 * Writes whatever `node` needs.
	 * @throws Error for an operator, or a use of one, that is not known here
	 */
	convert(node: string): Plane | Row {
		const value = this.#value(node);
		if (value.kind !== 'convolution') return value;
		const written = this.layers.write(value, 'none', this.names.value(node));
		this.#done.set(node, written);
		return written;
	}

	#value(reference: string): Value {
		const name = reference.replace(/:0$/, '');
		const known = this.#done.get(name);
		if (known) return known;
		const node = this.model.nodes.get(name);
		if (!node) throw new Error(`the graph has no node "${name}"`);
		const value = this.#convertNode(node);
		this.#done.set(name, value);
		return value;
	}

	#convertNode(node: TfjsNode): Value {
		switch (node.op) {
			case 'Placeholder':
				return this.image;
			case 'Identity':
			case 'Squeeze':
				// A pooled row has lost its axes of length one already.
				return this.#value(node.input[0] ?? '');
			case 'Mul':
			case 'Add':
			case 'AddV2':
			case 'Sub':
			case 'BiasAdd':
				return this.#arithmetic(node);
			case 'FusedBatchNorm':
			case 'FusedBatchNormV3':
				return this.#batchNorm(node);
			case 'Conv2D':
			case '_FusedConv2D':
			case 'DepthwiseConv2dNative':
			case 'FusedDepthwiseConv2dNative':
				return this.#convolution(node);
			case 'Relu':
			case 'Relu6':
				return this.layers.write(
					this.#pending(node),
					activations[node.op] ?? 'none',
					this.names.value(node.name)
				);
			case 'Mean':
				return this.#mean(node);
			default:
				throw new Error(`${node.name}: the operator ${node.op} is not known to this converter`);
		}
	}

	#arithmetic(node: TfjsNode): Value {
		const constant = this.#weight(node, 1);
		const input = this.#value(node.input[0] ?? '');
		const { data } = constant;
		const sign = node.op === 'Sub' ? -1 : 1;
		if (input.kind === 'convolution') {
			if (node.op === 'Mul') return scaled(input, data, new Float32Array(data.length));
			return scaled(
				input,
				Float32Array.of(1),
				data.map((value) => sign * value)
			);
		}
		if (input.kind !== 'plane' || data.length !== 1)
			throw new Error(`${node.name}: ${node.op} here is not known`);
		const operand = data[0] ?? 0;
		if (node.op === 'Mul') return { ...input, scale: input.scale * operand, shift: input.shift * operand };
		return { ...input, shift: input.shift + sign * operand };
	}

	/** (x − mean) · gamma / √(variance + ε) + beta, a channel at a time. */
	#batchNorm(node: TfjsNode): Value {
		const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => this.#weight(node, i).data);
		const epsilon = node.attr.epsilon?.f ?? 1e-4;
		if (!gamma || !beta || !mean || !variance) throw new Error(`${node.name}: a constant is missing`);
		const { scale, shift } = normalisation({ gamma, beta, mean, variance }, epsilon);
		return scaled(this.#pending(node), scale, shift);
	}

	#convolution(node: TfjsNode): Value {
		const input = this.#value(node.input[0] ?? '');
		const { dims, data } = this.#weight(node, 1);
		const fused = texts(node.attr.fused_ops);
		const bias = fused.includes('BiasAdd') ? this.#weight(node, 2).data : undefined;
		if (input.kind === 'row') return this.#dense(node, input, bias);
		if (input.kind === 'convolution') throw new Error(`${node.name}: a convolution right after another`);
		const depthwise = node.op.includes('Depthwise');
		const [, , inputs = 1, outputs = 1] = dims;
		const channels = depthwise ? inputs * outputs : outputs;
		const [, strideY = 1, strideX = 1] = integers(node.attr.strides);
		const [, dilationY = 1, dilationX = 1] = integers(node.attr.dilations);
		const convolution: Convolution = {
			kind: 'convolution',
			input,
			kernel: depthwise ? depthwiseKernel(data, dims) : permute(data, dims, [3, 2, 0, 1]),
			bias: bias ?? new Float32Array(channels),
			groups: depthwise ? inputs : 1,
			strides: [strideY, strideX],
			dilations: [dilationY, dilationX],
			padding: text(node.attr.padding) === 'SAME' ? 'SAME' : 'VALID'
		};
		const rest = fused.filter((name) => name !== 'BiasAdd');
		if (rest.length === 0) return convolution;
		const activation = activations[rest[0] ?? ''];
		if (rest.length > 1 || !activation)
			throw new Error(`${node.name}: fused ${rest.join(', ')} is not known`);
		return this.layers.write(convolution, activation, this.names.value(node.name));
	}

	/** A 1 × 1 convolution of pooled features is the classifier. */
	#dense(node: TfjsNode, input: Row, bias: Float32Array | undefined): Row {
		const { dims, data } = this.#weight(node, 1);
		if (dims[0] !== 1 || dims[1] !== 1 || dims[2] !== input.length)
			throw new Error(`${node.name}: not a classifier`);
		const weights = permute(data, dims, [3, 2, 0, 1]).data;
		const names = { weights: this.names.classifier, row: this.names.value(node.name) };
		return this.layers.dense(input, weights, bias ?? new Float32Array(dims[3] ?? 0), names);
	}

	#mean(node: TfjsNode): Row {
		const axes = [...this.#weight(node, 1).data].join();
		const input = this.convert(node.input[0] ?? '');
		if (axes !== '1,2' || input.kind !== 'plane')
			throw new Error(`${node.name}: a mean over [${axes}] is not known`);
		return this.layers.pool(input, this.names.value(node.name));
	}

	#pending(node: TfjsNode): Convolution {
		const input = this.#value(node.input[0] ?? '');
		if (input.kind !== 'convolution')
			throw new Error(`${node.name}: ${node.op} does not follow a convolution`);
		return input;
	}

	#weight(node: TfjsNode, index: number): Weight {
		const name = (node.input[index] ?? '').replace(/:0$/, '');
		const weight = this.model.weights.get(name);
		if (!weight) throw new Error(`${node.name}: input ${index} ("${name}") is not a constant`);
		return weight;
	}
}
