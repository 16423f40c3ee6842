/** All projects, as their list shows them. */
import type { BackboneCard } from '$lib/domain/card';
import type { Crop } from '$lib/domain/crop';
import { liveLabels } from '$lib/domain/edits';
import type { Standing } from '$lib/domain/evaluation';
import { freeName, isolated } from '$lib/domain/names';
import { COLOURS, type Label, type Project } from '$lib/domain/project';
import { asTrouble } from '$lib/domain/trouble';
import { groundOf } from '$lib/services/cards';
import { newId } from '$lib/services/new-id';
import { onProjectChanged, tellProjectChanged } from '$lib/services/project-news';
import { applyEdit } from '$lib/storage/edits';
import { noteError } from '$lib/storage/errors';
import { watchStorageHealth } from '$lib/storage/settings';
import { readStanding } from '$lib/storage/models';
import { photoSummaries } from '$lib/storage/photos';
import { addProject, duplicateProject, listProjects } from '$lib/storage/projects';
import type { EngineState } from './engine.svelte';
import type { SettingsState } from './settings.svelte';

export interface ProjectRow {
	project: Project;
	/** Photos of each label that takes part, in the order of the labels. */
	counts: readonly number[];
	/** Labels and photos that are there. */
	labels: number;
	photos: number;
	/** Photos that stand for it, four at most. */
	first: readonly string[];
	/** How good the model in use is; null where there is none, or it was not judged. */
	standing: Standing | null;
}

/** What a project begins with, where it is not what the person looks with and nothing. */
interface Beginning {
	card?: BackboneCard;
	crop?: Crop;
	/** Names, told apart. */
	labels?: readonly string[];
}

export class Projects {
	#engine: Pick<EngineState, 'card'>;
	#settings: SettingsState;
	#rows: readonly ProjectRow[] | null = $state.raw(null);
	#trouble: string | null = $state(null);
	/** The project that was thrown away last, until the message is closed. */
	#thrown: { project: Project; step: number } | null = $state.raw(null);
	/** What was done otherwise than expected. */
	#said: { words: string; step: number } | null = $state.raw(null);
	#count = 0;
	#newest = 0;
	/** Ends the copies that are made. */
	#end = new AbortController();
	#changes: Promise<unknown> = Promise.resolve();

	constructor(engine: Pick<EngineState, 'card'>, settings: SettingsState) {
		this.#engine = engine;
		this.#settings = settings;
	}

	/** The one changed last first; null until they are read. */
	get rows(): readonly ProjectRow[] | null {
		return this.#rows;
	}

	/** What could not be done, in words. */
	get trouble(): string | null {
		return this.#trouble;
	}

	get said() {
		return this.#said;
	}

	get thrown() {
		return this.#thrown;
	}

	dismiss(): void {
		this.#trouble = null;
	}

	hush(): void {
		this.#thrown = this.#said = null;
	}

	/** Reads the list. Never fails: `trouble` says what went wrong. */
	async refresh(): Promise<void> {
		const newest = ++this.#newest;
		try {
			const rows = await Promise.all((await listProjects()).map(rowOf));
			if (newest === this.#newest) this.#rows = rows;
		} catch (cause) {
			this.#fail(cause, 'The projects could not be read. Reload the page and try again.');
		}
	}

	/** Keeps up with other tabs, and with a database that can be read again. @returns how to stop */
	follow(): () => void {
		const stops = [
			onProjectChanged(() => void this.refresh()),
			watchStorageHealth(({ persistent }) => {
				if (!persistent) return;
				this.#trouble = null;
				void this.refresh();
			})
		];
		return () => stops.forEach((stop) => stop());
	}

	/** @returns the id of the new project; null where it could not be kept */
	async create(name: string, begin: Beginning = {}): Promise<string | null> {
		await this.#settings.load();
		const now = Date.now();
		const project: Project = {
			id: newId(),
			name,
			created: now,
			changed: now,
			backboneId: (begin.card ?? groundOf(this.#engine.card)).id,
			crop: begin.crop ?? this.#settings.value.crop,
			labels: labelsOf(begin.labels ?? []),
			views: ['mirrored'],
			modelId: null,
			trashed: null
		};
		return this.#change(project.id, () => addProject(project));
	}

	rename(id: string, name: string) {
		return this.#edit(id, { name });
	}

	/** @returns the id of the copy; null where it could not be made */
	async duplicate(project: Project): Promise<string | null> {
		const names = new Set(this.#rows?.map((row) => row.project.name));
		let name = `${project.name} (copy)`;
		for (let number = 2; names.has(name); number++) name = `${project.name} (copy ${number})`;
		const id = newId();
		const copy = { id, name, now: Date.now(), newId, signal: this.#end.signal };
		return this.#change(id, () => duplicateProject(project.id, copy));
	}

	/** Ends the copies that are made; resolves when nothing is written any more. */
	async stop(): Promise<void> {
		this.#end.abort();
		this.#end = new AbortController();
		await this.#changes;
	}

	async throwAway(project: Project): Promise<void> {
		const gone = await this.#edit(project.id, { trashed: Date.now() });
		if (!gone) return;
		this.#said = null;
		this.#thrown = { project, step: ++this.#count };
	}

	/** Out of the trash; under another name where its own was given away meanwhile, which `said` tells. */
	async takeBack({ id, name: wanted }: Pick<Project, 'id' | 'name'>): Promise<void> {
		this.#thrown = this.#said = null;
		const others = this.#rows?.filter(({ project }) => project.id !== id) ?? [];
		const name = freeName(
			wanted,
			others.map(({ project }) => project.name)
		);
		const back = await this.#edit(id, { trashed: null, ...(name !== wanted && { name }) });
		if (!back || name === wanted) return;
		const words = `Took back ${isolated(wanted)} as ${isolated(name)}, since its name was given to another`;
		this.#said = { words, step: ++this.#count };
	}

	#edit(id: string, change: Partial<Pick<Project, 'name' | 'trashed'>>) {
		return this.#change(id, () => applyEdit({ projectId: id, project: change, photos: [] }, Date.now()));
	}

	#change(id: string, work: () => Promise<unknown>): Promise<string | null> {
		const change = this.#make(id, work, this.#end.signal);
		this.#changes = Promise.all([this.#changes, change]);
		return change;
	}

	async #make(id: string, work: () => Promise<unknown>, signal: AbortSignal): Promise<string | null> {
		try {
			await work();
			tellProjectChanged(id);
			this.#trouble = null;
			await this.refresh();
			return id;
		} catch (cause) {
			if (!signal.aborted) this.#fail(cause, 'This could not be saved. All is as it was. Try again.');
			return null;
		}
	}

	#fail(cause: unknown, words: string): void {
		const trouble = asTrouble(cause, 'not-saved', words);
		void noteError('projects', trouble);
		this.#trouble = trouble.message;
	}
}

const labelsOf = (names: readonly string[]): Label[] =>
	names.map((name, index) => ({ id: newId(), name, colour: index % COLOURS, off: false, trashed: null }));

async function rowOf(project: Project): Promise<ProjectRow> {
	const labels = liveLabels(project);
	const [{ counts, first }, standing] = await Promise.all([
		photoSummaries(project.id),
		project.modelId ? readStanding(project.modelId) : null
	]);
	const count = (id: string) => counts.get(id) ?? 0;
	return {
		project,
		counts: labels.filter(({ off }) => !off).map(({ id }) => count(id)),
		labels: labels.length,
		photos: labels.reduce((sum, { id }) => sum + count(id), 0),
		first,
		standing
	};
}
