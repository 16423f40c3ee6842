/** The steps by which the engine is brought up: which way to try next, how long to wait, what to check. */
import type { BackboneCard } from '$lib/domain/card';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import type { NeededFile } from './engine-files';

type Preference = 'auto' | 'webgpu' | 'wasm';

/** One way to try. */
export interface Rung {
	preference: Preference;
	threads: number;
}

/** What runs wherever anything runs. */
export const lastRung: Rung = { preference: 'wasm', threads: 1 };

/** The ways to try, best first: as wished, as wished once more (with one thread on the CPU), the CPU with one. */
export function ladder(preference: Preference, threads: number): Rung[] {
	const wished = { preference, threads };
	if (preference === 'wasm') return threads > 1 ? [wished, lastRung] : [lastRung, lastRung];
	return [wished, wished, lastRung];
}

interface Failure {
	trouble: Trouble;
	/** What the failed way would have run on; null where that was not found out. */
	backend: 'webgpu' | 'wasm' | null;
	files: readonly NeededFile[];
}

/**
 * Which of the ways left are worth trying. A file that is not to be had stays so, except that the CPU needs
 * another engine than the GPU; where there is no GPU, to wish for one a second time leads to the same CPU.
 */
export function worthTrying(lower: Rung[], { trouble, backend, files }: Failure): Rung[] {
	if (!trouble.code.startsWith('file-')) return backend === 'wasm' ? lower.slice(-1) : lower;
	const [lacking, ...more] = files.filter(({ state }) => state === 'failed');
	return backend === 'webgpu' && lacking?.what === 'engine' && more.length === 0 ? lower.slice(-1) : [];
}

/** What it means that `next` is tried after `failed`, which would have run on `backend`. */
export function stepDown(failed: Rung, next: Rung | undefined, backend: 'webgpu' | 'wasm' | null): string {
	if (backend === 'webgpu' && next?.preference === 'wasm')
		return 'The graphics processor could not be used, so the CPU does the work.';
	if (backend === 'wasm' && failed.threads > (next?.threads ?? 1))
		return 'The engine could not be started with several threads, so one does the work.';
	return 'The engine had to be started a second time.';
}

/** @throws Trouble where the file is not a list of that many names */
export function readLabels(bytes: ArrayBuffer, card: BackboneCard): readonly string[] {
	const labels: unknown = JSON.parse(new TextDecoder().decode(bytes));
	if (!Array.isArray(labels) || labels.length !== card.labels.count)
		throw new Trouble(
			'file-labels',
			`The names that belong to “${card.name}” are not a list of ${card.labels.count}.`
		);
	return labels.map(String);
}

/** The error of a start, in words. */
export const notStarted = (cause: unknown) =>
	asTrouble(
		cause,
		'engine-failed',
		'The engine could not be started. A part of the app may be missing: reload the page.'
	);

/** It fell too often. */
export const unsteady = (cause: Error) =>
	new Trouble(
		'engine-unsteady',
		'The engine stopped several times in a minute. Choose a smaller network or the other engine, or reload the page.',
		{ cause }
	);

/** Nothing came back in time. */
export class Silence extends Error {}

/** The promise, or `Silence` when it has not settled in time. */
export function patient<T>(promise: Promise<T>, ms: number): Promise<T> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Silence(`no answer for ${ms / 1000} s`)), ms);
		promise.then(resolve, reject).finally(() => clearTimeout(timer));
	});
}
