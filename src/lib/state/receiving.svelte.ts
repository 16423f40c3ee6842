/** A model's file on its way in: read, asked about where it leaves something open, tried, kept. One at a time. */
import { base } from '$app/paths';
import type { BackboneCard } from '$lib/domain/card';
import { freeName, sameName } from '$lib/domain/names';
import type { Answers, Received, ReceivedModel } from '$lib/domain/received';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import type { SourceFile } from '$lib/files/dataset';
import { LARGEST_LABELS, readLabels } from '$lib/files/received/labels';
import { isOpen, settled } from '$lib/files/received/received';
import { isModelFile } from '$lib/files/received/recognise';
import { createShareWorker, makeEngine } from '$lib/services/engine-parts';
import { imagenetNames, isWhole, networkOf, sameModel } from '$lib/services/model-here';
import { keepModel, readModelFile, tryModel, type ReceiveParts, type Tried } from '$lib/services/receive';
import { noteError } from '$lib/storage/errors';
import { writeCopy } from '$lib/storage/file-cache';
import type { ReceivedModels } from './received.svelte';
import type { Shelf } from './shelf.svelte';

export type Receiving =
	| { kind: 'reading' }
	/** `before`: what was answered, and why that will not do. */
	| { kind: 'asking'; received: Received; before: { answers: Answers; words: string } | null }
	| { kind: 'trying' }
	/** Cannot be given up any more. */
	| { kind: 'keeping' }
	/** Another model is called so. */
	| { kind: 'same-name'; name: string; other: ReceivedModel }
	/** `again`: its questions can be answered anew. */
	| { kind: 'done'; card: BackboneCard; found: Found; again: Received | null }
	| { kind: 'failed'; words: string };

/** 'here': it was here already; 'back': it was in the trash, and is taken back. */
type Found = 'new' | 'here' | 'back';

/** Milliseconds that a model may take to start, and to answer once. */
const PATIENCE = { load: 30_000, frame: 10_000 };
/** What an answer that is not so leads to: sizes that do not fit each other. */
const ofAnswers = new Set(['onnx-broken', 'onnx-too-large', 'model-unsuitable']);

const parts: ReceiveParts = {
	createWorker: createShareWorker,
	engineWith: (files) => makeEngine(base, files, PATIENCE)
};

export class ReceivingState {
	readonly #shelf: Shelf;
	readonly #models: ReceivedModels;
	#step: Receiving | null = $state.raw(null);
	#imagenet: readonly string[] | null = $state.raw(null);
	#tried: Tried | null = null;
	#end = new AbortController();
	#running: Promise<void> = Promise.resolve();

	constructor(shelf: Shelf, models: ReceivedModels) {
		this.#shelf = shelf;
		this.#models = models;
	}

	/** null where there is nothing to show. */
	get step(): Receiving | null {
		return this.#step;
	}

	/** ImageNet's names, once a file leaves open what its thousand classes are called. */
	get imagenet(): readonly string[] | null {
		return this.#imagenet;
	}

