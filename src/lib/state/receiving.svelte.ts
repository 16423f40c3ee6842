/** A model's file on its way in: read, asked about where it leaves something open, tried, kept. One at a time. */
import { base } from '$app/paths';
import type { BackboneCard } from '$lib/domain/card';
import { freeName, sameName } from '$lib/domain/names';
import type { Answers, Received, ReceivedModel } from '$lib/domain/received';
import { asTrouble } from '$lib/domain/trouble';
import type { SourceFile } from '$lib/files/dataset';
import { LARGEST_LABELS, readLabels } from '$lib/files/received/labels';
import { isOpen, settled } from '$lib/files/received/received';
import { isModelFile } from '$lib/files/received/recognise';
import { createShareWorker, makeEngine } from '$lib/services/engine-parts';
import { keepModel, readModelFile, tryModel, type ReceiveParts, type Tried } from '$lib/services/receive';
import { noteError } from '$lib/storage/errors';
import { writeCopy } from '$lib/storage/file-cache';
import { openVerified } from '$lib/storage/verified';
import { backbones } from '$models/catalog';
import type { ReceivedModels } from './received.svelte';
import type { Shelf } from './shelf.svelte';

export type Receiving =
	| { kind: 'reading' }
	| { kind: 'asking'; received: Received }
	| { kind: 'trying' }
	/** Another model is called so. */
	| { kind: 'same-name'; name: string; other: ReceivedModel }
	/** `before`: it was here already. */
	| { kind: 'done'; card: BackboneCard; before: boolean }
	| { kind: 'failed'; words: string };

/** Milliseconds that a model may take to start, and to answer once. */
const PATIENCE = { load: 30_000, frame: 10_000 };

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
			if (await this.#isHere(received)) return;
			const { labels } = settled(received);
			if (isOpen(received) || !labels) {
				if (!labels && received.classes === 1000) await this.#readImagenet(signal);
				if (!signal.aborted) this.#step = { kind: 'asking', received };
			} else await this.#try(received, { ...received.guess, labels }, signal);
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
		return this.#run({ kind: 'trying' }, (signal) => this.#try(step.received, answers, signal));
	}

	/** Beside the one that is called so, or in its place: that goes into the trash. */
	settle(way: 'beside' | 'instead'): Promise<void> {
		const [tried, step] = [this.#tried, this.#step];
		if (!tried || step?.kind !== 'same-name') return this.#running;
		const { name, other } = step;
		const free = freeName(name, this.#names);
		return this.#run({ kind: 'trying' }, async (signal) => {
			await this.#keep(tried, way === 'beside' ? free : name, signal);
			if (way === 'instead' && !signal.aborted) await this.#models.throwAway(other);
		});
	}

	/** It is not wanted, or what was said has been read. */
	dismiss(): void {
		this.#end.abort();
		this.#step = this.#tried = null;
	}

	/** Resolves when nothing is written any more. */
	async stop(): Promise<void> {
		this.dismiss();
		await this.#running;
	}

	get #names(): string[] {
		return this.#models.here.map(({ card }) => card.name);
	}

	#run(first: Receiving, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
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

	/** Those of the network that comes with the app. Never fails: without them they are not offered. */
	async #readImagenet(signal: AbortSignal): Promise<void> {
		const [card] = backbones;
		if (!card || this.#imagenet) return;
		try {
			const { bytes } = await openVerified(card.labels, { base, signal });
			this.#imagenet = readLabels(new TextDecoder().decode(bytes));
		} catch (cause) {
			if (!signal.aborted) void noteError('receiving', cause);
		}
	}

	/** The same content, whatever it is called; one of the catalogue's is kept as such. */
	async #isHere({ came, sha256, onnx }: Received): Promise<boolean> {
		await Promise.all([this.#shelf.refresh(), this.#models.refresh()]);
		const ours = backbones.find(({ file }) => file.sha256 === sha256);
		if (ours) {
			const kept = this.#shelf.standing(ours).kind === 'kept';
			if (!kept) await writeCopy(ours.file, base, onnx.buffer);
			await this.#shelf.refresh();
			this.#step = { kind: 'done', card: ours, before: kept };
			return true;
		}
		const here = [...this.#models.here, ...this.#models.thrown].find(
			(model) => model.came.sha256 === came.sha256 || model.card.file.sha256 === sha256
		);
		if (!here) return false;
		if (here.trashed !== null) await this.#models.takeBack(here);
		this.#step = { kind: 'done', card: here.card, before: true };
		return true;
	}

	async #try(received: Received, answers: Answers, signal: AbortSignal): Promise<void> {
		this.#step = { kind: 'trying' };
		const tried = await tryModel(parts, received, answers, signal);
		const { name } = received;
		const other = this.#models.here.find(({ card }) => sameName(card.name, name));
		if (!other) return this.#keep(tried, name, signal);
		this.#tried = tried;
		this.#step = { kind: 'same-name', name, other };
	}

	async #keep(tried: Tried, name: string, signal: AbortSignal): Promise<void> {
		signal.throwIfAborted();
		const model = await keepModel(tried, { name, now: Date.now() });
		await this.#models.changed();
		if (signal.aborted) return;
		this.#step = { kind: 'done', card: model.card, before: false };
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
