/** What the suite needs of the place it runs in, and what it makes up: pages, rows and faults. */
import { unwrap } from 'idb';
import { expect, vi } from 'vitest';
import type { Evaluation } from '$lib/domain/evaluation';
import type { Model, TrainingRun } from '$lib/domain/model';
import type { Label, NewPhoto, Photo, Project } from '$lib/domain/project';
import type { KeptTuning } from '../training';

/** Memory or a real browser. */
export interface Place {
	/** An empty disk. */
	fresh(): Promise<void>;
	/** Takes the connection away as a browser does. */
	lose(database: IDBDatabase): void;
	/** How many times as long as in memory a test may try. */
	patience: number;
}

/**
 * A fresh page, as after a reload or in another tab, on the disk that is there: in memory with modules of its own,
 * in a browser (which loads a module once) with a connection of its own.
 */
export async function page() {
	vi.resetModules();
	const here = await load();
	if (here.withDatabase === lastOpened) await renew(here);
	lastOpened = here.withDatabase;
	return here;
}
let lastOpened: unknown;

async function renew({ withDatabase }: Page): Promise<void> {
	const closed = withDatabase(async (database) => {
		const connection = unwrap(database);
		connection.close();
		connection.dispatchEvent(new Event('close'));
	});
	await closed.catch(() => undefined); // where it cannot be opened there is none to renew
}

async function load() {
	const modules = await Promise.all([
		import('../database'),
		import('../health'),
		import('../projects'),
		import('../photos'),
		import('../edits'),
		import('../trash'),
		import('../features'),
		import('../models'),
		import('../usage'),
		import('../schema'),
		import('../settings'),
		import('../errors'),
		import('../downloads'),
		import('../restore'),
		import('../backup'),
		import('../received'),
		import('../training')
	]);
	const [database, health, projects, photos, edits, trash, features, models] = modules;
	const [, , , , , , , , usage, schema, settings, errors, downloads, restore, backup, received, training] =
		modules;
	return {
		...database,
		...health,
		...projects,
		...photos,
		...edits,
		...trash,
		...features,
		...models,
		...usage,
		...schema,
		...settings,
		...errors,
		...downloads,
		...restore,
		...backup,
		...received,
		...training
	};
}
export type Page = Awaited<ReturnType<typeof load>>;

export const DAY = 86_400_000;
export const BACKBONE = 'b'.repeat(64);

export const label = (id: string, more: Partial<Label> = {}): Label => ({
	id,
	name: `Label ${id}`,
	colour: 0,
	off: false,
	trashed: null,
	...more
});

export const project = (id = 'p', more: Partial<Project> = {}): Project => ({
	id,
	name: `Project ${id}`,
	created: 1000,
	changed: 1000,
	backboneId: 'duo',
	crop: 'centre',
	labels: [label('x'), label('y', { colour: 1 })],
	views: ['mirrored'],
	modelId: null,
	trashed: null,
	...more
});

/** Pseudo-random bytes of their own for each seed. */
export function bytesOf(seed: number, length: number): ArrayBuffer {
	const bytes = new Uint8Array(length);
	for (let index = 0; index < length; index++) {
		seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
		bytes[index] = seed >>> 24;
	}
	return bytes.buffer;
}

/** The `n`-th photo of project p, of label x. */
export function photo(n: number, more: Partial<Photo> = {}): NewPhoto {
	const id = `${more.projectId ?? 'p'}-${String(n).padStart(5, '0')}`;
	return {
		photo: {
			id,
			projectId: 'p',
			labelId: 'x',
			burstId: `burst ${n}`,
			added: 2000 + n,
			source: 'camera',
			name: '',
			width: 64,
			height: 48,
			bytes: 100,
			sha256: String(n).padStart(64, '0'),
			hash: String(n).padStart(16, '0'),
			split: null,
			trashed: null,
			...more
		},
		picture: { bytes: bytesOf(n, 100), type: 'image/jpeg' },
		thumbnail: { bytes: bytesOf(n + 1, 10), type: 'image/webp' }
	};
}

export const photos = (from: number, to: number, more: Partial<Photo> = {}): NewPhoto[] =>
	Array.from({ length: to - from + 1 }, (_, index) => photo(from + index, more));

export const feature = ({ photo: { id, added } }: NewPhoto, dimension = 4) => ({
	photoId: id,
	vector: Float32Array.from({ length: dimension }, (_, index) => added + index / 8)
});

export const model = (id: string, projectId = 'p'): Model => ({
	id,
	projectId,
	created: 9000,
	backbone: { sha256: BACKBONE, id: 'duo' },
	crop: 'centre',
	labels: [
		{ id: 'x', name: 'Label x' },
		{ id: 'y', name: 'Label y' }
	],
	head: {
		layers: [{ weights: new Float32Array(8).fill(0.5), bias: new Float32Array(2), activation: 'linear' }],
		normalise: true,
		temperature: 1
	},
	gate: {
		neighbours: 5,
		similarity: { mean: 0, deviation: 1 },
		energy: { mean: 0, deviation: 1 },
		threshold: -2,
		bank: new Float32Array(12).fill(0.25),
		kept: 0.96,
		near: null
	}
});

/** Fine-tuned: layers of the network itself are in it. */
export const tunedModel = (id: string, projectId = 'p'): Model => ({
	...model(id, projectId),
	tail: new Map([
		['conv/weights', { dims: [2, 1, 2], data: Float32Array.of(0.5, -1, 1.5, 2) }],
		['conv/bias', { dims: [2], data: Float32Array.of(3, 4) }]
	])
});

