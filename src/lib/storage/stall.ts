/** Notices that a connection has gone silent. */

/** Aborts when nothing has come for a while. Whoever makes one ends it. */
export class Stall {
	readonly #abort = new AbortController();
	readonly #patience: number;
	#timer: ReturnType<typeof setTimeout>;

	/** @param patience milliseconds without a byte */
	constructor(patience: number) {
		this.#patience = patience;
		this.#timer = this.#arm();
	}

	get signal(): AbortSignal {
		return this.#abort.signal;
	}

	alive(): void {
		this.end();
		this.#timer = this.#arm();
	}

	end(): void {
		clearTimeout(this.#timer);
	}

	#arm() {
		return setTimeout(() => this.#abort.abort(), this.#patience);
	}
}
