/** Shares, counts and times as people read them. */
import type { Estimate } from '$lib/domain/evaluation';
import { grouped, hundredths } from '$lib/domain/wording';

/** @param share 0..1, e.g. "91 %" with a narrow space that does not break; 0 and 100 only where it is just that. */
export function percent(share: number): string {
	return `${hundredths(share)}\u202f%`;
}

/** A sentence whose percent signs stay with their figures. */
export function unbroken(words: string): string {
	return words.replace(/(\d) %/g, '$1\u202f%');
}

/** @param share 0..1; a figure that may be there or not, e.g. of a label that was never answered. */
export function percentOrDash(share: number | null): string {
	return share === null ? '–' : percent(share);
}

/** E.g. "91 %, between 85 and 95". @param what follows the figure, e.g. " right" */
export function estimateWords({ value, low, high }: Estimate, what = ''): string {
	return `${percent(value)}${what}, between ${hundredths(low)} and ${hundredths(high)}`;
}

/** E.g. "1 photo", "1,480 photos". */
export function count(n: number, one: string, many = `${one}s`): string {
	return `${grouped(n)} ${n === 1 ? one : many}`;
}

/** @param seconds at least 0, e.g. "less than a second", "about 2 seconds", "about 3 minutes". */
export function aboutSeconds(seconds: number): string {
	if (seconds < 1) return 'less than a second';
	if (seconds < 90) return `about ${count(Math.round(seconds), 'second')}`;
	return `about ${count(Math.round(seconds / 60), 'minute')}`;
}

/** @param ms milliseconds as measured, e.g. "68 ms", "1.4 seconds", "75 seconds", "4 minutes". */
export function took(ms: number): string {
	if (ms < 1000) return `${Math.max(1, Math.round(ms))} ms`;
	const seconds = ms / 1000;
	if (seconds < 10) return `${seconds.toFixed(1)} seconds`;
	return seconds < 120 ? `${Math.round(seconds)} seconds` : count(Math.round(seconds / 60), 'minute');
}

/** E.g. "96 of 100". */
export function ofHundred(share: number): string {
	return `${hundredths(share)} of 100`;
}
