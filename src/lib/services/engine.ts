/**
 * The page's side of the inference worker: brings it up with checked files, watches over it, and puts
 * another in its place when it fails. Every failed start is one step down the ladder of `engine-steps`.
 */
import type { BackboneCard, FileFacts, GoldenFacts } from '$lib/domain/card';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import type { ActivationMap } from '$lib/domain/activation';
import type { Crop } from '$lib/image/crop';
import { Client } from '$lib/rpc/channel';
import type { InferenceApi } from '$workers/inference.worker';
import {
	ladder,
	lastRung,
	notStarted,
	patient,
	readLabels,
	Silence,
	stepDown,
	unsteady,
	worthTrying,
	type Rung
} from './engine-steps';
import { openFiles, type OpenFile } from './engine-files';
import { StatusBoard, type EngineStatus } from './engine-status';

type Source = VideoFrame | ImageBitmap;
type Plan = Awaited<ReturnType<InferenceApi['plan']>>;
export type Preference = Parameters<InferenceApi['plan']>[0]['preference'];
export type Classified = Awaited<ReturnType<InferenceApi['classify']>>;
type Observed = Awaited<ReturnType<InferenceApi['observe']>>;
type Looks = Pick<Parameters<InferenceApi['embed']>[0], 'photoId' | 'views'>;

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
	readonly #board: StatusBoard;
	#running: Running | null = null;
	#chosen: { card: BackboneCard; preference: Preference; threads: number } | null = null;
	/** Class names of the backbone in use, in the order of its scores. */
	#labels: readonly string[] = [];
	#golden: GoldenFacts | null = null;
	#start: AbortController | null = null;
	#gpuFailures = 0;
	/** When a running engine failed, in milliseconds. */
	#falls: number[] = [];

	constructor(parts: EngineParts) {
		this.#parts = parts;
		this.#patience = { ...patience, ...parts.patience };
		this.#board = new StatusBoard(parts.isolated);
	}

	get status(): EngineStatus {
		return this.#board.status;
	}

	get labels(): readonly string[] {
		return this.#labels;
	}

	/** What the network in use said of the golden input when it was loaded. */
	get golden(): GoldenFacts | null {
		return this.#golden;
	}

	/** Calls back now and on every change. @returns how to stop */
	subscribe(listener: (status: EngineStatus) => void): () => void {
		return this.#board.subscribe(listener);
	}

	/** Resolves when frames can be classified; stays pending while it starts or has failed. @throws AbortError */
	whenReady(signal: AbortSignal): Promise<void> {
		return this.#board.whenReady(signal);
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

	/** Features of one frame or picture, which is transferred and closed. @throws Trouble, AbortError */
	async observe(source: Source, crop: Crop): Promise<Observed> {
		return this.#ask('observe', { source, crop }, [source]);
	}

	/** Features of a picture in each view asked for, [dimension] each; it is transferred and closed. @throws Trouble, AbortError */
	async embed(source: Source, crop: Crop, looks: Looks): Promise<Float32Array<ArrayBuffer>[]> {
		return this.#ask('embed', { source, crop, ...looks }, [source], looks.views.length);
	}

	/** Milliseconds of the backbone's run alone. */
	async time(runs: number): Promise<number[]> {
		return this.#ask('time', runs, [], runs);
	}

	stop(): void {
		this.#start?.abort();
		this.#drop(new Trouble('engine-stopped', 'The engine was stopped.'));
		this.#board.change({ phase: 'idle' });
	}

	async #ask<K extends 'classify' | 'observe' | 'explain' | 'embed' | 'time'>(
		method: K,
		input: Parameters<InferenceApi[K]>[0],
		transfer: Transferable[],
		pieces = 1
	): Promise<Awaited<ReturnType<InferenceApi[K]>>> {
		const running = this.#running;
		if (this.status.phase !== 'ready' || !running) {
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
		this.#board.change({
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
				const { backend, files } = this.status;
				rungs = worthTrying(lower, { trouble, backend, files });
				if (rungs.length === 0) return this.#giveUp(trouble);
				this.#board.change({ note: stepDown(rung, rungs[0], backend), backend: null });
				hurry = false;
			}
		}
	}

	#giveUp(trouble: Trouble): never {
		this.#board.change({ phase: 'failed', trouble });
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
		this.#board.change({ phase: 'loading', backend: plan.backend, adapter: plan.adapter });
		if (plan.reason && !this.status.note) this.#board.change({ note: plan.reason });
		const { engine, bytes, labels } = await openFiles(plan, card, {
			open: this.#parts.open,
			spare: () => this.#spareBinary(plan, client),
			spareFirst: rung.hurry && !(await this.#parts.has(plan.file)),
			onFiles: (files) => signal.aborted || this.#board.change({ files }),
			signal
		});
		signal.throwIfAborted();
		this.#labels = readLabels(labels, card);
		const { backend } = plan;
		// The GPU's binaries run on the CPU too, but with one thread.
		const threads = engine.binary === 'wasm' && this.#parts.isolated ? rung.threads : 1;
		this.#board.change({ phase: 'warming', binary: engine.binary, threads });
		const options = { ...engine, backend, threads };
		await patient(client.call('start', options, { transfer: [engine.bytes] }), this.#patience.start);
		const model = { card, bytes };
		const loaded = await patient(client.call('load', model, { transfer: [bytes] }), this.#patience.load);
		signal.throwIfAborted();
		this.#golden = loaded.golden;
		this.#board.change({ phase: 'ready' });
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
		const wasReady = this.status.phase === 'ready';
		const gpu = this.status.backend === 'webgpu';
		if (!wasReady) return this.#drop(notStarted(cause));
		this.#drop(new Trouble('engine-restarting', 'The engine stopped and is starting again.', { cause }));
		if (gpu) this.#gpuFailures++;
		const now = performance.now();
		this.#falls = [...this.#falls.filter((time) => now - time < FALLS_MS), now];
		if (this.#falls.length >= MOST_FALLS) {
			this.#board.change({ phase: 'failed', trouble: unsteady(cause) });
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
}
