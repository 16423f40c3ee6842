/** Sizes of operators that go over height and width: convolutions, poolings, and what makes pictures larger. */
import type { Call, Rule, Rules } from './call';
import { TensorProto_DataType as DataType } from './onnx_pb';
import { product } from './tensor';
import { assertDims, Value } from './value';

/** How a window goes over the picture: one number for each axis, pads for both ends. */
interface Window {
	kernel: readonly number[];
	strides: readonly number[];
	dilations: readonly number[];
	pads: readonly number[];
	auto: string;
	pools: boolean;
	ceil: boolean;
}

/** Steps and sides beyond it are no picture's; sums of them stay exact. */
const LARGEST = 2 ** 31;

/** @param kernel the sides that the weights have, where there are weights */
function windowOf(call: Call, rank: number, kernel?: readonly number[]): Window {
	if (rank < 1) throw call.broken('goes over something that is no picture.');
	const ones = Array<number>(rank).fill(1);
	const given = call.ints('kernel_shape');
	const window = {
		kernel: kernel ?? given ?? [],
		strides: call.ints('strides') ?? ones,
		dilations: call.ints('dilations') ?? ones,
		pads: call.ints('pads') ?? [...ones, ...ones].fill(0),
		auto: call.text('auto_pad', 'NOTSET'),
		pools: !kernel,
		ceil: call.int('ceil_mode', 0) !== 0
	};
	const isWindow =
		[window.kernel, window.strides, window.dilations].every(
			(list) => list.length === rank && list.every((one) => one >= 1 && one < LARGEST)
		) &&
		window.pads.length === 2 * rank &&
		window.pads.every((one) => one >= 0 && one < LARGEST);
	if (!isWindow || (kernel && given && String(kernel) !== String(given)))
		throw call.broken('has a window, steps or margins that cannot be.');
	return window;
}

/** Side of the result along one axis, as ONNX Runtime computes it. */
function side(call: Call, window: Window, axis: number, length: number): number {
	const { kernel, strides, dilations, pads, ceil } = window;
	const stride = strides[axis] ?? 1;
	const own = kernel[axis] ?? 1;
	const reach = (own - 1) * (dilations[axis] ?? 1) + 1;
	// Convolutions and poolings differ in what they add around.
	const missing = Math.max(
		0,
		(Math.ceil(length / stride) - 1) * stride + (window.pools ? own : reach) - length
	);
	const margins = new Map([
		['NOTSET', [pads[axis] ?? 0, pads[axis + kernel.length] ?? 0]],
		['VALID', [0, 0]],
		['SAME_UPPER', [Math.floor(missing / 2), Math.ceil(missing / 2)]],
		['SAME_LOWER', [Math.ceil(missing / 2), Math.floor(missing / 2)]]
	]);
	const [before, behind] = margins.get(window.auto) ?? [];
	if (before === undefined || behind === undefined) throw call.broken('has margins of an unknown kind.');
	const steps = (length + before + behind - reach) / stride;
	if (steps < 0)
		throw call.broken(
			`has a window of ${reach} on a side of ${length + before + behind}: the picture is too small.`
		);
	if (!ceil) return Math.floor(steps) + 1;
	const result = Math.ceil(steps) + 1;
	// A window that began behind the picture would see nothing.
	return (result - 1) * stride >= length + before ? result - 1 : result;
}

/** @param at which input holds the weights [out, in / groups, height, width] */
const convolution = (inputs: [number, number], at: number, type: (call: Call) => DataType): Rule => ({
	inputs,
	shape(call) {
		const { dims } = call.value(0);
		const [out = 0, each = 0, ...kernel] = call.value(at).dims;
		const groups = call.int('group', 1);
		const window = windowOf(call, dims.length - 2, kernel);
		if (each * groups !== dims[1] || groups < 1 || out % groups !== 0 || product(kernel) === 0)
			throw call.broken(
				`has weights [${call.value(at).dims.join(', ')}] for a picture [${dims.join(', ')}].`
			);
		const sides = dims.slice(2).map((length, axis) => side(call, window, axis, length));
		const result = [dims[0] ?? 1, out, ...sides];
		assertDims(result, call.output);
		return new Value(type(call), result);
	},
	steps: (call, first) => first.elements * product(call.value(at).dims.slice(1))
});

const channelsLast = (call: Call): boolean => call.int('channels_last', 0) === 1;

function pool(call: Call): Value {
	const { dims, type } = call.value(0);
	const last = call.node.domain === 'com.microsoft' && channelsLast(call);
	const from = last ? 1 : 2;
	const window = windowOf(call, dims.length - 2);
	const result = dims.map((length, axis) =>
		axis >= from && axis < from + dims.length - 2 ? side(call, window, axis - from, length) : length
	);
	assertDims(result, call.output);
	return new Value(type, result);
}

