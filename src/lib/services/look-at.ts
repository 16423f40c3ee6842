/** What an engine says of a photo that is kept, also where it starts again in between. */
import type { Photo } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import type { View } from '$lib/domain/view';
import type { Crop } from '$lib/image/crop';
import { decodePhoto, startingAgain } from './embed';
import type { FeatureEngine } from './one-backbone';

/** @returns its features of each view @throws Trouble 'photo-damaged', 'photo-gone', or of the engine; AbortError */
export async function lookAt(
	engine: FeatureEngine,
	photo: Photo,
	{ crop, views, signal }: { crop: Crop; views: readonly View[]; signal: AbortSignal }
): Promise<Float32Array<ArrayBuffer>[]> {
	for (;;) {
		const picture = await decodePhoto(photo);
		if (!picture) throw photoGone();
		try {
			return await engine.embed(picture, crop, { photoId: photo.id, views });
		} catch (cause) {
			if (!(cause instanceof Trouble) || !startingAgain.has(cause.code)) throw cause;
			// Rejects where it does not come back.
			await engine.whenReady(signal);
		}
	}
}

export const photoGone = () =>
	new Trouble(
		'photo-gone',
		'A photo was thrown away while it was learned from. The model before it stays; train again.'
	);
