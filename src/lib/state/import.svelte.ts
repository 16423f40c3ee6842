/** Photos from files on their way into the project: which label they get, how far they are, what was left out. */
import { liveLabels } from '$lib/domain/edits';
import type { Label, Project } from '$lib/domain/project';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import type { Dataset, SourceFile } from '$lib/files/dataset';
import { fromDrop, fromFiles, openDataset } from '$lib/files/dropped';
import { importPhotos, labelsByName, type ImportResult, nothingImported } from '$lib/services/import';
import { newId } from '$lib/services/new-id';
import type { PhotoMaker } from '$lib/services/photo-maker';
import { noteError } from '$lib/storage/errors';
import { readProject } from '$lib/storage/projects';
import { withResult, type ImportReport } from './import-report';
import type { Arrivals } from './arrivals.svelte';
import type { ProjectState } from './project.svelte';
import type { Room } from './room.svelte';

/** Milliseconds between two looks at what has come in so far. */
const SHOW_MS = 700;

type Sources = readonly SourceFile[];
type Divert = (sources: Sources) => Promise<Sources>;

/** What was brought at once, on its way into the project that was open then. */
interface Batch {
	dataset: Dataset;
	into: Project;
	/** The batch of `Arrivals` that it is; null where it was brought here. */
	arrived: { from: Arrivals; sources: Arrivals['sources'] } | null;
}

