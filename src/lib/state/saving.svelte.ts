/** A project on its way into a file, or its photos: one at a time, whichever screen is open. */
import { photoCount } from '$lib/domain/edits';
import type { TrainingRun } from '$lib/domain/model';
import type { BackedUp, Project } from '$lib/domain/project';
import { asTrouble } from '$lib/domain/trouble';
import { fileName } from '$lib/files/file-names';
import { ENDING } from '$lib/files/project-layout';
import { canShareFile, saveFile, shareFile, type FileToSave, type Saved } from '$lib/files/save';
import { tellProjectChanged } from '$lib/services/project-news';
import { writePhotos } from '$lib/services/save-photos';
import { fileBytes, writeProject, type SavedPhotos, type SavedProject } from '$lib/services/save-project';
import { noteBackup } from '$lib/storage/backup';
import { noteError } from '$lib/storage/errors';

/** All of it, to be opened by Lensmith again, or the photos alone, for other programs. */
export type What = 'project' | 'photos';

const ZIP = 'application/zip';

export class Saving {
	readonly #onBackedUp: (projectId: string) => Promise<void>;
	#name: string | null = $state(null);
	#progress: { done: number; total: number } | null = $state.raw(null);
	/** Goes on once it is pressed. */
	#goOn: (() => void) | null = $state.raw(null);
	#said: string | null = $state(null);
	#without: readonly TrainingRun[] = $state.raw([]);
	#trouble: string | null = $state(null);
	#end = new AbortController();
	#running: Promise<void> = Promise.resolve();

	/** @param onBackedUp the project's row says so from now on */
	constructor(onBackedUp: (projectId: string) => Promise<void>) {
		this.#onBackedUp = onBackedUp;
	}

	/** The file that is being written; null where none is. */
	get name(): string | null {
		return this.#name;
	}

	/** In photos; null before the first. */
	get progress() {
		return this.#progress;
	}

	/** The file is made and waits for a press to be shared. */
	get ready(): boolean {
		return this.#goOn !== null;
	}

	/** What became of the last one, in words, until it is forgotten. */
	get said(): string | null {
		return this.#said;
	}

	/** Runs whose models the last one had no room for, newest first, until that is forgotten. */
	get without(): readonly TrainingRun[] {
		return this.#without;
	}

	/** Why it was not written, in words, until it is forgotten. */
	get trouble(): string | null {
		return this.#trouble;
	}

	/** Whether this device hands such files to other apps. */
	canShare(what: What): boolean {
		return canShareFile({ name: nameOf('x', what), type: ZIP });
	}

	/** Bytes of a project's file, about; null where that cannot be told. */
	async weigh(projectId: string): Promise<number | null> {
		return fileBytes(projectId).catch(() => null);
	}

	/** Call it from the press. Never fails: `said` or `trouble` tells how it went. */
	save(what: What, project: Pick<Project, 'id' | 'name'>, way: 'save' | 'share'): Promise<void> {
		if (this.#name === null) this.#running = this.#save(what, project, way);
		return this.#running;
	}

	/** The press that a file waits for. */
	press(): void {
		this.#goOn?.();
		this.#goOn = null;
	}

	/** Nothing is left of the file. */
	cancel(): void {
		this.#end.abort();
	}

	/** What was said has been read. */
	forget(): void {
		this.#said = this.#trouble = null;
		this.#without = [];
	}

	/** Resolves when nothing is written any more. */
	async stop(): Promise<void> {
		this.cancel();
		await this.#running;
	}

	async #save(what: What, { id, name }: Pick<Project, 'id' | 'name'>, way: 'save' | 'share'): Promise<void> {
		this.forget();
		const { signal } = (this.#end = new AbortController());
		this.#name = nameOf(name, what);
		const options = {
			projectId: id,
			signal,
			onProgress: (progress: { done: number; total: number }) => (this.#progress = progress),
			now: Date.now()
		};
		let done: SavedPhotos & Partial<SavedProject> = { photos: 0, lost: 0 };
		const write = async (stream: WritableStream) => {
			done = what === 'project' ? await writeProject(stream, options) : await writePhotos(stream, options);
		};
		const file: FileToSave = {
			name: this.#name,
			type: ZIP,
			description: what === 'project' ? 'A project of Lensmith' : 'Photos in folders',
			extensions: ['.zip'],
			write
		};
		try {
			const how = way === 'save' ? await saveFile(file) : await shareFile(file, () => this.#pressed(signal));
			// A file that lacks a photo is none to rely on; where a download ends up, nobody can tell.
			if (done.backedUp && done.lost === 0 && (how === 'saved' || how === 'shared'))
				await this.#note(id, done.backedUp);
			this.#said = wordsOf(how, file.name, done);
			if (this.#said !== null) this.#without = done.without ?? [];
		} catch (cause) {
			const words = `“${file.name}” could not be written. Nothing of it is left. Try again.`;
			const trouble = asTrouble(cause, 'not-written', words);
			this.#trouble = trouble.message;
			void noteError('saving', trouble.code);
		} finally {
			this.#name = this.#progress = this.#goOn = null;
		}
	}

	#pressed(signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#goOn = resolve;
			signal.addEventListener('abort', () => reject(signal.reason), { once: true });
		});
	}

	/** The file is there, whatever becomes of the note. */
	async #note(projectId: string, backedUp: BackedUp): Promise<void> {
		try {
			await noteBackup(projectId, backedUp);
			tellProjectChanged(projectId);
			await this.#onBackedUp(projectId);
		} catch (cause) {
			void noteError('saving', cause);
		}
	}
}

function nameOf(name: string, what: What): string {
	return fileName(name, 'project') + (what === 'project' ? ENDING : ' photos.zip');
}

function wordsOf(how: Saved, name: string, { photos, lost }: SavedPhotos): string | null {
	if (how === 'cancelled') return null;
	const what = `“${name}” with ${photoCount(photos)}`;
	const without =
		lost > 0 ? ` ${photoCount(lost)} could not be read and ${lost === 1 ? 'is' : 'are'} not in it.` : '';
	if (how === 'saved') return `Saved ${what}.${without}`;
	if (how === 'shared') return `Shared ${what}.${without}`;
	return `Handed ${what} to the browser’s downloads.${without} Look there whether it has arrived: a page cannot tell.`;
}
