/** One of the project's photos as the network sees it, to show what views make of it. */
import type { Crop } from '$lib/domain/crop';
import type { Photo } from '$lib/domain/project';
import { asTrouble } from '$lib/domain/trouble';
import type { Pixels } from '$lib/image/resize';
import { photoPixels } from '$lib/services/photo-pixels';

interface Shown {
	photoId: string;
	pixels: Pixels;
}

export class Sample {
	#photos: readonly Photo[] = [];
	#crop: Crop = 'centre';
	/** The photo to be shown. */
	#wanted: string | null = null;
	#shown: Shown | null = $state.raw(null);
	#trouble: string | null = $state(null);

	/** null until it was read. */
	get shown(): Shown | null {
		return this.#shown;
	}

	/** Why the photo cannot be shown, in words. */
	get trouble(): string | null {
		return this.#trouble;
	}

	/** Shows the first of these photos, unless one of them is shown already. */
	see(photos: readonly Photo[], crop: Crop): void {
		this.#photos = photos;
		this.#crop = crop;
		if (!photos.some(({ id }) => id === this.#wanted)) void this.#show(photos[0]);
	}

	/** The next one, of another burst where there is one: photos of one burst look alike. */
	another(): void {
		const at = this.#photos.findIndex(({ id }) => id === this.#wanted);
		const next = [...this.#photos.slice(at + 1), ...this.#photos.slice(0, at)];
		const burst = this.#photos[at]?.burstId;
		void this.#show(next.find(({ burstId }) => burstId !== burst) ?? next[0]);
	}

	/** Gives its memory back. */
	leave(): void {
		this.#photos = [];
		void this.#show(undefined);
	}

	async #show(photo: Photo | undefined): Promise<void> {
		if (photo && photo.id === this.#wanted) return;
		this.#wanted = photo?.id ?? null;
		this.#trouble = null;
		if (!photo) {
			this.#shown = null;
			return;
		}
		try {
			const pixels = await photoPixels(photo, this.#crop);
			if (this.#wanted === photo.id) this.#shown = pixels && { photoId: photo.id, pixels };
		} catch (cause) {
			if (this.#wanted !== photo.id) return;
			this.#shown = null;
			const words = 'The photo could not be read. Choose another one.';
			this.#trouble = asTrouble(cause, 'photo-damaged', words).message;
		}
	}
}
