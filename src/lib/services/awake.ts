/** Keeps the screen on while work goes on: a phone that locks itself freezes the page, and the work with it. */

/** What of the browser it takes; all of it may be missing. */
export interface AwakeParts {
	wakeLock: Pick<WakeLock, 'request'> | undefined;
	document: Pick<Document, 'visibilityState' | 'addEventListener'>;
}

/**
 * Until the signal is aborted. A page that is hidden loses the lock and takes it again once it is seen. Never fails: a
 * browser may have no lock, and a phone that saves its battery gives none.
 */
export function keepAwake(until: AbortSignal, parts: AwakeParts = ofBrowser()): void {
	const { wakeLock, document } = parts;
	if (!wakeLock) return;
	let held: WakeLockSentinel | null = null;
	let [asking, again] = [false, false];
	const take = async () => {
		again = true;
		if (asking) return;
		asking = true;
		// What happens while it is asked for is looked at afterwards.
		while (again && !until.aborted && document.visibilityState === 'visible' && (held?.released ?? true)) {
			again = false;
			held = await wakeLock.request('screen').catch(() => null);
		}
		asking = false;
		if (until.aborted) await release();
	};
	const release = async () => held?.release().catch(() => undefined);
	document.addEventListener('visibilitychange', () => void take(), { signal: until });
	until.addEventListener('abort', () => void release(), { once: true });
	void take();
}

function ofBrowser(): AwakeParts {
	// Pages over plain http have none, whatever the types say.
	const { wakeLock } = navigator as Partial<Navigator>;
	return { wakeLock, document };
}
