/** One piece of work in a share worker of its own, which ends with it, or when nothing comes back in time. */
import type { Trouble } from '$lib/domain/trouble';
import { Client } from '$lib/rpc/channel';
import type { ShareApi } from '$workers/share.worker';
import { patient, Silence } from './engine-steps';

/** Milliseconds: the largest files take some seconds on a phone. */
const PATIENCE = 30_000;

interface Parts {
	createWorker(): Worker;
	/** What is said where the worker dies or does not answer. */
	silent(): Trouble;
	patience?: number;
}

/** @throws Trouble of the work, or `silent`; AbortError */
export async function inShareWorker<T>(
	{ createWorker, silent, patience = PATIENCE }: Parts,
	signal: AbortSignal,
	call: (client: Client<ShareApi>) => Promise<T>
): Promise<T> {
	signal.throwIfAborted();
	const worker = createWorker();
	const client = new Client<ShareApi>(worker);
	const failed = (event: Event) => {
		// It is told in words.
		event.preventDefault();
		client.fail(silent());
	};
	const stop = () => client.fail(signal.reason as Error); // AbortError, as nobody gives another
	worker.addEventListener('error', failed);
	worker.addEventListener('messageerror', failed);
	signal.addEventListener('abort', stop);
	try {
		return await patient(call(client), patience);
	} catch (cause) {
		throw cause instanceof Silence ? silent() : cause;
	} finally {
		signal.removeEventListener('abort', stop);
		worker.terminate();
	}
}
