/**
 * Photos that wait for a project: shared by another app, dropped or pasted on the list of projects. What was shared
 * is kept, over a reload too, until it is in a project or put away.
 */
import { asTrouble } from '$lib/domain/trouble';
import type { SourceFile } from '$lib/files/dataset';
import { fromDrop, fromFiles } from '$lib/files/dropped';
import { readSharedPictures } from '$lib/services/shell';
import { noteError } from '$lib/storage/errors';

type Divert = (sources: readonly SourceFile[]) => Promise<readonly SourceFile[]>;

export class Arrivals {
	#sources: readonly SourceFile[] = $state.raw([]);
	#shared = $state(false);
	#trouble: string | null = $state(null);
	readonly #divert: Divert;
	/** How what was shared is kept no longer. */
	readonly #forget = new WeakMap<readonly SourceFile[], () => Promise<void>>();

	/** @param divert takes what is no photo out, and gives the rest */
	constructor(divert: Divert = (sources) => Promise.resolve(sources)) {
		this.#divert = divert;
	}

	get sources(): readonly SourceFile[] {
		return this.#sources;
	}

	/** Whether another app shared them. */
	get shared(): boolean {
		return this.#shared;
	}

	/** Why they could not be read, in words, until the person has read it. */
	get trouble(): string | null {
		return this.#trouble;
	}

	dismiss(): void {
		this.#trouble = null;
	}

	/** Finds what was shared, unless something waits already. Never fails: `trouble` says what went wrong. */
	async receive(): Promise<void> {
		if (this.#sources.length > 0) return;
		try {
			const { files, forget } = await readSharedPictures();
			if (files.length === 0) return;
			const sources = await this.#divert(fromFiles(files));
			if (sources.length === 0) return await forget();
			this.#shared = true;
			this.#forget.set(sources, forget);
			this.#sources = sources;
		} catch (cause) {
			this.#fail(cause, 'The shared photos could not be read. Share them once more.');
		}
	}

	/** Photos that were pasted. They take the place of what waits, which, if it was shared, is found again later. */
	bring(files: readonly File[]): Promise<void> {
		return this.#wait(Promise.resolve(fromFiles(files)));
	}

	/** What was dropped; call it in the event's own handler. */
	drop(data: DataTransfer): Promise<void> {
		return this.#wait(fromDrop(data));
	}

	/**
	 * They are in a project, or not wanted after all.
	 * @param sources those that were there then: others may have come since, and wait on
	 */
	async putAway(sources = this.#sources): Promise<void> {
		if (this.#sources === sources) this.leave();
		try {
			await this.#forget.get(sources)?.();
		} catch (cause) {
			this.#fail(cause, 'The shared photos could not be put away. Reload the page and try again.');
		}
	}

	/** Holds them no longer; what was shared is found again. */
	leave(): void {
		this.#sources = [];
		this.#shared = false;
	}

	async #wait(reading: Promise<readonly SourceFile[]>): Promise<void> {
		try {
			const sources = await this.#divert(await reading);
			if (sources.length === 0) return;
			this.leave();
			this.#trouble = null;
			this.#sources = sources;
		} catch (cause) {
			this.#fail(cause, 'What was brought could not be read. Bring it once more.');
		}
	}

	#fail(cause: unknown, words: string): void {
		const trouble = asTrouble(cause, 'arrivals-lost', words);
		this.#trouble = trouble.message;
		// Its words may name a file, and what is noted may be copied into a report.
		void noteError('arrivals', trouble.code);
	}
}
