/** Where the numbers of a value lie in another, row-major: for what reorders, cuts, repeats or broadcasts them. */
import type { Call } from './call';
import { product } from './tensor';
import type { Value } from './value';

/** How far apart neighbours along each axis lie. */
export const strides = (dims: readonly number[]): number[] =>
	dims.map((_, axis) => product(dims.slice(axis + 1)));

/** `count` places along an axis, and how far each lies from the axis' first. */
export const along = (stride: number, count: number, start = 0, step = 1): number[] =>
	Array.from({ length: count }, (_, i) => (start + i * step) * stride);

/**
 * @param axes for each axis of the result, how far its places lie from the first in the source
 * @returns for each place of the result, the place in the source
 */
export function grid(axes: readonly (readonly number[])[]): number[] {
	let found = [0];
	for (const offsets of axes) found = found.flatMap((place) => offsets.map((offset) => place + offset));
	return found;
}

/** For each place of the result, the place in an operand that is broadcast to it. */
export function places(dims: readonly number[], operand: readonly number[]): number[] {
	const own = strides(operand);
	const offset = dims.length - operand.length;
	return grid(
		dims.map((dim, axis) => along((operand[axis - offset] ?? 1) === 1 ? 0 : (own[axis - offset] ?? 0), dim))
	);
}

/**
 * The numbers of `value` at other places.
 *
 * @param axes as `grid` takes them; only asked for where the numbers are followed
 */
export const moved = (
	call: Call,
	value: Value,
	dims: readonly number[],
	axes: () => readonly (readonly number[])[]
): Value =>
	call.followed({ type: value.type, dims }, [value], (numbers) =>
		grid(axes()).map((place) => numbers[place] ?? NaN)
	);
