/** Lets a worker hear of a cancel in the middle of long work. */

/** Milliseconds of work between two pauses: short enough to stop at once, and timers cost 4 ms each. */
const BETWEEN = 40;

/** What a running job is given: how to stop, and whom to tell. */
export interface Job<P> {
	signal: AbortSignal;
	report(progress: P): void;
}

/** @returns a function to call between pieces of work; it throws AbortError once the signal is aborted */
export function pauses(signal: AbortSignal): () => Promise<void> {
	let last = performance.now();
	return async () => {
		if (performance.now() - last > BETWEEN) {
			await new Promise((resolve) => setTimeout(resolve)); // a macrotask: a message can come in
			last = performance.now();
		}
		signal.throwIfAborted();
	};
}
