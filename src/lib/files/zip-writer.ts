/** A zip written as it is made: nothing but the file at hand is in memory. Files are stored as they are. */
import type { ZipWriter } from '@zip.js/zip.js';

/** Bytes beside a file's own and its name, in front of it (30) and in the directory (46), with room for a time in both. */
const BESIDE_ENTRY = 128;
/** … of the directory's end. */
const END = 22;

/** Bytes that a file makes a zip larger by, at most. @param length in bytes */
export function bytesInZip(path: string, length: number): number {
	return length + 2 * new TextEncoder().encode(path).length + BESIDE_ENTRY;
}

export class ZipFile {
	readonly #zip: ZipWriter<unknown>;
	readonly #bytesReader: typeof import('@zip.js/zip.js').Uint8ArrayReader;
	#entries = 0;
	#bytes = END;

	private constructor(
		zip: ZipWriter<unknown>,
		bytesReader: typeof import('@zip.js/zip.js').Uint8ArrayReader
	) {
		this.#zip = zip;
		this.#bytesReader = bytesReader;
	}

	/** @param stream stays open; @param date of all files in it */
	static async into(stream: WritableStream, date: Date): Promise<ZipFile> {
		const { ZipWriter, Uint8ArrayReader } = await import('@zip.js/zip.js/lib/zip-core-native.js');
		const zip = new ZipWriter(stream, {
			// A worker of its own would come from a blob, which the policy refuses.
			useWebWorkers: false,
			level: 0,
			lastModDate: date,
			// Sizes stand in front of each file: some programs cannot read stored ones otherwise.
			dataDescriptor: false,
			zip64: false
		});
		return new ZipFile(zip, Uint8ArrayReader);
	}

	get entries(): number {
		return this.#entries;
	}

	/** Of the whole file, were it ended now, at most. */
	get bytes(): number {
		return this.#bytes;
	}

	/** Resolves when it is written. @param path with `/`, of its own */
	async add(path: string, bytes: Uint8Array): Promise<void> {
		this.#entries++;
		this.#bytes += bytesInZip(path, bytes.length);
		await this.#zip.add(path, new this.#bytesReader(bytes));
	}

	/** Writes the directory. */
	async end(): Promise<void> {
		await this.#zip.close(undefined, { preventClose: true });
	}
}
