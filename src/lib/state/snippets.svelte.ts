/** What other people's pages and programs need to run a model's file: fetched when it is looked at, then saved or copied. */
import { asTrouble } from '$lib/domain/trouble';
import { saveFile, wordsOf, type FileToSave } from '$lib/files/save';
import { noteError } from '$lib/storage/errors';

export type Snippet = 'runner' | 'page' | 'script';

interface Texts {
	runner: string;
	/** @param model name of its file */
	page(model: string): string;
	script(model: string): string;
}

const files = {
	runner: {
		name: 'lensmith-model.js',
		type: 'text/javascript',
		description: 'A module',
		extensions: ['.js']
	},
	page: { name: 'example.html', type: 'text/html', description: 'A web page', extensions: ['.html'] },
	script: {
		name: 'classify.py',
		type: 'text/x-python',
		description: 'A script of Python',
		extensions: ['.py']
	}
} as const satisfies Record<Snippet, Omit<FileToSave, 'blob' | 'write'>>;

export class Snippets {
	#texts: Texts | null = $state.raw(null);
	#said: string | null = $state(null);
	#trouble: string | null = $state(null);
	#saving = $state(false);

	/** They can be had now. */
	get ready(): boolean {
		return this.#texts !== null;
	}

	/** What became of the last file, in words. */
	get said(): string | null {
		return this.#said;
	}

	/** Why they cannot be had, or the last file was not written, in words. */
	get trouble(): string | null {
		return this.#trouble;
	}

	/** Fetches them. Never fails: `trouble` tells. */
	async open(): Promise<void> {
		this.#said = this.#trouble = null;
		try {
			this.#texts ??= await fetched();
		} catch (cause) {
			const words = 'This part of the app could not be loaded. Reload the page and try again.';
			this.#trouble = asTrouble(cause, 'snippets-missing', words).message;
			void noteError('snippets', cause);
		}
	}

	/** @param model name of its file @returns the script of Python; null until `ready` */
	script(model: string): string | null {
		return this.#texts?.script(model) ?? null;
	}

	/** Call it from the press. Never fails: `said` or `trouble` tells how it went. */
	async save(snippet: Snippet, model: string): Promise<void> {
		if (!this.#texts || this.#saving) return;
		const { runner, page, script } = this.#texts;
		const text = { runner: () => runner, page, script }[snippet](model);
		const file = { ...files[snippet], blob: new Blob([text], { type: files[snippet].type }) };
		this.#saving = true;
		this.#said = this.#trouble = null;
		try {
			this.#said = wordsOf(await saveFile(file), file.name);
		} catch (cause) {
			const words = `“${file.name}” could not be written. Try again.`;
			this.#trouble = asTrouble(cause, 'not-written', words).message;
			void noteError('snippets', cause);
		} finally {
			this.#saving = false;
		}
	}
}

async function fetched(): Promise<Texts> {
	const [runner, snippets] = await Promise.all([
		import('virtual:lensmith-model'),
		import('$lib/files/snippets')
	]);
	return { runner: runner.default, page: snippets.examplePage, script: snippets.pythonScript };
}