/** Each place of the result looks at the whole window. */
const windows: Rule['steps'] = (call, first) => first.elements * product(call.ints('kernel_shape') ?? []);

function globalPool(call: Call): Value {
	const { dims, type } = call.value(0);
	if (dims.length < 3) throw call.broken(`pools [${dims.join(', ')}], which is no picture.`);
	const last = call.node.domain === 'com.microsoft' && channelsLast(call);
	const isSide = (axis: number) => (last ? axis > 0 && axis < dims.length - 1 : axis > 1);
	return new Value(
		type,
		dims.map((length, axis) => (isSide(axis) ? 1 : length))
	);
}

/** Scales and sizes of a Resize or Upsample, for all axes or for those that it names. */
function resize(call: Call): Value {
	const { dims, type } = call.value(0);
	const scales = scalesOf(call);
	const sizes = call.node.opType === 'Resize' && call.opset >= 11 ? call.sizes(3) : null;
	const axes = call.axes(call.ints('axes') ?? [...dims.keys()], dims.length);
	if (call.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
		throw call.unsupported('keeps the proportions of its picture in a way that is not followed here.');
	const given = sizes?.length ? sizes : scales;
	if (given.length !== axes.length || (sizes?.length && scales.length))
		throw call.broken(`resizes ${axes.length} axes by ${given.length} numbers.`);
	const result = [...dims];
	for (const [i, axis] of axes.entries()) {
		const one = given[i] ?? NaN;
		result[axis] = sizes?.length ? one : Math.floor(Math.fround(Math.fround(dims[axis] ?? 0) * one));
	}
	assertDims(result, call.output);
	return new Value(type, result);
}

function scalesOf(call: Call): readonly number[] {
	if (call.opset < 9) return call.floats('scales') ?? [];
	const value = call.inputs[call.node.opType === 'Resize' && call.opset >= 11 ? 2 : 1];
	if (!value) return [];
	if (value.numbers?.every((scale) => scale > 0 && scale < LARGEST)) return value.numbers;
	throw call.unsupported('resizes by numbers that cannot be told beforehand.');
}

/** Between [N, C · b², H, W] and [N, C, H · b, W · b]. */
const blocks = (toSpace: boolean) => (call: Call) => {
	const { dims, type } = call.value(0);
	const block = call.int('blocksize', 0);
	const [pictures = 0, channels = 0, height = 0, width = 0] = dims;
	if (dims.length !== 4 || block < 1) throw call.broken(`moves blocks of ${block} in [${dims.join(', ')}].`);
	const result = toSpace
		? [pictures, channels / block ** 2, height * block, width * block]
		: [pictures, channels * block ** 2, height / block, width / block];
	assertDims(result, call.output);
	return new Value(type, result);
};

const firstType = (call: Call): DataType => call.value(0).type;
export const typeOfInput =
	(index: number) =>
	(call: Call): DataType =>
		call.value(index).type;

const reads: Rule = { inputs: [1, 1], shape: globalPool };
/** Cubic interpolation reads 4 × 4 numbers for one. */
const interpolation: Rule['steps'] = (call, first) => 16 * (first.elements + call.value(0).elements);

export const windowed: Rules = {
	Conv: convolution([2, 3], 1, firstType),
	ConvInteger: convolution([2, 4], 1, () => DataType.INT32),
	QLinearConv: convolution([8, 9], 3, typeOfInput(7)),
	MaxPool: {
		inputs: [1, 1],
		outputs: 2,
		shape(call) {
			const pooled = pool(call);
			return [pooled, new Value(DataType.INT64, pooled.dims)];
		},
		steps: windows
	},
	AveragePool: { inputs: [1, 1], shape: pool, steps: windows },
	LpPool: { inputs: [1, 1], shape: pool, steps: windows },
	GlobalAveragePool: reads,
	GlobalMaxPool: reads,
	GlobalLpPool: reads,
	Resize: { inputs: [1, 4], shape: resize, steps: interpolation },
	Upsample: { inputs: [1, 2], shape: resize, steps: interpolation },
	DepthToSpace: { inputs: [1, 1], shape: blocks(true) },
	SpaceToDepth: { inputs: [1, 1], shape: blocks(false) }
};

/** Of ONNX Runtime's own: what its static quantiser and its optimiser write for classifiers. */
export const windowedMicrosoft: Rules = {
	FusedConv: convolution([2, 4], 1, firstType),
	QLinearAveragePool: { inputs: [4, 5], shape: pool, steps: windows },
	QLinearGlobalAveragePool: { inputs: [4, 5], shape: globalPool }
};
