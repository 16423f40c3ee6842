/**
 * Fetches a big file from a hub once, in pieces that survive a cut connection, and keeps it only if its hash
 * is right. Runs in the download worker, the only place that may reach another host.
 */
import type { FileFacts } from '$lib/domain/card';
import { Trouble } from '$lib/domain/trouble';
import { alone } from './download-lock';
import { requestRest, type Connection } from './download-request';
import { downloadTrouble } from './download-words';
import { ChunkWriter, clearChunks, joinChunks, receivedChunks } from './downloads';
import { canKeep, hasCopy, sha256Of, writeCopy } from './file-cache';
import { storageHealth } from './health';
import { Stall } from './stall';

export interface DownloadProgress {
	phase: 'downloading' | 'checking';
	/** Bytes received, those of earlier tries included. */
	received: number;
}

export interface DownloadContext {
	/** Pauses: what was received is kept. */
	signal: AbortSignal;
	report(progress: DownloadProgress): void;
	fetch?: typeof fetch;
	online?(): boolean;
}

/** Milliseconds without a byte after which the connection counts as cut. */
const PATIENCE = 60_000;

/**
 * Downloads a file of an absolute address into the verified file cache, going on where an earlier try stopped.
 *
 * @throws Trouble 'download-offline', 'download-cut', 'download-html', 'download-refused' (each keeps what was
 *   received); 'download-wrong', 'download-full' (each leaves nothing); 'download-nowhere' (nothing can be kept
 *   here), 'download-elsewhere' (another tab is at it); AbortError (what was received is kept)
 */
export async function downloadFile(file: FileFacts, context: DownloadContext): Promise<void> {
	if (!canKeep()) throw downloadTrouble('download-nowhere', file);
	await alone(file, () => fetchAndKeep(file, context));
}

async function fetchAndKeep(file: FileFacts, context: DownloadContext): Promise<void> {
	// Another tab may have kept it since this one looked.
	if (await hasCopy(file, file.url)) return;
	const { bytes: received } = await receivedChunks(file.sha256);
	context.report({ phase: 'downloading', received });
	if (!storageHealth().persistent) throw downloadTrouble('download-nowhere', file);
	context.signal.throwIfAborted();
	if (received < file.bytes) await fetchRest(file, context);
	context.report({ phase: 'checking', received: file.bytes });
	const whole = await joinChunks(file.sha256, file.bytes);
	if (!whole || (await sha256Of(whole)) !== file.sha256) {
		await clearChunks(file.sha256);
		throw downloadTrouble('download-wrong', file);
	}
	await keep(file, whole);
	await clearChunks(file.sha256);
}

async function fetchRest(file: FileFacts, context: DownloadContext): Promise<void> {
	const { signal, online = () => globalThis.navigator?.onLine !== false } = context;
	if (!online()) throw downloadTrouble('download-offline', file);
	const stall = new Stall(PATIENCE);
	try {
		const both = AbortSignal.any([signal, stall.signal]);
		const connection = await requestRest(file, both, context.fetch ?? globalThis.fetch).catch((cause) => {
			throw cause instanceof Error && cause.name === 'TypeError'
				? downloadTrouble('download-offline', file, cause)
				: cause;
		});
		await receive(file, connection, (received) => {
			stall.alive();
			context.report({ phase: 'downloading', received });
		});
	} catch (cause) {
		signal.throwIfAborted();
		if (cause instanceof Trouble) throw cause;
		if (isQuota(cause)) throw await full(file, cause);
		throw downloadTrouble('download-cut', file, cause);
	} finally {
		stall.end();
	}
}

/** Writes the answer's body piece by piece. @throws Trouble; what the connection or the disk throws */
async function receive(
	file: FileFacts,
	{ response, offset, etag }: Connection,
	report: (received: number) => void
): Promise<void> {
	const declared = response.headers.get('content-length');
	if (declared !== null && offset + Number(declared) > file.bytes) throw await wrongFile(file, response);
	const chunks = new ChunkWriter(file.sha256, offset, etag);
	const reader = response.body?.getReader();
	try {
		for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
			if (chunks.received + part.value.byteLength > file.bytes) throw await wrongFile(file, response);
			await chunks.add(part.value);
			report(chunks.received);
		}
	} catch (cause) {
		void reader?.cancel().catch(() => undefined);
		if (!(cause instanceof Trouble) && !isQuota(cause)) await chunks.flush();
		throw cause;
	}
	await chunks.flush();
	if (chunks.received === file.bytes) return;
	// A whole answer that is too short is another file; any other is a connection that ended.
	if (declared !== null && Number(declared) === chunks.received - offset)
		throw await wrongFile(file, response);
	throw downloadTrouble('download-cut', file, `${chunks.received} of ${file.bytes} bytes`);
}

/** The server has another file there: what came of it is worth nothing. */
async function wrongFile(file: FileFacts, response: Response): Promise<Trouble> {
	if (!response.body?.locked) await response.body?.cancel();
	await clearChunks(file.sha256);
	return downloadTrouble('download-wrong', file);
}

async function keep(file: FileFacts, whole: ArrayBuffer): Promise<void> {
	try {
		await writeCopy(file, file.url, whole);
	} catch {
		// The pieces take as much space again; the whole is in memory, so they may go first.
		await clearChunks(file.sha256);
		await writeCopy(file, file.url, whole).catch(async (cause: unknown) => {
			throw await full(file, cause);
		});
	}
}

async function full(file: FileFacts, cause: unknown): Promise<Trouble> {
	await clearChunks(file.sha256);
	return downloadTrouble('download-full', file, cause);
}

function isQuota(cause: unknown): boolean {
	return cause instanceof Error && cause.name === 'QuotaExceededError';
}
