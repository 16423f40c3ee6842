/**
 * The downloads of the catalogue as the page sees them: where each stands, start, pause, resume, cancel, remove.
 * The work is done by the download worker, which is there only while something is being downloaded.
 */
import type { BackboneCard } from '$lib/domain/card';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { Client } from '$lib/rpc/channel';
import { alone } from '$lib/storage/download-lock';
import { clearChunks, receivedChunks } from '$lib/storage/downloads';
import { noteError } from '$lib/storage/errors';
import { forget, hasCopy } from '$lib/storage/verified';
import { backbones } from '$models/catalog';
import type { DownloadApi } from '$workers/download.worker';

export interface DownloadState {
	/** 'failed' says why in `trouble`; with received bytes it can be resumed, as 'paused' can. */
	phase: 'absent' | 'downloading' | 'paused' | 'checking' | 'kept' | 'failed';
	/** Bytes. */
	received: number;
	total: number;
	trouble: Trouble | null;
}

export interface DownloadParts {
	cards: readonly BackboneCard[];
	createWorker(): Worker;
	/** Asks the browser not to throw away what is kept. */
	persist(): Promise<unknown>;
}

interface Job {
	abort: AbortController;
	/** Settles when the worker has let go of the file; never rejects. */
	done: Promise<void>;
}

const DIED = 'The download stopped by itself. Try again; it goes on from where it stopped.';
/** Milliseconds in which the worker answers to a pause, else it counts as hung. */
const PATIENCE = 10_000;
/** Milliseconds in which the browser frees the lock of a worker that was ended. */
const RELEASE_MS = 2_000;

type States = ReadonlyMap<string, DownloadState>;

export class Downloads {
	readonly #parts: DownloadParts;
	readonly #cards: ReadonlyMap<string, BackboneCard>;
	readonly #jobs = new Map<string, Job>();
	readonly #listeners = new Set<(states: States) => void>();
	#states: States;
	#running: { worker: Worker; client: Client<DownloadApi>; die(): void } | null = null;

	constructor(parts: DownloadParts) {
		this.#parts = parts;
		const cards = parts.cards.filter(({ delivery }) => delivery === 'download');
		this.#cards = new Map(cards.map((card) => [card.id, card]));
		this.#states = new Map(cards.map((card) => [card.id, absent(card)]));
	}

	/** Where every downloadable backbone stands, by id. */
	get states(): States {
		return this.#states;
	}

