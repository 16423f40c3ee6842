/**
 * Many photos at once: asked about with the model that Look has, shown as rows. Nothing is kept: who
 * leaves the page, or brings others, forgets them.
 */
import type { BackboneCard } from '$lib/domain/card';
import { LabelNames } from '$lib/domain/predictions';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import type { Skipped, SourceFile } from '$lib/files/dataset';
import { fromDrop, fromFiles, isSeveral, openDataset } from '$lib/files/dropped';
import { answersNeeded } from '$lib/files/predictions-csv';
import { byBackbone, type Answerer } from '$lib/services/answerers';
import type { Engine } from '$lib/services/engine';
import { askAboutMany, type ManyPhoto, type ManyRow } from '$lib/services/many';
import { noteError } from '$lib/storage/errors';
import { AnswersFile } from './answers-file.svelte';
import type { SettingsState } from './settings.svelte';

/** A row, with its place among all. */
export interface Row extends ManyRow {
	place: number;
}

/** What answered: rows speak of its labels by index. */
export interface Asked {
	card: BackboneCard;
	labels: readonly string[];
	names: LabelNames;
}

interface Parts {
	engine: Readonly<{ service: Pick<Engine, 'classify' | 'whenReady' | 'labels'>; card: BackboneCard }>;
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
		this.#all = [];
		this.#rows = this.#skipped = [];
		this.#asked = this.#trouble = this.#left = null;
		this.file.forget();
		this.#total = 0;
		this.#phase = 'empty';
	}

	async #open(reading: Promise<readonly SourceFile[]>): Promise<void> {
		this.leave();
		const end = (this.#end = new AbortController());
		this.#phase = 'reading';
		try {
			const sources = await reading;
			const photos = (await this.#parts.divert?.(sources)) ?? sources;
			// A project that was among them has a screen of its own.
			const diverted = photos.length < sources.length && photos.length === 0;
			const { items, skipped } = await openDataset(photos);
			if (end.signal.aborted) return;
			if (diverted) return this.leave();
			this.#skipped = skipped;
			if (items.length === 0) throw none();
			await this.#run(
				items.sort((a, b) => inOrder.compare(a.path, b.path)),
				end
			);
		} catch (cause) {
			if (end.signal.aborted) return;
			const words = 'These files could not be read. Choose them once more.';
			this.#fail(asTrouble(cause, 'many-failed', words));
		}
	}

	async #run(photos: readonly ManyPhoto[], end: AbortController): Promise<void> {
		const { engine, settings } = this.#parts;
		const { signal } = end;
		this.#total = photos.length;
		this.#phase = 'running';
		await engine.service.whenReady(signal);
		const { card, service } = engine;
		const { labels } = service;
		this.#asked = { card, labels, names: new LabelNames(labels, !card.taught) };
		const answerer = this.#answerer(card, end);
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
			this.#left = done < ENOUGH_TO_TELL ? null : ((now - begin) / done) * (photos.length - done);
		}
		if (!signal.aborted) this.#finish();
	}

	/** Answers of another model do not come into the same table. */
	#answerer(card: BackboneCard, end: AbortController): Answerer {
		const { engine } = this.#parts;
		const { sureFrom, answer, whenReady } = byBackbone(engine.service, () => card);
		return {
			...{ sureFrom, whenReady },
			answer: (source, crop) => {
				if (engine.card.id === card.id) return answer(source, crop);
				source.close();
				end.abort();
				const trouble = changed(card.name);
				this.#fail(trouble);
				return Promise.reject(trouble);
			}
		};
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
const changed = (name: string) =>
	new Trouble(
		'many-model-changed',
		`Another model took over from ${name}, so it stopped there. What ${name} answered stays. Bring the photos again to ask the other.`
	);
