/**
 * The pieces of files that are still being downloaded, so that a download goes on where it stopped.
 */
import { withDatabase } from './database';
import type { ChunkRow } from './schema';

const rowsOf = (sha256: string) => IDBKeyRange.bound([sha256, 0], [sha256, Infinity]);

const CHUNK = 2 ** 20;

/** Writes the bytes of a file, as they come, as rows of 1 MiB. */
export class ChunkWriter {
	readonly #sha256: string;
	readonly #etag: string | null;
	readonly #chunk = new Uint8Array(CHUNK);
	#filled = 0;
	#written: number;

	/** @param offset where in the file the bytes start: what `receivedChunks` says was received */
	constructor(sha256: string, offset: number, etag: string | null) {
		this.#sha256 = sha256;
		this.#written = offset;
		this.#etag = etag;
	}

	/** Bytes of the file so far, those before `offset` included. */
	get received(): number {
		return this.#written + this.#filled;
	}

	/** @throws QuotaExceededError */
	async add(bytes: Uint8Array): Promise<void> {
		for (let rest = bytes; rest.byteLength > 0;) {
			const part = rest.subarray(0, CHUNK - this.#filled);
			this.#chunk.set(part, this.#filled);
			this.#filled += part.byteLength;
			rest = rest.subarray(part.byteLength);
			if (this.#filled === CHUNK) await this.flush();
		}
	}

	/** Writes what is still held back, as a shorter row. @throws QuotaExceededError */
	async flush(): Promise<void> {
		if (this.#filled === 0) return;
		const row: ChunkRow = {
			sha256: this.#sha256,
			offset: this.#written,
			bytes: this.#chunk.slice(0, this.#filled).buffer,
			etag: this.#etag
		};
		await withDatabase((database) => database.put('downloads', row));
		this.#written += this.#filled;
		this.#filled = 0;
	}
}

/** How many bytes of the file are kept, and which version of it the server said they are of. */
export async function receivedChunks(sha256: string): Promise<{ bytes: number; etag: string | null }> {
	return withDatabase(async (database) => {
		const last = await database.transaction('downloads').store.openCursor(rowsOf(sha256), 'prev');
		if (!last) return { bytes: 0, etag: null };
		return { bytes: last.value.offset + last.value.bytes.byteLength, etag: last.value.etag };
	});
}

/** The kept pieces put together; null where they have a gap or do not make up `length` bytes. */
export async function joinChunks(sha256: string, length: number): Promise<ArrayBuffer | null> {
	return withDatabase(async (database) => {
		const whole = new Uint8Array(length);
		let filled = 0;
		let cursor = await database.transaction('downloads').store.openCursor(rowsOf(sha256));
		while (cursor) {
			const { offset, bytes } = cursor.value;
			if (offset !== filled || offset + bytes.byteLength > length) return null;
			whole.set(new Uint8Array(bytes), offset);
			filled += bytes.byteLength;
			cursor = await cursor.continue();
		}
		return filled === length ? whole.buffer : null;
	});
}

/** Forgets the pieces of a file. */
export async function clearChunks(sha256: string): Promise<void> {
	await withDatabase((database) => database.delete('downloads', rowsOf(sha256)));
}