	/** Calls back at once and on every change. @returns a function that ends it */
	subscribe(listener: (states: States) => void): () => void {
		this.#listeners.add(listener);
		listener(this.#states);
		return () => this.#listeners.delete(listener);
	}

	/** Reads from the disk what is kept and what is half there, which shows as paused, or as failed if it did. */
	async refresh(): Promise<void> {
		const resting = [...this.#cards.keys()].filter((id) => !this.#jobs.has(id));
		await Promise.all(resting.map((id) => this.#settle(id, this.#lasting(id))));
	}

	/**
	 * Starts or resumes, and settles when the download has ended one way or another: the state tells which.
	 * A second start of the same file joins the first.
	 */
	async start(id: string): Promise<void> {
		const card = this.#card(id);
		const going = this.#jobs.get(id);
		if (going && !going.abort.signal.aborted) return going.done;
		const abort = new AbortController();
		// One that was just paused lets go of the file first.
		const done = Promise.resolve(going?.done)
			.then(() => this.#download(card, abort.signal))
			.finally(() => this.#end(id, abort));
		this.#jobs.set(id, { abort, done });
		return done;
	}

	/** Stops for now; what was received is kept. */
	async pause(id: string): Promise<void> {
		const job = this.#jobs.get(id);
		if (!job) return;
		job.abort.abort();
		const watchdog = setTimeout(() => this.#running?.die(), PATIENCE);
		await job.done;
		clearTimeout(watchdog);
	}

	/** Stops and forgets what was received. While another tab downloads it, the state says so and all stays. */
	async cancel(id: string): Promise<void> {
		const { file } = this.#card(id);
		await this.#letGo(id, () => clearChunks(file.sha256));
	}

	/** Takes a downloaded file off this device, likewise. */
	async remove(id: string): Promise<void> {
		const { file } = this.#card(id);
		await this.#letGo(id, async () => {
			await clearChunks(file.sha256);
			await forget(file, file.url);
		});
	}

	/** Why the last try failed, where that is so for longer than another tab is at it. */
	#lasting(id: string): Trouble | null {
		const trouble = this.#states.get(id)?.trouble ?? null;
		return trouble?.code === 'download-elsewhere' ? null : trouble;
	}

	async #letGo(id: string, clear: () => Promise<void>): Promise<void> {
		await this.pause(id);
		try {
			await alone(this.#card(id).file, clear, RELEASE_MS);
			await this.#settle(id);
		} catch (cause) {
			if (!(cause instanceof Trouble)) throw cause;
			await this.#settle(id, cause);
		}
	}

	async #download(card: BackboneCard, signal: AbortSignal): Promise<void> {
		const { id, file } = card;
		// What was shown may be out of date: another tab fetched it, or the copy was found to be damaged.
		const { kept, received } = await onDisk(card);
		if (kept) return this.#settle(id);
		this.#set(id, { phase: 'downloading', received, total: file.bytes, trouble: null });
		// Evicted downloads are a nuisance, not a failure: the answer does not matter here.
		void this.#parts.persist().catch(() => undefined);
		try {
			await this.#client().call('download', file, {
				signal,
				onProgress: (progress) => this.#set(id, { ...progress, total: file.bytes, trouble: null })
			});
			await this.#settle(id);
		} catch (cause) {
			if (signal.aborted) return this.#settle(id);
			const trouble = troubleFrom(cause);
			void noteError('download', trouble);
			await this.#settle(id, trouble);
		}
	}

	/** The state as the disk tells it, with the trouble of the try that just ended. */
	async #settle(id: string, trouble: Trouble | null = null): Promise<void> {
		const card = this.#card(id);
		const total = card.file.bytes;
		const job = this.#jobs.get(id);
		const { kept, received } = await onDisk(card);
		if (kept) return this.#set(id, { phase: 'kept', received: total, total, trouble: null });
		const phase = trouble ? 'failed' : received > 0 ? 'paused' : 'absent';
		// A refresh must not speak over a download that has begun meanwhile.
		if (this.#jobs.get(id) === job) this.#set(id, { phase, received, total, trouble });
	}

	#end(id: string, abort: AbortController): void {
		if (this.#jobs.get(id)?.abort === abort) this.#jobs.delete(id);
		if (this.#jobs.size > 0) return;
		this.#running?.worker.terminate();
		this.#running = null;
	}

	#client(): Client<DownloadApi> {
		this.#running ??= this.#run(this.#parts.createWorker());
		return this.#running.client;
	}

	#run(worker: Worker) {
		const client = new Client<DownloadApi>(worker);
		const die = () => {
			if (this.#running?.worker === worker) this.#running = null;
			worker.terminate();
			client.fail(new Trouble('download-failed', DIED));
		};
		worker.addEventListener('error', die);
		worker.addEventListener('messageerror', die);
		return { worker, client, die };
	}

	#card(id: string): BackboneCard {
		const card = this.#cards.get(id);
		if (!card) throw new RangeError(`“${id}” is not a downloadable backbone`);
		return card;
	}

	#set(id: string, state: DownloadState): void {
		this.#states = new Map(this.#states).set(id, state);
		for (const listener of this.#listeners) listener(this.#states);
	}
}

/** The downloads of the catalogue in a real page. */
export function makeDownloads(): Downloads {
	return new Downloads({
		cards: backbones,
		createWorker: () =>
			new Worker(new URL('../../../workers/download.worker.ts', import.meta.url), { type: 'module' }),
		persist: async () => navigator.storage?.persist()
	});
}

function absent({ file }: BackboneCard): DownloadState {
	return { phase: 'absent', received: 0, total: file.bytes, trouble: null };
}

async function onDisk({ file }: BackboneCard): Promise<{ kept: boolean; received: number }> {
	if (await hasCopy(file, file.url)) return { kept: true, received: file.bytes };
	const { bytes } = await receivedChunks(file.sha256).catch(() => ({ bytes: 0 }));
	return { kept: false, received: bytes };
}

/** Errors lose their class on the way from the worker, not their code. */
function troubleFrom(cause: unknown): Trouble {
	if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string')
		return new Trouble(cause.code, cause.message, { cause });
	return asTrouble(cause, 'download-failed', DIED);
}
