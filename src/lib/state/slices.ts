/** Long work in short pieces, so that the page can do its own between them. */

/** Milliseconds of work before the page has its turn. */
const SLICE_MS = 8;

/** Ends after so many milliseconds, and lets the page do its work meanwhile. */
export function wait(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * @param pause as `wait`
 * @returns what to call between two steps: null while there is time for the next one, else what to wait for
 */
export function slices(pause = wait): () => Promise<void> | null {
	let begin = performance.now();
	return () => {
		if (performance.now() - begin < SLICE_MS) return null;
		return pause(0).then(() => {
			begin = performance.now();
		});
	};
}
