/**
 * Project files that were damaged or forged, thousands of them (LENSMITH_CASES says how many of each kind): each is
 * refused in words with the database as it was, or comes in as a project that is sound.
 */
import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { headLogits } from '$lib/domain/head';
import { nameTrouble } from '$lib/domain/names';
import { Random } from '$lib/domain/random';
import type { SourceFile } from '$lib/files/dataset';
import { openProjectFile, openProjectFolder, type ProjectFile } from '$lib/files/project-file';
import { ProjectWriter } from '$lib/files/project-writer';
import { openZip } from '$lib/files/zip';
import { deleteDatabase, withDatabase } from '$lib/storage/database';
import { listRuns } from '$lib/storage/models';
import { addPhotos, listPhotos, readPicture } from '$lib/storage/photos';
import { addProject, listProjects } from '$lib/storage/projects';
import { cases, mutated, pick } from '../../../tests/fixtures/mutations';
import { rows } from '../../../tests/fixtures/rows';
import {
	CAMOMILE,
	smallModel,
	smallPhoto,
	smallPhotos,
	smallProject,
	smallRun,
	smallTunedModel,
	smallTunedRun,
	uuid
} from '../../../tests/fixtures/small-project';
import { keepProject, whatIsKnown } from './open-project';

type Bytes = Uint8Array<ArrayBuffer>;

let whole: Bytes;
/** Each file in it. */
const files = new Map<string, Bytes>();
/** The project that is here before, and all of its rows. */
let before: string[];
const other = smallProject({ id: uuid(2), name: 'Other', modelId: null });

beforeAll(async () => {
	const parts: BlobPart[] = [];
	const stream = new WritableStream<Bytes>({ write: (part) => void parts.push(part.slice()) });
	const writer = await ProjectWriter.into(stream, smallProject(), 1_750_000_000_000);
	for (const photo of smallPhotos(3)) await writer.addPhoto(photo);
	await writer.addModel(uuid(0xc1), smallModel());
	await writer.addModel(uuid(0xc2), smallTunedModel());
	await writer.addModel('live', smallModel({ id: 'live', from: 'f00', gate: null }));
	await writer.addRun(smallRun());
	await writer.addRun(smallTunedRun());
	await writer.end('1.2.3');
	const blob = new Blob(parts);
	whole = new Uint8Array(await blob.arrayBuffer());
	for (const { path, read } of (await openZip(blob, 'a.zip')).files)
		files.set(path, new Uint8Array(await (await read()).arrayBuffer()));
});

beforeEach(async () => {
	await addProject(other);
	await addPhotos([smallPhoto(9, { projectId: other.id, id: uuid(0x9009), labelId: CAMOMILE })]);
	before = await rows();
});
afterEach(() => deleteDatabase());

/** @returns whether it came in */
async function tried(open: () => Promise<ProjectFile>): Promise<boolean> {
	let ids = 0x7000;
	const newId = () => uuid(ids++);
	const { signal } = new AbortController();
	try {
		const file = await open();
		await whatIsKnown(file);
		const kept = await keepProject(file, {
			asCopy: false,
			signal,
			onProgress: () => undefined,
			now: 1,
			newId
		});
		if (kept.id !== other.id) return true;
		// It says that it is the one that is here, which nothing changes.
		expect(await rows()).toEqual(before);
	} catch (cause) {
		expect(cause).toMatchObject({
			name: 'Trouble',
			code: expect.stringMatching(/^(zip|project-file|storage)-/)
		});
		expect(await rows()).toEqual(before);
	}
	return false;
}

/** All that was brought in, taken away again. */
async function takenBack(): Promise<void> {
	const stores = ['projects', 'photos', 'pictures', 'thumbnails', 'models', 'runs'] as const;
	const kept = new Set(before.map((row) => JSON.stringify(JSON.parse(row).slice(0, 2))));
	await withDatabase(async (database) => {
		for (const store of stores)
			for (const key of await database.getAllKeys(store))
				if (!kept.has(JSON.stringify([store, key]))) await database.delete(store, key);
	});
	expect(await rows()).toEqual(before);
}

