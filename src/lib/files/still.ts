/**
 * Whether a file's own bytes are as good as what would be made of it: one picture that needs no turning.
 * Reads the EXIF orientation where JPEG, PNG and WebP keep it; whatever is odd counts as not upright.
 */
import { ascii, jpegSegments, pngChunks, viewOf, webpChunks, type Chunk } from './chunks';

const JPEG_EXIF = 'Exif\0\0';
/** TIFF 6.0: the tag and its type, a 16-bit number. */
const ORIENTATION = 0x0112;
const SHORT = 3;

/** @param kind as `pictureFacts` names it @param bytes the whole file */
export function isStillAndUpright(kind: string, bytes: Uint8Array): boolean {
	try {
		for (const chunk of chunksOf(kind, bytes)) {
			if (chunk.name === 'acTL' || chunk.name === 'ANIM') return false;
			const exif = exifOf(chunk);
			if (exif && orientationOf(exif) !== 1) return false;
		}
		return true;
	} catch {
		return false;
	}
}

function chunksOf(kind: string, bytes: Uint8Array): Iterable<Chunk> {
	if (kind === 'JPEG') return jpegSegments(bytes);
	if (kind === 'PNG') return pngChunks(bytes);
	if (kind === 'WebP') return webpChunks(bytes);
	throw new RangeError(`${kind} is not kept as it is`);
}

/** The TIFF in it; null where it is of something else. Some writers of WebP put JPEG's prefix in front. */
function exifOf({ name, content }: Chunk): Uint8Array | null {
	const prefixed = ascii(content, 0, 6) === JPEG_EXIF;
	if (name === 'e1') return prefixed ? content.subarray(6) : null;
	return /^exif$/i.test(name) ? content.subarray(prefixed ? 6 : 0) : null;
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
