/** Arithmetic on numbers that are followed, as ONNX Runtime does it; NaN stands for what is not known. */
import type { Call } from './call';
import { AttributeProto_AttributeType as Type, TensorProto_DataType as DataType } from './onnx_pb';
import { isWhole, type Value } from './value';

export type Operation = (...numbers: number[]) => number;

/** What is not known makes nothing known. */
export const operate = (operation: Operation, numbers: number[]): number =>
	numbers.some(Number.isNaN) ? NaN : operation(...numbers);

/** As the type keeps it; NaN where it would overflow or is not computed exactly here. */
export function settled(type: DataType, number: number): number {
	if (type === DataType.FLOAT) return Math.fround(number);
	if (type === DataType.DOUBLE || type === DataType.BOOL) return number;
	const fits =
		type === DataType.INT64
			? Number.isSafeInteger(number)
			: type === DataType.INT32 && Number.isInteger(number) && Math.abs(number) < 2 ** 31;
	// Whole numbers know no −0.
	return fits ? number + 0 : NaN;
}

/** Of whole numbers toward zero. */
export const quotient = (call: Call): Operation =>
	isWhole(call.value(0).type) ? (a, b) => (b === 0 ? NaN : Math.trunc(a / b)) : (a, b) => a / b;

/** As C's fmod, which has the sign of a; or, of whole numbers only, with the sign of b. */
export function remainder(call: Call): Operation | null {
	if (call.int('fmod', 0) === 1) return (a, b) => a % b;
	return isWhole(call.value(0).type) ? (a, b) => ((a % b) + b) % b : null;
}

/** Of whole numbers, where the result is one. */
export const power = (call: Call): Operation | null => (isWhole(call.value(0).type) ? wholePower : null);

function wholePower(base: number, exponent: number): number {
	if (!Number.isInteger(exponent) || exponent < 0) return NaN;
	if (Math.abs(base) <= 1) return exponent === 0 ? 1 : exponent % 2 === 0 ? Math.abs(base) : base;
	let result = 1;
	for (let left = exponent; left > 0 && Number.isSafeInteger(result); left--) result *= base;
	return result;
}

/** Bounds are inputs, or in older graphs attributes; each may be left out. */
export function clip(call: Call): Value {
	const value = call.value(0);
	const bounds = [1, 2].map((i) => call.inputs[i]);
	const given = bounds.filter((bound) => bound !== undefined);
	const [low, high] = (['min', 'max'] as const).map((name, i) => {
		const open = i === 0 ? -Infinity : Infinity;
		const own = call.opset < 11 ? call.attribute(name, Type.FLOAT)?.f : undefined;
		return () => (bounds[i] ? (bounds[i].numbers?.[0] ?? NaN) : (own ?? open));
	});
	return call.followed(value, [value, ...given], (numbers) => {
		const [least, most] = [low?.() ?? NaN, high?.() ?? NaN];
		return numbers.map((number) =>
			settled(
				value.type,
				operate((x) => Math.min(Math.max(x, least), most), [number])
			)
		);
	});
}
