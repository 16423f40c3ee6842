/** Sizes of operators that work number by number, with broadcasting, and of those that only copy or make numbers. */
import { clip, operate, type Operation, power, quotient, remainder, settled } from './arithmetic';
import type { Call, Rule, Rules } from './call';
import { AttributeProto_AttributeType as Type, TensorProto_DataType as DataType } from './onnx_pb';
import { places } from './places';
import { assertDims, assertType, isWhole, Value, valueOf } from './value';

/** Sizes after broadcasting, as NumPy does it. @throws Trouble where they do not go together */
export function broadcast(call: Call, all: readonly (readonly number[])[]): number[] {
	const rank = Math.max(0, ...all.map(({ length }) => length));
	const dims = Array<number>(rank).fill(1);
	for (const other of all) {
		for (const [i, dim] of other.entries()) {
			const at = rank - other.length + i;
			if (dims[at] === 1) dims[at] = dim;
			else if (dim !== 1 && dim !== dims[at])
				throw call.broken(
					`takes sizes that do not go together: ${all.slice(0, 4).map(shown).join(' and ')}.`
				);
		}
	}
	return dims;
}

const shown = (dims: readonly number[]) => `[${dims.join(', ')}]`;

/** Of more the numbers are not followed; sizes are the largest or smallest of two or three. */
const MOST_OPERANDS = 8;

/** Broadcast to one size; the numbers too, where `operation` says what becomes of them. */
function broadcasting(count: [number, number], operation: Operation | null, type?: DataType): Rule {
	return {
		inputs: count,
		shape(call) {
			const values = call.all();
			const dims = broadcast(
				call,
				values.map((value) => value.dims)
			);
			const own = type ?? call.value(count[0] === 3 ? 1 : 0).type; // Where is given its condition first
			assertDims(dims, call.output);
			if (!operation || values.length > MOST_OPERANDS) return new Value(own, dims);
			return call.followed({ type: own, dims }, values, (...numbers) => {
				const from = values.map((value) => places(dims, value.dims));
				const length = dims.reduce((product, dim) => product * dim, 1);
				return Array.from({ length }, (_, i) =>
					settled(
						own,
						operate(
							operation,
							numbers.map((list, k) => list[from[k]?.[i] ?? 0] ?? NaN)
						)
					)
				);
			});
		},
		steps: (call, first) => first.elements * call.inputs.length
	};
}

const mapped = (operation: Operation): Rule => ({
	inputs: [1, 1],
	shape(call) {
		const value = call.value(0);
		return call.followed(value, [value], (numbers) =>
			numbers.map((number) => settled(value.type, operate(operation, [number])))
		);
	}
});

/** The size and type of the first input, whatever else is given. */
export const same = (least: number, most = least): Rule => ({
	inputs: [least, most],
	shape: (call) => new Value(call.value(0).type, call.value(0).dims)
});

/** Of two; `choose` gives what becomes of their numbers, by their type. */
const typed = (choose: (call: Call) => Operation | null): Rule => ({
	...broadcasting([2, 2], null),
	shape: (call) => broadcasting([2, 2], choose(call)).shape(call)
});

const truth = (operation: Operation | null): Rule => broadcasting([2, 2], operation, DataType.BOOL);
const any: [number, number] = [1, 1000];

/** @throws Trouble where the type is not taken */
function cast(call: Call, value: Value, type: DataType): Value {
	assertType(type, call.output);
	return call.followed({ type, dims: value.dims }, [value], (numbers) =>
		numbers.map((number) => {
			if (type === DataType.BOOL) return Number.isNaN(number) ? NaN : Number(number !== 0);
			return settled(type, isWhole(type) ? Math.trunc(number) : number);
		})
	);
}

function constant(call: Call): Value {
	const tensor = call.attribute('value', Type.TENSOR)?.t;
	if (tensor) return valueOf(tensor, call.output);
	if (call.has('value_int')) return new Value(DataType.INT64, [], [call.int('value_int', 0)]);
	const float = call.attribute('value_float', Type.FLOAT)?.f;
	if (float !== undefined) return new Value(DataType.FLOAT, [], [float]);
	const ints = call.ints('value_ints');
	if (ints) return new Value(DataType.INT64, [ints.length], ints);
	const floats = call.floats('value_floats');
	if (floats) return new Value(DataType.FLOAT, [floats.length], floats);
	throw call.unsupported('holds no number or numbers.');
}

function identity(call: Call): Value {
	return call.value(0);
}

const unary = (names: string): Rules => Object.fromEntries(names.split(' ').map((name) => [name, same(1)]));

export const elementwise: Rules = {
	...unary(
		'LeakyRelu HardSwish HardSigmoid Sigmoid Tanh Elu Selu Celu Gelu Erf Softplus Softsign ThresholdedRelu Mish Exp Log Reciprocal Sin Cos Round Sign Softmax LogSoftmax'
	),
	Relu: mapped((x) => Math.max(x, 0)),
	Neg: mapped((x) => -x),
	Abs: mapped(Math.abs),
	Floor: mapped(Math.floor),
	Ceil: mapped(Math.ceil),
	Sqrt: mapped(Math.sqrt),
	Not: mapped((x) => Number(x === 0)),
	Add: broadcasting([2, 2], (a, b) => a + b),
	Sub: broadcasting([2, 2], (a, b) => a - b),
	Mul: broadcasting([2, 2], (a, b) => a * b),
	Div: typed(quotient),
	Mod: typed(remainder),
	Pow: typed(power),
	Sum: broadcasting(any, null),
	Mean: broadcasting(any, null),
	Min: broadcasting(any, Math.min),
	Max: broadcasting(any, Math.max),
	Equal: truth((a, b) => Number(a === b)),
	Less: truth((a, b) => Number(a < b)),
	Greater: truth((a, b) => Number(a > b)),
	LessOrEqual: truth((a, b) => Number(a <= b)),
	GreaterOrEqual: truth((a, b) => Number(a >= b)),
	And: truth((a, b) => a && b),
	Or: truth((a, b) => a || b),
	Xor: truth((a, b) => Number(a !== b)),
	Where: broadcasting([3, 3], (condition, a, b) => (condition ? a : b)),
	PRelu: broadcasting([2, 2], null),
	Clip: { inputs: [1, 3], shape: clip },
	Identity: { inputs: [1, 1], shape: identity },
	Dropout: {
		inputs: [1, 3],
		outputs: 2,
		shape: (call) => [
			call.value(0),
			new Value(call.opset < 10 ? call.value(0).type : DataType.BOOL, call.value(0).dims)
		]
	},
	Cast: {
		inputs: [1, 1],
		shape: (call) => cast(call, call.value(0), call.int('to', DataType.UNDEFINED))
	},
	CastLike: { inputs: [2, 2], shape: (call) => cast(call, call.value(0), call.value(1).type) },
	Constant: { inputs: [0, 0], shape: constant, steps: () => 0 }
};
