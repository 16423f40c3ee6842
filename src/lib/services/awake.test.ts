import { expect, test, vi } from 'vitest';
import { keepAwake } from './awake';

class Screen extends EventTarget {
	visibilityState: DocumentVisibilityState = 'visible';
	/** Locks that were asked for and are held. */
	held = 0;
	asked = 0;
	refuses = false;
	#locks: (() => void)[] = [];

	readonly wakeLock = {
		request: async () => {
			this.asked++;
			if (this.refuses) throw new DOMException('Low battery.', 'NotAllowedError');
			this.held++;
			const lock = { released: false, release: async () => free() };
			const free = () => {
				if (!lock.released) this.held--;
				lock.released = true;
			};
			this.#locks.push(free);
			return lock as unknown as WakeLockSentinel;
		}
	};

	show(visible: boolean) {
		this.visibilityState = visible ? 'visible' : 'hidden';
		if (!visible) for (const free of this.#locks) free();
		this.dispatchEvent(new Event('visibilitychange'));
	}
}

function awake(screen = new Screen()) {
	const done = new AbortController();
	keepAwake(done.signal, {
		wakeLock: screen.wakeLock,
		document: screen as unknown as Pick<Document, 'visibilityState' | 'addEventListener'>
	});
	return { screen, done };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the screen stays on until the work has ended', async () => {
	const { screen, done } = awake();
	await settled();
	expect(screen.held).toBe(1);
	done.abort();
	await settled();
	expect(screen.held).toBe(0);
	screen.show(true);
	await settled();
	expect(screen.asked).toBe(1);
});

test('a page that was hidden takes the lock again once it is seen, and one only', async () => {
	const { screen } = awake();
	await settled();
	screen.show(false);
	await settled();
	expect([screen.held, screen.asked]).toEqual([0, 1]);
	screen.show(true);
	screen.show(true);
	await settled();
	expect([screen.held, screen.asked]).toEqual([1, 2]);
});

test('work that ends while the lock is asked for leaves none behind', async () => {
	const { screen, done } = awake();
	done.abort();
	await settled();
	expect([screen.held, screen.asked]).toEqual([0, 1]);
});

test('a phone that refuses is asked again when the page is seen again', async () => {
	const screen = new Screen();
	screen.refuses = true;
	awake(screen);
	await settled();
	screen.refuses = false;
	screen.show(false);
	screen.show(true);
	await settled();
	expect(screen.held).toBe(1);
});

test('a page that is hidden and seen again while the lock is asked for gets one', async () => {
	const screen = new Screen();
	screen.refuses = true;
	awake(screen);
	screen.show(false);
	screen.refuses = false;
	screen.show(true);
	await settled();
	expect([screen.held, screen.asked]).toEqual([1, 2]);
});

test('a browser without it is left alone', () => {
	const listen = vi.fn();
	const document = { visibilityState: 'visible', addEventListener: listen } as const;
	keepAwake(new AbortController().signal, { wakeLock: undefined, document });
	expect(listen).not.toHaveBeenCalled();
});
