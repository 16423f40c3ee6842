/** How much the app keeps on this device, how much it may keep, and whether the browser may clear it unasked. */
import { storageHealth } from './health';

export interface StorageUsage {
	/** Bytes of all that the app keeps, files of backbones included; an estimate of the browser's. */
	used: number;
	/** Bytes it may keep in all, as the browser says; Chromium says 10 GiB more than `used`, whatever is left. */
	quota: number;
	/** The browser has promised not to clear it unasked. */
	persisted: boolean;
}

/** Left free for models, features and the database's own needs, in bytes. */
const RESERVE = 32e6;

/** null where the browser does not say, or where nothing outlives the page. Never fails. */
export async function storageUsage(): Promise<StorageUsage | null> {
	const storage = manager();
	if (!storage?.estimate || !storageHealth().persistent) return null;
	try {
		const [{ usage, quota }, persisted] = await Promise.all([storage.estimate(), storage.persisted()]);
		if (usage === undefined || quota === undefined) return null;
		return { used: usage, quota, persisted };
	} catch {
		return null;
	}
}

let asked: Promise<boolean> | null = null;

/**
 * Asks the browser, once a session, not to clear what is kept; some ask the person in turn. Never fails.
 *
 * @returns whether it promised
 */
export function askToPersist(): Promise<boolean> {
	asked ??= ask();
	return asked;
}

async function ask(): Promise<boolean> {
	try {
		// Only a page may ask: for a worker it is not declared.
		const storage: (Pick<StorageManager, 'persisted'> & { persist?(): Promise<boolean> }) | undefined =
			manager();
		return (await storage?.persist?.()) ?? false;
	} catch {
		return false;
	}
}

/** Whether `bytes` more can be expected to fit, with some to spare; true where the browser does not say. */
export async function roomFor(bytes: number): Promise<boolean> {
	const usage = await storageUsage();
	return !usage || usage.used + bytes + RESERVE <= usage.quota;
}

/** None on an insecure page. */
function manager(): StorageManager | undefined {
	return globalThis.navigator?.storage;
}
