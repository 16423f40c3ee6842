/** The project that is open: its labels and photos, and every change to them, each of which can be undone. */
import * as edits from '$lib/domain/edits';
import type { Step } from '$lib/domain/edits';
import { labelWarnings, type LabelWarning } from '$lib/domain/enough';
import { isolated } from '$lib/domain/names';
import type { Edit, Label, Photo, Project } from '$lib/domain/project';
import { asTrouble, type Trouble } from '$lib/domain/trouble';
import type { ViewName } from '$lib/domain/view';
import { newId } from '$lib/services/new-id';
import { onProjectChanged, tellProjectChanged } from '$lib/services/project-news';
import { applyEdit } from '$lib/storage/edits';
import { noteError } from '$lib/storage/errors';
import { watchStorageHealth } from '$lib/storage/settings';
import { listPhotos } from '$lib/storage/photos';
import { readProject } from '$lib/storage/projects';
import { UndoStack } from './undo.svelte';

const none: readonly Photo[] = [];

export class ProjectState {
	readonly #steps = new UndoStack();
	#project: Project | null = $state.raw(null);
	/** All of them, thrown away or not, in the order they came. */
	#photos: readonly Photo[] = $state.raw([]);
	#phase: 'closed' | 'opening' | 'open' | 'gone' = $state('closed');
	#trouble: Trouble | null = $state.raw(null);
	/** What was done last, for the message below; `action` says what can be done about it. */
	#said: { words: string; action: 'Undo' | 'Redo' | null; step: number } | null = $state.raw(null);
	#count = 0;
	#picked: ReadonlySet<string> = $state.raw(new Set());
	/** Changes follow each other. */
	#queue: Promise<unknown> = Promise.resolve();
	#wanted = '';

