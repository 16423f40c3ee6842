/**
 * Zips from outside, as files that are unpacked one by one when they are read. The directory is checked before
 * anything is unpacked; sizes are counted while it streams, whatever the directory says.
 */
import type { Entry, FileEntry } from '@zip.js/zip.js';
import { Trouble } from '$lib/domain/trouble';
import { MOST_ENTRIES, type Skipped, type SourceFile } from './dataset';

export interface ZipLimits {
	entries: number;
	/** Bytes of one file, unpacked. */
	entryBytes: number;
}

export interface OpenedZip {
	files: SourceFile[];
	/** Links, which are not followed. */
	skipped: Skipped[];
}

/** A photo of 100 megapixels as JPEG stays below it. */
const limits: ZipLimits = { entries: MOST_ENTRIES, entryBytes: 64 * 2 ** 20 };
/** Bytes of the directory for each entry: a name, its dates, and some to spare. */
const DIRECTORY_BYTES = 1024;
/** APPNOTE.TXT 4.3.16 and 4.3.15: the end of the central directory, and what Zip64 puts in front of it. */
const END = { signature: 0x06054b50, size: 22, longestComment: 0xffff };
const ZIP64_LOCATOR = { signature: 0x07064b50, size: 20 };
/** A local header without its name, at least (4.3.7). */
const LOCAL_HEADER = 30;

/** Whether it begins as a zip does, whatever it is called. */
export async function isZip(blob: Blob): Promise<boolean> {
	const start = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
	return start[0] === 0x50 && start[1] === 0x4b && (start[2] === 3 || start[2] === 5);
}

/**
 * Lists what a zip holds. The blob is read again when a file is.
 *
 * @param name for the words of an error
 * @throws Trouble 'zip-broken', 'zip-too-large' (entries or directory), 'zip-encrypted', 'zip-unsupported' (Zip64,
 *   several parts), 'zip-hostile' (entries that lie over each other). Of the files' `read`: 'zip-broken',
 *   'zip-entry-too-large', 'zip-unsupported'
 */
export async function openZip(blob: Blob, name: string, allowed: ZipLimits = limits): Promise<OpenedZip> {
	await checkEnd(blob, name, allowed);
	const zip = await import('@zip.js/zip.js/lib/zip-core-native.js');
	// A worker of its own would come from a blob, which the policy refuses.
	const reader = new zip.ZipReader(new zip.BlobReader(blob), {
		useWebWorkers: false,
		filenameValidation: 'tolerant' // `paths` refuses names one by one, and the rest goes on
	});
	const entries: Entry[] = [];
	try {
		for await (const entry of reader.getEntriesGenerator()) {
			if (entries.push(entry) > allowed.entries) throw tooMany(name, allowed);
		}
	} catch (cause) {
		throw asZipTrouble(cause, name);
	}
	if (entries.some(({ encrypted }) => encrypted)) throw encrypted(name);
	checkOverlap(entries, name);
	const files = entries.filter((entry) => !entry.directory);
	const links = files.filter(({ symlink }) => symlink);
	return {
		files: files.filter(({ symlink }) => !symlink).map((entry) => fileOf(entry, name, allowed)),
		skipped: links.map(({ filename }) => ({ path: filename, reason: 'is left out: it is a link' }))
	};
}

function fileOf(entry: FileEntry, zip: string, { entryBytes }: ZipLimits): SourceFile {
	return {
		path: entry.filename,
		size: entry.uncompressedSize,
		async read() {
			if (entry.uncompressedSize > entryBytes) throw tooLarge(entry.filename, entryBytes);
			const parts: Uint8Array<ArrayBuffer>[] = [];
			let size = 0;
			const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
				write(part) {
					size += part.byteLength;
					if (size > entryBytes) throw tooLarge(entry.filename, entryBytes);
					parts.push(part.slice());
				}
			});
			try {
				await entry.getData(sink, { checkSignature: true, useWebWorkers: false });
			} catch (cause) {
				throw asZipTrouble(cause, zip, entry.filename);
			}
			return new Blob(parts);
		}
	};
}

