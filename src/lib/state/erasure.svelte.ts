/** Erasing everything: from then on the page shows this alone, until it is loaded anew. */
import { tick } from 'svelte';
import { asTrouble } from '$lib/domain/trouble';

export class Erasure {
	#erase: () => Promise<void>;
	#phase: 'none' | 'erasing' | 'done' | 'failed' = $state('none');
	#trouble = $state('');

	/** @param erase ends all work of the page, then takes back what is kept */
	constructor(erase: () => Promise<void>) {
		this.#erase = erase;
	}

	get phase() {
		return this.#phase;
	}

	/** What is left and what to do, in words; '' where all is gone. */
	get trouble(): string {
		return this.#trouble;
	}

	/** Never fails: `trouble` says what is left. */
	async start(): Promise<void> {
		this.#phase = 'erasing';
		this.#trouble = '';
		// The screen that was on show reads and fetches; it goes first.
		await tick();
		try {
			await this.#erase();
			this.#phase = 'done';
		} catch (cause) {
			this.#trouble = asTrouble(
				cause,
				'erase-incomplete',
				'Not everything could be erased. Try again.'
			).message;
			this.#phase = 'failed';
		}
	}
}
