/** The convolutional trunk of a float TFLite network → ONNX. NHWC becomes NCHW, SAME becomes explicit padding. */
import { fromFloat16 } from '../../src/lib/onnx/float16';
import { permute } from '../../src/lib/onnx/tensor';
import type { Activation, Layers, Plane } from '../../src/lib/onnx/layers';
import type { TfliteModel, TfliteOperator, TfliteTensor } from './tflite';

/**
 * Writes what the tensor called `target` needs.
 * @param image what the network's input is fed with
 * @param prefix of the names of all values
 * @throws Error for an operator, or a use of one, that is not known here
 */
export function writeTflite(
	model: TfliteModel,
	target: string,
	layers: Layers,
	image: Plane,
	prefix: string
): Plane {
	const makers = new Map(model.operators.map((operator) => [operator.output, operator]));
	const done = new Map<number, Plane>([[model.input, image]]);

	const plane = (index: number): Plane => {
		const known = done.get(index);
		if (known) return known;
		const operator = makers.get(index);
		if (!operator) throw new Error(`nothing makes the tensor ${nameOf(model, index)}`);
		const made = write(operator);
		done.set(index, made);
		return made;
	};

	const write = (operator: TfliteOperator): Plane => {
		const name = prefix + shortName(nameOf(model, operator.output));
		const [first = -1, second = -1, third = -1] = operator.inputs;
		const activation = known(operator, name);
		if (operator.op === 'ADD') return layers.add(plane(first), plane(second), activation, name);
		if (operator.op === 'OTHER' || operator.op === 'DEQUANTIZE')
			throw new Error(`${name}: an operator that is not known`);
		const isDepthwise = operator.op === 'DEPTHWISE_CONV_2D';
		const { dims, data } = constant(model, makers, second);
		const bias = constant(model, makers, third).data;
		const input = plane(first);
		return layers.write(
			{
				kind: 'convolution',
				input,
				// [1, height, width, out] when depthwise, else [out, height, width, in].
				kernel: permute(data, dims, isDepthwise ? [3, 0, 1, 2] : [0, 3, 1, 2]),
				bias: bias instanceof Uint16Array ? Float32Array.from(bias, fromFloat16) : bias,
				groups: isDepthwise ? input.channels : 1,
				strides: operator.strides,
				dilations: operator.dilations,
				padding: operator.padding
			},
			activation,
			name
		);
	};

	const index = model.tensors.findIndex(({ name }) => name === target);
	if (index < 0) throw new Error(`the network has no tensor "${target}"`);
	return plane(index);
}

/** Numbers of a constant, through a DEQUANTIZE where it is stored in half precision. */
function constant(
	model: TfliteModel,
	makers: ReadonlyMap<number, TfliteOperator>,
	index: number
): { dims: number[]; data: Float32Array | Uint16Array } {
	const maker = makers.get(index);
	const tensor: TfliteTensor | undefined =
		model.tensors[maker?.op === 'DEQUANTIZE' ? (maker.inputs[0] ?? -1) : index];
	if (!tensor?.data) throw new Error(`${nameOf(model, index)} is not a constant`);
	return { dims: tensor.dims, data: tensor.data };
}

function known({ activation }: TfliteOperator, name: string): Activation {
	if (activation === 'other') throw new Error(`${name}: an activation that is not known`);
	return activation;
}

const nameOf = (model: TfliteModel, index: number): string => model.tensors[index]?.name ?? `#${index}`;

/** Fused tensors carry the names of all that went into them; the first is the telling one. */
const shortName = (name: string): string =>
	(name.split(';')[0] ?? name).replace('FeatureExtractor/MobilenetV2/', '');