	/** The labels that are there, in the person's order. */
	readonly labels: readonly Label[] = $derived(this.#project ? edits.liveLabels(this.#project) : []);
	/** Photos that are there by label, newest first. */
	readonly byLabel: ReadonlyMap<string, readonly Photo[]> = $derived.by(() => {
		const lists = new Map<string, Photo[]>(this.labels.map(({ id }) => [id, []]));
		for (const photo of this.#photos.toReversed())
			if (photo.trashed === null) lists.get(photo.labelId)?.push(photo);
		return lists;
	});
	/** Photos that are there, newest first within each label. */
	readonly photos: readonly Photo[] = $derived([...this.byLabel.values()].flat());
	/** Photos that are selected; those that go are selected no more. */
	readonly selected: ReadonlySet<string> = $derived.by(() => {
		if (this.#picked.size === 0) return this.#picked;
		const there = new Set(this.photos.map(({ id }) => id));
		return new Set([...this.#picked].filter((id) => there.has(id)));
	});
	readonly counts: ReadonlyMap<string, number> = $derived(
		new Map([...this.byLabel].map(([id, photos]) => [id, photos.length]))
	);
	readonly warnings: ReadonlyMap<string, LabelWarning> = $derived(
		labelWarnings(
			new Map(this.labels.filter(({ off }) => !off).map(({ id }) => [id, this.counts.get(id) ?? 0]))
		)
	);

	/** 'gone': there is no such project, or it was thrown away. */
	get phase() {
		return this.#phase;
	}

	get current(): Project | null {
		return this.#project;
	}

	/** All photos, thrown away ones too. */
	get everything(): readonly Photo[] {
		return this.#photos;
	}

	/** Why the last change was not made, in words. */
	get trouble(): string | null {
		return this.#trouble?.message ?? null;
	}

	get said() {
		return this.#said;
	}

	/** What undoing takes back, in words. */
	get undoWords(): string | null {
		return this.#steps.last?.words ?? null;
	}

	photosOf(labelId: string): readonly Photo[] {
		return this.byLabel.get(labelId) ?? none;
	}

	select(ids: ReadonlySet<string>): void {
		this.#picked = ids;
	}

	hush(): void {
		this.#said = null;
	}

	dismiss(): void {
		this.#trouble = null;
	}

	/** Shows a project. Never fails: `phase` and `trouble` say how it went. */
	async open(id: string): Promise<void> {
		if (this.#wanted === id && this.#phase === 'open') return this.#reload();
		this.close();
		this.#wanted = id;
		this.#phase = 'opening';
		await this.#reload();
	}

	close(): void {
		this.#wanted = '';
		this.#project = null;
		this.#photos = [];
		this.#phase = 'closed';
		this.#trouble = this.#said = null;
		this.#picked = new Set();
		this.#steps.clear();
	}

	/**
	 * Keeps up with what other tabs do, and with a database that can be read again. Call once on the page.
	 * @returns how to stop
	 */
	follow(): () => void {
		const stops = [
			onProjectChanged((id) => {
				if (id === this.#wanted) void this.#reload();
			}),
			watchStorageHealth(({ persistent }) => {
				if (!persistent) return;
				this.#trouble = null;
				void this.#reload();
			})
		];
		return () => stops.forEach((stop) => stop());
	}

	rename(name: string) {
		return this.#do((project) => edits.renameProject(project, name));
	}

	switchView(view: ViewName, on: boolean) {
		return this.#do((project) => edits.switchView(project, view, on));
	}

	/** @returns the id of the new label, unless it could not be kept */
	async addLabel(name: string): Promise<string | null> {
		const id = newId();
		return (await this.#do((project) => edits.addLabel(project, id, name))) ? id : null;
	}

	renameLabel(id: string, name: string) {
		return this.#do((project) => edits.renameLabel(project, id, name));
	}

	recolour(id: string, colour: number) {
		return this.#do((project) => edits.recolourLabel(project, id, colour));
	}

	switchOff(id: string, off: boolean) {
		return this.#do((project) => edits.switchLabel(project, id, off));
	}

	/** @param by −1 one place up, 1 one place down */
	moveLabel(id: string, by: number) {
		return this.#do((project) => edits.moveLabel(project, id, by));
	}

	mergeLabels(from: string, into: string) {
		return this.#do((project, photos) => edits.mergeLabels(project, photos, from, into, Date.now()));
	}

	throwAwayLabel(id: string) {
		return this.#do((project) => edits.throwAwayLabel(project, id, Date.now()));
	}

	movePhotos(ids: readonly string[], labelId: string) {
		this.#letGo(ids);
		return this.#do((project) => edits.movePhotos(project, ids, labelId));
	}

	throwAwayPhotos(ids: readonly string[]) {
		this.#letGo(ids);
		return this.#do((project) => edits.throwAwayPhotos(project, ids, Date.now()));
	}

	/** The model of a run, which stays. @param name as a person reads it */
	throwAwayModel(model: { id: string; runId: string }, name: string) {
		return this.#do((project) => edits.throwAwayModel(project, { ...model, trashed: Date.now() }, name));
	}

	/** From the trash. @param name as above */
	takeBackModel(id: string, name: string | null) {
		return this.#do((project) => edits.takeBackModel(project, id, name));
	}

	/** They are selected no more; others that are stay so. */
	#letGo(ids: readonly string[]): void {
		const gone = new Set(ids);
		if (ids.some((id) => this.#picked.has(id)))
			this.#picked = new Set([...this.#picked].filter((id) => !gone.has(id)));
	}

	/** The labels of these are right, though doubted. */
	confirmPhotos(ids: readonly string[]) {
		return this.#do((project, photos) =>
			edits.confirmPhotos(
				project,
				photos.filter(({ id }) => ids.includes(id))
			)
		);
	}

	/** Their labels may be doubted again. */
	doubtPhotos(ids: readonly string[]) {
		return this.#do((project) => edits.doubtPhotos(project, ids));
	}

	/** From the trash. */
	takeBack(back: { labels: readonly string[]; photos: readonly Photo[] }) {
		return this.#do((project) => edits.takeBack(project, back));
	}

	/** A photo was kept just now: it is shown at once. */
	arrived(photo: Photo): void {
		if (photo.projectId !== this.#wanted || this.#photos.some(({ id }) => id === photo.id)) return;
		this.#photos = [...this.#photos, photo].sort((a, b) => a.added - b.added);
	}

	/** Reads again what is there: more has come in. */
	refresh(): Promise<void> {
		return this.#reload();
	}

	/** What was thrown away is gone for good: steps that would bring it back are too. */
	async emptied(): Promise<void> {
		this.#steps.clear();
		this.#said = null;
		await this.#reload();
		if (this.#project) tellProjectChanged(this.#project.id);
	}

	/**
	 * All photos of one burst or one import are kept: one step, undone by throwing them away. Nothing where another
	 * project is open by now.
	 * @param labelIds labels that were made for them
	 */
	allArrived(
		projectId: string,
		photoIds: readonly string[],
		labelIds: readonly string[] = []
	): Promise<void> {
		return this.#enqueue(async () => {
			const project = this.#project;
			if (project?.id !== projectId || photoIds.length === 0) return;
			const words = `Added ${edits.photoCount(photoIds.length)} to ${this.#labelsOf(photoIds)}`;
			this.#steps.push({ words, edit: edits.removeAdded(project, photoIds, labelIds, Date.now()) });
			this.#say(words, 'Undo');
		});
	}

	/** "Daisy", "3 labels" */
	#labelsOf(photoIds: readonly string[]): string {
		const wanted = new Set(photoIds);
		const ids = new Set(this.#photos.filter(({ id }) => wanted.has(id)).map(({ labelId }) => labelId));
		const names = this.labels.filter(({ id }) => ids.has(id)).map(({ name }) => name);
		return names.length === 1 ? isolated(names.join()) : `${names.length} labels`;
	}

	/** @returns ids of the photos that it changed */
	undo(): Promise<readonly string[]> {
		const id = this.#wanted;
		return this.#enqueue(async () => {
			const step = id === this.#wanted && this.#steps.last;
			if (!step) return [];
			const redo = await this.#apply(step.edit);
			if (id !== this.#wanted) return [];
			this.#steps.undone(step, redo && { words: step.words, edit: redo });
			if (redo) this.#say(`Undone: ${step.words}`, 'Redo');
			return redo ? step.edit.photos.map((photo) => photo.id) : [];
		});
	}

	/** @returns ids of the photos that it changed */
	redo(): Promise<readonly string[]> {
		const id = this.#wanted;
		return this.#enqueue(async () => {
			const step = id === this.#wanted && this.#steps.next;
			if (!step) return [];
			const undo = await this.#apply(step.edit);
			if (id !== this.#wanted) return [];
			this.#steps.redone(step, undo && { words: step.words, edit: undo });
			if (undo) this.#say(step.words, 'Undo');
			return undo ? step.edit.photos.map((photo) => photo.id) : [];
		});
	}

	/**
	 * Changes the project that is open now, also where another is by the time its turn comes.
	 * @returns whether it was kept
	 */
	#do(make: (project: Project, photos: readonly Photo[]) => Step): Promise<boolean> {
		const asked = { project: this.#project, photos: this.#photos };
		return this.#enqueue(async () => {
			if (!asked.project) return false;
			const { id } = asked.project;
			const open = this.#project?.id === id ? this.#project : null;
			const { words, edit } = make(open ?? asked.project, open ? this.#photos : asked.photos);
			const inverse = await this.#apply(edit);
			if (!inverse) return false;
			if (id !== this.#wanted) return true;
			this.#steps.push({ words, edit: inverse });
			this.#say(words, 'Undo');
			return true;
		});
	}

	#enqueue<T>(work: () => Promise<T>): Promise<T> {
		const turn = this.#queue.then(work);
		this.#queue = turn.catch(() => undefined);
		return turn;
	}

	/** @returns the edit that takes it back; null where it was refused, which `trouble` tells */
	async #apply(edit: Edit): Promise<Edit | null> {
		try {
			const inverse = await applyEdit(edit, Date.now());
			tellProjectChanged(edit.projectId);
			if (edit.projectId === this.#wanted) this.#trouble = null;
			await this.#reflect(edit);
			return inverse;
		} catch (cause) {
			const trouble = asTrouble(cause, 'not-saved', 'This could not be saved. All is as it was. Try again.');
			void noteError('project', trouble);
			this.#trouble = trouble;
			// What it was made on top of may have gone.
			await this.#reload();
			return null;
		}
	}

	/** Shows an edit that was kept. Only labels may have become something else than it says. */
	async #reflect(edit: Edit): Promise<void> {
		if (edit.projectId !== this.#wanted) return;
		const changes = new Map(edit.photos.map(({ id, change }) => [id, change]));
		this.#photos = this.#photos.map((photo) => {
			const change = changes.get(photo.id);
			return change ? edits.changePhoto(photo, change) : photo;
		});
		const project = await readProject(edit.projectId);
		if (project && project.id === this.#wanted) this.#project = project;
	}

	async #reload(): Promise<void> {
		const id = this.#wanted;
		if (!id) return;
		try {
			const [project, photos] = await Promise.all([readProject(id), listPhotos(id)]);
			if (id !== this.#wanted) return;
			this.#project = project;
			this.#photos = photos;
			this.#phase = project && project.trashed === null ? 'open' : 'gone';
		} catch (cause) {
			if (id !== this.#wanted) return;
			const trouble = asTrouble(cause, 'not-read', 'The project could not be read. Reload the page.');
			void noteError('project', trouble);
			this.#trouble = trouble;
		}
	}

	#say(words: string, action: 'Undo' | 'Redo' | null): void {
		this.#said = { words, action, step: ++this.#count };
	}
}
