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
/** Milliseconds in which other tabs end their work. */
const PATIENCE = 5_000;

export class Tabs {
	readonly #channel = globalThis.BroadcastChannel && new BroadcastChannel(name);
	#leave: () => void = () => undefined;

	/** Counts as a tab at work from now on, until `leave`. */
	join(): void {
		const left = new Promise<void>((resolve) => (this.#leave = resolve));
		void globalThis.navigator?.locks?.request(name, { mode: 'shared' }, () => left);
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
		const locks = globalThis.navigator?.locks;
		if (!locks) {
			await work(); // an insecure page: nothing is kept by any of them
			return true;
		}
		const signal = AbortSignal.timeout(PATIENCE);
		const alone = { work: null as Promise<void> | null };
		await locks.request(name, { signal }, () => (alone.work = work())).catch(() => undefined);
		await (alone.work ?? work());
		return alone.work !== null;
	}
}
