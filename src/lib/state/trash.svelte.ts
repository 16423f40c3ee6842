/** What was thrown away and can be taken back; what is too old, or of no more use, goes for good. */
import type { Project } from '$lib/domain/project';
import { asTrouble } from '$lib/domain/trouble';
import { tidyAll } from '$lib/services/kept-tuning';
import { noteError } from '$lib/storage/errors';
import { purgeReceived } from '$lib/storage/received';
import { emptyTrash, listTrash, purgeTrash } from '$lib/storage/trash';

/** Milliseconds after the start of the app before it tidies up at the latest. */
const PATIENCE_MS = 30_000;

export class Trash {
	#projects: readonly Project[] | null = $state.raw(null);
	#trouble: string | null = $state(null);
	/** Ends what is deleted. */
	#end = new AbortController();
	#deleting: Promise<unknown> = Promise.resolve();
	readonly #onModelsGone: () => Promise<void>;

	/** @param onModelsGone is called when models that came as files were deleted for being too old */
	constructor(onModelsGone: () => Promise<void>) {
		this.#onModelsGone = onModelsGone;
	}

	/** Projects, the last thrown away first; null until they are read. */
	get projects(): readonly Project[] | null {
		return this.#projects;
	}

	/** What went wrong last, in words. */
	get trouble(): string | null {
		return this.#trouble;
	}

	async refresh(): Promise<void> {
		try {
			this.#trouble = null;
			this.#projects = await listTrash();
		} catch (cause) {
			const trouble = asTrouble(cause, 'not-read', 'The trash could not be read. Try again.');
			void noteError('trash', trouble);
			this.#trouble = trouble.message;
		}
	}

	/**
	 * Deletes for good what was thrown away. Never fails: `trouble` says what went wrong.
	 * @param projectId of this project alone
	 */
	async empty(projectId?: string): Promise<void> {
		this.#trouble = null;
		try {
			await this.#follow(emptyTrash(projectId, this.#end.signal));
			if (this.#projects) await this.refresh();
		} catch (cause) {
			const words = 'Not all of the trash could be emptied. What you keep is safe. Try again.';
			const trouble = asTrouble(cause, 'trash-not-emptied', words);
			void noteError('trash', trouble);
			this.#trouble = trouble.message;
		}
	}

	/** Deletes what is too old, when the page has nothing else to do. Call once on the page. @returns how to stop */
	tidyWhenIdle(): () => void {
		const { signal } = this.#end;
		const tidy = () => {
			if (signal.aborted) return;
			const work = [purgeTrash(Date.now(), signal), this.#purgeModels(), tidyAll(signal)];
			for (const purging of work)
				this.#follow<unknown>(purging).catch((cause: unknown) => noteError('trash', cause));
		};
		// Safari has none.
		if (typeof requestIdleCallback !== 'function') {
			const timer = setTimeout(tidy, PATIENCE_MS);
			return () => clearTimeout(timer);
		}
		const asked = requestIdleCallback(tidy, { timeout: PATIENCE_MS });
		return () => cancelIdleCallback(asked);
	}

	async #purgeModels(): Promise<void> {
		let gone = false;
		try {
			await purgeReceived(Date.now(), () => (gone = true));
		} finally {
			if (gone) await this.#onModelsGone();
		}
	}

	/** Deletes no more; resolves when nothing is written any more. */
	async stop(): Promise<void> {
		this.#end.abort();
		this.#end = new AbortController();
		await this.#deleting;
	}

	#follow<T>(deleting: Promise<T>): Promise<T> {
		this.#deleting = Promise.allSettled([this.#deleting, deleting]);
		return deleting;
	}
}
