/** Values that change less often than what they come from, so that people can read them. Call while a component is set up. */
import { untrack } from 'svelte';

/**
 * @param read the value; null is nothing to show, and passes at once both ways
 * @param ms the shown value changes at most once in as many milliseconds
 * @returns the value to show
 */
export function paced<T>(read: () => T | null, ms: number): () => T | null {
	let shown: T | null = $state.raw(null);
	let since = 0;
	function show(next: T | null) {
		shown = next;
		since = performance.now();
	}
	$effect.pre(() => {
		const next = read();
		const first = next === null || untrack(() => shown) === null;
		const wait = first ? 0 : since + ms - performance.now();
		if (wait <= 0) return show(next);
		const timer = setTimeout(() => show(next), wait);
		return () => clearTimeout(timer);
	});
	return () => shown;
}

/** @returns the last value of `read` that stayed the same for `ms` milliseconds; '' before the first */
export function held(read: () => string, ms: number): () => string {
	let kept = $state('');
	$effect(() => {
		const next = read();
		const timer = setTimeout(() => (kept = next), ms);
		return () => clearTimeout(timer);
	});
	return () => kept;
}
