/** What was done to a project and can be undone, newest last; and what was undone and can be done again. */
import type { Step } from '$lib/domain/edits';

/** Steps that are kept; older ones are only in the trash. */
const MOST = 200;

export class UndoStack {
	/** `edit` takes the step back. */
	#done: readonly Step[] = $state.raw([]);
	/** `edit` does it once more. */
	#undone: readonly Step[] = $state.raw([]);

	/** The step that undoing takes back. */
	get last(): Step | null {
		return this.#done.at(-1) ?? null;
	}

	get next(): Step | null {
		return this.#undone.at(-1) ?? null;
	}

	/** Something new was done: what was undone cannot be done again on top of it. */
	push(step: Step): void {
		this.#done = [...this.#done, step].slice(-MOST);
		this.#undone = [];
	}

	/** `step` was taken back, which `redo` reverts; null: it could not be, and cannot be tried again. */
	undone(step: Step, redo: Step | null): void {
		this.#done = this.#done.filter((one) => one !== step);
		if (redo) this.#undone = [...this.#undone, redo];
	}

	/** `step` was done again, which `undo` reverts; null as above. */
	redone(step: Step, undo: Step | null): void {
		this.#undone = this.#undone.filter((one) => one !== step);
		if (undo) this.#done = [...this.#done, undo];
	}

	clear(): void {
		this.#done = this.#undone = [];
	}
}
