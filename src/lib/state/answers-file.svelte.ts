/** The answers to many photos on their way into a file. */
import { asTrouble } from '$lib/domain/trouble';
import { fileName } from '$lib/files/file-names';
import { predictionsCsv } from '$lib/files/predictions-csv';
import { saveFile, wordsOf } from '$lib/files/save';
import { noteError } from '$lib/storage/errors';
import type { Asked, Row } from './many.svelte';

export class AnswersFile {
	#said: string | null = $state(null);
	#trouble: string | null = $state(null);
	#saving = $state(false);
	/** Raised when what was said is forgotten: a file of before has nothing to say any more. */
	#generation = 0;

	/** What became of it, in words. */
	get said(): string | null {
		return this.#said;
	}

	/** Why it was not written, in words. */
	get trouble(): string | null {
		return this.#trouble;
	}

	get saving(): boolean {
		return this.#saving;
	}

	forget(): void {
		this.#generation++;
		this.#said = this.#trouble = null;
	}

	/** Saves a table as CSV; call it from the press. Never fails: `said` or `trouble` tells. */
	async save({ card, labels, names }: Asked, rows: readonly Row[]): Promise<void> {
		if (this.#saving) return;
		this.#saving = true;
		this.forget();
		const generation = this.#generation;
		const name = `${fileName(`${card.name} answers`, 'answers')}.csv`;
		try {
			const how = await saveFile({
				...{ name, type: 'text/csv', description: 'A table (CSV)', extensions: ['.csv'] },
				write: async (stream) => {
					const writer = stream.getWriter();
					await writer.write(new TextEncoder().encode(await predictionsCsv(rows, labels, names)));
					writer.releaseLock();
				}
			});
			if (generation === this.#generation) this.#said = wordsOf(how, name);
		} catch (cause) {
			const trouble = asTrouble(cause, 'not-written', `“${name}” could not be written. Try again.`);
			if (generation === this.#generation) this.#trouble = trouble.message;
			void noteError('many', trouble.code);
		} finally {
			this.#saving = false;
		}
	}
}
