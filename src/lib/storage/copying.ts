/**
 * What a copy has written so far belongs to a project that is not there yet, just as what a killed copy or
 * deletion left. A sweep of such leftovers must not run while a copy does, in any tab.
 */
const name = `lensmith-copy${APP_BASE}`;
/** Copies of this page: where there are no locks, the database is the page's own. */
let copies = 0;

/** Runs `work` where no sweep disturbs it. */
export async function whileCopying<T>(work: () => Promise<T>): Promise<T> {
	copies++;
	const begun = { work: null as Promise<T> | null };
	try {
		await locks()
			?.request(name, { mode: 'shared' }, () => (begun.work = work()))
			.catch(() => undefined); // told below, or refused where the browser keeps nothing
		return await (begun.work ?? work());
	} finally {
		copies--;
	}
}

/** Runs `work` unless a copy runs: then the next sweep will do. */
export async function unlessCopying(work: () => Promise<void>): Promise<void> {
	if (copies > 0) return;
	const begun = { work: undefined as Promise<void> | null | undefined };
	await locks()
		?.request(name, { ifAvailable: true }, (held) => (begun.work = held && work()))
		.catch(() => undefined); // told below, or refused where the browser keeps nothing
	if (begun.work === null) return;
	await (begun.work ?? work());
}

/** None on an insecure page. */
function locks(): LockManager | undefined {
	return globalThis.navigator?.locks;
}
