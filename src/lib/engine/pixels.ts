/** The pixels of a frame or picture inside a crop, as RGBA. */
import { cropRect, type Crop, type Rect } from '../image/crop';
import type { Pixels } from '../image/resize';

/** Kept for the next frame; what is larger comes from a photo, and its canvas would be held for nothing. */
const KEPT_PIXELS = 1280 * 720;
let canvas: OffscreenCanvas | null = null;
let buffer = new Uint8Array(0);
/** Set once a browser has refused to convert a frame to RGBA. */
let copyRefused = false;
/** Whether this browser turns blue-first pixels into RGBA when it copies; asked once, when such a frame comes. */
let swaps: Promise<boolean> | null = null;

/** Reads the crop of `source` at full resolution. The pixels are good until the next call. Does not close `source`. */
export async function readPixels(source: VideoFrame | ImageBitmap, crop: Crop): Promise<Pixels> {
	if (source instanceof ImageBitmap) return draw(source, cropRect(source.width, source.height, crop));
	if (!copyRefused && isPlain(source) && (await isConverted(source))) {
		const copied = await copy(source, crop);
		if (copied) return copied;
	}
	return draw(source, cropRect(source.displayWidth, source.displayHeight, crop));
}

/** Whether what is shown of the frame is what is stored: no rotation, mirror or stretched pixels. */
function isPlain(frame: VideoFrame): boolean {
	const { visibleRect, displayWidth, displayHeight } = frame;
	const turned = 'rotation' in frame && frame.rotation !== 0;
	const mirrored = 'flip' in frame && frame.flip === true;
	return !turned && !mirrored && visibleRect?.width === displayWidth && visibleRect.height === displayHeight;
}

/** Where `format` is passed over, frames of several planes are refused, but blue-first ones give red for blue. */
async function isConverted({ format }: VideoFrame): Promise<boolean> {
	if (format !== 'BGRA' && format !== 'BGRX') return true;
	return (swaps ??= trySwap());
}

async function trySwap(): Promise<boolean> {
	const red = new Uint8Array([0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255]);
	const frame = new VideoFrame(red, { format: 'BGRA', codedWidth: 2, codedHeight: 2, timestamp: 0 });
	try {
		const out = new Uint8Array(red.length);
		await frame.copyTo(out, { format: 'RGBA', colorSpace: 'srgb', layout: [{ offset: 0, stride: 8 }] });
		return (out[0] ?? 0) > 128 && (out[2] ?? 255) < 128;
	} catch {
		return false;
	} finally {
		frame.close();
	}
}

/** Straight from the frame, without a canvas; null where this browser cannot convert the frame. */
async function copy(frame: VideoFrame, crop: Crop): Promise<Pixels | null> {
	const visible = frame.visibleRect;
	if (!visible) return null;
	const inside = cropRect(visible.width, visible.height, crop);
	const rect = { ...inside, x: visible.x + inside.x, y: visible.y + inside.y };
	const { width, height } = rect;
	const bytes = width * height * 4;
	if (buffer.length < bytes) buffer = new Uint8Array(bytes);
	try {
		await frame.copyTo(buffer, {
			rect,
			format: 'RGBA',
			colorSpace: 'srgb',
			layout: [{ offset: 0, stride: width * 4 }]
		});
	} catch {
		copyRefused = true;
		return null;
	}
	return { data: buffer.subarray(0, bytes), width, height };
}

function draw(source: VideoFrame | ImageBitmap, { x, y, width, height }: Rect): Pixels {
	canvas ??= new OffscreenCanvas(width, height);
	if (canvas.width !== width || canvas.height !== height) {
		canvas.width = width;
		canvas.height = height;
	}
	const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
	if (!context) throw new Error('This browser gave no canvas to read the picture from.');
	// What is transparent becomes white, as on paper.
	context.fillStyle = 'white';
	context.fillRect(0, 0, width, height);
	context.drawImage(source, x, y, width, height, 0, 0, width, height);
	const { data } = context.getImageData(0, 0, width, height);
	if (width * height > KEPT_PIXELS) {
		// Browsers free a small canvas's pixels sooner than a dropped one.
		canvas.width = canvas.height = 1;
	}
	return { data, width, height };
}
