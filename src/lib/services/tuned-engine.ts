/**
 * Answers with a fine-tuned model: its network differs from the backbone that looks at the photos, so it is put together
 * as it would be shared and runs in an engine of its own, while it is asked.
 */
import type { BackboneCard } from '$lib/domain/card';
import type { Model } from '$lib/domain/model';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { byBackbone, otherNetwork, type Answerer } from './answerers';
import type { Engine, Preference } from './engine';
import { StatusBoard, type EngineStatus } from './engine-status';
import type { EngineWith } from './file-trial';
import type { OwnModel } from './own-model';

interface Parts {
	engineWith: EngineWith;
	/** Puts the model together. */
	make(model: Model, signal: AbortSignal): Promise<Pick<OwnModel, 'card' | 'files'>>;
}

/** What an engine runs it on. */
interface Ground {
	preference: Preference;
	threads: number;
}

/** As `Engine` has it; 'starting' also while the model is put together. */
type Status = Pick<EngineStatus, 'phase' | 'files' | 'trouble'>;

const NOT_MADE =
	'Your model could not be made ready: the browser may be short of memory. Close other tabs and try again.';

export class TunedEngine {
	readonly #parts: Parts;
	readonly #engine: Engine;
	readonly #files = new Map<string, ArrayBuffer>();
	readonly #board = new StatusBoard(false);
	/** What was asked for last. */
	#wanted: { model: Model; ground: Ground } | null = null;
	/** Of the model that was put together. */
	#card: BackboneCard | null = null;
	#use = new AbortController();

	constructor(parts: Parts) {
		this.#parts = parts;
		this.#engine = parts.engineWith(this.#files);
		this.#engine.subscribe((status) => this.#card && this.#board.change(status));
	}

	get status(): Status {
		return this.#board.status;
	}

	/** Calls back now and on every change. @returns how to stop */
	subscribe(listener: (status: Status) => void): () => void {
		return this.#board.subscribe(listener);
	}

	/** Brings a model up in the place of the one before; the same is left as it is. Never fails: `status.trouble` says why. */
	async use(model: Model, ground: Ground): Promise<void> {
		if (this.#wanted && isSame(this.#wanted.model, model)) {
			const { preference } = this.#wanted.ground;
			// What runs on the CPU already, whatever was wished, need not be brought up anew for that.
			const onCpu = this.status.phase === 'ready' && this.#engine.status.backend === 'wasm';
			if (preference === ground.preference || (ground.preference === 'wasm' && onCpu)) return;
		}
		this.stop();
		this.#wanted = { model, ground };
		await this.#bringUp(model, ground, this.#use.signal);
	}

	/** Once more after a failure. Never fails. */
	async again(): Promise<void> {
		const { model, ground } = this.#wanted ?? {};
		this.stop();
		if (model && ground) await this.use(model, ground);
	}

	/** Whoever waits for it waits no more. */
	stop(): void {
		this.#use.abort();
		this.#use = new AbortController();
		this.#wanted = this.#card = null;
		this.#files.clear();
		this.#engine.stop();
		if (this.status.phase !== 'idle') this.#board.change({ phase: 'idle', files: [], trouble: null });
	}

	/**
	 * Answers as long as what runs is the model that is asked, else fails with Trouble 'engine-busy' or 'engine-restarting'.
	 *
	 * @param model the one that answers now; asked for each frame
	 */
	answerer(model: () => Model | null): Answerer {
		const own = byBackbone(this.#engine, () => this.#card);
		return {
			get sureFrom() {
				return own.sureFrom;
			},
			answer: async (source, crop) => {
				const { signal } = this.#use;
				if (!this.#runs(model())) {
					source.close();
					throw new Trouble('engine-busy', 'Your model is still being made ready.');
				}
				const answered = await own.answer(source, crop);
				if (signal.aborted || !this.#runs(model())) throw otherNetwork();
				return answered;
			},
			whenReady: (signal) => this.#board.whenReady(AbortSignal.any([signal, this.#use.signal]))
		};
	}

	async #bringUp(model: Model, { preference, threads }: Ground, signal: AbortSignal): Promise<void> {
		this.#board.change({ phase: 'starting', files: [], trouble: null });
		try {
			const { card, files } = await this.#parts.make(model, signal);
			if (signal.aborted) return;
			for (const [url, bytes] of files) this.#files.set(url, bytes);
			this.#card = card;
			await this.#engine.use(card, preference, threads);
		} catch (cause) {
			if (!signal.aborted) this.#board.change({ phase: 'failed', trouble: inWords(cause) });
		}
	}

	#runs(model: Model | null): boolean {
		return this.#card !== null && this.#wanted !== null && isSame(this.#wanted.model, model);
	}
}

/** A model that has gone on learning keeps its id. */
function isSame(one: Model, other: Model | null): boolean {
	return other !== null && one.id === other.id && one.created === other.created;
}

/** Here nobody has asked for a file. */
function inWords(cause: unknown): Trouble {
	const trouble = asTrouble(cause, 'tuned-failed', NOT_MADE);
	return trouble.code.startsWith('share-') ? new Trouble('tuned-failed', NOT_MADE, { cause }) : trouble;
}
