/** The numbers of a TF.js model: shards of bytes, cut up as the manifest says. */
import { fromFloat16 } from '$lib/onnx/float16';
import { type FloatTensor, product } from '$lib/onnx/tensor';
import { joined } from '../bytes';
import { damaged, quoted, unsupported } from './refusals';
import type { Manifest } from './schema';

/** Bytes of all shards; the largest network that Teachable Machine's library trains has some 20 MB. */
export const MOST_BYTES = 64 * 2 ** 20;

type Entry = Manifest[number]['weights'][number];

export class Weights {
	readonly #left: Map<string, FloatTensor>;

	constructor(tensors: ReadonlyMap<string, FloatTensor>) {
		this.#left = new Map(tensors);
	}

	/**
	 * @param layer as the model calls it
	 * @param role 'kernel', 'bias', 'gamma', …
	 * @throws Trouble 'teachable-broken' where the file has none, or another layer of that name took it: a small file
	 *   must not become a large network
	 */
	take(layer: string, role: string): FloatTensor {
		const tensor = this.#left.get(`${layer}/${role}`);
		this.#left.delete(`${layer}/${role}`);
		if (!tensor) throw damaged(`its layer ${quoted(layer)} has no ${role} of its own.`);
		return tensor;
	}

	/** @param length that it must have */
	takeVector(layer: string, role: string, length: number): Float32Array {
		const { dims, data } = this.take(layer, role);
		if (dims.length !== 1 || data.length !== length)
			throw damaged(`the ${role} of its layer ${quoted(layer)} does not have ${length} numbers.`);
		return data;
	}
}

/**
 * @param read bytes of a shard; what a manifest calls it may begin with `./`
 * @throws Trouble 'teachable-broken' where a length is not what is declared or a number is none,
 *   'teachable-unsupported' for other numbers than floats, and quantised ones that are not of 8 or 16 bits
 */
export async function readWeights(
	manifest: Manifest,
	read: (path: string) => Promise<Uint8Array>
): Promise<Weights> {
	const declared = manifest.flatMap(({ weights }) => weights).reduce((sum, entry) => sum + bytesOf(entry), 0);
	if (declared > MOST_BYTES)
		throw unsupported(`its weights have more than ${MOST_BYTES / 2 ** 20} MB, which are the most.`);
	const tensors = new Map<string, FloatTensor>();
	for (const { paths, weights } of manifest) {
		const shards: Uint8Array[] = [];
		for (const path of paths) shards.push(await read(path));
		const bytes = joined(shards);
		if (bytes.length !== weights.reduce((sum, entry) => sum + bytesOf(entry), 0))
			throw damaged('its weights are not as long as they should be.');
		let at = 0;
		for (const entry of weights) {
			if (tensors.has(entry.name)) throw damaged(`it has two weights called ${quoted(entry.name)}.`);
			tensors.set(entry.name, tensorOf(entry, bytes.slice(at, at + bytesOf(entry))));
			at += bytesOf(entry);
		}
	}
	return new Weights(tensors);
}

/** Bytes a number, by how it is stored; TF.js quantises to 8 or 16 bits. */
const stored: ReadonlyMap<string, number> = new Map([
	['float32', 4],
	['float16', 2],
	['uint16', 2],
	['uint8', 1]
]);

function bytesOf({ name, shape, dtype, quantization }: Entry): number {
	const size = stored.get(quantization?.dtype ?? dtype);
	if (dtype !== 'float32' || size === undefined)
		throw unsupported(`its weights ${quoted(name)} are of another kind than those of pictures’ networks.`);
	return product(shape) * size;
}

function tensorOf({ name, shape, quantization }: Entry, bytes: Uint8Array<ArrayBuffer>): FloatTensor {
	const data = numbersOf(bytes, quantization);
	if (!data.every(Number.isFinite))
		throw damaged(`its weights ${quoted(name)} hold something that is no number.`);
	return { dims: shape, data };
}

/** Little endian, as TF.js writes on all machines that it runs on. */
function numbersOf(
	{ buffer, length }: Uint8Array<ArrayBuffer>,
	quantization: Entry['quantization']
): Float32Array<ArrayBuffer> {
	const { scale = 1, min = 0 } = quantization ?? {};
	switch (quantization?.dtype ?? '') {
		case 'uint8':
			return Float32Array.from(new Uint8Array(buffer), (whole) => whole * scale + min);
		case 'uint16':
			return Float32Array.from(new Uint16Array(buffer), (whole) => whole * scale + min);
		case 'float16':
			return Float32Array.from(new Uint16Array(buffer), fromFloat16);
		default:
			return new Float32Array(buffer, 0, length / 4);
	}
}
