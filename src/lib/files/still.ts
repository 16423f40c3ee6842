/**
 * Whether a file's own bytes are as good as what would be made of it: one picture that needs no turning.
 * Reads the EXIF orientation where JPEG, PNG and WebP keep it; whatever is odd counts as not upright.
 */

const JPEG_EXIF = 'Exif\0\0';
/** TIFF 6.0: the tag and its type, a 16-bit number. */
const ORIENTATION = 0x0112;
const SHORT = 3;

/** @param kind as `pictureFacts` names it @param bytes the whole file */
export function isStillAndUpright(kind: string, bytes: Uint8Array): boolean {
	try {
		for (const { name, content } of chunksOf(kind, bytes)) {
			if (name === 'acTL' || name === 'ANIM') return false;
			if (/^exif$/i.test(name) && orientationOf(content) !== 1) return false;
		}
		return true;
	} catch {
		return false;
	}
}

interface Chunk {
	name: string;
	content: Uint8Array;
}

function chunksOf(kind: string, bytes: Uint8Array): Iterable<Chunk> {
	if (kind === 'JPEG') return jpegSegments(bytes);
	if (kind === 'PNG') return pngChunks(bytes);
	if (kind === 'WebP') return webpChunks(bytes);
	throw new RangeError(`${kind} is not kept as it is`);
}

/** JPEG (ITU-T T.81, B.1.1.4): marker, length with itself, content; up to the pixels. */
function* jpegSegments(bytes: Uint8Array): Generator<Chunk> {
	const view = viewOf(bytes);
	for (let at = 2; ;) {
		if (view.getUint8(at) !== 0xff) throw new RangeError('no marker');
		const marker = view.getUint8(at + 1);
		if (marker === 0xff) {
			at++; // fill bytes
			continue;
		}
		if (marker === 0xda) return;
		const length = view.getUint16(at + 2);
		const content = bytes.subarray(at + 4, at + 2 + length);
		const exif = marker === 0xe1 && ascii(content, 0, 6) === JPEG_EXIF;
		yield exif ? { name: 'EXIF', content: content.subarray(6) } : { name: String(marker), content };
		at += 2 + length;
	}
}

/** PNG, 5.3: length, type, content, checksum. */
function* pngChunks(bytes: Uint8Array): Generator<Chunk> {
	const view = viewOf(bytes);
	for (let at = 8; at < bytes.length;) {
		const length = view.getUint32(at);
		yield { name: ascii(bytes, at + 4, 4), content: bytes.subarray(at + 8, at + 8 + length) };
		at += 12 + length;
	}
}

/** RIFF: type, length, content, padded to an even length. */
function* webpChunks(bytes: Uint8Array): Generator<Chunk> {
	const view = viewOf(bytes);
	for (let at = 12; at < bytes.length;) {
		const length = view.getUint32(at + 4, true);
		const content = bytes.subarray(at + 8, at + 8 + length);
		// Some writers put JPEG's prefix in front.
		const start = ascii(content, 0, 6) === JPEG_EXIF ? 6 : 0;
		yield { name: ascii(bytes, at, 4), content: content.subarray(start) };
		at += 8 + length + (length % 2);
	}
}

/** 1..8 of the first directory of a TIFF; 1 where it says nothing. @throws RangeError where it is cut short */
function orientationOf(tiff: Uint8Array): number {
	const view = viewOf(tiff);
	const little = view.getUint16(0) === 0x4949;
	const start = view.getUint32(4, little);
	const entries = view.getUint16(start, little);
	for (let entry = 0; entry < entries; entry++) {
		const at = start + 2 + 12 * entry;
		if (view.getUint16(at, little) !== ORIENTATION) continue;
		return view.getUint16(at + 2, little) === SHORT ? view.getUint16(at + 8, little) : 0;
	}
	return 1;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
	return new DataView(buffer, byteOffset, byteLength);
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
	return String.fromCharCode(...bytes.subarray(at, at + length));
}