/** What came in holds together, and nothing of what was here before is otherwise. */
async function expectSound(): Promise<void> {
	const now = await rows();
	expect(now.filter((row) => before.includes(row))).toEqual(before);
	const [project, ...more] = (await listProjects()).filter(({ id }) => id !== other.id);
	expect(more).toEqual([]);
	if (!project) throw new Error('it came in and is not there');
	const names = [project, other].map(({ name }) => name);
	expect(nameTrouble(project.name, names.slice(1))).toBeNull();
	project.labels.forEach(({ name }, i) => {
		const others = project.labels.filter((_, j) => j !== i).map((label) => label.name);
		expect(nameTrouble(name, others)).toBeNull();
	});
	const labels = new Set(project.labels.map(({ id }) => id));
	for (const photo of await listPhotos(project.id)) {
		const { bytes } = (await readPicture(photo.id)) ?? { bytes: new ArrayBuffer(0) };
		expect(labels.has(photo.labelId)).toBe(true);
		expect(createHash('sha256').update(new Uint8Array(bytes)).digest('hex')).toBe(photo.sha256);
		expect(bytes.byteLength).toBe(photo.bytes);
	}
	const models = await withDatabase((database) =>
		database.getAllFromIndex('models', 'byProject', project.id)
	);
	for (const { head, tail, labels: classes } of models) {
		const inputs = (head.layers[0]?.weights.length ?? 0) / (head.layers[0]?.bias.length ?? 1);
		const logits = headLogits(head, new Float32Array(inputs).fill(0.5));
		expect(logits.length).toBe(classes.length);
		for (const { dims, data } of tail?.values() ?? [])
			expect(dims.reduce((size, dim) => size * dim, 1)).toBe(data.length);
		expect(!tail || head.layers.length === 1).toBe(true);
	}
	expect(project.modelId === null || models.some(({ id }) => id === project.modelId)).toBe(true);
	for (const { evaluation } of await listRuns(project.id))
		for (const { given, probabilities } of evaluation?.verdicts ?? [])
			expect([probabilities.length, given < probabilities.length]).toEqual([evaluation?.labels.length, true]);
}

/** Where the records of the zip begin: PK and what kind. */
function records(bytes: Bytes): number[] {
	return [...bytes.keys()].filter(
		(at) => bytes[at] === 0x50 && bytes[at + 1] === 0x4b && (bytes[at + 2] ?? 9) < 8
	);
}

test('damaged anywhere it is refused, or comes in as it was', async () => {
	const boundaries = records(whole);
	expect(boundaries.length).toBeGreaterThan(20);
	let came = 0;
	for (let seed = 0; seed < cases(1000); seed++) {
		const bytes = mutated(whole, new Random(seed), boundaries);
		if (!(await tried(() => openProjectFile(new Blob([bytes]), 'plants.zip')))) continue;
		came++;
		const [project] = (await listProjects()).filter(({ id }) => id !== other.id);
		expect({ ...project, backedUp: undefined }).toEqual({ ...smallProject(), backedUp: undefined });
		expect(await listPhotos(smallProject().id)).toEqual(smallPhotos(3).map(({ photo }) => photo));
		await expectSound();
		await takenBack();
	}
	// Some damage does not matter: the date of a file, a bit behind the end.
	expect(came).toBeGreaterThan(0);
	expect(came).toBeLessThan(cases(1000) / 3);
}, 3_600_000);

