/**
 * Memory for the head's solver and the loops over it, in WebAssembly with two float64 at a time: nine times as fast
 * as the same loops in JavaScript (240 rows of 256, Node 20). ONNX Runtime Web asks for the same instructions, so nothing that runs the app
 * lacks them.
 */
import { kernelsWasm } from './kernels-wasm';

/** A part of a workspace. */
export interface Block {
	values: Float64Array;
	/** In bytes, for the kernels. */
	address: number;
}

/** Addresses of four rows. */
export type Four = readonly [number, number, number, number];

export const FLOAT_BYTES = 8;
const PAGE_BYTES = 65_536;
/** Memory of this size at most waits for the next workspace: browsers are slow to free it, and it never shrinks. */
const MOST_IDLE_BYTES = 2 ** 25;

interface Kernels {
	/** out[0 … 3] = x[0 … length] · each of four rows */
	dotFour(x: number, a: number, b: number, c: number, d: number, length: number, out: number): void;
	/** target[0 … length] += Σ of four rows, each times one of factors[0 … 3] */
	addFour(target: number, a: number, b: number, c: number, d: number, length: number, factors: number): void;
	/** x · y */
	dot(x: number, y: number, length: number): number;
	/** target += factor · x */
	addScaled(target: number, x: number, length: number, factor: number): void;
}

let assembled: WebAssembly.Module | null = null;
let idle: WebAssembly.Memory | null = null;

export class Workspace {
	readonly kernels: Kernels;
	readonly #memory: WebAssembly.Memory;
	#end = 0;

	/** @param floats that all its blocks hold together */
	constructor(floats: number) {
		this.#memory = idle ?? new WebAssembly.Memory({ initial: 0 });
		idle = null;
		const missing = floats * FLOAT_BYTES - this.#memory.buffer.byteLength;
		if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
		this.kernels = kernelsOn(this.#memory);
	}

	/** @returns zeros */
	take(floats: number): Block {
		const block = { values: new Float64Array(this.#memory.buffer, this.#end, floats), address: this.#end };
		this.#end += floats * FLOAT_BYTES;
		block.values.fill(0);
		return block;
	}

	/** Gives the memory back; its blocks must not be used any more. */
	release(): void {
		if (this.#memory.buffer.byteLength <= MOST_IDLE_BYTES) idle = this.#memory;
	}
}

/** Addresses of `count` rows of `bytes` from `start` on, at most four; the last stands in for those that lack. */
export function fourRows(start: number, count: number, bytes: number): Four {
	const last = start + (count - 1) * bytes;
	return [
		start,
		Math.min(start + bytes, last),
		Math.min(start + 2 * bytes, last),
		Math.min(start + 3 * bytes, last)
	];
}

function kernelsOn(memory: WebAssembly.Memory): Kernels {
	assembled ??= new WebAssembly.Module(Uint8Array.from(atob(kernelsWasm), (char) => char.charCodeAt(0)));
	const { exports } = new WebAssembly.Instance(assembled, { host: { memory } });
	if (!hasKernels(exports)) throw new TypeError('kernels-wasm.ts lacks a kernel.');
	return exports;
}

const hasKernels = (exports: object): exports is Kernels =>
	['dotFour', 'addFour', 'dot', 'addScaled'].every((name) => name in exports);
