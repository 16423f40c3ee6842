/** Steps that go side by side where they may. */
export interface Planned {
	name: string;
	/** Steps that it is of no use without. */
	after?: readonly string[];
	/** It has the machine to itself. */
	alone?: boolean;
}

/**
 * Runs each step once: the first in the list that may go, as many at a time as there are lanes. A step that needs the
 * machine to itself waits for all before it, and all behind it wait for it. What a failed or left-out step comes
 * before is left out too; what is not in the list is taken as done.
 *
 * @param run one step, and whether it went well; one that rejects did not, and the others go on
 * @param leaveOut told of a step that is not run, and of the one before it that failed
 * @returns settled once every step has run or was left out @throws what the first one was rejected with
 */
export async function inLanes<Step extends Planned>(
	steps: readonly Step[],
	lanes: number,
	run: (step: Step) => Promise<boolean>,
	leaveOut: (step: Step, failed: string) => void
): Promise<void> {
	const waiting = [...steps];
	const running = new Map<Step, Promise<void>>();
	const failed = new Set<string>();
	const troubles: unknown[] = [];
	const isPending = (name: string) => [...waiting, ...running.keys()].some((step) => step.name === name);
	const isReady = ({ after = [] }: Step) => !after.some(isPending);

	function begin(step: Step): void {
		waiting.splice(waiting.indexOf(step), 1);
		const missing = step.after?.find((name) => failed.has(name));
		if (missing !== undefined) {
			failed.add(step.name);
			leaveOut(step, missing);
			return;
		}
		const ended = run(step)
			.catch((cause: unknown) => {
				troubles.push(cause);
				return false;
			})
			.then((ok) => {
				running.delete(step);
				if (!ok) failed.add(step.name);
			});
		running.set(step, ended);
	}

	for (;;) {
		const next = nextOf(waiting, [...running.keys()], isReady);
		if (next && running.size < lanes) begin(next);
		else if (running.size > 0) await Promise.race(running.values());
		else if (waiting.length === 0) break;
		else throw new Error(`These steps wait for each other: ${waiting.map(({ name }) => name).join(', ')}.`);
	}
	if (troubles.length > 0) throw troubles[0];
}

function nextOf<Step extends Planned>(
	waiting: readonly Step[],
	running: readonly Step[],
	isReady: (step: Step) => boolean
): Step | undefined {
	if (running.some(({ alone }) => alone)) return undefined;
	const wall = waiting.findIndex(({ alone }) => alone);
	const open = wall < 0 ? waiting : waiting.slice(0, wall);
	return open.find(isReady) ?? (open.length === 0 && running.length === 0 ? waiting[wall] : undefined);
}
