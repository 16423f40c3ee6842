/**
 * The stores and how each released version made them. Migrations are append-only: an entry that was
 * released is never edited, the next change is the next entry.
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { Model, TrainingRun } from '$lib/domain/model';
import type { Photo, PictureBytes, Project } from '$lib/domain/project';
import type { ReceivedModel } from '$lib/domain/received';
import type { LayersConfig } from '$lib/domain/training';

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

/** What a backbone says of one view of a photo; a cache, which may be computed again. */
export interface FeatureRow {
	photoId: string;
	projectId: string;
	/** SHA-256 of the backbone's file. */
	backbone: string;
	/** Which part of the photo, and how it was changed: 'centre', 'centre mirrored', … */
	view: string;
	/** [dimension] */
	vector: Float32Array<ArrayBuffer>;
}

/** Where a fine-tuning stood, so that it can go on after the page was closed. */
export interface KeptTuning {
	projectId: string;
	config: LayersConfig;
	/** Mark of what it learns from. */
	from: string;
	/** SHA-256 of the backbone's file. */
	backbone: string;
	/** Milliseconds since 1970, as the next one. */
	started: number;
	saved: number;
	/** What `saved` was when it was last taken up again unasked, and how often it was so at that place. */
	resumed?: { saved: number; times: number } | undefined;
	/** It was stopped: it goes on when the person wants it, not by itself. */
	waits?: true | undefined;
	/** Plain data of the training's own: lists, maps, typed arrays with buffers of their own. */
	state: unknown;
}

export interface Schema extends DBSchema {
	settings: { key: string; value: unknown };
	downloads: { key: [string, number]; value: ChunkRow };
	errors: { key: number; value: ErrorRow };
	projects: { key: string; value: Project };
	photos: {
		key: string;
		value: Photo;
		// What is not thrown away has null there, which is no key: those two indexes hold the trash alone.
		indexes: {
			byProject: string;
			byLabel: [projectId: string, labelId: string, added: number];
			trashed: number;
			trashedByLabel: [projectId: string, labelId: string, trashed: number];
		};
	};
	/** By photo id, as the next one. */
	pictures: { key: string; value: PictureBytes };
	thumbnails: { key: string; value: PictureBytes };
	features: {
		key: [photoId: string, backbone: string, view: string];
		value: FeatureRow;
		indexes: { byProjectView: [projectId: string, backbone: string, view: string] };
	};
	models: { key: string; value: Model; indexes: { byProject: string } };
	runs: {
		key: string;
		value: TrainingRun;
		indexes: {
			byProject: string;
			// Of runs that made a model which was judged. It holds what a list shows of it: the row itself, with an
			// answer for each photo, is large.
			standing: [modelId: string, value: number, low: number, high: number];
		};
	};
	received: { key: string; value: ReceivedModel };
	/** Bytes of received models, and their names as JSON: in pieces, as browsers refuse large values. */
	receivedFiles: { key: [id: string, part: string, offset: number]; value: ArrayBuffer };
	/** What the frozen part of a backbone says of a photo and view while the rest is trained: half-precision numbers. */
	activations: { key: [projectId: string, row: number]; value: ArrayBuffer };
	standings: { key: string; value: KeptTuning };
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
	},
	(database) => {
		database.createObjectStore('projects', { keyPath: 'id' });
		const photos = database.createObjectStore('photos', { keyPath: 'id' });
		photos.createIndex('byProject', 'projectId');
		photos.createIndex('byLabel', ['projectId', 'labelId', 'added']);
		photos.createIndex('trashed', 'trashed');
		photos.createIndex('trashedByLabel', ['projectId', 'labelId', 'trashed']);
		database.createObjectStore('pictures');
		database.createObjectStore('thumbnails');
		const features = database.createObjectStore('features', { keyPath: ['photoId', 'backbone', 'view'] });
		features.createIndex('byProjectView', ['projectId', 'backbone', 'view']);
		database.createObjectStore('models', { keyPath: 'id' }).createIndex('byProject', 'projectId');
		database.createObjectStore('runs', { keyPath: 'id' }).createIndex('byProject', 'projectId');
	},
	(_database, transaction) => {
		const accuracy = ['value', 'low', 'high'].map((figure) => `evaluation.accuracy.${figure}`);
		transaction.objectStore('runs').createIndex('standing', ['modelId', ...accuracy]);
	},
	(database) => {
		database.createObjectStore('received', { keyPath: 'id' });
		database.createObjectStore('receivedFiles');
	},
	(database) => {
		database.createObjectStore('activations');
		database.createObjectStore('standings', { keyPath: 'projectId' });
	}
];
