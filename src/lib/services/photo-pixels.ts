/** What the network sees of a kept photo, on the page: for showing what views make of it. */
import type { Photo } from '$lib/domain/project';
import { small } from '$lib/image/augment';
import { cropRect, type Crop } from '$lib/image/crop';
import type { Pixels } from '$lib/image/resize';
import { decodePhoto } from './embed';

/**
 * @returns the photo's crop, small enough to make all views of at once; null where it was thrown away for good meanwhile
 * @throws Trouble 'photo-damaged', or of the storage
 */
export async function photoPixels(photo: Photo, crop: Crop): Promise<Pixels | null> {
	const picture = await decodePhoto(photo);
	if (!picture) return null;
	try {
		const { x, y, width, height } = cropRect(picture.width, picture.height, crop);
		const context = new OffscreenCanvas(width, height).getContext('2d', { alpha: false });
		if (!context) throw new Error('This browser gave no canvas to read the picture from.');
		context.fillStyle = 'white';
		context.fillRect(0, 0, width, height);
		context.drawImage(picture, x, y, width, height, 0, 0, width, height);
		return small(context.getImageData(0, 0, width, height));
	} finally {
		picture.close();
	}
}
