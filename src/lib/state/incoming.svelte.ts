/** Pictures on their way to the Look screen: chosen, dropped, pasted, shared, samples. The newest wins. */
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { decodePicture } from '$lib/files/picture';
import { onOpenedFiles, takeSharedFile } from '$lib/services/shell';
import { noteError } from '$lib/storage/errors';

export class Incoming {
	#arrive: (picture: ImageBitmap, name: string) => Promise<void>;
	#trouble: string | null = $state(null);
	#newest = 0;

	/** @param arrive takes a decoded picture over */
	constructor(arrive: (picture: ImageBitmap, name: string) => Promise<void>) {
		this.#arrive = arrive;
	}

	/** Why a picture could not be opened, in words, until the person has read it. */
	get trouble(): string | null {
		return this.#trouble;
	}

	/** The person has read it. */
	dismiss(): void {
		this.#trouble = null;
	}

	/** What is on its way is not wanted any more. @returns tells whether that is so of what comes next */
	supersede(): () => boolean {
		const mine = ++this.#newest;
		return () => mine !== this.#newest;
	}

	async open(blob: Blob, name: string): Promise<void> {
		await this.#bring(() => Promise.resolve(new File([blob], name)), `“${name}” could not be opened.`);
	}

	/** @param url of a picture that comes with the app */
	async openSample(url: string, name: string): Promise<void> {
		const words = `The sample “${name}” could not be fetched. Try again when there is a network, or choose a photo of your own.`;
		await this.#bring(async () => {
			const response = await fetch(url);
			if (!response.ok) throw new Trouble('sample-missing', words);
			return new File([await response.blob()], name);
		}, words);
	}

	/**
	 * Opens what other apps share with this one or open with it.
	 *
	 * @param divert takes what is no single picture; false: it is one
	 * @param enter brings the Look screen up
	 */
	async receive(
		divert: (files: readonly File[]) => Promise<boolean>,
		enter: () => Promise<void>
	): Promise<void> {
		onOpenedFiles((opened) => {
			const words =
				'The file could not be read; it may have been moved. Open it once more, or choose it here.';
			void this.#bring(async () => {
				const files = await opened;
				if (await divert(files)) return null;
				await enter();
				return files[0] ?? null;
			}, words);
		});
		try {
			const shared = await takeSharedFile();
			if (!shared || (await divert([shared]))) return;
			await enter();
			await this.open(shared, shared.name);
		} catch (cause) {
			this.#refuse(asTrouble(cause, 'picture-lost', 'What was shared could not be opened.'));
		}
	}

	/** @param read gives null where there is nothing to be shown */
	async #bring(read: () => Promise<File | null>, words: string): Promise<void> {
		const stale = this.supersede();
		this.#trouble = null;
		try {
			const file = await read();
			if (!file || stale()) return;
			const picture = await decodePicture(file, file.name);
			if (stale()) return picture.close();
			await this.#arrive(picture, file.name);
		} catch (cause) {
			if (!stale()) this.#refuse(asTrouble(cause, 'picture-broken', words));
		}
	}

	#refuse(trouble: Trouble): void {
		this.#trouble = trouble.message;
		// Its words name the file, and what is noted may be copied into a report.
		void noteError('picture', trouble.code);
	}
}
