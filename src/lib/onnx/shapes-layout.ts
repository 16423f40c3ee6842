/** Sizes of operators that move numbers: other dimensions, other orders, copies, sizes as numbers. */
import type { Call, Rule, Rules } from './call';
import { AttributeProto_AttributeType as Type, TensorProto_DataType as DataType } from './onnx_pb';
import { settled } from './arithmetic';
import { along, moved, places, strides } from './places';
import { broadcast } from './shapes-elementwise';
import { assertDims, Value, valueOf } from './value';
import { product } from './tensor';

const all = (numbers: readonly number[]) => numbers;

/** The same numbers in other dimensions. */
function reshaped(call: Call, dims: readonly number[]): Value {
	const value = call.value(0);
	assertDims(dims, call.output);
	if (product(dims) !== value.elements)
		throw call.broken(
			`makes [${dims.join(', ')}] of [${value.dims.join(', ')}], which holds more or fewer numbers.`
		);
	return call.followed({ type: value.type, dims }, [value], all);
}

/** From this opset on most operators that take axes are given them as an input. */
export const AXES_AS_INPUT = 13;

/** As input 2 or, in older graphs, as an attribute. */
export const axesOf = (call: Call, since = AXES_AS_INPUT): readonly number[] | null =>
	call.opset >= since ? call.sizes(1) : call.ints('axes');

function reshape(call: Call): Value {
	const { dims, elements } = call.value(0);
	const asked = call.sizes(1) ?? [];
	const keepsZero = call.opset >= 14 && call.int('allowzero', 0) === 1;
	const given = asked.map((dim, i) => (dim === 0 && !keepsZero ? (dims[i] ?? NaN) : dim));
	const known = product(given.filter((dim) => dim !== -1));
	if (given.filter((dim) => dim === -1).length > 1 || (known === 0 && given.includes(-1)))
		throw call.broken(`leaves its size open: [${asked.slice(0, 9).join(', ')}].`);
	return reshaped(
		call,
		given.map((dim) => (dim === -1 ? elements / known : dim))
	);
}

function flatten(call: Call): Value {
	const { dims } = call.value(0);
	const axis = call.axis(call.int('axis', 1), dims.length, true);
	return reshaped(call, [product(dims.slice(0, axis)), product(dims.slice(axis))]);
}

function squeeze(call: Call): Value {
	const { dims } = call.value(0);
	const given = axesOf(call);
	const axes = given ? call.axes(given, dims.length) : [...dims.keys()].filter((axis) => dims[axis] === 1);
	return reshaped(
		call,
		dims.filter((_, axis) => !axes.includes(axis))
	);
}

function unsqueeze(call: Call): Value {
	const { dims } = call.value(0);
	const given = axesOf(call) ?? [];
	assertDims(
		given.map(() => 1),
		call.output
	);
	const rank = dims.length + given.length;
	const axes = call.axes(given, rank);
	const rest = dims[Symbol.iterator]();
	return reshaped(
		call,
		Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.next().value ?? 1)))
	);
}

function transpose(call: Call): Value {
	const { dims } = call.value(0);
	const perm = call.axes(call.ints('perm') ?? [...dims.keys()].reverse(), dims.length);
	if (perm.length !== dims.length) throw call.broken(`reorders ${dims.length} axes as [${perm.join(', ')}].`);
	const apart = strides(dims);
	const result = perm.map((axis) => dims[axis] ?? 1);
	return moved(call, call.value(0), result, () =>
		perm.map((axis) => along(apart[axis] ?? 0, dims[axis] ?? 0))
	);
}

/** Size of values that are put one behind the other. */
export function joined(call: Call, parts: readonly Value[]): number[] {
	const [{ dims: first } = call.value(0)] = parts;
	const axis = call.axis(call.int('axis', NaN), first.length);
	for (const { dims } of parts) {
		if (dims.length !== first.length || dims.some((dim, i) => i !== axis && dim !== first[i]))
			throw call.broken(`joins [${first.join(', ')}] and [${dims.join(', ')}].`);
	}
	const dims = first.with(
		axis,
		parts.reduce((sum, part) => sum + (part.dims[axis] ?? 0), 0)
	);
	assertDims(dims, call.output);
	return dims;
}

