/**
 * The one connection to IndexedDB. Everything that reads or writes rows goes through `withDatabase`,
 * which opens on first use, survives a lost connection, and falls back to memory where the browser
 * keeps nothing (the person is told through `storageHealth`).
 */
import { openDB, type IDBPDatabase } from 'idb';
import { Trouble } from '$lib/domain/trouble';
import { setStorageHealth } from './health';
import { migrations, type Schema } from './schema';

export type Database = IDBPDatabase<Schema>;

/** Another copy of the app, below another path of this host, has its own. */
const NAME = `lensmith${APP_BASE}`;
/** Milliseconds in which a tab finishes what it was writing and lets go of the database. */
const LETTING_GO = 3_000;
const words = {
	memory:
		'This browser does not keep data for this page (a private window, or storage is switched off). Everything works until the page is closed, then it is gone.',
	insecure:
		'What you change here lasts until the page is closed: at an address that is not secure nothing is kept.',
	broken:
		'The data kept on this device could not be opened, so changes last only until the page is closed. Close other tabs of Lensmith and reload; if that does not help, free some disk space or use “Erase everything”.',
	blocked: 'Lensmith is open in another tab in an older version. Close that tab; this one then goes on.',
	outdated: 'A newer version of Lensmith was opened in another tab. Reload this page to go on.',
	newer:
		'The data on this device was written by a newer version of Lensmith. Nothing was changed. Reload the page to get the newer version.'
};

let connection: Promise<Database> | null = null;
let blocked = false;
/** The browser's own, kept for deleting: memory may take its place. */
const factory: IDBFactory | undefined = globalThis.indexedDB;

/**
 * Runs `work` on the open database. `work` may run a second time when the connection was lost under it,
 * so it must be safe to repeat.
 *
 * @throws Trouble 'database-newer' (a newer version wrote it: reload), 'database-blocked' (an older tab holds
 *   it: close that), 'database-lost' (the connection was lost twice: not saved); else what `work` throws
 */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
	const first = open();
	try {
		return await work(await first);
	} catch (cause) {
		if (!(await isLost(cause, first))) throw cause;
		drop(first);
	}
	const second = open();
	try {
		return await work(await second);
	} catch (cause) {
		if (!(await isLost(cause, second))) throw cause;
		drop(second);
		throw new Trouble(
			'database-lost',
			'The browser lost its storage and this was not saved. Reload the page and try again.',
			{ cause }
		);
	}
}

/**
 * Deletes the database with all rows, also one that could not be opened. Other tabs let go of it by themselves.
 *
 * @throws Trouble 'database-blocked' where a tab does not let go
 */
export async function deleteDatabase(): Promise<void> {
	const current = connection;
	connection = null;
	(await current?.catch(() => null))?.close();
	const factories = new Set([factory, globalThis.indexedDB]);
	await Promise.all([...factories].filter((one) => one !== undefined).map(deleteIn));
}

function deleteIn(factory: IDBFactory): Promise<void> {
	return new Promise((resolve, reject) => {
		const request = factory.deleteDatabase(NAME);
		request.onsuccess = () => resolve();
		request.onerror = () => reject(request.error);
		// Told also while a tab that has let go still finishes what it was writing.
		request.onblocked = () =>
			setTimeout(() => reject(new Trouble('database-blocked', words.blocked)), LETTING_GO);
	});
}

function open(): Promise<Database> {
	if (blocked) return Promise.reject(new Trouble('database-blocked', words.blocked));
	if (!connection) {
		const opening = openOrFallBack();
		connection = opening;
		opening.catch(() => drop(opening));
	}
	return connection;
}

function drop(lost: Promise<Database>): void {
	if (connection === lost) connection = null;
}

async function openOrFallBack(): Promise<Database> {
	// The browser would keep it, but the page says that nothing is kept, and cannot erase it in all tabs.
	if (globalThis.isSecureContext === false) return openInMemory(words.insecure);
	if (!globalThis.indexedDB) return openInMemory(words.memory);
	try {
		return await connect();
	} catch (cause) {
		if (isTrouble(cause)) throw cause;
	}
	try {
		// The first failure may pass: Chromium and Safari fail while another tab is closing its connection.
		return await connect();
	} catch (cause) {
		if (isTrouble(cause)) throw cause;
		return openInMemory(nameOf(cause) === 'SecurityError' ? words.memory : words.broken);
	}
}

/** @throws Trouble 'database-newer'; 'database-blocked', and the connection follows once the old tab closes */
function connect(): Promise<Database> {
	return new Promise((resolve, reject) => {
		const opening = openDB<Schema>(NAME, migrations.length, {
			upgrade(database, oldVersion, newVersion, transaction) {
				for (const migrate of migrations.slice(oldVersion, newVersion ?? undefined))
					migrate(database, transaction);
			},
			blocked() {
				blocked = true;
				setStorageHealth(words.blocked);
				reject(new Trouble('database-blocked', words.blocked));
			},
			blocking(_current, wanted, event) {
				// Holding on would block the newer tab for ever; a deletion (null) needs no reload.
				(event.target as IDBDatabase).close();
				connection = null;
				if (wanted !== null) setStorageHealth(words.outdated);
			},
			terminated() {
				connection = null;
			}
		});
		opening.then(
			(database) => {
				if (blocked) connection = opening;
				blocked = false;
				setStorageHealth();
				resolve(database);
			},
			(cause: unknown) => {
				blocked = false;
				if (nameOf(cause) !== 'VersionError') return reject(cause);
				setStorageHealth(words.newer);
				reject(new Trouble('database-newer', words.newer, { cause }));
			}
		);
	});
}

async function openInMemory(reason: string): Promise<Database> {
	// The same code runs on an IndexedDB that lives in memory; loaded only where it is needed.
	await import('fake-indexeddb/auto');
	const database = await connect();
	setStorageHealth(reason);
	return database;
}

/** InvalidStateError: the connection is closing. UnknownError: Safari's "connection to IndexedDB server lost". */
async function isLost(cause: unknown, used: Promise<Database>): Promise<boolean> {
	const name = nameOf(cause);
	if (name === 'AbortError') {
		// A browser ends the transactions first, and says that the connection is closed in a later task.
		await new Promise((resolve) => setTimeout(resolve));
		return connection !== used;
	}
	return name === 'InvalidStateError' || name === 'UnknownError';
}

function isTrouble(cause: unknown): cause is Trouble {
	return cause instanceof Trouble;
}

function nameOf(cause: unknown): string {
	return cause instanceof Error ? cause.name : '';
}
