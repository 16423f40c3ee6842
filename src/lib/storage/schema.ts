/**
 * The stores and how each released version made them. Migrations are append-only: an entry that was
 * released is never edited, the next change is the next entry.
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';

/** A piece of a file that is still being downloaded. Rows of one file follow each other without a gap. */
export interface ChunkRow {
	/** SHA-256 of the whole file, which is also what tells downloads apart. */
	sha256: string;
	/** Where the piece starts in the file. */
	offset: number;
	bytes: ArrayBuffer;
	/** What the server calls this version of the file, where it says so. */
	etag: string | null;
}

/** What went wrong, for the diagnostics that a person may copy. Never holds a photo. */
export interface ErrorRow {
	/** Milliseconds since 1970. */
	time: number;
	where: string;
	message: string;
}

export interface Schema extends DBSchema {
	settings: { key: string; value: unknown };
	downloads: { key: [string, number]; value: ChunkRow };
	errors: { key: number; value: ErrorRow };
}

type Migration = (
	database: IDBPDatabase<Schema>,
	transaction: IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>
) => void;

export const migrations: readonly Migration[] = [
	(database) => {
		database.createObjectStore('settings');
		database.createObjectStore('downloads', { keyPath: ['sha256', 'offset'] });
		database.createObjectStore('errors', { autoIncrement: true });
	}
];
