/** The pixels of anything that a page can show, inside a crop, as the app itself reads them (`engine/pixels`). */
import { Trouble } from '../domain/trouble';
import { cropRect, type Crop } from '../image/crop';
import type { Pixels } from '../image/resize';

/** A file, or what a canvas can draw. */
export type Picture =
	Blob | HTMLImageElement | HTMLVideoElement | HTMLCanvasElement | OffscreenCanvas | ImageBitmap | VideoFrame;

/** What is larger is made smaller as it is drawn: phones refuse larger canvases. */
const MOST_PIXELS = 12e6;

export class PixelReader {
	#canvas: OffscreenCanvas | null = null;

	/**
	 * The picture as it is seen (turned as its EXIF says), on white where it lets light through.
	 * Good until the next call.
	 *
	 * @throws Trouble 'picture-unreadable', 'picture-missing', 'picture-foreign'
	 */
	async read(picture: Picture, crop: Crop): Promise<Pixels> {
		if (!(picture instanceof Blob)) {
			if ('decode' in picture) await picture.decode().catch(unreadable);
			return this.#draw(picture, crop);
		}
		const bitmap = await createImageBitmap(picture, { imageOrientation: 'from-image' }).catch(unreadable);
		try {
			return this.#draw(bitmap, crop);
		} finally {
			bitmap.close();
		}
	}

	#draw(picture: Exclude<Picture, Blob>, crop: Crop): Pixels {
		const [seenWidth, seenHeight] = sizeOf(picture);
		if (!(seenWidth > 0 && seenHeight > 0))
			throw new Trouble(
				'picture-missing',
				'There is no picture yet. Wait until it has loaded, or the video plays, and try again.'
			);
		const { x, y, width, height } = cropRect(seenWidth, seenHeight, crop);
		const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
		const canvas = this.#sized(
			Math.max(1, Math.floor(width * scale)),
			Math.max(1, Math.floor(height * scale))
		);
		const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
		if (!context) throw new Error('This browser gave no canvas to read the picture from.');
		context.imageSmoothingQuality = 'high';
		context.fillStyle = 'white';
		context.fillRect(0, 0, canvas.width, canvas.height);
		context.drawImage(picture, x, y, width, height, 0, 0, canvas.width, canvas.height);
		try {
			return context.getImageData(0, 0, canvas.width, canvas.height);
		} catch (cause) {
			this.#canvas = null; // it stays closed to the page for good
			throw new Trouble(
				'picture-foreign',
				'The picture comes from another site, which does not let this page read it. Serve it from your own.',
				{ cause }
			);
		}
	}

	/** Kept from frame to frame. */
	#sized(width: number, height: number): OffscreenCanvas {
		if (this.#canvas?.width !== width || this.#canvas.height !== height)
			this.#canvas = new OffscreenCanvas(width, height);
		return this.#canvas;
	}
}

function sizeOf(picture: Exclude<Picture, Blob>): [width: number, height: number] {
	if ('naturalWidth' in picture) return [picture.naturalWidth, picture.naturalHeight];
	if ('videoWidth' in picture) return [picture.videoWidth, picture.videoHeight];
	if ('displayWidth' in picture) return [picture.displayWidth, picture.displayHeight];
	return [picture.width, picture.height];
}

function unreadable(cause: unknown): never {
	throw new Trouble('picture-unreadable', 'This file is no picture that the browser can read.', { cause });
}
