/** Sizes of operators that take parts of a value, or put something around it. */
import type { Call, Rule, Rules } from './call';
import { along, grid, moved, strides } from './places';
import { same } from './shapes-elementwise';
import { AXES_AS_INPUT } from './shapes-layout';
import { product } from './tensor';
import { assertDims, Value } from './value';

/** As equal as can be; where they are not, the last is the smallest. */
function split(call: Call): Value[] {
	const value = call.value(0);
	const axis = call.axis(call.int('axis', 0), value.dims.length);
	const length = value.dims[axis] ?? 0;
	const count = call.node.output.length;
	const each = Math.ceil(length / count);
	const given = call.opset >= AXES_AS_INPUT ? call.sizes(1) : call.ints('split');
	if (!given && call.opset < 18 && length % count !== 0)
		throw call.broken(`splits ${length} in ${count} parts, which are not equal.`);
	const lengths = given ?? Array.from({ length: count }, (_, i) => Math.min(each, length - i * each));
	const declared = call.int('num_outputs', count);
	if (lengths.length !== count || declared !== count || product(lengths.map((one) => Number(one < 0))) !== 0)
		throw call.broken(`splits in ${lengths.length} parts and names ${count}.`);
	if (lengths.reduce((sum, one) => sum + one, 0) !== length)
		throw call.broken(`splits ${length} as [${lengths.slice(0, 9).join(', ')}].`);
	const apart = strides(value.dims);
	let start = 0;
	return lengths.map((part) => {
		const from = start;
		start += part;
		const dims = value.dims.with(axis, part);
		assertDims(dims, call.output);
		return moved(call, value, dims, () =>
			dims.map((dim, i) => along(apart[i] ?? 0, dim, i === axis ? from : 0))
		);
	});
}

/** Ends that mean "up to the last", or with a negative step the first. The second stands for 2⁶³ − 1. */
const UNBOUNDED: ReadonlySet<number> = new Set([2 ** 31 - 1, 2 ** 63]);

interface Cut {
	starts: readonly number[];
	ends: readonly number[];
	axes: readonly number[] | null;
	steps: readonly number[] | null;
}

function cutOf(call: Call): Cut {
	if (call.opset >= 10)
		return {
			starts: call.sizes(1) ?? [],
			ends: call.sizes(2) ?? [],
			axes: call.sizes(3),
			steps: call.sizes(4)
		};
	return {
		starts: call.ints('starts') ?? [],
		ends: call.ints('ends') ?? [],
		axes: call.ints('axes'),
		steps: null
	};
}

function slice(call: Call): Value {
	const value = call.value(0);
	const { starts, ends, axes: given, steps } = cutOf(call);
	const axes = call.axes(given ?? [...starts.keys()], value.dims.length);
	const lists = [ends, axes, steps ?? starts];
	if (lists.some(({ length }) => length !== starts.length))
		throw call.broken('cuts along lists of different lengths.');
	const dims = [...value.dims];
	const apart = strides(dims);
	const froms: [start: number, step: number][] = dims.map(() => [0, 1]);
	for (const [i, axis] of axes.entries()) {
		const length = dims[axis] ?? 0;
		const step = steps?.[i] ?? 1;
		if (step === 0) throw call.broken('cuts with a step of 0.');
		const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
		const at = (place: number, least: number) =>
			Math.min(high, Math.max(least, place < 0 ? place + length : place));
		// A start is on the list, an end may be before it.
		const start = at(starts[i] ?? 0, Math.max(0, low));
		const end = UNBOUNDED.has(ends[i] ?? 0) ? (step > 0 ? length : -1) : at(ends[i] ?? 0, low);
		dims[axis] = Math.max(0, Math.ceil((end - start) / step));
		froms[axis] = [start, step];
	}
	return moved(call, value, dims, () =>
		dims.map((dim, axis) => along(apart[axis] ?? 0, dim, ...(froms[axis] ?? [0, 1])))
	);
}

function pad(call: Call): Value {
	const { dims, type } = call.value(0);
	const pads = (call.opset >= 11 ? call.sizes(1) : call.ints('pads')) ?? [];
	const given = call.opset >= 18 ? call.sizes(3) : null;
	const axes = call.axes(given ?? [...dims.keys()], dims.length);
	if (pads.length !== 2 * axes.length)
		throw call.broken(`pads ${axes.length} axes with ${pads.length} numbers.`);
	const padded = [...dims];
	for (const [i, axis] of axes.entries())
		padded[axis] = (dims[axis] ?? 0) + (pads[i] ?? 0) + (pads[i + axes.length] ?? 0);
	assertDims(padded, call.output);
	return new Value(type, padded);
}

function gather(call: Call): Value {
	const [data, indices] = [call.value(0), call.value(1)];
	const axis = call.axis(call.int('axis', 0), data.dims.length);
	const dims = data.dims.toSpliced(axis, 1, ...indices.dims);
	assertDims(dims, call.output);
	const apart = strides(data.dims);
	const length = data.dims[axis] ?? 0;
	const whole = data.dims.map((dim, i) => () => along(apart[i] ?? 0, dim));
	return call.followed({ type: data.type, dims }, [data, indices], (numbers, asked) => {
		const own = asked.map((place) => {
			const at = place < 0 ? place + length : place;
			return Number.isInteger(at) && at >= 0 && at < length ? at * (apart[axis] ?? 0) : NaN;
		});
		const axes = whole.map((offsets, i) => (i === axis ? own : offsets()));
		return grid(axes).map((place) => numbers[place] ?? NaN);
	});
}

const writes: Rule['steps'] = (_, first) => first.elements;

export const cut: Rules = {
	Split: { inputs: [1, 2], outputs: 1000, shape: split },
	Slice: { inputs: [1, 5], shape: slice, steps: writes },
	Pad: { inputs: [1, 4], shape: pad },
	Gather: { inputs: [2, 2], shape: gather, steps: writes },
	// Data, places in it, and what is written there.
	ScatterND: same(3),
	ScatterElements: same(3)
};