/** The files as if they had been unpacked, each SHA-256 made right again by whoever changed them. */
function forged(changes: ReadonlyMap<string, Bytes>): SourceFile[] {
	const changed = new Map([...files, ...changes]);
	let [manifest, lines] = ['lensmith.json', 'photos.jsonl'].map((path) => decoded(changed.get(path)));
	for (const [path, bytes] of changes) {
		const [was, is] = [hash(files.get(path)), hash(bytes)];
		if (path.startsWith('photos/')) lines = lines?.replaceAll(was, is);
		else manifest = manifest?.replaceAll(was, is);
	}
	if (lines !== undefined && !changes.has('photos.jsonl')) {
		changed.set('photos.jsonl', encoded(lines));
		manifest = manifest?.replaceAll(hash(files.get('photos.jsonl')), hash(encoded(lines)));
	}
	if (manifest !== undefined && !changes.has('lensmith.json'))
		changed.set('lensmith.json', encoded(manifest));
	return Array.from(changed, ([path, bytes]) => ({
		path,
		size: bytes.length,
		read: () => Promise.resolve(new Blob([bytes]))
	}));
}

const hash = (bytes: Bytes | undefined) =>
	createHash('sha256')
		.update(bytes ?? '')
		.digest('hex');
const encoded = (text: string): Bytes => new TextEncoder().encode(text);
const decoded = (bytes: Bytes | undefined) => new TextDecoder().decode(bytes);

test('forged byte by byte, with its SHA-256 made right, it is refused or sound', async () => {
	let came = 0;
	for (let seed = 0; seed < cases(600); seed++) {
		const random = new Random(seed);
		const path = pick([...files.keys()], random);
		const changes = new Map([[path, mutated(files.get(path) ?? new Uint8Array(1), random)]]);
		if (!(await tried(() => openProjectFolder(forged(changes), 'plants')))) continue;
		came++;
		await expectSound();
		await takenBack();
	}
	expect(came).toBeGreaterThan(0);
}, 3_600_000);

/** What a stranger might put in place of a value. */
const odd: readonly unknown[] = [
	...[null, true, 0, -1, 0.5, 1e308, -0, 2 ** 53, 65_536],
	...[
		'',
		'__proto__',
		'../../x',
		'x'.repeat(5000),
		'\u202e\u0000',
		'\u0301',
		'<img src=x onerror=alert(1)>',
		uuid(2),
		uuid(0x9009)
	],
	...[[], {}, [[]], Array.from({ length: 3000 }, () => 0), { ['__proto__']: 1, constructor: 2 }]
];

/** A JSON value with one of the values in it otherwise: another one, gone, or there twice. */
function bent(value: unknown, random: Random): unknown {
	const entries = Object.entries(Object(value));
	if (typeof value !== 'object' || entries.length === 0 || random.next() < 0.15)
		return pick([...odd, 'gone'], random);
	const at = random.integer(entries.length);
	const changed = entries.flatMap(([key, one], i) => {
		if (i !== at) return [[key, one] as const];
		const fate = random.next();
		if (fate < 0.1) return [];
		if (fate < 0.2) return [[key, one] as const, [`${key}2`, one] as const];
		return [[key, bent(one, random)] as const];
	});
	return Array.isArray(value) ? changed.map(([, one]) => one) : Object.fromEntries(changed);
}

test('forged value by value, with its SHA-256 made right, it is refused or sound', async () => {
	const json = [...files.keys()].filter((path) => /\.jsonl?$/.test(path));
	expect(json.length).toBe(7);
	let came = 0;
	for (let seed = 0; seed < cases(1200); seed++) {
		const random = new Random(seed);
		const path = pick(json, random);
		const text = decoded(files.get(path));
		const lines = path.endsWith('l') ? text.split('\n') : [text];
		const line = random.integer(lines.length);
		const written = lines.map((one, i) => (i === line ? JSON.stringify(bent(JSON.parse(one), random)) : one));
		// JSON has a number for infinity after all.
		const forgery = written.join('\n').replaceAll('1e+308', '1e999');
		if (!(await tried(() => openProjectFolder(forged(new Map([[path, encoded(forgery)]])), 'plants'))))
			continue;
		came++;
		await expectSound();
		await takenBack();
	}
	expect(came).toBeGreaterThan(0);
}, 3_600_000);