function concat(call: Call): Value {
	const values = call.all();
	const { type } = call.value(0);
	const dims = joined(call, values);
	const rows = product(dims.slice(0, call.axis(call.int('axis', NaN), dims.length)));
	const row = (numbers: readonly number[], at: number) =>
		numbers.slice((at * numbers.length) / rows, ((at + 1) * numbers.length) / rows);
	return call.followed({ type, dims }, values, (...parts) =>
		Array.from({ length: rows }, (_, at) => parts.map((numbers) => row(numbers, at))).flat(2)
	);
}

function shapeOf(call: Call): Value {
	const { dims } = call.value(0);
	const within = (place: number) =>
		Math.min(dims.length, Math.max(0, place < 0 ? place + dims.length : place));
	const part =
		call.opset < 15 ? dims : dims.slice(within(call.int('start', 0)), within(call.int('end', dims.length)));
	return new Value(DataType.INT64, [part.length], part);
}

/** Copies of the value, or of the number that it is made of, until it has these dimensions. */
function repeated(call: Call, value: Value, dims: readonly number[]): Value {
	assertDims(dims, call.output);
	return call.followed({ type: value.type, dims }, [value], (numbers) =>
		places(dims, value.dims).map((place) => numbers[place] ?? NaN)
	);
}

function filled(call: Call): Value {
	const tensor = call.attribute('value', Type.TENSOR)?.t;
	const value = tensor ? valueOf(tensor, call.output) : new Value(DataType.FLOAT, [1], [0]);
	if (value.elements !== 1) throw call.broken('fills with more than one number.');
	return repeated(call, new Value(value.type, [], () => value.numbers ?? []), call.sizes(0) ?? []);
}

function tile(call: Call): Value {
	const { dims } = call.value(0);
	const repeats = call.sizes(1) ?? [];
	if (repeats.length !== dims.length)
		throw call.broken(`repeats ${dims.length} axes by ${repeats.length} numbers.`);
	const tiled = dims.map((dim, axis) => dim * (repeats[axis] ?? 1));
	assertDims(repeats.slice(0, 8), call.output);
	assertDims(tiled, call.output);
	const apart = strides(dims);
	const once = (axis: number) => along(apart[axis] ?? 0, dims[axis] ?? 0);
	return moved(call, call.value(0), tiled, () =>
		tiled.map((_, axis) =>
			Array<number[]>(repeats[axis] ?? 0)
				.fill(once(axis))
				.flat()
		)
	);
}

function range(call: Call): Value {
	const scalars = [0, 1, 2].map((i) => call.value(i));
	const { type } = call.value(0);
	const [start = NaN, limit = NaN, delta = NaN] = scalars.map(({ numbers }) =>
		settled(type, numbers?.[0] ?? NaN)
	);
	const length = Math.max(0, Math.ceil(settled(type, limit - start) / delta));
	if (!Number.isFinite(length))
		throw call.unsupported('makes a list whose length cannot be told beforehand.');
	assertDims([length], call.output);
	return call.followed({ type, dims: [length] }, scalars, () =>
		Array.from({ length }, (_, i) => settled(type, start + i * delta))
	);
}

const writes: Rule['steps'] = (_, first) => first.elements;
const nothing: Rule['steps'] = () => 0;

export const layout: Rules = {
	Reshape: { inputs: [2, 2], shape: reshape, steps: writes },
	Flatten: { inputs: [1, 1], shape: flatten, steps: writes },
	Squeeze: { inputs: [1, 2], shape: squeeze, steps: writes },
	Unsqueeze: { inputs: [1, 2], shape: unsqueeze, steps: writes },
	Transpose: { inputs: [1, 1], shape: transpose },
	Concat: { inputs: [1, 1000], shape: concat },
	Shape: { inputs: [1, 1], shape: shapeOf, steps: nothing },
	Size: {
		inputs: [1, 1],
		shape: (call) => new Value(DataType.INT64, [], [call.value(0).elements]),
		steps: nothing
	},
	Expand: {
		inputs: [2, 2],
		shape: (call) => repeated(call, call.value(0), broadcast(call, [call.value(0).dims, call.sizes(1) ?? []]))
	},
	Tile: { inputs: [2, 2], shape: tile },
	ConstantOfShape: { inputs: [1, 1], shape: filled },
	Range: { inputs: [3, 3], shape: range }
};