export const run = (id: string, modelId: string | null, more: Partial<TrainingRun> = {}): TrainingRun => ({
	id,
	projectId: 'p',
	started: 8000,
	time: 12,
	config: { kind: 'head', seed: 1 },
	from: 'f00',
	withheld: 0,
	photos: { x: 2, y: 2 },
	state: modelId ? 'done' : 'failed',
	trouble: modelId ? '' : 'Too few photos.',
	epochs: [],
	strength: null,
	engine: 'L-BFGS',
	modelId,
	evaluation: null,
	...more
});

/** Where a fine-tuning of the project stands. */
export const tuning = (projectId = 'p', more: Partial<KeptTuning> = {}): KeptTuning => ({
	projectId,
	config: { kind: 'fine-tune', seed: 1, blocks: 2, epochs: 20, batch: 32, learningRate: 1e-3 },
	from: 'f00',
	backbone: BACKBONE,
	started: 8000,
	saved: 8500,
	state: { epoch: 3, weights: [new Float32Array([1, 2])], named: new Map([['k', { dims: [2] }]]) },
	...more
});

/** Half-precision numbers of the n-th row. */
export const halves = (row: number) => Uint16Array.from({ length: 6 }, (_, index) => 100 * row + index);

/** What a run says of how good its model is, with a verdict. */
export const evaluation = (value: number, more: Partial<Evaluation> = {}): Evaluation => ({
	source: 'folds',
	labels: ['x', 'y'],
	photos: 40,
	groups: 30,
	accuracy: { value, low: value - 0.1, high: value + 0.04 },
	telling: true,
	perLabel: [],
	confusion: [],
	binary: null,
	reliability: [],
	calibrationError: 0,
	verdicts: [{ photoId: 'p-00001', given: 0, answer: 0, probabilities: [0.9, 0.1] }],
	suspects: [],
	gainFromDoubling: 0,
	strangers: null,
	...more
});

/** Every row of the stores of Teach, of received models and of trainings under its key, as text: buffers as their bytes. */
export async function dump({ withDatabase }: Page): Promise<string[]> {
	const names = [
		'projects',
		'photos',
		'pictures',
		'thumbnails',
		'features',
		'models',
		'runs',
		'received',
		'receivedFiles',
		'activations',
		'standings'
	] as const;
	return withDatabase(async (database) => {
		const lines: string[] = [];
		for (const name of names) {
			const [keys, values] = await Promise.all([database.getAllKeys(name), database.getAll(name)]);
			keys.forEach((key, index) => lines.push(JSON.stringify([name, key, values[index]], readable)));
		}
		return lines;
	});
}

function readable(_key: string, value: unknown): unknown {
	if (value instanceof ArrayBuffer) return { bytes: [...new Uint8Array(value)].join(' ') };
	if (value instanceof Map) return { entries: [...value] };
	return value instanceof Float32Array ? { floats: [...value].join(' ') } : value;
}

/** Takes the page's connection away. */
export async function loseConnection({ withDatabase }: Page, place: Place): Promise<void> {
	await withDatabase(async (database) => place.lose(unwrap(database)));
}

type Method = (this: IDBObjectStore | IDBIndex, ...parameters: unknown[]) => IDBRequest;
const methods = ['put', 'delete', 'get', 'getKey', 'getAll', 'getAllKeys', 'count', 'openKeyCursor'];

/** Ends a transaction as a browser does: not in the middle of what the page just does. */
export function cut(transaction: IDBTransaction): void {
	queueMicrotask(() => {
		try {
			transaction.abort();
		} catch {
			// It has been cut before.
		}
	});
}

/** Has `hook` called after every request to the database, with how many there were. @returns how to end it */
export function onRequests(hook: (count: number, transaction: IDBTransaction) => void): () => void {
	let count = 0;
	const restore = [IDBObjectStore.prototype, IDBIndex.prototype].flatMap((prototype) =>
		methods.flatMap((name) => {
			const original: Method | undefined = Reflect.get(prototype, name);
			if (!original) return [];
			const hooked: Method = function (...parameters) {
				const request = original.apply(this, parameters);
				hook(++count, 'transaction' in this ? this.transaction : this.objectStore.transaction);
				return request;
			};
			Reflect.set(prototype, name, hooked);
			return [() => Reflect.set(prototype, name, original)];
		})
	);
	return () => restore.forEach((one) => one());
}

/**
 * Has every other writing transaction committed, but told as aborted together with its connection, so that its
 * work is done once more. @returns how to end it
 */
export function repeatWrites(place: Place): () => void {
	const original = IDBDatabase.prototype.transaction;
	let writes = 0;
	IDBDatabase.prototype.transaction = function (...parameters) {
		const transaction = original.apply(this, parameters);
		if (transaction.mode === 'readwrite' && writes++ % 2 === 0)
			transaction.addEventListener('complete', (event) => {
				event.stopImmediatePropagation();
				place.lose(this);
				const Kind: new (type: string) => Event = Object.getPrototypeOf(event).constructor;
				transaction.dispatchEvent(new Kind('abort'));
			});
		return transaction;
	};
	return () => {
		IDBDatabase.prototype.transaction = original;
		expect(writes % 2).toBe(0);
	};
}
