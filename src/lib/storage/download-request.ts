/**
 * Asks a hub for the part of a file that is not here yet.
 */
import type { FileFacts } from '$lib/domain/card';
import { downloadTrouble } from './download-words';
import { clearChunks, receivedChunks } from './downloads';

/** An answer whose body starts at `offset` of the file. */
export interface Connection {
	response: Response;
	offset: number;
	etag: string | null;
}

/**
 * Clears the kept pieces where the server cannot go on from them, and then asks for the whole.
 *
 * @throws Trouble 'download-html', 'download-refused'; TypeError where the network fails
 */
export async function requestRest(
	file: FileFacts,
	signal: AbortSignal,
	fetch: typeof globalThis.fetch
): Promise<Connection> {
	const kept = await receivedChunks(file.sha256);
	const response = await fetch(file.url, {
		signal,
		// The file cache keeps it; a second copy in the browser's own cache would cost as much again.
		cache: 'no-store',
		credentials: 'omit',
		// No If-Range: unlike Range it would need a preflight at the hub and at every host it redirects to.
		// The ETag is compared in `continues`, and the hash decides in any case.
		headers: kept.bytes > 0 ? { range: `bytes=${kept.bytes}-` } : {}
	});
	if ((response.headers.get('content-type') ?? '').toLowerCase().startsWith('text/html') && response.ok)
		throw downloadTrouble('download-html', file);
	const etag = response.headers.get('etag');
	if (kept.bytes === 0 && response.ok) return { response, offset: 0, etag };
	if (continues(response, kept)) return { response, offset: kept.bytes, etag };
	if (!response.ok && response.status !== 416)
		throw downloadTrouble('download-refused', file, `status ${response.status}`);
	await clearChunks(file.sha256);
	if (response.status === 200) return { response, offset: 0, etag };
	await response.body?.cancel();
	if (kept.bytes === 0) throw downloadTrouble('download-refused', file, `status ${response.status}`);
	return requestRest(file, signal, fetch);
}

/** Whether the answer goes on where the kept pieces end, in the same version of the file. */
function continues(response: Response, kept: { bytes: number; etag: string | null }): boolean {
	if (response.status !== 206) return false;
	// Both may be hidden from this page by the server's cross-origin rules.
	const range = response.headers.get('content-range');
	const etag = response.headers.get('etag');
	if (range && !range.startsWith(`bytes ${kept.bytes}-`)) return false;
	return !etag || !kept.etag || etag === kept.etag;
}
