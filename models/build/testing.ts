/** For the converters' tests: seeded pictures, the originals in TF.js, and ORT's native engine. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Answer } from './run';

// Else it advertises its native build on every start.
tf.env().set('IS_TEST', true);

/** Numbers in 0..1, the same for the same seed (mulberry32). */
function random(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

export const noise = (seed: number, length: number): Float32Array => {
	const next = random(seed);
	return Float32Array.from({ length }, () => next() * 2 - 1);
};

/** Coloured squares with noise over them: edges, flat parts and texture. RGB 0..1 as NHWC [1, size, size, 3]. */
export function picture(seed: number, size: number): Float32Array {
	const next = random(seed);
	const squares = Array.from({ length: 8 * 8 * 3 }, next);
	const data = new Float32Array(size * size * 3);
	for (let i = 0; i < data.length; i++) {
		const [x, y] = [Math.floor(i / 3) % size, Math.floor(i / 3 / size)];
		const square = Math.floor((y * 8) / size) * 8 + Math.floor((x * 8) / size);
		data[i] = 0.8 * (squares[square * 3 + (i % 3)] ?? 0) + 0.2 * next();
	}
	return data;
}

/** Channels first. @param dims [n, h, w, c] or [h, w, c] of `data` */
export function channelsFirst(
	data: Float32Array,
	[height, width, channels]: [number, number, number]
): Float32Array {
	const out = new Float32Array(data.length);
	const area = height * width;
	for (let i = 0; i < data.length; i++) out[(i % channels) * area + Math.floor(i / channels)] = data[i] ?? 0;
	return out;
}

/** @returns every output by name, computed by ORT's native engine */
export async function runNative(
	bytes: Uint8Array,
	feeds: Record<string, { data: Float32Array; dims: readonly number[] }>
): Promise<Record<string, Answer>> {
	const session = await InferenceSession.create(bytes);
	const inputs: Record<string, Tensor> = {};
	for (const [name, { data, dims }] of Object.entries(feeds))
		inputs[name] = new Tensor('float32', data, dims);
	const results = await session.run(inputs);
	await session.release();
	return Object.fromEntries(
		// All graphs here answer in float32.
		Object.entries(results).map(([name, { data, dims }]) => [name, { data: data as Float32Array, dims }])
	);
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
	if (a.length !== b.length) return Infinity;
	let largest = 0;
	for (let i = 0; i < a.length; i++) {
		const difference = Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
		if (!(difference <= largest)) largest = difference;
	}
	return largest;
}

export { tf };
