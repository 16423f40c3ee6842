/**
 * The page's side of the training worker: brings it up when it is first needed, passes calls on, and puts another
 * in its place when it dies. The model in use is never touched: whoever asked keeps what comes back, or nothing.
 */
import type { Comparison } from '$lib/domain/dataset';
import type { Evaluation } from '$lib/domain/evaluation';
import type { Head } from '$lib/domain/head';
import type { Judged } from '$lib/domain/model-facts';
import type { TrainingProgress, TrainingResult, TrainingSet } from '$lib/domain/training';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { Client } from '$lib/rpc/channel';
import type { TrainingApi } from '$workers/training.worker';

type Answer<K extends keyof TrainingApi> = Awaited<ReturnType<TrainingApi[K]>>;
export type Trunk = Answer<'cut'>['value'];
export type FineTuned = Answer<'tune'>;

export interface TrainerParts {
	createWorker(): Worker;
	/** Milliseconds that a worker has to react to a cancel before it is ended. */
	patience?: number;
}

export interface LearnOptions {
	signal?: AbortSignal;
	onProgress?(progress: TrainingProgress): void;
	/** The TF.js backend of an MLP; the fastest that works without it. */
	backend?: Parameters<TrainingApi['learn']>[0]['backend'];
}

const PATIENCE = 4000;

interface Running {
	worker: Worker;
	client: Client<TrainingApi>;
}

/** A trainer on the app's own worker. */
export function makeTrainer(): Trainer {
	return new Trainer({
		createWorker: () =>
			new Worker(new URL('../../../workers/training.worker.ts', import.meta.url), { type: 'module' })
	});
}

export class Trainer {
	readonly #parts: TrainerParts;
	#running: Running | null = null;
	/** Calls of `tune` that are under way: minutes, which nobody else's change of mind may end. */
	#tuning = 0;

	constructor(parts: TrainerParts) {
		this.#parts = parts;
	}

