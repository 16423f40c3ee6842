/** What a network's scores mean: probabilities, the best few, and an answer that holds still. */
import type { ScoreFacts } from './card';

/** One answer: class index (without leading non-classes) and its probability. */
export interface Guess {
	index: number;
	probability: number;
}

/**
 * Scores as a graph gives them → probabilities of the classes.
 * Leading non-classes (ImageNet's background) take their share of the softmax and are then left out.
 *
 * @param scores [skip + classes]
 * @returns [classes], each in 0..1, summing to at most 1
 */
export function probabilities(scores: Float32Array, { kind, skip }: ScoreFacts): Float32Array<ArrayBuffer> {
	return (kind === 'logits' ? softmax(scores) : Float32Array.from(scores)).slice(skip);
}

/** exp(x − max) / Σ, so that large logits do not overflow. Plain loops: it runs for every frame. */
export function softmax(logits: Float32Array): Float32Array<ArrayBuffer> {
	const out = Float32Array.from(logits);
	let most = -Infinity;
	for (const x of logits) if (x > most) most = x;
	let sum = 0;
	for (let i = 0; i < out.length; i++) sum += out[i] = Math.exp((out[i] ?? 0) - most);
	for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) / sum;
	return out;
}

/** The k largest, best first; ties keep the lower index first. */
export function topK(probabilities: Float32Array, k: number): Guess[] {
	const best: Guess[] = [];
	for (const [index, probability] of probabilities.entries()) {
		const last = best[k - 1];
		if (last && probability <= last.probability) continue;
		const at = best.findIndex((guess) => probability > guess.probability);
		best.splice(at < 0 ? best.length : at, 0, { index, probability });
		best.length = Math.min(best.length, k);
	}
	return best;
}

/** Frames are averaged with a memory of this many milliseconds: quick enough to follow a hand, slow enough to read. */
const MEMORY_MS = 350;
/** A new first answer is shown only after it has led for this long. */
const LEAD_MS = 333;
/** From this probability of the first of a thousand answers on it is named; below it the words are "not sure". */
export const SURE_FROM = 0.35;

/**
 * From this probability on the first answer of a taught model is named. A gate ("not sure") was measured for what it
 * keeps and refuses; a second rule beside it would make those figures untrue. Without one, a coin flip is no answer, so
 * the best of two labels must be likelier than the best of many.
 */
export function taughtSureFrom(classes: number, gated: boolean): number {
	return gated ? 0 : 0.5 + 0.15 / Math.max(1, classes - 1);
}

/** How far beyond the threshold an answer must go before the words change, so that they do not swap at it. */
const SURE_MARGIN = 0.04;

/** An answer to show: the best few of the averaged probabilities, and the one that has held still. */
export interface Answer {
	/** Best first, except that what is shown keeps its place until another has led for a third of a second. */
	guesses: Guess[];
	/** Whether the best guess is likely enough to be named. */
	sure: boolean;
}

/** A value that changes only when another has been wished for all through a third of a second. */
class Held<T> {
	#value: T;
	#wish: T;
	#since = 0;

	constructor(value: T) {
		this.#value = value;
		this.#wish = value;
	}

	get value(): T {
		return this.#value;
	}

	/** @returns the value after this wish */
	wish(value: T, time: number): T {
		if (value !== this.#wish) {
			this.#wish = value;
			this.#since = time;
		}
		if (time - this.#since >= LEAD_MS) this.#value = value;
		return this.#value;
	}
}

/**
 * Exponential average over time (weight 1 − e^(−Δt/τ), so that it does not depend on the frame rate)
 * and an answer whose places change only when others have led for a while.
 */
export class Steady {
	readonly #sureFrom: () => number;
	#mean: Float32Array | null = null;
	#time = 0;
	#first = new Held(-1);
	#sure = new Held(false);
	/** Indices of the places behind the first, and since when they are not the best any more. */
	#others: readonly number[] = [];
	#outdated: number | null = null;

	/** @param sureFrom tells the probability from which on the first answer is named */
	constructor(sureFrom = () => SURE_FROM) {
		this.#sureFrom = sureFrom;
	}

	/** Forgets everything: another camera, another network, another crop. */
	reset(): void {
		this.#mean = null;
	}

	/**
	 * @param probabilities of one frame, [classes]
	 * @param time of that frame in milliseconds, never decreasing
	 * @param familiar false: it is like nothing that was taught, so no answer is sure
	 */
	add(probabilities: Float32Array, time: number, familiar = true, k = 3): Answer {
		const mean = this.#average(probabilities, time, familiar);
		const best = topK(mean, k + 1);
		const leader = best[0] ?? { index: -1, probability: 0 };
		const before = this.#first.value;
		const first = this.#first.wish(leader.index, time);
		const margin = this.#sure.value ? -SURE_MARGIN : SURE_MARGIN;
		const sure = this.#sure.wish(familiar && leader.probability >= this.#sureFrom() + margin, time);
		const others = best.map(({ index }) => index).filter((index) => index !== first);
		this.#place(others.slice(0, k - 1), time, first !== before);
		const shown = [first, ...this.#others];
		return { guesses: shown.map((index) => ({ index, probability: mean[index] ?? 0 })), sure };
	}

	#average(probabilities: Float32Array, time: number, familiar: boolean): Float32Array {
		if (this.#mean?.length !== probabilities.length) {
			this.#mean = probabilities.slice();
			const leader = topK(probabilities, 1)[0] ?? { index: -1, probability: 0 };
			this.#first = new Held(leader.index);
			this.#sure = new Held(familiar && leader.probability >= this.#sureFrom());
			this.#others = [];
		} else {
			const weight = 1 - Math.exp(-(time - this.#time) / MEMORY_MS);
			for (let i = 0; i < probabilities.length; i++) {
				const mean = this.#mean[i] ?? 0;
				this.#mean[i] = mean + weight * ((probabilities[i] ?? 0) - mean);
			}
		}
		this.#time = time;
		return this.#mean;
	}

	/** The places behind the first change together, at most every third of a second. */
	#place(others: readonly number[], time: number, now: boolean): void {
		const same =
			others.length === this.#others.length && others.every((index, i) => index === this.#others[i]);
		if (same) this.#outdated = null;
		else if (now || this.#others.length === 0 || time - (this.#outdated ?? time) >= LEAD_MS) {
			this.#others = others;
			this.#outdated = null;
		} else this.#outdated ??= time;
	}
}

/** The answer for a single still picture: nothing to average. */
export function stillAnswer(
	probabilities: Float32Array,
	{ familiar = true, sureFrom = SURE_FROM, k = 3 } = {}
): Answer {
	const guesses = topK(probabilities, k);
	return { guesses, sure: familiar && (guesses[0]?.probability ?? 0) >= sureFrom };
}
