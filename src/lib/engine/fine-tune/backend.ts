/**
 * On which backend of TF.js the layers are trained: of those that compute what the runtime does, the one whose steps
 * are fastest. The small products of an MLP would not tell: a graphics processor is slow at those.
 */
import { asTrouble, type Trouble } from '../../domain/trouble';
import type { StartedTf, TfBackend } from '../tf';
import { within } from '../within';

/** Milliseconds for a graphics processor to answer, compiling included. */
const PATIENCE = 30_000;

export interface Tries {
	start(backend: TfBackend): Promise<StartedTf>;
	/** Whether it computes what the runtime does. */
	agrees(started: StartedTf): Promise<boolean>;
	/** @returns milliseconds of a step */
	time(started: StartedTf): Promise<number>;
}

/**
 * @param backends in the order in which they are tried; 'cpu' only where no other will do
 * @returns null where none computes what it should
 * @throws Trouble 'finetune-operator', which is so on all of them
 */
export async function fastestRight(backends: readonly TfBackend[], tries: Tries): Promise<StartedTf | null> {
	const found: { backend: TfBackend; time: number }[] = [];
	for (const [i, backend] of backends.entries()) {
		if (backend === 'cpu' && found.length > 0) break;
		const timed = found.length > 0 || backends.slice(i + 1).some((other) => other !== 'cpu');
		const time = await bounded(backend, timeOf(backend, tries, timed)).catch((cause: unknown) => {
			if (isOfAll(cause)) throw cause;
			return null;
		});
		if (time !== null) found.push({ backend, time });
	}
	const [best] = found.sort((a, b) => a.time - b.time);
	return best ? tries.start(best.backend) : null;
}

const bounded = <T>(backend: TfBackend, work: Promise<T>): Promise<T> =>
	backend === 'webgpu' || backend === 'webgl' ? within(PATIENCE, work) : work;

/** @returns milliseconds of a step, 0 where nobody asks; null where it computes something else */
async function timeOf(backend: TfBackend, tries: Tries, timed: boolean): Promise<number | null> {
	const started = await tries.start(backend);
	if (!(await tries.agrees(started))) return null;
	return timed ? tries.time(started) : 0;
}

/** The network itself cannot be trained. */
const isOfAll = (cause: unknown): cause is Trouble =>
	asTrouble(cause, 'tf-failed', '').code === 'finetune-operator';
