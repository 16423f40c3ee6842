/**
 * Whether what a person does now outlives this page, in words for a banner.
 */
export interface StorageHealth {
	/** False while nothing can be saved for good. */
	persistent: boolean;
	/** What is wrong and what to do, where something is. */
	reason?: string;
}

let health: StorageHealth = { persistent: true };
const watchers = new Set<(health: StorageHealth) => void>();

export function storageHealth(): StorageHealth {
	return health;
}

/** Calls back on every change of `storageHealth()`. @returns a function that ends it */
export function watchStorageHealth(watcher: (health: StorageHealth) => void): () => void {
	watchers.add(watcher);
	return () => watchers.delete(watcher);
}

/** For the database alone: undefined means that all is well. */
export function setStorageHealth(reason?: string): void {
	if (health.reason === reason) return;
	health = reason === undefined ? { persistent: true } : { persistent: false, reason };
	for (const watcher of watchers) watcher(health);
}
