/** What the engine runs on in a real page: its worker, the checked files, isolation. */
import type { FileFacts } from '$lib/domain/card';
import { hasReceived, isReceived, openReceived } from '$lib/storage/received';
import { hasCopy, openVerified, type OpenedFile, type OpenOptions } from '$lib/storage/verified';
import { Engine, type EngineParts } from './engine';
import { isMade, openMade } from './made';
import { threadCandidates } from './threads';

type Patience = NonNullable<EngineParts['patience']>;

/** iPadOS calls itself a Mac; only a touch screen tells. */
function isIos(): boolean {
	const { userAgent, maxTouchPoints } = globalThis.navigator ?? { userAgent: '', maxTouchPoints: 0 };
	return /iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes('Macintosh') && maxTouchPoints > 1);
}

/** Thread counts worth trying on this device; more than one hangs or runs out of memory on iOS (onnxruntime#11679). */
export function deviceThreads(): number[] {
	return threadCandidates(navigator.hardwareConcurrency, globalThis.crossOriginIsolated && !isIos());
}

/** Reads a file that an engine needs, wherever it is kept. @throws Trouble as `openVerified`, `openReceived` and `openMade` */
export function openFile(file: FileFacts, options: OpenOptions): Promise<OpenedFile> {
	if (isMade(file)) return openMade(file);
	return isReceived(file) ? openReceived(file) : openVerified(file, options);
}

/**
 * @param base the app's base path, '' or '/app'
 * @param made files that were made here, by their address
 * @param patience where it is another than usual
 */
export function makeEngine(
	base: string,
	made: ReadonlyMap<string, ArrayBuffer> = new Map(),
	patience: Patience = {}
): Engine {
	return new Engine({
		createWorker: () =>
			new Worker(new URL('../../../workers/inference.worker.ts', import.meta.url), { type: 'module' }),
		open: async (file, options) => {
			const bytes = made.get(file.url);
			// A worker takes over what it is given.
			return bytes
				? { bytes: bytes.slice(0), from: 'kept', kept: true }
				: openFile(file, { base, ...options });
		},
		has: (file) => (isReceived(file) ? hasReceived(file) : hasCopy(file, base)),
		patience,
		isolated: globalThis.crossOriginIsolated,
		ios: isIos()
	});
}

/** Fetches what is not here. @returns whether all of it is here now */
export async function bringFiles(
	files: readonly FileFacts[],
	base: string,
	signal: AbortSignal
): Promise<boolean> {
	const opened = await Promise.allSettled(files.map((one) => openFile(one, { base, signal })));
	return opened.every(({ status }) => status === 'fulfilled');
}

/** Puts files of models together; for one file each. */
export const createShareWorker = () =>
	new Worker(new URL('../../../workers/share.worker.ts', import.meta.url), { type: 'module' });