	/**
	 * Learns a model and judges it. The set is copied, not moved.
	 *
	 * @throws Trouble 'training-labels', 'training-diverged', 'tf-failed', 'training-stopped' where the worker died;
	 *   AbortError once cancelled
	 */
	learn(
		set: TrainingSet,
		config: Parameters<TrainingApi['learn']>[0]['config'],
		{ signal, onProgress, backend }: LearnOptions = {}
	): Promise<TrainingResult> {
		return this.#ask(signal, ({ client }) =>
			client.call('learn', { set, config, backend }, { signal, onProgress })
		);
	}

	/**
	 * One quick solve at a fixed strength, for a set that has changed a little.
	 *
	 * @param start the head before; null for a cold start
	 */
	relearn(
		set: TrainingSet,
		{ lambda, start }: { lambda: number; start: Head | null },
		{ signal }: Pick<LearnOptions, 'signal'> = {}
	): Promise<Head> {
		return this.#ask(signal, ({ client }) => client.call('relearn', { set, lambda, start }, { signal }));
	}

	/** How a file with smaller weights answers photos that were not learned from; null of too few. @throws Trouble, AbortError */
	compareAnswers(
		input: Parameters<TrainingApi['compareAnswers']>[0],
		{ signal }: Pick<LearnOptions, 'signal'> = {}
	): Promise<Judged | null> {
		return this.#ask(signal, ({ client }) => client.call('compareAnswers', input, { signal }));
	}

	/** Which photos belong together. @returns [photos] number of each one's group @throws Trouble, AbortError */
	group(
		comparison: Comparison,
		{ signal }: Pick<LearnOptions, 'signal'> = {}
	): Promise<Int32Array<ArrayBuffer>> {
		return this.#ask(signal, ({ client }) => client.call('group', comparison, { signal }));
	}

	/** How good a model is; null where there were too few photos. @throws Trouble, AbortError */
	judge(
		input: Parameters<TrainingApi['judge']>[0],
		{ signal }: Pick<LearnOptions, 'signal'> = {}
	): Promise<Evaluation | null> {
		return this.#ask(signal, ({ client }) => client.call('judge', input, { signal }));
	}

	/** Cuts a backbone for fine-tuning, whose file is moved, or takes the network that learns from scratch. @throws Trouble 'finetune-operator', 'finetune-cut'; AbortError */
	cut(
		input: Parameters<TrainingApi['cut']>[0],
		{ signal }: Pick<LearnOptions, 'signal'> = {}
	): Promise<Trunk> {
		return this.#ask(signal, ({ client }) =>
			client.call('cut', input, { signal, transfer: 'backbone' in input ? [input.backbone] : [] })
		);
	}

	/** Whether a backbone can be fine-tuned; its file is moved. @throws as `cut` */
	async tryCut(
		input: Parameters<TrainingApi['tryCut']>[0],
		{ signal }: Pick<LearnOptions, 'signal'> = {}
	): Promise<void> {
		await this.#ask(signal, ({ client }) =>
			client.call('tryCut', input, { signal, transfer: [input.backbone] })
		);
	}

	/** Makes room for what the trunk says. @param input.rows photos times views, then those of a test */
	expect(input: Parameters<TrainingApi['expect']>[0]): Promise<void> {
		return this.#ask(undefined, ({ client }) => client.call('expect', input));
	}

	/** What the trunk says of one photo and view; the numbers are moved. @throws Trouble 'storage-full' */
	put(input: Parameters<TrainingApi['put']>[0]): Promise<void> {
		return this.#ask(undefined, ({ client }) =>
			client.call('put', input, { transfer: [input.numbers.buffer] })
		);
	}

	/**
	 * Fine-tunes with what was put, and judges. The set is copied.
	 *
	 * @throws Trouble as `learn`; AbortError once cancelled
	 */
	async tune(
		input: Parameters<TrainingApi['tune']>[0],
		{ signal, onProgress }: Pick<LearnOptions, 'signal' | 'onProgress'> = {}
	): Promise<FineTuned> {
		this.#tuning++;
		try {
			return await this.#ask(
				signal,
				({ client }) => client.call('tune', input, { signal, onProgress }),
				() => true
			);
		} finally {
			this.#tuning--;
		}
	}

	/** Lets go of what was cut and put: nothing is going to be trained. Never fails. */
	async forget(): Promise<void> {
		await this.#running?.client.call('forget', undefined).catch(() => undefined); // a dead worker has let go
	}

	/** The person has enough: no network takes more epochs than the one under way has then. */
	async enough(): Promise<void> {
		await this.#running?.client.call('enough', undefined);
	}

	/** Ends the worker and whatever it does; the next call makes another. */
	stop(): void {
		if (this.#running)
			this.#end(this.#running, stopped('Learning was stopped. The model before it is still in use.'));
	}

	/** @param mayEnd whether the worker may be ended where it does not react to a cancel of this call */
	async #ask<T>(
		signal: AbortSignal | undefined,
		call: (running: Running) => Promise<T>,
		mayEnd = () => this.#tuning === 0
	): Promise<T> {
		signal?.throwIfAborted();
		const running = (this.#running ??= this.#hire());
		let unwatch: () => void = () => undefined;
		try {
			if (!signal) return await call(running);
			return await new Promise<T>((resolve, reject) => {
				const late = () => {
					if (mayEnd())
						this.#end(running, stopped('Learning was stopped. The model before it is still in use.'));
					else reject(signal.reason);
				};
				unwatch = this.#watchCancel(signal, late);
				call(running).then(resolve, reject);
			});
		} catch (cause) {
			if (signal?.aborted) throw signal.reason;
			throw asTrouble(
				cause,
				'training-failed',
				'Something went wrong while learning. Your photos and the model before it are as they were; train again.'
			);
		} finally {
			unwatch();
		}
	}

	/** @param late a worker deep in a long step hears of no cancel: some seconds after it @returns how to stop watching */
	#watchCancel(signal: AbortSignal, late: () => void): () => void {
		let timer: ReturnType<typeof setTimeout> | undefined;
		const cancelled = () => {
			timer = setTimeout(late, this.#parts.patience ?? PATIENCE);
		};
		signal.addEventListener('abort', cancelled, { once: true });
		return () => {
			clearTimeout(timer);
			signal.removeEventListener('abort', cancelled);
		};
	}

	#hire(): Running {
		const worker = this.#parts.createWorker();
		const running = { worker, client: new Client<TrainingApi>(worker) };
		const died = (event: Event) => {
			const message = event instanceof ErrorEvent && event.message ? event.message : 'no reason given';
			this.#end(
				running,
				stopped(
					'The part that learns stopped working. Your photos and the model before it are as they were; train again.',
					new Error(`The training worker stopped: ${message}`)
				)
			);
		};
		worker.addEventListener('error', died);
		worker.addEventListener('messageerror', died);
		return running;
	}

	#end(running: Running, reason: Trouble): void {
		running.client.fail(reason);
		running.worker.terminate();
		if (this.#running === running) this.#running = null;
	}
}

const stopped = (words: string, cause?: Error) => new Trouble('training-stopped', words, { cause });
