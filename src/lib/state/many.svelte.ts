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
	#phase: 'empty' | 'reading' | 'running' | 'done' = $state('empty');
	#rows: readonly Row[] = $state.raw([]);
	#total = $state(0);
	#left: number | null = $state(null);
	#asked: Asked | null = $state.raw(null);
	#skipped: readonly Skipped[] = $state.raw([]);
	#trouble: string | null = $state(null);
	/** Rows that are not shown yet are among them. */
	#all: Row[] = [];
	#end = new AbortController();

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** 'reading': it is found out what was brought; 'done': all are answered, or it was stopped. */
	get phase() {
		return this.#phase;
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
		if (this.#phase !== 'reading' && this.#phase !== 'running') return;
		this.#end.abort();
		this.#finish();
	}

	/** All is forgotten. */
	leave(): void {
		this.#end.abort();
		this.#forget();
		this.#phase = 'empty';
	}

	#forget(): void {
		this.#all = [];
		this.#rows = this.#skipped = [];
		this.#asked = this.#trouble = this.#left = null;
		this.file.forget();
		this.#total = 0;
	}

	/** What is on the page stays until it is known that others are there to take its place. */
	async #open(reading: Promise<readonly SourceFile[]>): Promise<void> {
		this.#end.abort();
		this.#finish();
		const end = (this.#end = new AbortController());
		this.#trouble = null;
		this.#phase = 'reading';
		try {
			const photos = await this.#find(reading, end.signal);
			// A project that was among them has a screen of its own.
			if (photos) await this.#run(photos, end);
			else this.#finish();
		} catch (cause) {
			if (end.signal.aborted) return;
			const words = 'These files could not be read. Choose them once more.';
			this.#fail(asTrouble(cause, 'many-failed', words));
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
		if (items.length > 0) this.#forget();
		// Of a table that stays, it stays said what was left out.
		if (this.#all.length === 0) this.#skipped = skipped;
		if (items.length === 0) throw none();
		return items.sort((a, b) => inOrder.compare(a.path, b.path));
	}

	/** @throws AbortError, or what the engine throws */
	async #run(items: readonly DatasetItem[], end: AbortController): Promise<void> {
		const { signal } = end;
		this.#total = items.length;
		this.#phase = 'running';
		const { engine, settings } = this.#parts;
		const asked = (this.#asked = await whoIsAsked(engine, items, signal));
		const { card, labels, tested } = asked;
		const photos = items.map((item) => ({ ...item, counts: !tested || item.split === 'test' }));
		const answerer = answererOf(engine, asked, (trouble) => {
			end.abort();
			this.#fail(trouble);
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
		if (!signal.aborted) this.#finish();
	}

	#fail(trouble: Trouble): void {
		this.#trouble = trouble.message;
		// Its words may name a file, and what is noted may be copied into a report.
		void noteError('many', trouble.code);
		this.#finish();
	}

	#finish(): void {
		this.#rows = [...this.#all];
		this.#left = null;
		this.#phase = this.#rows.length > 0 ? 'done' : 'empty';
	}
}

const none = () =>
	new Trouble('many-none', 'There is no photo among these files. Choose others, or another folder.');
