/**
 * A typed request channel over postMessage: one call, one answer, progress in between, cancel at any time.
 * Knows nothing of what travels. The page imports a worker's table of methods as a type only.
 */
export interface CallContext<P = never> {
	/** Aborted when the caller cancels. */
	signal: AbortSignal;
	report(progress: P, transfer?: Transferable[]): void;
}
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one place where method types are erased
export type Api<T> = { [K in keyof T]: (input: any, context: CallContext<any>) => Promise<unknown> };

type Input<F> = F extends (input: infer I, ...rest: never[]) => unknown ? I : never;
type Output<F> = F extends (...args: never[]) => Promise<infer O>
	? O extends Transferred<infer V>
		? V
		: O
	: never;
type Progress<F> = F extends (input: never, context: CallContext<infer P>) => unknown ? P : never;

type Request = { kind: 'call'; id: number; method: string; input: unknown } | { kind: 'cancel'; id: number };
type Response =
	| { kind: 'progress'; id: number; value: unknown }
	| { kind: 'done'; id: number; value: unknown }
	| { kind: 'failed'; id: number; error: WireError };
interface WireError {
	name: string;
	message: string;
	code?: string;
	/** What was behind it, in its own words. */
	cause?: string;
	stack?: string;
}

export interface Port {
	postMessage(message: unknown, options?: { transfer?: Transferable[] }): void;
	addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** An answer whose buffers are moved instead of copied. */
export class Transferred<V> {
	constructor(
		readonly value: V,
		readonly transfer: Transferable[]
	) {}
}

/** Answers calls on a port. Lives in the worker. An unknown method, a throw and an answer that cannot be cloned all reject the call. */
export function serve<T extends Api<T>>(port: Port, api: T): void {
	const running = new Map<number, AbortController>();
	port.addEventListener('message', async ({ data }: MessageEvent<Request>) => {
		if (data.kind === 'cancel') {
			running.get(data.id)?.abort();
			return;
		}
		const { id, method, input } = data;
		const abort = new AbortController();
		const answer = (response: Response, transfer: Transferable[] = []) =>
			port.postMessage(response, { transfer });
		running.set(id, abort);
		try {
			if (!Object.hasOwn(api, method)) throw new TypeError(`The worker has no method “${method}”`);
			const report = (value: unknown, transfer?: Transferable[]) =>
				answer({ kind: 'progress', id, value }, transfer);
			const value = await api[method as keyof T](input, { signal: abort.signal, report });
			if (value instanceof Transferred) answer({ kind: 'done', id, value: value.value }, value.transfer);
			else answer({ kind: 'done', id, value });
		} catch (cause) {
			answer({ kind: 'failed', id, error: toWire(cause) });
		} finally {
			running.delete(id);
		}
	});
}

function toWire(cause: unknown): WireError {
	const error = cause instanceof Error || cause instanceof DOMException ? cause : new Error(String(cause));
	const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
	const why = 'cause' in error && error.cause !== undefined ? { cause: String(error.cause) } : {};
	return { name: error.name, message: error.message, stack: error.stack, ...code, ...why };
}

export interface CallOptions<P> {
	signal?: AbortSignal;
	onProgress?(progress: P): void;
	transfer?: Transferable[];
}

interface Pending {
	resolve(value: unknown): void;
	reject(error: Error): void;
	onProgress?(progress: unknown): void;
	release(): void;
}

/** Makes calls on a port. Lives on the page. */
export class Client<T extends Api<T>> {
	#port: Port;
	#lastId = 0;
	#pending = new Map<number, Pending>();
	#dead: Error | null = null;

	constructor(port: Port) {
		this.#port = port;
		port.addEventListener('message', ({ data }: MessageEvent<Response>) => {
			const call = this.#pending.get(data.id);
			if (!call) return;
			if (data.kind === 'progress') {
				call.onProgress?.(data.value);
				return;
			}
			this.#pending.delete(data.id);
			call.release();
			if (data.kind === 'done') call.resolve(data.value);
			else call.reject(Object.assign(new Error(data.error.message), data.error));
		});
	}

	/**
	 * @returns the method's answer
	 * @throws what the method threw, with its name, message and code; the reason given to `fail`; AbortError
	 */
	call<K extends keyof T & string>(
		method: K,
		input: Input<T[K]>,
		options: CallOptions<Progress<T[K]>> = {}
	): Promise<Output<T[K]>> {
		const { signal, transfer = [] } = options;
		const onProgress = options.onProgress as ((progress: unknown) => void) | undefined;
		const id = ++this.#lastId;
		return new Promise((resolve, reject) => {
			signal?.throwIfAborted();
			if (this.#dead) throw this.#dead;
			const cancel = () => this.#port.postMessage({ kind: 'cancel', id } satisfies Request);
			signal?.addEventListener('abort', cancel, { once: true });
			this.#pending.set(id, {
				resolve: resolve as (value: unknown) => void,
				reject,
				onProgress,
				release: () => signal?.removeEventListener('abort', cancel)
			});
			try {
				this.#port.postMessage({ kind: 'call', id, method, input } satisfies Request, { transfer });
			} catch (cause) {
				this.#pending.delete(id);
				signal?.removeEventListener('abort', cancel);
				throw cause;
			}
		});
	}

	/** Rejects every call in flight and every later one. Call it when the worker dies. */
	fail(reason: Error): void {
		this.#dead = reason;
		for (const { reject, release } of this.#pending.values()) {
			release();
			reject(reason);
		}
		this.#pending.clear();
	}
}
