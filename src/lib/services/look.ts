/**
 * The frame path: frames in, steady answers out. Pull-based: the next frame is asked for when the last one
 * is answered, so the newest wins and none is queued.
 */
import { Steady, stillAnswer, type Answer } from '$lib/domain/prediction';
import { Trouble } from '$lib/domain/trouble';
import type { Crop } from '$lib/image/crop';
import type { Answerer } from './answerers';

type Source = VideoFrame | ImageBitmap;

export interface Timings {
	/** Milliseconds, medians of the last frames or of one picture: pixels to tensor, the network, everything else. */
	preprocess: number;
	run: number;
	rest: number;
	/** Answers a second; null for a single picture. */
	fps: number | null;
}

interface Seen {
	answer: Answer;
	timings: Timings;
}

export interface WatchOptions {
	/** Opens the stream of frames; asked again each time the loop resumes. */
	frames(signal: AbortSignal): AsyncIterable<Source>;
	crop(): Crop;
	onSeen(seen: Seen): void;
	/** A frame could not be classified; the loop goes on. */
	onTrouble(trouble: Trouble): void;
	signal: AbortSignal;
}

const KEEP = 60;
const startingAgain = new Set(['engine-busy', 'engine-restarting', 'engine-stopped']);

export class Look {
	readonly #answerer: Answerer;
	readonly #steady: Steady;
	readonly #stops = {
		preprocess: [] as number[],
		run: [] as number[],
		rest: [] as number[],
		at: [] as number[]
	};
	/** Raised when camera, crop or network change: what was asked before is not answered any more. */
	#generation = 0;

	constructor(answerer: Answerer) {
		this.#answerer = answerer;
		this.#steady = new Steady(() => answerer.sureFrom);
	}

	/** Drops answers still on their way and forgets the average. */
	reset(): void {
		this.#generation++;
		this.#steady.reset();
		for (const list of Object.values(this.#stops)) list.length = 0;
	}

	/** Runs until aborted; stands still while the page is hidden. Resolves when it has ended. */
	async watch(options: WatchOptions): Promise<void> {
		const { signal } = options;
		while (!signal.aborted) {
			await untilVisible(signal);
			if (signal.aborted) return;
			const visible = whileVisible(signal);
			await this.#loop(options, visible);
			// Frames that end unasked would end again at once.
			if (!visible.aborted) return;
		}
	}

	async #loop({ frames, crop, onSeen, onTrouble }: WatchOptions, signal: AbortSignal): Promise<void> {
		// Frames a second are of one stretch: the time between two is nobody's.
		this.#stops.at.length = 0;
		for await (const frame of frames(signal)) {
			if (signal.aborted) {
				frame.close();
				return;
			}
			const generation = this.#generation;
			const begin = performance.now();
			try {
				const { probabilities, familiar, preprocess, run } = await this.#answerer.answer(frame, crop());
				if (generation !== this.#generation || signal.aborted) continue;
				const now = performance.now();
				this.#note(preprocess, run, now - begin - preprocess - run, now);
				markAnswer();
				onSeen({ answer: this.#steady.add(probabilities, now, familiar), timings: this.#timings() });
			} catch (cause) {
				if (!(cause instanceof Trouble)) throw cause;
				if (generation !== this.#generation || signal.aborted) continue;
				// An engine that starts again says so itself; here it is only waited for.
				if (startingAgain.has(cause.code)) await this.#answerer.whenReady(signal).catch(() => undefined);
				else onTrouble(cause);
			}
		}
	}

	/** Classifies one picture by itself. It is transferred and closed. */
	async still(picture: ImageBitmap, crop: Crop): Promise<Seen> {
		const begin = performance.now();
		const { probabilities, familiar, preprocess, run } = await this.#answerer.answer(picture, crop);
		const rest = performance.now() - begin - preprocess - run;
		const { sureFrom } = this.#answerer;
		return {
			answer: stillAnswer(probabilities, { familiar, sureFrom }),
			timings: { preprocess, run, rest, fps: null }
		};
	}

	#note(preprocess: number, run: number, rest: number, at: number): void {
		for (const [list, value] of [
			[this.#stops.preprocess, preprocess],
			[this.#stops.run, run],
			[this.#stops.rest, rest],
			[this.#stops.at, at]
		] as const) {
			list.push(value);
			if (list.length > KEEP) list.shift();
		}
	}

	#timings(): Timings {
		const { preprocess, run, rest, at } = this.#stops;
		const span = (at.at(-1) ?? 0) - (at[0] ?? 0);
		return {
			preprocess: median(preprocess),
			run: median(run),
			rest: median(rest),
			fps: span > 0 ? ((at.length - 1) * 1000) / span : 0
		};
	}
}

let answered = false;

/** User Timing for whoever measures: the first answer of the visit is kept, later ones pass by observers only. */
function markAnswer(): void {
	if (!answered) performance.mark('lensmith:first-answer');
	answered = true;
	performance.mark('lensmith:answer');
	performance.clearMarks('lensmith:answer');
}

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function untilVisible(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (!document.hidden || signal.aborted) return resolve();
		const done = () => {
			if (document.hidden && !signal.aborted) return;
			document.removeEventListener('visibilitychange', done);
			signal.removeEventListener('abort', done);
			resolve();
		};
		document.addEventListener('visibilitychange', done);
		signal.addEventListener('abort', done);
	});
}

/** Aborts with `signal`, or once the page is hidden. */
function whileVisible(signal: AbortSignal): AbortSignal {
	const hidden = new AbortController();
	const check = () => document.hidden && hidden.abort();
	document.addEventListener('visibilitychange', check, { signal: AbortSignal.any([signal, hidden.signal]) });
	check();
	return AbortSignal.any([signal, hidden.signal]);
}