/** Reads the last record only: how much is said to be in it, before any of it is read. */
async function checkEnd(blob: Blob, name: string, { entries }: ZipLimits): Promise<void> {
	const tail = blob.slice(Math.max(0, blob.size - END.size - END.longestComment - ZIP64_LOCATOR.size));
	const view = new DataView(
		await tail.arrayBuffer().catch((cause: unknown) => {
			throw broken(name, cause);
		})
	);
	let at = view.byteLength - END.size;
	while (at >= 0 && view.getUint32(at, true) !== END.signature) at--;
	if (at < 0) throw broken(name, 'no end of the central directory');
	const before = at - ZIP64_LOCATOR.size;
	if (before >= 0 && view.getUint32(before, true) === ZIP64_LOCATOR.signature) throw unsupported(name);
	const most = entries * DIRECTORY_BYTES;
	if (view.getUint16(at + 10, true) > entries || view.getUint32(at + 12, true) > most)
		throw tooMany(name, { entries });
}

/** Entries that share bytes are how a small zip becomes petabytes (Fifield, "A better zip bomb", 2019). */
function checkOverlap(entries: readonly Entry[], name: string): void {
	const inOrder = [...entries].sort((a, b) => a.offset - b.offset);
	for (const [index, entry] of inOrder.entries()) {
		const next = inOrder[index + 1]?.offset ?? Infinity;
		if (entry.offset + LOCAL_HEADER + entry.compressedSize > next)
			throw new Trouble(
				'zip-hostile',
				`“${name}” is put together in a way that zips with ordinary files are not, so it was not unpacked. Nothing was added. Get it from its source again, or pack the folder anew.`
			);
	}
}

/** @param entry the file in it that could not be unpacked; without it, the whole could not be read */
function asZipTrouble(cause: unknown, zip: string, entry?: string): Trouble {
	if (cause instanceof Trouble) return cause;
	const message = cause instanceof Error ? cause.message : '';
	if (/encrypted/i.test(message)) return encrypted(zip);
	if (/split/i.test(message)) return unsupported(zip);
	if (entry === undefined) return broken(zip, cause);
	if (/compression method/i.test(message))
		return new Trouble(
			'zip-unsupported',
			`“${entry}” is packed in a way that Lensmith cannot unpack. Unpack “${zip}” and add its folder instead.`,
			{ cause }
		);
	return new Trouble(
		'zip-broken',
		`“${entry}” could not be unpacked: it is damaged in “${zip}”. Take the zip from its source again.`,
		{ cause }
	);
}

function broken(name: string, cause: unknown): Trouble {
	return new Trouble(
		'zip-broken',
		`“${name}” could not be opened: it is no zip, or damaged, or not complete. Nothing was added. Take it from its source again, or unpack it and add its folder.`,
		{ cause }
	);
}

function encrypted(name: string): Trouble {
	return new Trouble(
		'zip-encrypted',
		`“${name}” is locked with a password. Nothing was added. Unpack it and add its folder instead.`
	);
}

function unsupported(name: string): Trouble {
	return new Trouble(
		'zip-unsupported',
		`“${name}” is a zip for very large contents (Zip64), or one in several parts, which Lensmith does not read. Nothing was added. Unpack it and add its folder instead.`
	);
}

function tooMany(name: string, { entries }: Pick<ZipLimits, 'entries'>): Trouble {
	return new Trouble(
		'zip-too-large',
		`“${name}” holds more than ${entries.toLocaleString('en')} files, which are the most. Nothing was added. Unpack it and add its folders one after the other.`
	);
}

function tooLarge(entry: string, bytes: number): Trouble {
	return new Trouble(
		'zip-entry-too-large',
		`“${entry}” is larger than ${Math.round(bytes / 2 ** 20)} MB when it is unpacked, which no photo here may be, so it was left out.`
	);
}
