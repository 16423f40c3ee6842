/** What is known of an engine, and who is told when that changes. */
import type { Trouble } from '$lib/domain/trouble';
import type { InferenceApi } from '$workers/inference.worker';
import type { NeededFile } from './engine-files';

type Plan = Awaited<ReturnType<InferenceApi['plan']>>;

export interface EngineStatus {
	phase: 'idle' | 'starting' | 'loading' | 'warming' | 'ready' | 'failed';
	backboneId: string | null;
	/** null until it is known what this start runs on. */
	backend: Plan['backend'] | null;
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

type Listener = (status: EngineStatus) => void;

export class StatusBoard {
	readonly #listeners = new Set<Listener>();
	#status: EngineStatus;

	constructor(isolated: boolean) {
		this.#status = {
			phase: 'idle',
			backboneId: null,
			backend: null,
			binary: null,
			adapter: null,
			threads: 1,
			isolated,
			files: [],
			note: null,
			trouble: null
		};
	}

	get status(): EngineStatus {
		return this.#status;
	}

	change(patch: Partial<EngineStatus>): void {
		this.#status = { ...this.#status, ...patch };
		for (const listener of this.#listeners) listener(this.#status);
	}

	/** Calls back now and on every change. @returns how to stop */
	subscribe(listener: Listener): () => void {
		this.#listeners.add(listener);
		listener(this.#status);
		return () => this.#listeners.delete(listener);
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
}
