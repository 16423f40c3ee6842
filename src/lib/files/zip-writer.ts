/** A zip written as it is made: nothing but the file at hand is in memory. Files are stored as they are. */
import type { ZipWriter } from '@zip.js/zip.js';

export class ZipFile {
	readonly #zip: ZipWriter<unknown>;
	readonly #bytesReader: typeof import('@zip.js/zip.js').Uint8ArrayReader;
	#entries = 0;

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

	/** Resolves when it is written. @param path with `/`, of its own */
	async add(path: string, bytes: Uint8Array): Promise<void> {
		this.#entries++;
		await this.#zip.add(path, new this.#bytesReader(bytes));
	}

	/** Writes the directory. */
	async end(): Promise<void> {
		await this.#zip.close(undefined, { preventClose: true });
	}
}
