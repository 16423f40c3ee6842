/** What the tabs of this app tell each other about projects, and work that only one of them does. Knows no Svelte. */

const name = `lensmith-projects${APP_BASE}`;
/** One for telling and hearing, so that a page does not hear itself; undefined until it is wanted. */
let opened: BroadcastChannel | null | undefined;

/** Tells the other tabs that something of a project was written: they read it again. */
export function tellProjectChanged(projectId: string): void {
	channel()?.postMessage(projectId);
}

/** Calls back when another tab wrote something of a project. @returns how to stop */
export function onProjectChanged(callback: (projectId: string) => void): () => void {
	const hear = ({ data }: MessageEvent<string>) => callback(data);
	channel()?.addEventListener('message', hear);
	return () => channel()?.removeEventListener('message', hear);
}

/** What this page does by itself, where there are no locks: the last of each name. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work` when no other tab, nor this one, runs work of the same name; waits for its turn.
 *
 * @param onWait is called where it must wait
 * @returns what `work` returns
 * @throws AbortError (the signal's reason) where it was given up before its turn; what `work` throws
 */
export async function asOnly<T>(
	name: string,
	signal: AbortSignal,
	work: () => Promise<T>,
	onWait: () => void = () => undefined
): Promise<T> {
	signal.throwIfAborted();
	const begun = { work: null as Promise<T> | null };
	const begin = () => (begun.work = work());
	const lock = lockOf(name);
	try {
		await locks()?.request(lock, { ifAvailable: true }, (free) => (free ? begin() : onWait()));
		if (!begun.work) await locks()?.request(lock, { signal }, begin);
	} catch {
		// Given up, or its own failure, both told below; or refused where the browser keeps nothing, where no other
		// tab shares anything with this one.
	}
	return begun.work ?? inTurn(name, signal, work, onWait);
}

/** Whether work of this name goes on, in any tab. */
export async function isUnderWay(name: string): Promise<boolean> {
	const held =
		(
			await locks()
				?.query()
				.catch(() => null)
		)?.held ?? [];
	return queues.has(name) || held.some((lock) => lock.name === lockOf(name));
}

const lockOf = (name: string) => `lensmith-${name}${APP_BASE}`;

async function inTurn<T>(
	name: string,
	signal: AbortSignal,
	work: () => Promise<T>,
	onWait: () => void
): Promise<T> {
	signal.throwIfAborted();
	const before = queues.get(name) ?? Promise.resolve();
	if (queues.has(name)) onWait();
	const givenUp = new Promise<never>((_resolve, reject) =>
		signal.addEventListener('abort', () => reject(signal.reason), { once: true })
	);
	const turn = Promise.race([before, givenUp]).then(work);
	const both = Promise.allSettled([before, turn]).then(() => {
		if (queues.get(name) === both) queues.delete(name);
	});
	queues.set(name, both);
	return turn;
}

/** Firefox refuses channels to pages that may keep nothing. */
function channel(): BroadcastChannel | null {
	if (opened !== undefined) return opened;
	try {
		opened = new BroadcastChannel(name);
	} catch {
		opened = null;
	}
	return opened;
}

/** None on an insecure page. */
function locks(): LockManager | undefined {
	return globalThis.navigator?.locks;
}
