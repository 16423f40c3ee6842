/**
 * Many photos at once: asked about with the model that Look has, shown as rows. Nothing is kept: who
 * leaves the page, or brings other photos, forgets them.
 */
import { asTrouble, Trouble } from '$lib/domain/trouble';
import type { DatasetItem, Skipped, SourceFile } from '$lib/files/dataset';
import { fromDrop, fromFiles, isSeveral, openDataset } from '$lib/files/dropped';
import { answersNeeded } from '$lib/files/predictions-csv';
import { answererOf, whoIsAsked, type Asked, type AskedEngine } from '$lib/services/asked';
import { askAboutMany, type ManyRow } from '$lib/services/many';
import { noteError } from '$lib/storage/errors';
import { AnswersFile } from './answers-file.svelte';
import type { SettingsState } from './settings.svelte';

/** A row, with its place among all. */
export interface Row extends ManyRow {
	place: number;
}

export type { Asked };

interface Parts {
	engine: AskedEngine;
	settings: Pick<SettingsState, 'value'>;
	/** Takes what is no photo out of what was brought, and gives the rest. */
	divert?(sources: readonly SourceFile[]): Promise<readonly SourceFile[]>;
}

/** Milliseconds between two looks at what has come in so far. */
const SHOW_MS = 250;
/** Photos after which it can be told how long the rest takes. */
const ENOUGH_TO_TELL = 5;
const inOrder = new Intl.Collator('en', { numeric: true });

export class Many {
	readonly file = new AnswersFile();
	readonly #parts: Parts;
	/** Ends what finds out what was brought; null where nothing is. */
	#finding: AbortController | null = $state.raw(null);
	/** Ends the asking; null where nobody is asked. */
	#asking: AbortController | null = $state.raw(null);
	#rows: readonly Row[] = $state.raw([]);
	#total = $state(0);
	#left: number | null = $state(null);
	#asked: Asked | null = $state.raw(null);
	#skipped: readonly Skipped[] = $state.raw([]);
	#trouble: string | null = $state(null);
	/** Rows that are not shown yet are among them. */
	#all: Row[] = [];

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/**
	 * 'running': photos are asked about, whatever is brought meanwhile; 'reading': it is found out what was brought;
	 * 'done': all are answered, or it was stopped.
	 */
	get phase(): 'empty' | 'reading' | 'running' | 'done' {
		if (this.#asking) return 'running';
		if (this.#finding) return 'reading';
		return this.#rows.length > 0 ? 'done' : 'empty';
	}

	/** In the order of their paths. */
	get rows(): readonly Row[] {
		return this.#rows;
	}

	/** Photos that were brought. */
	get total(): number {
		return this.#total;
	}

	/** Milliseconds that the rest will take about; null until it can be told. */
	get left(): number | null {
		return this.#left;
	}

	/** null until the first photo is asked about. */
	get asked(): Asked | null {
		return this.#asked;
	}

	/** Files that were left alone. */
	get skipped(): readonly Skipped[] {
		return this.#skipped;
	}

	/** Why nothing was found, or it ended early, in words. */
	get trouble(): string | null {
		return this.#trouble;
	}

	/** Whether what was dropped is more than one picture to look at. */
	isFor(data: Pick<DataTransfer, 'items' | 'files'>): boolean {
		return isSeveral(data);
	}

	/** Files that were chosen or pasted. Never fails: `trouble` tells. */
	bring(files: readonly File[]): Promise<void> {
		return this.#open(Promise.resolve(fromFiles(files)));
	}

	/** What was dropped; call it in the event's own handler. */
	drop(data: Pick<DataTransfer, 'items' | 'files'>): Promise<void> {
		return this.#open(fromDrop(data));
	}

	/** What is answered stays. */
	stop(): void {
		this.#endFinding();
		this.#endAsking();
	}

	/** All is forgotten. */
	leave(): void {
		this.stop();
		this.#forget();
	}

	#forget(): void {
		this.#all = [];
		this.#rows = this.#skipped = [];
		this.#asked = this.#trouble = null;
		this.file.forget();
		this.#total = 0;
	}

	/** What is on the page stays and goes on until it is known that others are there to take its place. */
	async #open(reading: Promise<readonly SourceFile[]>): Promise<void> {
		this.#endFinding();
		const { signal } = (this.#finding = new AbortController());
		this.#trouble = null;
		try {
			const photos = await this.#find(reading, signal);
			this.#endFinding();
			// A project that was among them has a screen of its own.
			if (photos) await this.#run(photos);
		} catch (cause) {
			if (signal.aborted) return;
			this.#endFinding();
			this.#say(asTrouble(cause, 'many-failed', unread));
		}
	}

	/** @returns null where all of it is something else @throws Trouble, AbortError */
	async #find(
		reading: Promise<readonly SourceFile[]>,
		signal: AbortSignal
	): Promise<readonly DatasetItem[] | null> {
		const sources = await reading;
		signal.throwIfAborted();
		const rest = (await this.#parts.divert?.(sources)) ?? sources;
		signal.throwIfAborted();
		if (rest.length < sources.length && rest.length === 0) return null;
		const { items, skipped } = await openDataset(rest);
		signal.throwIfAborted();
		if (items.length > 0) {
			this.#endAsking();
			this.#forget();
		}
		// Of a table that stays, it stays said what was left out.
		if (!this.#asking && this.#all.length === 0) this.#skipped = skipped;
		if (items.length === 0) throw none();
		return items.sort((a, b) => inOrder.compare(a.path, b.path));
	}

	/** Never fails: `trouble` tells. */
	async #run(items: readonly DatasetItem[]): Promise<void> {
		const { signal } = (this.#asking = new AbortController());
		this.#total = items.length;
		try {
			await this.#ask(items, signal);
			if (!signal.aborted) this.#endAsking();
		} catch (cause) {
			if (signal.aborted) return;
			this.#endAsking();
			this.#say(asTrouble(cause, 'many-failed', unread));
		}
	}

	/** @throws AbortError, or what the engine throws */
	async #ask(items: readonly DatasetItem[], signal: AbortSignal): Promise<void> {
		const { engine, settings } = this.#parts;
		const asked = (this.#asked = await whoIsAsked(engine, items, signal));
		const { card, labels, tested } = asked;
		const photos = items.map((item) => ({ ...item, counts: !tested || item.split === 'test' }));
		const answerer = answererOf(engine, asked, (trouble) => {
			this.#endAsking();
			this.#say(trouble);
		});
		const crop = card.taught?.crop ?? settings.value.crop;
		const begin = performance.now();
		let shown = -Infinity;
		const rows = askAboutMany({ photos, answerer, crop, best: answersNeeded(labels.length), signal });
		for await (const row of rows) {
			if (signal.aborted) return;
			const done = this.#all.push({ ...row, place: this.#all.length });
			const now = performance.now();
			if (now - shown < SHOW_MS) continue;
			shown = now;
			this.#rows = [...this.#all];
			this.#left = done < ENOUGH_TO_TELL ? null : ((now - begin) / done) * (items.length - done);
		}
	}

	#say(trouble: Trouble): void {
		this.#trouble = trouble.message;
		// Its words may name a file, and what is noted may be copied into a report.
		void noteError('many', trouble.code);
	}

	#endFinding(): void {
		this.#finding?.abort();
		this.#finding = null;
	}

	#endAsking(): void {
		this.#asking?.abort();
		this.#asking = this.#left = null;
		this.#rows = [...this.#all];
	}
}

const unread = 'These files could not be read. Choose them once more.';
const none = () =>
	new Trouble('many-none', 'There is no photo among these files. Choose others, or another folder.');
