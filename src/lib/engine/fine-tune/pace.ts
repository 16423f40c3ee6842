/** How far fine-tuning is, over one network after another, and how long it takes yet. */
import type { TrainingProgress } from '../../domain/training';

/** Share of the way that must be gone before the rest can be guessed. */
const TELLING = 0.02;

/** One network: photos that it learns from, and epochs that it takes. */
export interface Leg {
	photos: number;
	epochs: number;
}

export class Pace {
	readonly #begin = performance.now();
	/** Share of the way that was gone at the beginning: of a run that was taken up again. */
	#from: number | null = null;

	/**
	 * @param legs of all networks, in their order
	 * @param at the leg under way
	 * @param epochs of it that are done, with a fraction
	 */
	at(legs: readonly Leg[], at: number, epochs: number): Pick<TrainingProgress, 'done' | 'left'> {
		const work = (some: readonly Leg[]) => some.reduce((sum, leg) => sum + leg.photos * leg.epochs, 0);
		const gone = work(legs.slice(0, at)) + (legs[at]?.photos ?? 0) * epochs;
		const done = Math.min(1, gone / work(legs));
		this.#from ??= done;
		const share = done - this.#from;
		if (share < TELLING) return { done };
		return { done, left: ((performance.now() - this.#begin) / share) * (1 - done) };
	}
}
