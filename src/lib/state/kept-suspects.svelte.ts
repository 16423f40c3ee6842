/** Photos that a training run found suspicious and a person said are labelled rightly; until the page is closed. */

const none: ReadonlySet<string> = new Set();

export class KeptSuspects {
	#byRun: ReadonlyMap<string, ReadonlySet<string>> = $state.raw(new Map());

	/** Ids of photos. */
	of(runId: string): ReadonlySet<string> {
		return this.#byRun.get(runId) ?? none;
	}

	keep(runId: string, photoId: string): void {
		this.#byRun = new Map(this.#byRun).set(runId, new Set([...this.of(runId), photoId]));
	}

	/** They are to be asked about again. */
	forget(runId: string): void {
		this.#byRun = new Map(this.#byRun).set(runId, none);
	}
}
