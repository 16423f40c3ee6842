/** What went wrong while learning, in words, until the same goes well. */
import { asTrouble } from '$lib/domain/trouble';
import { noteError } from '$lib/storage/errors';

/** What a trouble is of; it goes when the same goes well. */
type Work = 'network' | 'look' | 'relearn' | 'train';

export class LearningTrouble {
	#last: { what: Work; words: string } | null = $state.raw(null);

	get words(): string | null {
		return this.#last?.words ?? null;
	}

	say(what: Work, words: string): void {
		this.#last = { what, words };
	}

	/** @param words where the cause has none */
	fail(what: Work, cause: unknown, words: string): void {
		const trouble = asTrouble(cause, 'learning-failed', words);
		this.say(what, trouble.message);
		void noteError('learning', trouble);
	}

	/** What went wrong before has gone well now. */
	heal(what: Work): void {
		if (this.#last?.what === what) this.clear();
	}

	clear(): void {
		this.#last = null;
	}
}
