/**
 * A picture file (photo, drop, paste, share) as an upright ImageBitmap. What a file is, is read from its
 * first bytes, never from its ending; how large it is, before anything is decoded.
 */
import { BMP } from 'image-size/types/bmp';
import { GIF } from 'image-size/types/gif';
import { HEIF } from 'image-size/types/heif';
import { JPG } from 'image-size/types/jpg';
import { JXL } from 'image-size/types/jxl';
import { JXLStream } from 'image-size/types/jxl-stream';
import { PNG } from 'image-size/types/png';
import { TIFF } from 'image-size/types/tiff';
import { WEBP } from 'image-size/types/webp';
import { Trouble } from '$lib/domain/trouble';

/** 400 MB when decoded. */
const MOST_MEGAPIXELS = 100;
/** What is kept of a larger one: under the 16.7 megapixels of the smallest canvases (iOS). */
const WORKING_MEGAPIXELS = 12;
/** Photo metadata (EXIF with thumbnail, colour profile) before the size fits well in this many bytes. */
const HEADER = 4 * 2 ** 20;
/** Every browser decodes the first five; the others are tried, and named where it fails. */
const kinds = [
	{ name: 'JPEG', common: true, header: JPG },
	{ name: 'PNG', common: true, header: PNG },
	{ name: 'WebP', common: true, header: WEBP },
	{ name: 'GIF', common: true, header: GIF },
	{ name: 'BMP', common: true, header: BMP },
	{ name: 'HEIC or AVIF', common: false, header: HEIF },
	{ name: 'JPEG XL', common: false, header: JXL },
	{ name: 'JPEG XL', common: false, header: JXLStream },
	{ name: 'TIFF or raw', common: false, header: TIFF }
];

export interface PictureFacts {
	/** What the first bytes say, in words: 'JPEG', 'HEIC or AVIF' … */
	kind: string;
	/** Whether every browser decodes this kind. */
	common: boolean;
	/** Pixels as stored, before the EXIF orientation; null where the header does not tell. */
	size: { width: number; height: number } | null;
}

/**
 * Decodes a picture, turned the way its EXIF orientation says, at most 12 megapixels of it; the first frame of
 * an animation.
 * The caller closes the bitmap.
 *
 * @param name the file's name, for the words of an error
 * @throws Trouble 'picture-unsupported' (not a picture, or a kind this browser cannot read),
 *   'picture-too-large' (over 100 megapixels), 'picture-broken' (cut short or damaged)
 */
export async function decodePicture(blob: Blob, name: string): Promise<ImageBitmap> {
	const header = await blob
		.slice(0, HEADER)
		.arrayBuffer()
		.catch((cause: unknown) => {
			throw broken(name, cause);
		});
	const { kind, common } = pictureFacts(new Uint8Array(header), name);
	try {
		return await capped(await createImageBitmap(blob, { imageOrientation: 'from-image' }));
	} catch (cause) {
		if (common) throw broken(name, cause);
		throw new Trouble(
			'picture-unsupported',
			`“${name}” is a ${kind} picture, which this browser cannot read. Save or share it as JPEG and try again.`,
			{ cause }
		);
	}
}

/** More than phones can hold in a canvas, and far more than a network sees, is made smaller at once. */
async function capped(picture: ImageBitmap): Promise<ImageBitmap> {
	const { width, height } = picture;
	const scale = Math.sqrt((WORKING_MEGAPIXELS * 1e6) / (width * height));
	if (scale >= 1) return picture;
	try {
		return await createImageBitmap(picture, {
			resizeWidth: Math.max(1, Math.floor(width * scale)),
			resizeHeight: Math.max(1, Math.floor(height * scale)),
			resizeQuality: 'high'
		});
	} finally {
		picture.close();
	}
}

/**
 * Reads the kind and size of a picture from its first bytes.
 *
 * @throws Trouble as `decodePicture`
 */
export function pictureFacts(header: Uint8Array, name: string): PictureFacts {
	if (header.byteLength === 0) throw broken(name, 'empty');
	const kind = kinds.find((one) => matches(one.header, header));
	if (!kind) {
		throw new Trouble(
			'picture-unsupported',
			`“${name}” is not a picture that Lensmith can read. JPEG, PNG, WebP, GIF, BMP and (in most browsers) AVIF work.`
		);
	}
	const size = sizeOf(kind.header, header);
	const millions = size ? (size.width * size.height) / 1e6 : 0;
	if (millions > MOST_MEGAPIXELS) {
		throw new Trouble(
			'picture-too-large',
			`“${name}” has ${Math.ceil(millions)} million pixels; the most is ${MOST_MEGAPIXELS}. Make it smaller and try again.`
		);
	}
	return { kind: kind.name, common: kind.common, size };
}

type Header = (typeof kinds)[number]['header'];

/** The readers throw at what has their first bytes and then goes wrong: that is their kind, damaged. */
function matches(reader: Header, header: Uint8Array): boolean {
	try {
		return reader.validate(header);
	} catch {
		return true;
	}
}

function sizeOf(reader: Header, header: Uint8Array): { width: number; height: number } | null {
	try {
		const { width, height, images = [] } = reader.calculate(header);
		return images.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a), { width, height });
	} catch {
		// Odd metadata is no reason to refuse a photo: the decoder is the judge.
		return null;
	}
}

function broken(name: string, cause: unknown): Trouble {
	return new Trouble(
		'picture-broken',
		`“${name}” could not be read: the file is damaged or not complete. Take it from its source again.`,
		{ cause }
	);
}
