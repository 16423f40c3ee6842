/**
 * The tabs of this app in one browser where they must act as one: erasing ends the work of all of them first,
 * else one would keep again what another has just erased. Knows no Svelte.
 */

/** What a tab tells the others about its erasing. */
export interface ErasureNews {
	phase: 'erasing' | 'done' | 'failed';
	/** What is left and what to do, in words. */
	trouble: string;
}

const name = `lensmith-tab${APP_BASE}`;
/** Held by the tab that erases: a tab that waits for its news learns by it that none will come. */
const eraser = `lensmith-eraser${APP_BASE}`;
/** Milliseconds in which other tabs end their work. */
const PATIENCE = 5_000;

export class Tabs {
	readonly #channel = openChannel();
	#leave: () => void = () => undefined;

	/** Counts as a tab at work from now on, until `leave`. */
	join(): void {
		const left = new Promise<void>((resolve) => (this.#leave = resolve));
		// Refused where the browser keeps nothing: then there is nothing to agree on either.
		locks()
			?.request(name, { mode: 'shared' }, () => left)
			.catch(() => undefined);
	}

	/** Call it when nothing of this tab writes any more. */
	leave(): void {
		this.#leave();
	}

	tell(news: ErasureNews): void {
		this.#channel?.postMessage(news);
	}

	/** Calls back with what other tabs tell. @returns how to stop */
	listen(callback: (news: ErasureNews) => void): () => void {
		const hear = ({ data }: MessageEvent<ErasureNews>) => callback(data);
		this.#channel?.addEventListener('message', hear);
		return () => this.#channel?.removeEventListener('message', hear);
	}

	/**
	 * Leaves, and runs `work` when all others have left too, or have had the time for it.
	 *
	 * @returns whether the others had left
	 */
	async whenAlone(work: () => Promise<void>): Promise<boolean> {
		this.leave();
		const signal = AbortSignal.timeout(PATIENCE);
		const alone = { work: null as Promise<void> | null };
		await locks()
			?.request(name, { signal }, () => (alone.work = work()))
			.catch(() => undefined);
		const late = alone.work === null && signal.aborted;
		await (alone.work ?? work());
		return !late;
	}

	/** Runs `work` as the one tab that erases; another one waits for it. */
	async asEraser(work: () => Promise<void>): Promise<void> {
		const begun = { work: null as Promise<void> | null };
		await locks()
			?.request(eraser, () => (begun.work = work()))
			.catch(() => undefined);
		await (begun.work ?? work());
	}

	/** Resolves when no tab erases any more, as it has ended or was closed. */
	async eraserGone(): Promise<void> {
		await locks()
			?.request(eraser, { mode: 'shared' }, () => undefined)
			.catch(() => undefined);
	}
}

/** Firefox refuses channels to pages that may keep nothing. */
function openChannel(): BroadcastChannel | null {
	try {
		return new BroadcastChannel(name);
	} catch {
		return null;
	}
}

/** None on an insecure page. */
function locks(): LockManager | undefined {
	return globalThis.navigator?.locks;
}
