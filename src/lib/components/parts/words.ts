/** Figures as people read them. */

/** @param bytes at least 0; decimal megabytes, as shops and phones count. */
export function megabytes(bytes: number): string {
	if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
	return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
}

/** @param ms milliseconds; one decimal below ten, so that fast and faster can be told apart. */
export function milliseconds(ms: number): string {
	return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** How much is stored; null where the browser does not say. */
export function storageWords(
	storage: { usage: number; quota: number; persisted: boolean } | null
): string | null {
	if (!storage) return null;
	const kept = storage.persisted
		? 'The browser promised to keep it.'
		: 'The browser may clear it when the disk gets full.';
	return `${megabytes(storage.usage)} used of ${gigabytes(storage.quota)} allowed. ${kept}`;
}

export function gigabytes(bytes: number): string {
	return bytes < 1e9 ? megabytes(bytes) : `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;
}

/** What the engine is doing, as a headline. */
export function phaseWords(phase: string): string {
	if (phase === 'loading') return 'Fetching the model';
	if (phase === 'warming') return 'Warming up';
	return 'Getting ready';
}

/** The first of the names that a label gives, e.g. "coffee mug" of "coffee mug, cup". */
export function shortName(label: string): string {
	return label.split(',')[0] ?? label;
}
