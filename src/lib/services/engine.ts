/**
 * The page's side of the inference worker: brings it up with checked files, watches over it, and puts
 * another in its place when it fails. Every failed start is one step down the ladder of `engine-steps`.
 */
import type { BackboneCard, FileFacts } from '$lib/domain/card';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import type { ActivationMap } from '$lib/domain/activation';
import type { Crop } from '$lib/image/crop';
import { Client } from '$lib/rpc/channel';
import type { InferenceApi } from '$workers/inference.worker';
import {
	ladder,
	lastRung,
	patient,
	readLabels,
	Silence,
	stepDown,
	worthTrying,
	type Rung
} from './engine-steps';

import { openFiles, type NeededFile, type OpenFile } from './engine-files';

type Source = VideoFrame | ImageBitmap;
type Plan = Awaited<ReturnType<InferenceApi['plan']>>;
type Backend = Plan['backend'];
export type Preference = Parameters<InferenceApi['plan']>[0]['preference'];
export type Classified = Awaited<ReturnType<InferenceApi['classify']>>;

export interface EngineStatus {
	phase: 'idle' | 'starting' | 'loading' | 'warming' | 'ready' | 'failed';
	backboneId: string | null;
	/** null until it is known what this start runs on. */
	backend: Backend | null;
	/** Which build of the runtime was loaded. */
	binary: Plan['binary'] | null;
	adapter: string | null;
	threads: number;
	isolated: boolean;
	files: readonly NeededFile[];
	/** Why it does not run as well as it might, in words. */
	note: string | null;
	trouble: Trouble | null;
}

export interface EngineParts {
	createWorker(): Worker;
	open: OpenFile;
	/** Whether a file is kept on this device. */
	has(file: FileFacts): Promise<boolean>;
	isolated: boolean;
	ios: boolean;
	/** Milliseconds without an answer after which a worker counts as dead. */
	patience?: Partial<typeof patience>;
}

/** An engine that fails as often as this in so short a time is not started again by itself. */
const MOST_FALLS = 4;
const FALLS_MS = 60_000;
/** Pictures in a row that fail before the engine itself counts as broken. */
const MOST_FAILURES = 3;
const patience = { plan: 10_000, start: 20_000, load: 60_000, frame: 15_000 };

interface Running {
	worker: Worker;
	client: Client<InferenceApi>;
	/** Pictures in a row on which it failed. */
	failures: number;
}

export class Engine {
	readonly #parts: EngineParts;
	readonly #patience: typeof patience;
	readonly #listeners = new Set<(status: EngineStatus) => void>();
	#status: EngineStatus;
	#running: Running | null = null;
	#chosen: { card: BackboneCard; preference: Preference; threads: number } | null = null;
	/** Class names of the backbone in use, in the order of its scores. */
	#labels: readonly string[] = [];
	#start: AbortController | null = null;
	#gpuFailures = 0;
	/** When a running engine failed, in milliseconds. */
	#falls: number[] = [];

