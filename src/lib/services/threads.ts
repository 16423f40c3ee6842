/**
 * How many threads the CPU engine should use here, found by trying: on two cores two threads were slower
 * than one, on eight cores four may be twice as fast, and only the device itself knows.
 */
import type { BackboneCard } from '$lib/domain/card';
import { asTrouble } from '$lib/domain/trouble';
import type { Engine } from './engine';

/** Fewer cores than this are not worth a second thread beside the page's own. */
const FEWEST_CORES = 4;
const MOST_THREADS = 4;
const RUNS = 15;
/** A second thread costs battery: it must be clearly faster. */
const WORTH_IT = 0.85;

/** Thread counts worth trying on a device; just [1] where there is nothing to find out. */
export function threadCandidates(cores: number, isolated: boolean): number[] {
	const most = Math.min(MOST_THREADS, Math.floor(cores / 2));
	return isolated && cores >= FEWEST_CORES ? [1, most] : [1];
}

/**
 * @param makeEngine an engine of its own for each trial: a runtime's threads cannot be changed once it runs
 * @returns the fastest of the candidates that run here; null where that could not be found out
 */
export async function fastestThreads(
	makeEngine: () => Engine,
	card: BackboneCard,
	candidates: readonly number[]
): Promise<number | null> {
	let best = { threads: 1, time: Infinity };
	for (const threads of candidates) {
		const engine = makeEngine();
		try {
			await engine.use(card, 'wasm', threads);
			if (engine.status.binary !== 'wasm') return null; // the others have one thread, whatever is asked for
			if (engine.status.threads !== threads) break; // it had to start with fewer
			await engine.time(RUNS); // the first runs are slow until the binary has tiered up
			const times = (await engine.time(RUNS)).sort((a, b) => a - b);
			const time = times[Math.floor(RUNS / 2)] ?? Infinity;
			if (time < best.time * WORTH_IT) best = { threads, time };
		} catch (cause) {
			// A file may be there the next time; threads that do not start here never will.
			if (asTrouble(cause, '', '').code.startsWith('file-')) return null;
			break;
		} finally {
			engine.stop();
		}
	}
	return best.time < Infinity ? best.threads : null;
}
