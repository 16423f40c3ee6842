/**
 * On which backend of TF.js the layers are trained: of those that compute what the runtime does, the one whose steps
 * are fastest. The small products of an MLP would not tell: a graphics processor is slow at those.
 */
import { Trouble } from '../../domain/trouble';
import type { StartedTf, TfBackend } from '../tf';
import { within } from '../within';

/** Milliseconds for a graphics processor to answer, compiling included. */
const PATIENCE = 30_000;

export interface Tries {
	start(backend: TfBackend): Promise<StartedTf>;
	/** Whether it computes what the runtime does. */
	agrees(started: StartedTf): Promise<boolean>;
	/**
	 * Left out: the first that is right is taken.
	 *
	 * @param signal the try was given up: another backend may be at work
	 * @returns milliseconds of a step
	 */
	time?(started: StartedTf, signal: AbortSignal): Promise<number>;
}

/** What came of one try. */
type Outcome = { kind: 'right'; time: number } | { kind: 'wrong' } | { kind: 'failed'; cause: unknown };

/**
 * @param backends in the order in which they are tried; 'cpu' only where no other will do
 * @returns null where the last of them computes something else, too
 * @throws why the last of them failed; Trouble 'finetune-operator', which is so on all of them
 */
export async function fastestRight(backends: readonly TfBackend[], tries: Tries): Promise<StartedTf | null> {
	const found: { backend: TfBackend; time: number }[] = [];
	let last: Outcome = { kind: 'wrong' };
	for (const [i, backend] of backends.entries()) {
		if (found.length > 0 && (backend === 'cpu' || !tries.time)) break;
		const isChoice = found.length > 0 || backends.slice(i + 1).some((other) => other !== 'cpu');
		last = await outcomeOf(backend, tries, isChoice);
		if (last.kind === 'right') found.push({ backend, time: last.time });
	}
	const [best] = found.sort((a, b) => a.time - b.time);
	if (best) return tries.start(best.backend);
	if (last.kind === 'failed') throw last.cause;
	return null;
}

/** @param timed there are others to choose from */
async function outcomeOf(backend: TfBackend, tries: Tries, timed: boolean): Promise<Outcome> {
	const over = new AbortController();
	const work = tried(backend, tries, timed, over.signal);
	try {
		return await (backend === 'webgpu' || backend === 'webgl' ? within(PATIENCE, work) : work);
	} catch (cause) {
		if (isOfAll(cause)) throw cause;
		return { kind: 'failed', cause };
	} finally {
		over.abort();
	}
}

/** @param signal it was given up */
async function tried(
	backend: TfBackend,
	tries: Tries,
	timed: boolean,
	signal: AbortSignal
): Promise<Outcome> {
	const started = await tries.start(backend);
	signal.throwIfAborted();
	if (!(await tries.agrees(started))) return { kind: 'wrong' };
	signal.throwIfAborted();
	return { kind: 'right', time: (timed && (await tries.time?.(started, signal))) || 0 };
}

/** The network itself cannot be trained. */
const isOfAll = (cause: unknown): boolean => cause instanceof Trouble && cause.code === 'finetune-operator';