	constructor(parts: EngineParts) {
		this.#parts = parts;
		this.#patience = { ...patience, ...parts.patience };
		this.#status = {
			phase: 'idle',
			backboneId: null,
			backend: null,
			binary: null,
			adapter: null,
			threads: 1,
			isolated: parts.isolated,
			files: [],
			note: null,
			trouble: null
		};
	}

	get status(): EngineStatus {
		return this.#status;
	}

	get labels(): readonly string[] {
		return this.#labels;
	}

	/** Calls back now and on every change. @returns how to stop */
	subscribe(listener: (status: EngineStatus) => void): () => void {
		this.#listeners.add(listener);
		listener(this.#status);
		return () => this.#listeners.delete(listener);
	}

	/**
	 * Brings the engine up with a backbone, in place of what ran before.
	 *
	 * @returns whether it runs now; false where a later call or a stop came in between
	 * @throws Trouble when no way of running it works; `status.trouble` then holds the same
	 */
	async use(card: BackboneCard, preference: Preference, threads = 1): Promise<boolean> {
		this.#chosen = { card, preference, threads };
		this.#gpuFailures = 0;
		this.#falls = [];
		return this.#bringUp(null);
	}

	/** Classifies one frame or picture, which is transferred and closed. @throws Trouble, AbortError */
	async classify(source: Source, crop: Crop): Promise<Classified> {
		return this.#ask('classify', { source, crop }, [source]);
	}

	/** Where the picture speaks for a class. The picture is transferred and closed. */
	async explain(source: Source, crop: Crop, index: number): Promise<ActivationMap> {
		return this.#ask('explain', { source, crop, index }, [source]);
	}

	/** Features of pictures, one row after the other. The pictures are transferred and closed. */
	async embed(sources: Source[], crop: Crop): Promise<Float32Array> {
		return this.#ask('embed', { sources, crop }, sources, sources.length);
	}

	/** Milliseconds of the backbone's run alone. */
	async time(runs: number): Promise<number[]> {
		return this.#ask('time', runs, [], runs);
	}

	/** Resolves when frames can be classified; stays pending while it starts or has failed. @throws AbortError */
	whenReady(signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const listener = ({ phase }: EngineStatus) => phase === 'ready' && settle(resolve);
			const aborted = () => settle(() => reject(signal.reason));
			const settle = (end: () => void) => {
				this.#listeners.delete(listener);
				signal.removeEventListener('abort', aborted);
				end();
			};
			if (signal.aborted) return aborted();
			signal.addEventListener('abort', aborted);
			this.subscribe(listener);
		});
	}

	stop(): void {
		this.#start?.abort();
		this.#drop(new Trouble('engine-stopped', 'The engine was stopped.'));
		this.#set({ phase: 'idle' });
	}

	async #ask<K extends 'classify' | 'explain' | 'embed' | 'time'>(
		method: K,
		input: Parameters<InferenceApi[K]>[0],
		transfer: Transferable[],
		pieces = 1
	): Promise<Awaited<ReturnType<InferenceApi[K]>>> {
		const running = this.#running;
		if (this.#status.phase !== 'ready' || !running) {
			for (const source of transfer) (source as Source).close();
			throw new Trouble('engine-busy', 'The engine is still getting ready.');
		}
		const call = running.client.call(method, input as never, { transfer });
		const answer = await patient(call, this.#patience.frame * pieces).catch((cause: unknown) => {
			// That a network cannot tell where it looked says nothing about the engine.
			const failures = method === 'explain' ? running.failures : ++running.failures;
			// One picture may be odd; a network that runs on none is broken, whatever it says.
			if (cause instanceof Silence || failures >= MOST_FAILURES) this.#fail(running, cause as Error);
			throw asTrouble(cause, 'picture-failed', 'The network could not be run on this picture.');
		});
		running.failures = 0;
		return answer as Awaited<ReturnType<InferenceApi[K]>>;
	}

	async #bringUp(note: string | null): Promise<boolean> {
		const chosen = this.#chosen;
		if (!chosen) return false;
		this.#start?.abort();
		const start = (this.#start = new AbortController());
		this.#drop(new Trouble('engine-restarting', 'The engine is starting again.'));
		this.#set({
			phase: 'starting',
			backboneId: chosen.card.id,
			backend: null,
			files: [],
			note,
			trouble: null
		});
		const preference = this.#gpuFailures > 0 ? 'wasm' : chosen.preference;
		let rungs = ladder(preference, chosen.threads);
		let hurry = this.#gpuFailures > 0;
		for (;;) {
			const [rung = lastRung, ...lower] = rungs;
			try {
				await this.#attempt(chosen.card, { ...rung, hurry }, start.signal);
				return true;
			} catch (cause) {
				if (start.signal.aborted) return false;
				const trouble = notStarted(cause);
				this.#drop(trouble);
				const { backend, files } = this.#status;
				rungs = worthTrying(lower, { trouble, backend, files });
				if (rungs.length === 0) return this.#giveUp(trouble);
				this.#set({ note: stepDown(rung, rungs[0], backend), backend: null });
				hurry = false;
			}
		}
	}

	#giveUp(trouble: Trouble): never {
		this.#set({ phase: 'failed', trouble });
		throw trouble;
	}

	/** @param rung with `hurry`, an engine that is here already is taken in place of a better one that is not */
	async #attempt(card: BackboneCard, rung: Rung & { hurry: boolean }, signal: AbortSignal): Promise<void> {
		const running = this.#hire();
		const { client } = running;
		const plan = await patient(
			client.call('plan', { preference: rung.preference, ios: this.#parts.ios }),
			this.#patience.plan
		);
		signal.throwIfAborted();
		this.#set({ phase: 'loading', backend: plan.backend, adapter: plan.adapter });
		if (plan.reason && !this.#status.note) this.#set({ note: plan.reason });
		const { engine, bytes, labels } = await openFiles(plan, card, {
			open: this.#parts.open,
			spare: () => this.#spareBinary(plan, client),
			spareFirst: rung.hurry && !(await this.#parts.has(plan.file)),
			onFiles: (files) => signal.aborted || this.#set({ files }),
			signal
		});
		signal.throwIfAborted();
		this.#labels = readLabels(labels, card);
		const { backend } = plan;
		// The GPU's binaries run on the CPU too, but with one thread.
		const threads = engine.binary === 'wasm' && this.#parts.isolated ? rung.threads : 1;
		this.#set({ phase: 'warming', binary: engine.binary, threads });
		const options = { ...engine, backend, threads };
		await patient(client.call('start', options, { transfer: [engine.bytes] }), this.#patience.start);
		const model = { card, bytes };
		await patient(client.call('load', model, { transfer: [bytes] }), this.#patience.load);
		signal.throwIfAborted();
		this.#set({ phase: 'ready' });
		if (backend === 'webgpu') this.#watchGpu(running);
	}

	/** Another binary that is on this device already: without a network it does the work of the planned one. */
	async #spareBinary(plan: Plan, client: Client<InferenceApi>) {
		if (plan.backend !== 'wasm') return null;
		for (const binary of ['jspi', 'asyncify'] as const) {
			const file = await patient(client.call('binaryFile', binary), this.#patience.plan);
			if (await this.#parts.has(file)) return { binary, file };
		}
		return null;
	}

	#hire(): Running {
		const worker = this.#parts.createWorker();
		const running = { worker, client: new Client<InferenceApi>(worker), failures: 0 };
		this.#running = running;
		const failed = (event: Event) => {
			const message = event instanceof ErrorEvent && event.message ? event.message : 'no reason given';
			this.#fail(running, new Error(`The inference worker stopped: ${message}`));
		};
		worker.addEventListener('error', failed);
		worker.addEventListener('messageerror', failed);
		return running;
	}

	#watchGpu(running: Running): void {
		running.client.call('lost', undefined).then(
			(reason) => this.#fail(running, new Error(`The GPU was lost: ${reason}`)),
			() => undefined // The worker went first; whoever ended it has said so.
		);
	}

	/** A worker that had started is of no more use. While one is being brought up, the ladder handles it. */
	#fail(running: Running, cause: Error): void {
		if (this.#running !== running) return;
		const wasReady = this.#status.phase === 'ready';
		const gpu = this.#status.backend === 'webgpu';
		if (!wasReady) return this.#drop(notStarted(cause));
		this.#drop(new Trouble('engine-restarting', 'The engine stopped and is starting again.', { cause }));
		if (gpu) this.#gpuFailures++;
		const now = performance.now();
		this.#falls = [...this.#falls.filter((time) => now - time < FALLS_MS), now];
		if (this.#falls.length >= MOST_FALLS) {
			this.#set({ phase: 'failed', trouble: unsteady(cause) });
			return;
		}
		const note = gpu
			? 'The graphics processor stopped answering, so the CPU does the work.'
			: 'The engine stopped and was started again.';
		this.#bringUp(note).catch(() => undefined); // `status.trouble` says it
	}

	#drop(reason: Error): void {
		this.#running?.client.fail(reason);
		this.#running?.worker.terminate();
		this.#running = null;
	}

	#set(change: Partial<EngineStatus>): void {
		this.#status = { ...this.#status, ...change };
		for (const listener of this.#listeners) listener(this.#status);
	}
}

const notStarted = (cause: unknown) =>
	asTrouble(
		cause,
		'engine-failed',
		'The engine could not be started. A part of the app may be missing: reload the page.'
	);

const unsteady = (cause: Error) =>
	new Trouble(
		'engine-unsteady',
		'The engine stopped several times in a minute. Choose a smaller network or the other engine, or reload the page.',
		{ cause }
	);
