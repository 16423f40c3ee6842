/** Layers of a convolutional network, written as ONNX nodes (NCHW). All converters write through here. */
import type { GraphBuilder } from './builder';
import { fromFloat16 } from './float16';

/** A feature map [N, channels, height, width]. What it stands for is scale · value + shift. */
export interface Plane {
	kind: 'plane';
	name: string;
	channels: number;
	height: number;
	width: number;
	scale: number;
	shift: number;
}

/** Pooled features [N, length]. */
export interface Row {
	kind: 'row';
	name: string;
	length: number;
}

export type Activation = 'none' | 'relu' | 'relu6';

/** A convolution not yet written, so that what follows it can still be folded in. */
export interface Convolution {
	kind: 'convolution';
	input: Plane;
	/** [out, in / groups, height, width]; 16-bit data are the bits of half-precision numbers. */
	kernel: { dims: number[]; data: Float32Array | Uint16Array };
	bias: Float32Array;
	groups: number;
	strides: [number, number];
	dilations: [number, number];
	padding: 'SAME' | 'VALID';
	/** Zeros that were put around the input before: above, left, below, right. None where left out. */
	margin?: Margin;
}

export type Margin = [top: number, left: number, bottom: number, right: number];

export class Layers {
	constructor(readonly builder: GraphBuilder) {}

	/** Writes the convolution and the activation after it; `name` is the name of the value. */
	write(convolution: Convolution, activation: Activation, name: string): Plane {
		const { input, kernel, bias, groups, strides, dilations } = convolution;
		const [out = 0, , kernelHeight = 1, kernelWidth = 1] = kernel.dims;
		const [above, before, below, behind] = convolution.margin ?? [0, 0, 0, 0];
		const [top, bottom, height] = extent(
			input.height + above + below,
			kernelHeight,
			strides[0],
			dilations[0],
			convolution.padding
		);
		const [left, right, width] = extent(
			input.width + before + behind,
			kernelWidth,
			strides[1],
			dilations[1],
			convolution.padding
		);
		const written = activation === 'none' ? name : `${name}/conv`;
		this.builder.node(
			'Conv',
			[
				this.#centred(input),
				this.#kernel(kernel, input.scale, `${name}/kernel`),
				this.builder.floats(`${name}/bias`, [out], bias)
			],
			{
				kernel_shape: [kernelHeight, kernelWidth],
				strides,
				dilations,
				group: groups,
				pads: [top + above, left + before, bottom + below, right + behind]
			},
			written
		);
		this.#activate(written, activation, name);
		return plane(name, out, height, width);
	}

	add(a: Plane, b: Plane, activation: Activation, name: string): Plane {
		const written = activation === 'none' ? name : `${name}/sum`;
		this.builder.node('Add', [this.plain(a), this.plain(b)], {}, written);
		this.#activate(written, activation, name);
		return plane(name, a.channels, a.height, a.width);
	}

	/** The activation by itself, where no convolution is before it. */
	activate(input: Plane, activation: Exclude<Activation, 'none'>, name: string): Plane {
		this.#activate(this.plain(input), activation, name);
		return plane(name, input.channels, input.height, input.width);
	}

	activateRow(input: Row, activation: Exclude<Activation, 'none'>, name: string): Row {
		this.#activate(input.name, activation, name);
		return { ...input, name };
	}

	/** Average over height and width. */
	pool(input: Plane, name: string): Row {
		const pooled = this.builder.node('GlobalAveragePool', [this.plain(input)], {}, `${name}/pool`);
		this.builder.node('Flatten', [pooled], { axis: 1 }, name);
		return { kind: 'row', name, length: input.channels };
	}

	/** @param weights [out, in] */
	dense(input: Row, weights: Float32Array, bias: Float32Array, names: { weights: string; row: string }): Row {
		const matrix = this.builder.floats(names.weights, [bias.length, input.length], weights);
		const offsets = this.builder.floats(`${names.weights}/bias`, [bias.length], bias);
		this.builder.node('Gemm', [input.name, matrix, offsets], { transB: 1 }, names.row);
		return { kind: 'row', name: names.row, length: bias.length };
	}

	/** weight · row / |row|₂ */
	normalised(input: Row, weight: number, name: string): Row {
		const { builder } = this;
		const length = builder.node('ReduceL2', [input.name], { axes: [1], keepdims: 1 }, `${name}/length`);
		const safe = builder.node('Max', [length, builder.scalar(1e-12)], {}, `${name}/positive`);
		const unit = weight === 1 ? name : `${name}/unit`;
		builder.node('Div', [input.name, safe], {}, unit);
		if (weight !== 1) builder.node('Mul', [unit, builder.scalar(weight)], {}, name);
		return { kind: 'row', name, length: input.length };
	}

	/** @returns the name of a value that needs no scale or shift */
	plain(input: Plane): string {
		if (input.scale !== 1 || input.shift !== 0)
			throw new Error(`${input.name} is only known up to scale and shift`);
		return input.name;
	}

	/**
	 * The shift is added before the padding, for the original pads its normalised input with zeros;
	 * the scale goes into the kernel, which zeros do not mind.
	 */
	#centred(input: Plane): string {
		if (input.shift === 0) return input.name;
		const shift = input.shift / input.scale;
		const name = `${input.name}/shifted${shift}`;
		if (this.builder.has(name)) return name;
		return this.builder.node('Add', [input.name, this.builder.scalar(shift)], {}, name);
	}

	#kernel({ dims, data }: Convolution['kernel'], scale: number, name: string): string {
		if (data instanceof Uint16Array && scale === 1) return this.builder.halves(name, dims, data);
		const numbers = data instanceof Uint16Array ? Float32Array.from(data, fromFloat16) : data;
		return this.builder.floats(
			name,
			dims,
			numbers.map((value) => value * scale)
		);
	}

	#activate(written: string, activation: Activation, name: string): void {
		if (activation === 'relu') this.builder.node('Relu', [written], {}, name);
		if (activation === 'relu6') {
			this.builder.node('Clip', [written, this.builder.scalar(0), this.builder.scalar(6)], {}, name);
		}
	}
}

export function plane(name: string, channels: number, height: number, width: number): Plane {
	return { kind: 'plane', name, channels, height, width, scale: 1, shift: 0 };
}

/** TensorFlow's padding along one axis, made explicit. @returns zeros before, zeros after, length of the result */
export function extent(
	length: number,
	kernel: number,
	stride: number,
	dilation: number,
	padding: 'SAME' | 'VALID'
): [number, number, number] {
	const reach = (kernel - 1) * dilation + 1;
	if (padding === 'VALID') return [0, 0, Math.ceil((length - reach + 1) / stride)];
	const result = Math.ceil(length / stride);
	const total = Math.max(0, (result - 1) * stride + reach - length);
	return [Math.floor(total / 2), Math.ceil(total / 2), result];
}
