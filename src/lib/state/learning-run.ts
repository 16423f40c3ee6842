/** One run: the person may stop it, or leave its project. */
export class Run {
	readonly #stop = new AbortController();
	readonly #way = new AbortController();
	/** Any of them. */
	readonly signal: AbortSignal;

	/** @param left the project was left */
	constructor(readonly left: AbortSignal) {
		this.signal = AbortSignal.any([this.#stop.signal, this.#way.signal, left]);
	}

	/** The person has stopped it. */
	get stopped(): AbortSignal {
		return this.#stop.signal;
	}

	stop(): void {
		this.#stop.abort();
	}

	/** Another tab does it. */
	giveWay(): void {
		this.#way.abort();
	}
}
