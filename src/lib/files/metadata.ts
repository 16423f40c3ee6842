/**
 * A picture's bytes without what cameras and programs write beside the pixels: the place and time, the maker,
 * comments, a smaller copy, a film behind the end of the file. Nothing is decoded: the pixels stay the same, and so do
 * colour profile and transparency.
 *
 * What is known to matter for the pixels is kept, the rest goes: who knows what the next camera writes.
 */
import { joined } from './bytes';
import { ascii, jpegSegments, pngChunks, viewOf, webpChunks, type Chunk } from './chunks';

/** Beside PNG's critical chunks, which begin with a capital: transparency and colour (PNG 11.3). */
const PNG_KEPT = new Set('tRNS gAMA cHRM sRGB iCCP sBIT bKGD cICP mDCV cLLI'.split(' '));
const WEBP_KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ICCP']);
/** Flags of VP8X that say that EXIF and XMP follow. */
const WEBP_METADATA = 0x08 | 0x04;
/** Content of JFIF's segment without its thumbnail: identifier, version, density, width and height of none. */
const JFIF_LENGTH = 14;

/**
 * @param kind as `pictureFacts` names it
 * @param bytes the whole file
 * @returns null where the file cannot be read to its end, or is of another kind
 */
export function withoutMetadata(kind: string, bytes: Uint8Array): Uint8Array<ArrayBuffer> | null {
	try {
		if (kind === 'JPEG') return joined([bytes.subarray(0, 2), ...kept(jpegSegments(bytes), ofJpeg), EOI]);
		if (kind === 'PNG') return joined([bytes.subarray(0, 8), ...kept(pngChunks(bytes), ofPng)]);
		return kind === 'WebP' ? webp(bytes) : null;
	} catch {
		return null;
	}
}

const EOI = Uint8Array.of(0xff, 0xd9);

/** @param of the bytes that stay of a chunk; null where it goes */
function kept(chunks: Iterable<Chunk>, of: (chunk: Chunk) => Uint8Array | null): Uint8Array[] {
	return Array.from(chunks, of).filter((bytes) => bytes !== null);
}

/** Of the segments for applications: JFIF, the colour profile, and Adobe's, which tells how colours are coded. */
function ofJpeg({ name, content, whole }: Chunk): Uint8Array | null {
	if (name === 'e0') return ascii(content, 0, 5) === 'JFIF\0' ? withoutThumbnail(content) : null;
	if (name === 'e2') return ascii(content, 0, 12) === 'ICC_PROFILE\0' ? whole : null;
	if (name === 'ee') return ascii(content, 0, 5) === 'Adobe' ? whole : null;
	return name.startsWith('e') || name === 'fe' ? null : whole;
}

function withoutThumbnail(jfif: Uint8Array): Uint8Array {
	const segment = new Uint8Array(4 + JFIF_LENGTH);
	segment.set([0xff, 0xe0, 0, 2 + JFIF_LENGTH]);
	segment.set(jfif.subarray(0, JFIF_LENGTH - 2), 4);
	return segment;
}

function ofPng({ name, whole }: Chunk): Uint8Array | null {
	return /^[A-Z]/.test(name) || PNG_KEPT.has(name) ? whole : null;
}

function webp(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
	const clean = joined([bytes.subarray(0, 12), ...kept(webpChunks(bytes), ofWebp)]);
	viewOf(clean).setUint32(4, clean.length - 8, true);
	return clean;
}

function ofWebp({ name, whole }: Chunk): Uint8Array | null {
	if (!WEBP_KEPT.has(name)) return null;
	if (name !== 'VP8X') return whole;
	const features = whole.slice();
	features[8] = (features[8] ?? 0) & ~WEBP_METADATA;
	return features;
}
