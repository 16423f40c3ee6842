/** The photo that is shown large: its picture as it was kept, read when it is wanted. */
import type { Photo } from '$lib/domain/project';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { noteError } from '$lib/storage/errors';
import { readPicture } from '$lib/storage/photos';

export class LargePhoto {
	#photoId: string | null = $state(null);
	/** The label whose photos are gone through. */
	#labelId = $state('');
	#url: string | null = $state(null);
	#trouble: string | null = $state(null);
	#returned: string | null = $state(null);

	get photoId(): string | null {
		return this.#photoId;
	}

	get labelId(): string {
		return this.#labelId;
	}

	/** Address of the picture; null until it is read. */
	get url(): string | null {
		return this.#url;
	}

	/** Why it cannot be shown, in words. */
	get trouble(): string | null {
		return this.#trouble;
	}

	/** The photo that was on show when the view was closed, for a moment: the list that has it puts the focus there. */
	get returned(): string | null {
		return this.#returned;
	}

	/** Begins to go through the photos of its label. */
	open({ id, labelId }: Pick<Photo, 'id' | 'labelId'>): void {
		this.#labelId = labelId;
		void this.show(id);
	}

	/** Goes on to another photo. Never fails: `trouble` says why there is no picture. */
	async show(photoId: string): Promise<void> {
		this.#clear();
		this.#photoId = photoId;
		try {
			const picture = await readPicture(photoId);
			if (this.#photoId !== photoId) return;
			if (!picture) throw new Trouble('photo-gone', 'This photo is not there any more.');
			this.#clear();
			this.#url = URL.createObjectURL(new Blob([picture.bytes], { type: picture.type }));
		} catch (cause) {
			if (this.#photoId !== photoId) return;
			const trouble = asTrouble(cause, 'not-read', 'The photo could not be read. Close it and try again.');
			void noteError('large photo', trouble);
			this.#trouble = trouble.message;
		}
	}

	close(): void {
		this.#clear();
		this.#photoId = null;
	}

	/** @param photoId null: the focus has been taken */
	giveBack(photoId: string | null): void {
		this.#returned = photoId;
	}

	#clear(): void {
		if (this.#url) URL.revokeObjectURL(this.#url);
		this.#url = this.#trouble = null;
	}
}
