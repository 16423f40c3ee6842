/** A project file on its way in: read, asked about where the project is here already, kept. One at a time. */
import { liveLabels } from '$lib/domain/edits';
import type { Project } from '$lib/domain/project';
import { asTrouble } from '$lib/domain/trouble';
import type { SourceFile } from '$lib/files/dataset';
import {
	isProjectFile,
	isProjectFolder,
	openProjectFile,
	openProjectFolder,
	type ProjectFile
} from '$lib/files/project-file';
import { cardById } from '$lib/services/cards';
import { unknownBackbone } from '$lib/services/lesson';
import { newId } from '$lib/services/new-id';
import { keepProject, whatIsKnown, type Known } from '$lib/services/open-project';
import { noteError } from '$lib/storage/errors';
import type { Projects } from './projects.svelte';
import type { Shelf } from './shelf.svelte';

export type Opening =
	| { kind: 'reading' }
	/** The project is here already. `file`: what the file holds of it. */
	| {
			kind: 'asking';
			known: Exclude<Known, { state: 'new' }>;
			file: { name: string; photos: number; created: number };
	  }
	/** In photos. */
	| { kind: 'keeping'; done: number; total: number }
	/** `network`: why nothing can be learned yet, in words. */
	| {
			kind: 'done';
			project: Project;
			labels: number;
			photos: number;
			network: string | null;
	  }
	| { kind: 'failed'; words: string };

export class OpeningState {
	readonly #projects: Pick<Projects, 'refresh' | 'takeBack'>;
	readonly #shelf: Shelf;
	#step: Opening | null = $state.raw(null);
	#file: ProjectFile | null = null;
	#end = new AbortController();
	#running: Promise<void> = Promise.resolve();

	constructor(projects: Pick<Projects, 'refresh' | 'takeBack'>, shelf: Shelf) {
		this.#projects = projects;
		this.#shelf = shelf;
	}

	/** null where there is nothing to show. */
	get step(): Opening | null {
		return this.#step;
	}

	/** Never fails: `step` tells. @param name for the words of an error */
	open(blob: Blob, name: string): Promise<void> {
		return this.#run(async (signal) => this.#look(await openProjectFile(blob, name), signal));
	}

	/** Whether a file that was brought is a project. */
	async takes(file: File): Promise<boolean> {
		return /\.zip$/i.test(file.name) && (await isProjectFile(file).catch(() => false));
	}

	/** Opens the first project among files that were brought. @returns the others */
	async takeFrom(sources: readonly SourceFile[]): Promise<readonly SourceFile[]> {
		if (isProjectFolder(sources)) {
			const [name = ''] = sources[0]?.path.split('/') ?? [];
			void this.#run(async (signal) => this.#look(await openProjectFolder(sources, name), signal));
			return [];
		}
		for (const source of sources) {
			if (!/\.zip$/i.test(source.path)) continue;
			const blob = await source.read();
			if (!(await isProjectFile(blob))) continue;
			void this.open(blob, source.path);
			return sources.filter((one) => one !== source);
		}
		return sources;
	}

	/** The answer to what is asked: beside the one that is here. */
	asCopy(): Promise<void> {
		const file = this.#file;
		if (!file || this.#step?.kind !== 'asking') return this.#running;
		return this.#run((signal) => this.#keep(file, true, signal));
	}

	/** The other answer: the one in the trash. */
	async takeBack(project: Project): Promise<void> {
		await this.#projects.takeBack(project);
		this.dismiss();
	}

	/** It is not wanted, or what was said has been read. Nothing of what was on its way stays. */
	dismiss(): void {
		this.#end.abort();
		this.#file = this.#step = null;
	}

	/** Resolves when nothing is written any more. */
	async stop(): Promise<void> {
		this.dismiss();
		await this.#running;
	}

	#run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
		if (this.#step?.kind === 'keeping') return this.#running;
		this.dismiss();
		const { signal } = (this.#end = new AbortController());
		this.#step = { kind: 'reading' };
		this.#running = work(signal).catch((cause: unknown) => {
			if (!signal.aborted) this.#fail(cause);
		});
		return this.#running;
	}

	async #look(file: ProjectFile, signal: AbortSignal): Promise<void> {
		const known = await whatIsKnown(file);
		if (signal.aborted) return;
		if (known.state === 'new') return this.#keep(file, false, signal);
		const { project, created, photos } = file;
		this.#file = file;
		this.#step = { kind: 'asking', known, file: { name: project.name, photos: photos.length, created } };
	}

	async #keep(file: ProjectFile, asCopy: boolean, signal: AbortSignal): Promise<void> {
		if (signal.aborted) return;
		const photos = file.photos.length;
		this.#step = { kind: 'keeping', done: 0, total: photos };
		const project = await keepProject(file, {
			asCopy,
			signal,
			onProgress: (progress) => {
				if (!signal.aborted) this.#step = { kind: 'keeping', ...progress };
			},
			now: Date.now(),
			newId
		});
		await this.#projects.refresh();
		const network = await this.#missing(project);
		if (signal.aborted) return;
		this.#step = { kind: 'done', project, labels: liveLabels(project).length, photos, network };
	}

	async #missing(project: Project): Promise<string | null> {
		const words = await unknownBackbone(project);
		const card = cardById(project.backboneId);
		if (words || !card) return words;
		await this.#shelf.refresh();
		const { kind } = this.#shelf.standing(card);
		if (kind === 'kept' || kind === 'with-app') return null;
		return `It was taught with ${card.name}, which is not on this device. Until you have fetched it under Models, its photos can be looked at and sorted, but nothing can be learned or tried.`;
	}

	#fail(cause: unknown): void {
		const words = 'The file could not be opened: something went wrong. Nothing was added. Try again.';
		const trouble = asTrouble(cause, 'not-opened', words);
		this.#file = null;
		this.#step = { kind: 'failed', words: trouble.message };
		// Its words name the file, and what is noted may be copied into a report.
		void noteError('opening', trouble.code);
	}
}
