/**
 * Files of known content (engine binaries, backbones, labels), from the kept copy or the network,
 * never given out with a wrong hash and never kept unchecked.
 */
import type { FileFacts } from '$lib/domain/card';
import { Trouble } from '$lib/domain/trouble';
import { addressOf, canKeep, deleteCopy, hasCopy, readCopy, sha256Of, writeCopy } from './file-cache';
import { Stall } from './stall';

export { hasCopy };

export interface OpenOptions {
	/** The app's base path (empty, `/app`) or its whole address. */
	base: string;
	signal?: AbortSignal;
	/** Bytes received so far. */
	onProgress?(received: number): void;
	fetch?: typeof fetch;
	/** Milliseconds without a byte after which the network counts as silent. */
	patience?: number;
}

const PATIENCE = 45_000;

export interface OpenedFile {
	bytes: ArrayBuffer;
	from: 'kept' | 'network';
	/** Whether a checked copy is kept for the next time, also without a network. */
	kept: boolean;
}

/**
 * @throws Trouble 'file-offline' (not kept, no network), 'file-damaged' (the kept copy was damaged, no network),
 *   'file-download-damaged' (likewise, of a file of another host),
 *   'file-not-downloaded' (a file of another host: the download worker's job), 'file-html' (a sign-in page of
 *   the network answered), 'file-refused' (the server's status), 'file-cut' (the connection ended), 'file-stalled' (it went silent),
 *   'file-wrong' (other content than expected, twice); AbortError
 */
export async function openVerified(file: FileFacts, options: OpenOptions): Promise<OpenedFile> {
	const { base, signal } = options;
	const copy = await readCopy(file, base);
	signal?.throwIfAborted();
	if (copy && (await sha256Of(copy)) === file.sha256) return { bytes: copy, from: 'kept', kept: true };
	if (copy) await deleteCopy(file, base);
	const bytes = await receive(file, options, copy !== null);
	// Whoever was stopped while the last bytes came keeps nothing: all may be erased by now.
	signal?.throwIfAborted();
	const kept = canKeep() && (await keep(file, base, bytes));
	return { bytes, from: 'network', kept };
}

/** Deletes the kept copy of a file. */
export async function forget(file: FileFacts, base: string): Promise<void> {
	await deleteCopy(file, base);
}

async function keep(file: FileFacts, base: string, bytes: ArrayBuffer): Promise<boolean> {
	try {
		await writeCopy(file, base, bytes);
		return true;
	} catch {
		// A full disk (or caches closed to this page) costs the offline use, not this one: `kept` tells.
		return false;
	}
}

/** What the browser's HTTP cache may be to blame for: an older version, or a sign-in page it kept. */
const worthReloading = new Set(['file-wrong', 'file-html']);

async function receive(file: FileFacts, options: OpenOptions, damaged: boolean): Promise<ArrayBuffer> {
	const url = addressOf(file, options.base);
	if (url.origin !== addressOf({ ...file, url: '' }, options.base).origin)
		throw trouble(damaged ? 'file-download-damaged' : 'file-not-downloaded', file);
	try {
		return await receiveOnce(file, url, options, 'default').catch((cause: unknown) => {
			options.signal?.throwIfAborted();
			if (!(cause instanceof Trouble && worthReloading.has(cause.code))) throw cause;
			return receiveOnce(file, url, options, 'reload');
		});
	} catch (cause) {
		options.signal?.throwIfAborted();
		if (cause instanceof Trouble) throw cause;
		throw trouble(damaged ? 'file-damaged' : 'file-offline', file, cause);
	}
}

async function receiveOnce(
	file: FileFacts,
	url: URL,
	{ signal, onProgress, fetch = globalThis.fetch, patience = PATIENCE }: OpenOptions,
	cache: RequestCache
): Promise<ArrayBuffer> {
	const stall = new Stall(patience);
	const both = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal;
	try {
		const response = await fetch(url, { signal: both, cache });
		return await checked(response, file, (received) => {
			stall.alive();
			onProgress?.(received);
		});
	} catch (cause) {
		signal?.throwIfAborted();
		if (stall.signal.aborted) throw trouble('file-stalled', file, cause);
		throw cause;
	} finally {
		stall.end();
	}
}

async function checked(
	response: Response,
	file: FileFacts,
	onProgress: (received: number) => void
): Promise<ArrayBuffer> {
	const type = response.headers.get('content-type')?.toLowerCase() ?? '';
	if (!response.ok) throw trouble('file-refused', file, `status ${response.status}`);
	if (type.startsWith('text/html')) throw trouble('file-html', file);
	const bytes = await readBody(response, file, onProgress);
	if (globalThis.crypto?.subtle && (await sha256Of(bytes)) !== file.sha256) throw trouble('file-wrong', file);
	return bytes;
}

/** The body, which must be as long as the file. */
async function readBody(
	response: Response,
	file: FileFacts,
	onProgress?: (received: number) => void
): Promise<ArrayBuffer> {
	const bytes = new Uint8Array(file.bytes);
	let received = 0;
	const reader = response.body?.getReader();
	for (;;) {
		const piece = await reader?.read().catch((cause: unknown) => {
			throw trouble('file-cut', file, cause);
		});
		if (!piece || piece.done) break;
		if (received + piece.value.byteLength > file.bytes) {
			await reader?.cancel();
			throw trouble('file-wrong', file);
		}
		bytes.set(piece.value, received);
		received += piece.value.byteLength;
		onProgress?.(received);
	}
	if (received < file.bytes) throw trouble('file-wrong', file, `${received} of ${file.bytes} bytes`);
	return bytes.buffer;
}

const words = {
	'file-offline': 'is not on this device yet. Connect to the network once to fetch it.',
	'file-damaged': 'was damaged on this device. Connect to the network once to fetch it again.',
	'file-download-damaged': 'was damaged on this device. Download it again, on the Models page.',
	'file-not-downloaded': 'is not on this device yet. Download it first, on the Models page.',
	'file-html':
		'could not be fetched: a web page came in its place. The network may want you to sign in first; then reload. Nothing was kept.',
	'file-refused':
		'could not be fetched: the server refused it. Reload the page; if that does not help, the server lacks a part of the app.',
	'file-cut': 'could not be fetched: the connection ended on the way. Nothing was kept. Try again.',
	'file-stalled':
		'could not be fetched: the network went silent on the way. Nothing was kept. Try again where the network is better.',
	'file-wrong':
		'could not be fetched: the server sends something else in its place. Nothing was kept. Reload the page later.'
} as const;

function trouble(code: keyof typeof words, file: FileFacts, cause?: unknown): Trouble {
	const path = file.url.split(/[?#]/)[0] ?? file.url;
	const name = path.split('/').slice(-2).join('/');
	return new Trouble(code, `“${name}” ${words[code]}`, { cause });
}