	/** Never fails: `step` tells. */
	open(file: Blob, name: string): Promise<void> {
		return this.#run({ kind: 'reading' }, async (signal) => {
			const received = await readModelFile(parts, file, name, signal);
			if (await this.#isHere(received, signal)) return;
			await this.#ask(received, signal);
		});
	}

	/** Whether a file that was brought is a model. */
	takes(file: File): Promise<boolean> {
		return isModelFile(file, file.name);
	}

	/** Names of classes out of a file; null where it is no list of names. */
	async readNames(file: File): Promise<readonly string[] | null> {
		return file.size > LARGEST_LABELS ? null : readLabels(await file.text().catch(() => ''));
	}

	/** Opens the first model among files that were brought. @returns the others */
	async takeFrom(sources: readonly SourceFile[]): Promise<readonly SourceFile[]> {
		for (const source of sources) {
			if (!/\.(onnx|zip)$/i.test(source.path)) continue;
			const blob = await source.read();
			const name = source.path.split('/').at(-1) ?? source.path;
			if (!(await isModelFile(blob, name))) continue;
			void this.open(blob, name);
			return sources.filter((one) => one !== source);
		}
		return sources;
	}

	/** The answer to what was asked. */
	answer(answers: Answers): Promise<void> {
		const step = this.#step;
		if (step?.kind !== 'asking') return this.#running;
		const { received } = step;
		return this.#run({ kind: 'trying' }, async (signal) => {
			try {
				await this.#try(received, answers, signal);
			} catch (cause) {
				const trouble = asTrouble(cause, 'not-opened', '');
				if (!ofAnswers.has(trouble.code)) throw cause;
				const words = `It does not run with what you chose; most likely the size or the order is another. (${trouble.message})`;
				this.#show({ kind: 'asking', received, before: { answers, words } }, signal);
			}
		});
	}

	/** Its questions once more: one was answered wrongly. */
	askAgain(): Promise<void> {
		const again = this.#step?.kind === 'done' ? this.#step.again : null;
		if (!again) return this.#running;
		return this.#run({ kind: 'reading' }, (signal) => this.#ask(again, signal));
	}

	/** Beside the one that is called so, or in its place: that goes into the trash. */
	settle(way: 'beside' | 'instead'): Promise<void> {
		const [tried, step] = [this.#tried, this.#step];
		if (!tried || step?.kind !== 'same-name') return this.#running;
		const { name, other } = step;
		const free = freeName(name, this.#names);
		return this.#run({ kind: 'trying' }, (signal) =>
			way === 'beside' ? this.#keep(tried, free, signal) : this.#keep(tried, name, signal, other.id)
		);
	}

	/** It is not wanted, or what was said has been read. What is being kept is kept. */
	dismiss(): void {
		if (this.#step?.kind === 'keeping') return;
		this.#end.abort();
		this.#step = this.#tried = null;
	}

	/** Resolves when nothing is written any more. */
	async stop(): Promise<void> {
		this.dismiss();
		await this.#running;
	}

	get #all(): readonly ReceivedModel[] {
		return [...this.#models.here, ...this.#models.thrown];
	}

	get #names(): string[] {
		return this.#models.here.map(({ card }) => card.name);
	}

	#run(first: Receiving, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
		if (this.#step?.kind === 'keeping') return this.#running;
		this.dismiss();
		const { signal } = (this.#end = new AbortController());
		this.#step = first;
		const before = this.#running;
		this.#running = before
			.then(() => work(signal))
			.catch((cause: unknown) => {
				if (!signal.aborted) this.#fail(cause);
			});
		return this.#running;
	}

	#show(step: Receiving, signal: AbortSignal): void {
		signal.throwIfAborted();
		this.#step = step;
	}

	async #ask(received: Received, signal: AbortSignal): Promise<void> {
		const { labels } = settled(received);
		if (!isOpen(received) && labels) return this.#try(received, { ...received.guess, labels }, signal);
		if (!labels && received.classes === 1000) this.#imagenet ??= await imagenetNames(base, signal);
		this.#show({ kind: 'asking', received, before: null }, signal);
	}

	/** The same content, whatever it is called; one of the catalogue's is kept as such. */
	async #isHere(received: Received, signal: AbortSignal): Promise<boolean> {
		await Promise.all([this.#shelf.refresh(), this.#models.refresh()]);
		signal.throwIfAborted();
		const ours = networkOf(received);
		if (ours) {
			const kept = this.#shelf.standing(ours).kind === 'kept';
			if (!kept) await writeCopy(ours.file, base, received.onnx.buffer);
			await this.#shelf.refresh();
			this.#show({ kind: 'done', card: ours, found: kept ? 'here' : 'new', again: null }, signal);
			return true;
		}
		const here = await sameModel(received, this.#all);
		if (!here) return false;
		await this.#found(here, isOpen(received) ? received : null, signal);
		return true;
	}

	async #found(model: ReceivedModel, again: Received | null, signal: AbortSignal): Promise<void> {
		signal.throwIfAborted();
		const { id, trashed } = model;
		if (trashed !== null) await this.#models.takeBack(model);
		const now = this.#models.here.find((one) => one.id === id);
		if (!now) throw new Trouble('not-saved', 'It is in the trash and could not be taken back. Try again.');
		const { card } = now;
		this.#show({ kind: 'done', card, found: trashed === null ? 'here' : 'back', again }, signal);
	}

	async #try(received: Received, answers: Answers, signal: AbortSignal): Promise<void> {
		this.#show({ kind: 'trying' }, signal);
		const tried = await tryModel(parts, received, answers, signal);
		await this.#models.refresh();
		const { name } = received;
		const { id } = tried.card;
		const same = this.#all.find((model) => model.id === id);
		if (same && (await isWhole(same))) return this.#found(same, isOpen(received) ? received : null, signal);
		const other = this.#models.here.find((model) => model.id !== id && sameName(model.card.name, name));
		if (!other) return this.#keep(tried, same?.card.name ?? name, signal);
		this.#show({ kind: 'same-name', name, other }, signal);
		this.#tried = tried;
	}

	async #keep(tried: Tried, name: string, signal: AbortSignal, instead?: string): Promise<void> {
		this.#show({ kind: 'keeping' }, signal);
		try {
			const { card } = await keepModel(tried, { name, now: Date.now(), instead });
			await this.#models.changed(card.id);
			this.#step = { kind: 'done', card, found: 'new', again: null };
		} catch (cause) {
			this.#fail(cause);
		}
	}

	#fail(cause: unknown): void {
		const words = 'The file could not be opened: something went wrong. Nothing was kept. Try again.';
		const trouble = asTrouble(cause, 'not-opened', words);
		this.#tried = null;
		this.#step = { kind: 'failed', words: trouble.message };
		// Its words may name the file, and what is noted may be copied into a report.
		void noteError('receiving', trouble.code);
	}
}