export class ImportState {
	#project: ProjectState;
	#room: Room;
	#maker: Pick<PhotoMaker, 'make'>;
	readonly #divert: Divert;
	#showing = false;
	/** They wait for a label, first come first asked. */
	#waiting: readonly Batch[] = $state.raw([]);
	readonly #asked: Batch | undefined = $derived.by(() => {
		const id = this.#project.current?.id;
		return this.#waiting.find(({ into }) => into.id === id);
	});
	#progress: { done: number; total: number | null } | null = $state.raw(null);
	#report: ImportReport | null = $state.raw(null);
	/** Ends the import that runs. */
	#end: AbortController | null = null;
	/** Ends all that was brought. */
	#all = new AbortController();
	/** Batches that are read or kept, or wait for their turn. */
	#underWay = 0;
	#running: Promise<void> = Promise.resolve();

	/** @param divert takes what is no photo out of what was brought, and gives the rest */
	constructor(
		project: ProjectState,
		room: Room,
		maker: Pick<PhotoMaker, 'make'>,
		divert: Divert = (sources) => Promise.resolve(sources)
	) {
		this.#divert = divert;
		this.#maker = maker;
		this.#project = project;
		this.#room = room;
	}

	/** Files that were brought here wait for a label; `folders`: those they lie in have names to take. */
	get asking(): { count: number; folders: boolean } | null {
		if (!this.#asked) return null;
		const { items } = this.#asked.dataset;
		return { count: items.length, folders: items.some(({ label }) => label !== null) };
	}

	/** null while nothing is on its way. */
	get progress() {
		return this.#progress;
	}

	/** What was left out, until the person has read it; null where all went in. */
	get report(): ImportReport | null {
		return this.#report;
	}

	dismiss(): void {
		this.#report = null;
	}

	/** Files that were chosen or pasted. Never fails: `report` says what was left out. @param labelId the label that all get */
	bring(files: readonly File[], labelId?: string): Promise<void> {
		return this.#open(Promise.resolve(fromFiles(files)), labelId);
	}

	/** What waits for a project; it waits on until it is in. */
	async admit(from: Arrivals): Promise<void> {
		await from.receive();
		const { sources } = from;
		if (sources.length === 0) return;
		// It may have been meant for another project before.
		this.#waiting = this.#waiting.filter(({ arrived }) => arrived?.sources !== sources);
		await this.#open(Promise.resolve([...sources]), undefined, { from, sources });
	}

	/** What was dropped; call it in the event's own handler. */
	drop(data: DataTransfer, labelId?: string): Promise<void> {
		return this.#open(fromDrop(data), labelId);
	}

	/** The answer to `asking`. @param labelId null: the names of the folders */
	give(labelId: string | null): Promise<void> {
		const batch = this.#asked;
		const known = labelId === null || this.#project.labels.some(({ id }) => id === labelId);
		if (!batch || !known) return this.#running;
		this.refuse();
		return this.#enqueue(batch, labelId);
	}

	/** They are not wanted after all. */
	refuse(): void {
		this.#waiting = this.#waiting.filter((batch) => batch !== this.#asked);
	}

	/** What is kept stays. */
	cancel(): void {
		this.#end?.abort();
	}

	/** Ends all that was brought. Resolves when nothing is written any more. */
	async stop(): Promise<void> {
		this.#all.abort();
		this.#all = new AbortController();
		this.#waiting = [];
		await this.#running;
	}

	async #open(reading: Promise<Sources>, labelId?: string, arrived: Batch['arrived'] = null): Promise<void> {
		const into = this.#project.current;
		const { signal } = this.#all;
		this.#begin();
		try {
			const sources = await reading;
			const photos = await this.#divert(sources);
			if (photos.length < sources.length && photos.length === 0) return;
			const dataset = await openDataset(photos);
			if (signal.aborted) return;
			if (!into) throw noProject();
			const choice = labelId ?? choiceOf(dataset, liveLabels(await this.#latest(into)));
			if (dataset.items.length === 0) this.#finish(dataset, nothingImported());
			else if (choice === undefined) this.#waiting = [...this.#waiting, { dataset, into, arrived }];
			else void this.#enqueue({ dataset, into, arrived }, choice);
		} catch (cause) {
			this.#fail(cause, 'These files could not be read. Choose them once more.');
		} finally {
			this.#leave();
		}
	}

	#enqueue(batch: Batch, labelId: string | null): Promise<void> {
		const { signal } = this.#all;
		this.#begin();
		this.#running = this.#running
			.then(() => (signal.aborted ? undefined : this.#import(batch, labelId, signal)))
			.catch((cause: unknown) =>
				this.#fail(cause, 'Adding photos stopped: something went wrong in the app. Add them once more.')
			)
			.finally(() => this.#leave());
		return this.#running;
	}

	async #import({ dataset, into, arrived }: Batch, labelId: string | null, all: AbortSignal): Promise<void> {
		const end = (this.#end = new AbortController());
		const project = await this.#latest(into);
		const result = await importPhotos({
			items: dataset.items,
			project,
			labelFor: labelId === null ? labelsByName(project, null) : () => labelId,
			maker: this.#maker,
			signal: AbortSignal.any([all, end.signal]),
			onProgress: ({ done, total }) => {
				this.#progress = { done, total };
				this.#showMore(project.id);
			},
			now: () => Date.now(),
			newId
		});
		this.#end = null;
		if (this.#project.current?.id === project.id) {
			await this.#project.refresh();
			await this.#project.allArrived(project.id, result.photos, result.labels);
		}
		this.#finish(dataset, result);
		if (arrived && !result.stopped && !result.cancelled) await arrived.from.putAway(arrived.sources);
		await this.#room.refresh();
	}

	/** As it is now: an import before this one may have brought labels. */
	async #latest(into: Project): Promise<Project> {
		const { current } = this.#project;
		return current?.id === into.id ? current : ((await readProject(into.id)) ?? into);
	}

	#begin(): void {
		this.#underWay++;
		this.#progress ??= { done: 0, total: null };
	}

	#leave(): void {
		if (--this.#underWay === 0) this.#progress = null;
	}

	/** What is kept meanwhile, now and then: reading it costs more with every photo. */
	#showMore(projectId: string): void {
		if (this.#showing || this.#project.current?.id !== projectId) return;
		this.#showing = true;
		setTimeout(() => void this.#project.refresh().finally(() => (this.#showing = false)), SHOW_MS);
	}

	#fail(cause: unknown, words: string): void {
		const stopped = asTrouble(cause, 'import-failed', words);
		this.#finish({ items: [], skipped: [] }, { ...nothingImported(), stopped });
	}

	#finish({ skipped }: Dataset, result: ImportResult): void {
		if (result.stopped) void noteError('import', result.stopped);
		this.#report = withResult(this.#report, skipped, result);
	}
}

/** @returns the label that all get, null for the names of their folders; undefined: the person chooses */
function choiceOf({ items }: Dataset, [only, ...more]: readonly Label[]): string | null | undefined {
	if (items.every(({ label }) => label !== null)) return null;
	return more.length === 0 ? only?.id : undefined;
}

const noProject = () =>
	new Trouble('no-project', 'No project was open yet, so these files were not added. Choose them once more.');
