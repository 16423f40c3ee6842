/**
 * A picture file (photo, drop, paste, share) as an upright ImageBitmap. What a file is, is read from its
 * first bytes, never from its ending; how large it is, before anything is decoded.
 */
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
const WORKING_PIXELS = 12e6;
/** Photo metadata (EXIF with thumbnail, colour profile) before the size fits well in this many bytes. */
const HEADER = 4 * 2 ** 20;
/** Two letters are too little to know a BMP by: the size of the header behind them is one of a few. */
const bmp = {
	validate: (input: Uint8Array) =>
		input.length >= 26 &&
		input[0] === 0x42 &&
		input[1] === 0x4d &&
		[12, 16, 40, 52, 56, 64, 108, 124].includes(viewOf(input).getUint32(14, true)),
	calculate: (input: Uint8Array): { width: number; height: number; orientation?: number; images?: never } => {
		const view = viewOf(input);
		// The oldest header has 16 bits a side; below, a negative height counts the rows from the top.
		if (view.getUint32(14, true) === 12)
			return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
		return { width: view.getUint32(18, true), height: Math.abs(view.getInt32(22, true)) };
	}
};
/** Every browser decodes the first five; the others are tried, and named where it fails. */
const kinds = [
	{ name: 'JPEG', common: true, header: JPG },
	{ name: 'PNG', common: true, header: PNG },
	{ name: 'WebP', common: true, header: WEBP },
	{ name: 'GIF', common: true, header: GIF },
	{ name: 'BMP', common: true, header: bmp },
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
	/** Pixels as seen, turned the way the EXIF orientation says; null where the header does not tell. */
	size: { width: number; height: number } | null;
}

/**
 * Decodes a picture, turned the way its EXIF orientation says, at most 12 megapixels of it; the first frame of
 * an animation.
 * The caller closes the bitmap.
 *
 * @param name the file's name, for the words of an error
 * @throws Trouble 'picture-unsupported' (not a picture, or a kind this browser cannot read),
 *   'picture-too-large' (over 100 megapixels, or a large file that does not tell how many), 'picture-broken'
 *   (cut short or damaged)
 */
export async function decodePicture(blob: Blob, name: string): Promise<ImageBitmap> {
	const header = await blob
		.slice(0, HEADER)
		.arrayBuffer()
		.catch((cause: unknown) => {
			throw broken(name, cause);
		});
	const { kind, common, size } = pictureFacts(new Uint8Array(header), name);
	if (!size && blob.size > HEADER) throw unmeasured(name);
	try {
		return await capped(await createImageBitmap(blob, { imageOrientation: 'from-image', ...fit(size) }));
	} catch (cause) {
		if (common) throw broken(name, cause);
		throw new Trouble(
			'picture-unsupported',
			`“${name}” is a ${kind} picture, which this browser cannot read. Save or share it as JPEG and try again.`,
			{ cause }
		);
	}
}

/**
 * What is far more than phones can hold is made smaller as it is decoded, by halves: those are true averages, other
 * sizes alias. Only the width is told: the height follows in the picture's own shape. Where a header did not tell
 * that the picture lies on its side, that width is the wrong side's, so an elongated one is left as it is.
 */
function fit(size: PictureFacts['size']): ImageBitmapOptions {
	if (!size) return {};
	const { width, height } = size;
	if (width * height <= 2 * WORKING_PIXELS) return {};
	let part = 2;
	while (Math.ceil(width / part) * Math.ceil(height / part) > WORKING_PIXELS) part *= 2;
	if (Math.max(width / height, height / width) > part) return {};
	return { resizeWidth: Math.ceil(width / part), resizeQuality: 'high' };
}

/** More than phones can hold, and far more than a network sees, is made smaller at once. */
async function capped(picture: ImageBitmap): Promise<ImageBitmap> {
	const scale = scaleOf(picture);
	if (scale >= 1) return picture;
	try {
		return await createImageBitmap(picture, {
			resizeWidth: Math.max(1, Math.floor(picture.width * scale)),
			resizeHeight: Math.max(1, Math.floor(picture.height * scale)),
			resizeQuality: 'high'
		});
	} finally {
		picture.close();
	}
}

function scaleOf({ width, height }: { width: number; height: number }): number {
	return Math.sqrt(WORKING_PIXELS / (width * height));
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
		const { width, height, orientation = 1, images = [] } = reader.calculate(header);
		// EXIF orientations from 5 on lie on their side.
		const first = orientation > 4 ? { width: height, height: width } : { width, height };
		return images.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a), first);
	} catch {
		// Odd metadata is no reason to refuse a photo: the decoder is the judge.
		return null;
	}
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
	return new DataView(buffer, byteOffset, byteLength);
}

/** Decoding it might take more memory than there is. */
function unmeasured(name: string): Trouble {
	return new Trouble(
		'picture-too-large',
		`“${name}” is a large file that does not tell how many pixels it has. Save or share it as JPEG once more and try again.`
	);
}

function broken(name: string, cause: unknown): Trouble {
	return new Trouble(
		'picture-broken',
		`“${name}” could not be read: the file is damaged or not complete. Take it from its source again.`,
		{ cause }
	);
}
