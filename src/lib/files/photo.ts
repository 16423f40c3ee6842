/**
 * A picture as a photo is kept: upright, at most 1024 pixels on the long side, with its thumbnail, its SHA-256 and
 * its perceptual hash. Runs in a worker, and knows no page.
 *
 * A still and upright JPEG, WebP or small PNG of at most 1024 pixels keeps its own bytes, without the metadata in
 * them, which may tell a place. Everything else becomes a JPEG: smaller ones by averaging over areas, transparent ones
 * on white, which is how networks are shown them too.
 */
import { Trouble } from '$lib/domain/trouble';
import { perceptualHash } from '$lib/image/perceptual-hash';
import type { Pixels } from '$lib/image/resize';
import { fitInto, Shrink } from '$lib/image/shrink';
import type { Photo, PictureBytes } from '$lib/domain/project';
import { sha256Of } from './hash';
import { withoutMetadata } from './metadata';
import { decodePicture, pictureFacts } from './picture';
import { isStillAndUpright } from './still';

/** What a `NewPhoto` needs to be told of its picture. */
export interface MadePhoto extends Pick<Photo, 'width' | 'height' | 'bytes' | 'sha256' | 'hash'> {
	picture: PictureBytes;
	thumbnail: PictureBytes;
}

/** Pixels on the long side. */
const LONGEST = 1024;
const LONGEST_THUMBNAIL = 160;
const QUALITY = 0.92;
const THUMBNAIL_QUALITY = 0.8;
const JPEG = 'image/jpeg';
/** Files up to these sizes in bytes may stay as they are; a photo as PNG would be ten times a JPEG. */
const KEPT: Partial<Record<string, { type: string; most: number }>> = {
	JPEG: { type: JPEG, most: 4 * 2 ** 20 },
	WebP: { type: 'image/webp', most: 4 * 2 ** 20 },
	PNG: { type: 'image/png', most: 256 * 2 ** 10 }
};
/** What is read from a large picture at once. */
const STRIP_PIXELS = 2 ** 21;

type Opaque = Pixels & { data: Uint8ClampedArray<ArrayBuffer> };

/**
 * @param source a picture file, or a frame of the camera, upright, which is closed
 * @param name for the words of an error
 * @throws Trouble as `decodePicture`; 'photo-insecure' on a page without cryptography; 'photo-failed' where the
 *   browser gives no canvas or cannot write the picture
 */
export async function makePhoto(source: Blob | ImageBitmap | VideoFrame, name: string): Promise<MadePhoto> {
	if (!globalThis.crypto?.subtle) {
		if (!(source instanceof Blob)) source.close();
		throw new Trouble(
			'photo-insecure',
			'This address is not secure (http), so no photos can be kept here. Open Lensmith over https.'
		);
	}
	const own = source instanceof Blob ? await ownBytes(source, name) : null;
	const decoded = source instanceof Blob ? await decodePicture(source, name) : source;
	try {
		const { width, height } = sizeOf(decoded);
		const pixels = readSmaller(decoded, fitInto({ width, height }, LONGEST));
		const fits = Math.max(width, height) <= LONGEST;
		return await describe(pixels, own && fits ? own : await encode(pixels, QUALITY, name), name);
	} finally {
		decoded.close();
	}
}

async function describe(pixels: Opaque, picture: PictureBytes, name: string): Promise<MadePhoto> {
	const { width, height } = pixels;
	const small = resized(pixels, fitInto(pixels, LONGEST_THUMBNAIL));
	return {
		picture,
		thumbnail: await encode(small, THUMBNAIL_QUALITY, name),
		width,
		height,
		bytes: picture.bytes.byteLength,
		sha256: await sha256Of(picture.bytes),
		hash: perceptualHash(pixels)
	};
}

/** The file as it is but for its metadata, where it may stay so if it is no larger than 1024 pixels. */
async function ownBytes(blob: Blob, name: string): Promise<PictureBytes | null> {
	const most = Math.max(...Object.values(KEPT).map((kind) => kind?.most ?? 0));
	if (blob.size === 0 || blob.size > most) return null;
	const bytes = await blob.arrayBuffer().catch((cause: unknown) => {
		throw new Trouble(
			'picture-broken',
			`“${name}” could not be read; it may have been moved or changed. Choose it once more.`,
			{ cause }
		);
	});
	const { kind } = pictureFacts(new Uint8Array(bytes), name);
	const kept = KEPT[kind];
	if (!kept || bytes.byteLength > kept.most) return null;
	if (!isStillAndUpright(kind, new Uint8Array(bytes))) return null;
	const clean = withoutMetadata(kind, new Uint8Array(bytes));
	return clean && { bytes: clean.buffer, type: kept.type };
}

function sizeOf(picture: ImageBitmap | VideoFrame): { width: number; height: number } {
	if (picture instanceof ImageBitmap) return picture;
	return { width: picture.displayWidth, height: picture.displayHeight };
}

/** The picture in its new size, on white. Read in strips, each drawn on the same small canvas. */
function readSmaller(picture: ImageBitmap | VideoFrame, to: { width: number; height: number }): Opaque {
	const { width, height } = sizeOf(picture);
	const shrink = new Shrink({ width, height }, to);
	const strip = Math.min(height, Math.ceil(STRIP_PIXELS / width));
	const context = contextOf(width, strip, { willReadFrequently: true });
	for (let y = 0; y < height; y += strip) {
		const rows = Math.min(strip, height - y);
		context.fillStyle = 'white';
		context.fillRect(0, 0, width, rows);
		context.drawImage(picture, 0, -y, width, height);
		shrink.add(context.getImageData(0, 0, width, rows));
	}
	return shrink.pixels();
}

function resized(pixels: Opaque, to: { width: number; height: number }): Opaque {
	const shrink = new Shrink(pixels, to);
	shrink.add(pixels);
	return shrink.pixels();
}

async function encode({ data, width, height }: Opaque, quality: number, name: string): Promise<PictureBytes> {
	const context = contextOf(width, height, { alpha: false });
	context.putImageData(new ImageData(data, width, height), 0, 0);
	try {
		const blob = await context.canvas.convertToBlob({ type: JPEG, quality });
		return { bytes: await blob.arrayBuffer(), type: blob.type };
	} catch (cause) {
		throw failed(name, cause);
	} finally {
		// Browsers free a small canvas's pixels sooner than a dropped one.
		context.canvas.width = context.canvas.height = 1;
	}
}

function contextOf(
	width: number,
	height: number,
	settings: { alpha?: boolean; willReadFrequently?: boolean }
): OffscreenCanvasRenderingContext2D {
	const context = new OffscreenCanvas(width, height).getContext('2d', settings);
	if (!context) throw failed('', 'no canvas');
	return context;
}

function failed(name: string, cause: unknown): Trouble {
	const what = name ? `“${name}”` : 'A photo';
	return new Trouble(
		'photo-failed',
		`${what} could not be made ready to keep: the browser may be short of memory. Close other tabs and try again.`,
		{ cause }
	);
}
