/** A trained tail's numbers, one behind the other: in a project file they are one entry, as those are counted. */
import type { TrainedTail } from '$lib/domain/training';

export interface PackedTail {
	/** In the order of their numbers. */
	tensors: { name: string; dims: number[] }[];
	values: Float32Array<ArrayBuffer>;
}

export function packTail(tail: TrainedTail): PackedTail {
	const tensors = Array.from(tail, ([name, { dims }]) => ({ name, dims }));
	const values = new Float32Array(countOf(tensors));
	let at = 0;
	for (const { data } of tail.values()) {
		values.set(data, at);
		at += data.length;
	}
	return { tensors, values };
}

/** Each tensor gets a buffer of its own. @param packed as many values as its dimensions ask for */
export function unpackTail({ tensors, values }: PackedTail): TrainedTail {
	let at = 0;
	return new Map(
		tensors.map(({ name, dims }) => [name, { dims, data: values.slice(at, (at += countOf([{ dims }]))) }])
	);
}

/** How many numbers they have, together. */
export function countOf(tensors: readonly { dims: readonly number[] }[]): number {
	return tensors.reduce((sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1), 0);
}
