/**
 * Many photos asked about one after the other, each as the Look screen asks about a photo: the same decoding, the same
 * part of it, the same rule for "sure". One picture is in memory at a time; what cannot be read is a row in words.
 */
import type { Prediction } from '$lib/domain/predictions';
import { stillAnswer } from '$lib/domain/prediction';
import { asTrouble } from '$lib/domain/trouble';
import type { DatasetItem } from '$lib/files/dataset';
import { decodePicture } from '$lib/files/picture';
import type { Crop } from '$lib/image/crop';
import { fitInto } from '$lib/image/shrink';
import type { Answerer } from './answerers';

export interface ManyOptions {
	photos: Iterable<ManyPhoto> | AsyncIterable<ManyPhoto>;
	answerer: Answerer;
	crop: Crop;
	/** How many of the best answers a row holds. */
	best: number;
	/** Ends it; a photo that is with the engine is given up. */
	signal: AbortSignal;
}

/** `label`: the one that its folder or a table gives it. */
export type ManyPhoto = Pick<DatasetItem, 'path' | 'label' | 'read'> & Pick<Prediction, 'counts'>;

export interface ManyRow extends Prediction {
	/** A small JPEG; null where there is none to see. */
	thumbnail: Blob | null;
}

/** Pixels on the long side: 48 on the page, on a dense screen. */
const THUMBNAIL = 128;
const THUMBNAIL_QUALITY = 0.75;
/** An engine that stops is waited for; a photo that it stops at so often gets no answer. */
const MOST_TRIES = 3;
const startingAgain = new Set(['engine-busy', 'engine-restarting', 'engine-stopped']);

/** Rows in the order of the photos. Ends early, and never throws, when aborted. */
export async function* askAboutMany({ photos, signal, ...how }: ManyOptions): AsyncGenerator<ManyRow, void> {
	for await (const photo of photos) {
		if (signal.aborted) return;
		const row = await rowOf(photo, how, signal).catch((cause: unknown) => {
			if (signal.aborted) return null;
			const words = `“${nameOf(photo)}” could not be read; it may have been moved or changed.`;
			return { ...blank(photo), trouble: asTrouble(cause, 'photo-unread', words).message };
		});
		if (signal.aborted || !row) return;
		yield row;
	}
}

type How = Pick<ManyOptions, 'answerer' | 'crop' | 'best'>;

async function rowOf(photo: ManyPhoto, how: How, signal: AbortSignal): Promise<ManyRow> {
	const { answerer, crop, best } = how;
	for (let tries = 1; ; tries++) {
		await answerer.whenReady(signal);
		const picture = await decodePicture(await photo.read(), nameOf(photo));
		// Drawn now, while the picture is here, and packed while the network runs.
		const thumbnail = thumbnailOf(picture);
		if (signal.aborted) picture.close();
		signal.throwIfAborted();
		try {
			// It is transferred, and closed there.
			const { probabilities, familiar } = await answerer.answer(picture, crop);
			const { sureFrom } = answerer;
			const { guesses, sure } = stillAnswer(probabilities, { familiar, sureFrom, k: best });
			return { ...blank(photo), guesses, sure, thumbnail: await thumbnail };
		} catch (cause) {
			const trouble = asTrouble(cause, 'photo-unanswered', 'The network could not be run on this photo.');
			const again = startingAgain.has(trouble.code) && tries < MOST_TRIES;
			if (!again) return { ...blank(photo), trouble: trouble.message, thumbnail: await thumbnail };
		}
	}
}

const blank = ({ path, label, counts }: ManyPhoto): ManyRow => ({
	...{ path, truth: label, counts, guesses: [], sure: false, trouble: null, thumbnail: null }
});

/** Without one a row is still a row. */
async function thumbnailOf(picture: ImageBitmap): Promise<Blob | null> {
	const { width, height } = fitInto(picture, THUMBNAIL);
	const canvas = new OffscreenCanvas(width, height);
	try {
		const context = canvas.getContext('2d', { alpha: false });
		if (!context) return null;
		context.fillStyle = 'white';
		context.fillRect(0, 0, width, height);
		context.imageSmoothingQuality = 'medium';
		context.drawImage(picture, 0, 0, width, height);
		return await canvas.convertToBlob({ type: 'image/jpeg', quality: THUMBNAIL_QUALITY });
	} catch {
		return null;
	} finally {
		// Browsers free a small canvas's pixels sooner than a dropped one.
		canvas.width = canvas.height = 1;
	}
}

function nameOf({ path }: ManyPhoto): string {
	return path.split(/[\\/]/).at(-1) ?? path;
}
