/** One transaction on the database, whole or not at all, and what can go wrong with it in words. */
import type { IDBPTransaction, StoreNames } from 'idb';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { withDatabase } from './database';
import type { Schema } from './schema';
import { storageUsage } from './usage';

type Store = StoreNames<Schema>;
export type Reading<S extends Store> = IDBPTransaction<Schema, S[], 'readonly'>;
export type Writing<S extends Store> = IDBPTransaction<Schema, S[], 'readwrite'>;

/**
 * `work` may wait for nothing but the transaction's own requests.
 *
 * @throws Trouble 'not-read', or a code of the database
 */
export async function read<S extends Store, T>(
	stores: S[],
	work: (transaction: Reading<S>) => Promise<T>
): Promise<T> {
	try {
		return await withDatabase((database) => {
			const transaction = database.transaction(stores);
			transaction.done.catch(() => undefined); // its requests tell
			return work(transaction);
		});
	} catch (cause) {
		throw asTrouble(
			cause,
			'not-read',
			'What is kept on this device could not be read just now. Nothing was changed. Reload the page and try again.'
		);
	}
}

/**
 * What `work` writes is there as a whole or not at all. It may run twice where the connection was lost, so it
 * must be safe to repeat, and it may wait for nothing but the transaction's own requests.
 *
 * @param durability 'strict': on the disk before it counts as done; 'relaxed' for what can be made again
 * @throws Trouble 'storage-full', 'not-saved', a code of the database, or what `work` throws; all is as before then
 */
export async function write<S extends Store, T>(
	stores: S[],
	work: (transaction: Writing<S>) => Promise<T>,
	durability: 'strict' | 'relaxed' = 'strict'
): Promise<T> {
	try {
		return await withDatabase(async (database) => {
			const transaction = database.transaction(stores, 'readwrite', { durability });
			transaction.done.catch(() => undefined); // told below
			try {
				const result = await work(transaction);
				await transaction.done;
				return result;
			} catch (cause) {
				abort(transaction);
				// A full disk ends the transaction; its requests hear only that it ended.
				throw transaction.error ?? cause;
			}
		});
	} catch (cause) {
		if (cause instanceof Error && cause.name === 'QuotaExceededError') throw await full(cause);
		throw asTrouble(
			cause,
			'not-saved',
			'This could not be saved. What was saved before is as it was. Try again; if it fails again, reload the page.'
		);
	}
}

/**
 * Sends requests at once and waits for all. Where one of them cannot be sent (a row that cannot be copied), the
 * others' failures are handled with it.
 */
export function together<T>(requests: readonly (() => Promise<T>)[]): Promise<T[]> {
	return Promise.all(requests.map(async (request) => request()));
}

function abort(transaction: { abort(): void }): void {
	try {
		transaction.abort();
	} catch {
		// It has ended already.
	}
}

async function full(cause: unknown): Promise<Trouble> {
	const usage = await storageUsage().catch(() => null);
	// The quota is left out: Chromium, for one, tells every page of 10 GiB more than it uses, whatever is left.
	const size = usage ? `: Lensmith keeps ${inWords(usage.used)} there, and` : ', and';
	return new Trouble(
		'storage-full',
		`This was not saved. There is no room left on this device${size} the browser allows no more. What was saved before is safe. Throw away photos and models you do not need and empty the trash, or free disk space; then try again.`,
		{ cause }
	);
}

function inWords(bytes: number): string {
	return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
