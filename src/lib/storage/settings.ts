/**
 * What the person chose, kept between visits. Where it cannot be kept it holds for the session.
 */
import { Trouble } from '$lib/domain/trouble';
import { withDatabase, type Database } from './database';

export { storageHealth, watchStorageHealth, type StorageHealth } from './health';

export interface Settings {
	/** null: the embedded default. */
	backboneId: string | null;
	backend: 'auto' | 'webgpu' | 'wasm';
	/** The centre square of a picture, or the whole of it squeezed into the square. */
	crop: 'centre' | 'whole';
	cameraId: string | null;
	facing: 'environment' | 'user';
	/** Shows the front camera as a mirror does. */
	mirrorFront: boolean;
	/** Predictions a second, at most. */
	maxFps: number;
	/** Threads that are fastest on this device's CPU; null: not yet tried. */
	threads: number | null;
	/** Solves the head again after each new photo of the project that is open. */
	keepLearning: boolean;
	/** Photos a second while a record button is held. */
	captureRate: number;
	/** Photos that one hold takes at most. */
	captureBurst: number;
	/** Seconds of the hands-free timer; 0: off. */
	captureTimer: number;
}

export const defaultSettings: Settings = {
	backboneId: null,
	backend: 'auto',
	crop: 'centre',
	cameraId: null,
	facing: 'environment',
	mirrorFront: true,
	maxFps: 15,
	threads: null,
	keepLearning: true,
	captureRate: 4,
	captureBurst: 20,
	captureTimer: 0
};

const textOrNull = (value: unknown) => value === null || typeof value === 'string';
const oneOf =
	(...allowed: unknown[]) =>
	(value: unknown) =>
		allowed.includes(value);
/** Rows may be older than this code, or damaged: what does not fit gives way to its default. */
const fits: { [K in keyof Settings]: (value: unknown) => boolean } = {
	backboneId: textOrNull,
	backend: oneOf('auto', 'webgpu', 'wasm'),
	crop: oneOf('centre', 'whole'),
	cameraId: textOrNull,
	facing: oneOf('environment', 'user'),
	mirrorFront: oneOf(true, false),
	maxFps: (value) => typeof value === 'number' && value >= 1 && value <= 60,
	threads: (value) => value === null || (Number.isInteger(value) && Number(value) >= 1),
	keepLearning: oneOf(true, false),
	captureRate: (value) => typeof value === 'number' && value >= 1 && value <= 10,
	captureBurst: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 100,
	captureTimer: oneOf(0, 3, 5, 10)
};

let session: Partial<Settings> = {};

/** The settings; never fails. Where the database cannot be read: the defaults and what this session changed. */
export async function readSettings(): Promise<Settings> {
	const kept = await withDatabase(readRows).catch(() => ({}));
	return { ...defaultSettings, ...kept, ...session };
}

/**
 * Changes some settings, at once for this session and then for good.
 *
 * @throws Trouble 'settings-unsaved' or a code of the database: the change holds for this session only
 */
export async function writeSettings(patch: Partial<Settings>): Promise<void> {
	session = { ...session, ...patch };
	try {
		await withDatabase(async (database) => {
			const transaction = database.transaction('settings', 'readwrite', { durability: 'strict' });
			await Promise.all([
				...Object.entries(patch).map(([key, value]) => transaction.store.put(value, key)),
				transaction.done
			]);
		});
	} catch (cause) {
		if (cause instanceof Trouble) throw cause;
		throw new Trouble(
			'settings-unsaved',
			'The setting holds until the page is closed; it could not be saved. The disk may be full.',
			{ cause }
		);
	}
}

async function readRows(database: Database): Promise<Partial<Settings>> {
	const transaction = database.transaction('settings');
	const [keys, values] = await Promise.all([transaction.store.getAllKeys(), transaction.store.getAll()]);
	const rows = keys.map((key, index) => [key, values[index]] as const);
	return Object.fromEntries(
		rows.filter(([key, value]) => Object.hasOwn(fits, key) && fits[key as keyof Settings](value))
	);
}
