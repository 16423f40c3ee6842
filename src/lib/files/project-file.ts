/**
 * A whole project as one zip, read: `lensmith.json` with its labels and the SHA-256 of all that is in the file,
 * `photos.jsonl` with a line of facts for each photo, the photos themselves as an ImageFolder, their thumbnails in
 * packs, models and runs as JSON, the numbers of models as float32. Read bit by bit: only what is asked for is in
 * memory, and it is checked before it is given out. `project-writer` writes it.
 */
import type * as v from 'valibot';
import type { Model, TrainingRun } from '$lib/domain/model';
import { cleanName, FreeNames, nameTrouble } from '$lib/domain/names';
import type { Label, NewPhoto, Photo, PictureBytes, Project } from '$lib/domain/project';
import type { StrangerGate } from '$lib/domain/training';
import { Trouble } from '$lib/domain/trouble';
import { attempt, CheckedFiles, damaged } from './checked-files';
import type { SourceFile } from './dataset';
import { floatsOfBytes } from './floats';
import { readPath } from './paths';
import { pictureFacts } from './picture';
import {
	floatsPath,
	MANIFEST,
	modelPath,
	MOST_BYTES,
	MOST_MANIFEST_BYTES,
	PACK,
	packPath,
	PHOTOS,
	runPath,
	VERSION
} from './project-layout';
import type * as schema from './project-schema';
import { unpackTail } from './project-tail';
import { isZip, openZip } from './zip';

export type PhotoLine = v.InferOutput<typeof schema.photoLine>;
type ModelFacts = v.InferOutput<typeof schema.model>;
type Manifest = v.InferOutput<typeof schema.manifest>;
const kinds = { JPEG: 'image/jpeg', PNG: 'image/png', WebP: 'image/webp' } as const;

/** A photo of the file; its thumbnail is null where it had none. */
export type FiledPhoto = Omit<NewPhoto, 'thumbnail'> & { thumbnail: PictureBytes | null };

/** Whether it is one, by what is in it: any zip may have been given its name. Never fails. */
export async function isProjectFile(blob: Blob): Promise<boolean> {
	if (!(await isZip(blob))) return false;
	const { files } = await openZip(blob, '').catch(() => ({ files: [] }));
	return isProjectFolder(files);
}

/** The same of a folder, as some systems unpack zips unasked. */
export function isProjectFolder(files: readonly Pick<SourceFile, 'path'>[]): boolean {
	return rootOf(files) !== null;
}

/**
 * @param name for the words of an error
 * @throws Trouble 'project-file-unknown' (something else), 'project-file-newer' (written by a version that came after
 *   this one), 'project-file-too-large', 'project-file-damaged', or as `openZip`
 */
export async function openProjectFile(blob: Blob, name: string): Promise<ProjectFile> {
	if (blob.size > MOST_BYTES) throw tooLarge(name);
	const { files } = await openZip(blob, name);
	return openProjectFolder(files, name);
}

/** The same of the files that are in it. */
export async function openProjectFolder(files: readonly SourceFile[], name: string): Promise<ProjectFile> {
	const root = rootOf(files);
	if (root === null) throw unknown(name);
	if (files.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES) throw tooLarge(name);
	const below = files.filter(({ path }) => path.startsWith(root));
	const entries = new Map(below.map((file) => [file.path.slice(root.length), file]));
	const content = new CheckedFiles(name, entries);
	const [{ decodeJson }, schema] = await Promise.all([import('./json'), import('./project-schema')]);
	const text = await content.text(MANIFEST, MOST_MANIFEST_BYTES);
	const { version } = attempt(
		() => decodeJson(schema.signature, text),
		(cause) => unknown(name, cause)
	);
	if (version > VERSION) throw newer(name);
	const decode = <S extends v.GenericSchema>(what: S, text: string) =>
		attempt(
			() => decodeJson(what, text),
			(cause) => damaged(name, MANIFEST, cause)
		);
	const manifest = decode(schema.manifest, text);
	content.expect(manifest.entries);
	const lines = (await content.text(PHOTOS)).split('\n').filter((line) => line !== '');
	const photos = lines.map((line) => decode(schema.photoLine, line));
	return new ProjectFile(content, manifest, photos, { decode, ...schema });
}

type Decoding = typeof schema & {
	decode<S extends v.GenericSchema>(what: S, text: string): v.InferOutput<S>;
};

export class ProjectFile {
	readonly #content: CheckedFiles;
	readonly #manifest: Manifest;
	readonly #photos: readonly PhotoLine[];
	readonly #decoding: Decoding;
	readonly project: Project;

	constructor(content: CheckedFiles, manifest: Manifest, photos: readonly PhotoLine[], decoding: Decoding) {
		this.#content = content;
		this.#manifest = manifest;
		this.#photos = photos;
		this.#decoding = decoding;
		this.project = projectOf(manifest);
		const labels = new Set(manifest.labels.map(({ id }) => id));
		const sound = [
			photos.every(({ label }) => labels.has(label)),
			new Set(photos.map(({ id }) => id)).size === photos.length,
			new Set(photos.map(({ file }) => file)).size === photos.length,
			manifest.project.modelId === null || manifest.models.includes(manifest.project.modelId)
		];
		if (!sound.every(Boolean)) throw damaged(content.name, MANIFEST, 'it contradicts itself');
	}

	/** When it was written, in milliseconds since 1970. */
	get created(): number {
		return this.#manifest.created;
	}

	/** Ids; 'live' is the one that goes on learning. */
	get models(): readonly string[] {
		return this.#manifest.models;
	}

	get runs(): readonly string[] {
		return this.#manifest.runs;
	}

	/** Bytes of all that is in it. */
	get bytes(): number {
		return this.#content.size;
	}

	/** What is known of the photos, in the file's order. */
	get photos(): Photo[] {
		return this.#photos.map((line) => photoOf(line, this.project.id));
	}

	/** Some photos at a time, in that order, whole. @throws Trouble 'project-file-damaged' */
	async *newPhotos(): AsyncGenerator<FiledPhoto[]> {
		for (let from = 0; from < this.#photos.length; from += PACK) {
			const lines = this.#photos.slice(from, from + PACK);
			const pack = lines.some(({ thumbnail }) => thumbnail)
				? await this.#content.bytes(packPath(from / PACK))
				: new ArrayBuffer(0);
			let at = 0;
			const photos: FiledPhoto[] = [];
			for (const line of lines) {
				const { type, bytes } = line.thumbnail ?? { type: '', bytes: 0 };
				const own = pack.slice(at, (at += bytes));
				if (own.byteLength !== bytes) throw damaged(this.#content.name, packPath(from / PACK), 'cut short');
				photos.push({
					photo: photoOf(line, this.project.id),
					picture: await this.#picture(line),
					thumbnail: line.thumbnail && { bytes: own, type }
				});
			}
			yield photos;
		}
	}

	/** @throws Trouble 'project-file-damaged' */
	async model(id: string): Promise<Model> {
		const { tail, ...facts } = await this.#json(this.#decoding.model, modelPath(id));
		const layers = [];
		for (const { weights, bias, activation } of facts.head.layers)
			layers.push({ weights: await this.#floats(weights), bias: await this.#floats(bias), activation });
		const head = { ...facts.head, layers };
		const gate = facts.gate && (await this.#gate(facts.gate));
		const trained = tail && { tail: unpackTail({ ...tail, values: await this.#floats(tail.values) }) };
		return { ...facts, id, projectId: this.project.id, head, gate, ...trained };
	}

	async #gate({ bank, foreign, ...scale }: NonNullable<ModelFacts['gate']>): Promise<StrangerGate> {
		return {
			...scale,
			bank: await this.#floats(bank),
			...(foreign && { foreign: await this.#floats(foreign) })
		};
	}

	/** @throws Trouble 'project-file-damaged' */
	async run(id: string): Promise<TrainingRun> {
		const facts: v.InferOutput<typeof schema.run> = await this.#json(this.#decoding.run, runPath(id));
		return { id, projectId: this.project.id, ...facts };
	}

	async #json<S extends v.GenericSchema>(what: S, path: string): Promise<v.InferOutput<S>> {
		return this.#decoding.decode(what, await this.#content.text(path));
	}

	async #floats({ sha256, length }: { sha256: string; length: number }): Promise<Float32Array<ArrayBuffer>> {
		const path = floatsPath(sha256);
		const bytes = await this.#content.bytes(path);
		if (bytes.byteLength !== 4 * length) throw damaged(this.#content.name, path, 'another length');
		const floats = floatsOfBytes(bytes);
		if (!floats.every(Number.isFinite)) throw damaged(this.#content.name, path, 'not all are numbers');
		return floats;
	}

	async #picture({ file, type, sha256, bytes, width, height }: PhotoLine): Promise<PictureBytes> {
		const { name } = this.#content;
		const picture = await this.#content.bytes(file, sha256, bytes);
		const { kind, size } = attempt(
			() => pictureFacts(new Uint8Array(picture), file),
			(cause) => damaged(name, file, cause)
		);
		const sized = !size || (size.width === width && size.height === height);
		if (kinds[kind as keyof typeof kinds] !== type || !sized || picture.byteLength !== bytes)
			throw damaged(name, file, 'not what is said of it');
		return { bytes: picture, type };
	}
}

/** Where the manifest lies: '', or a folder that all of it was put into. */
function rootOf(files: readonly Pick<SourceFile, 'path'>[]): string | null {
	const found = files.flatMap(({ path }) => {
		const parts = readPath(path);
		return Array.isArray(parts) && parts.length <= 2 && parts.at(-1) === MANIFEST ? [path] : [];
	});
	const [path] = found.sort((a, b) => a.length - b.length);
	return path === undefined ? null : path.slice(0, -MANIFEST.length);
}

/** Names are cleaned and told apart, whoever wrote them. */
function projectOf({ project, labels }: Manifest): Project {
	const names = new FreeNames();
	const named = labels.map((label): Label => {
		const name = names.add(shown(label.name, 'Label'));
		return { ...label, name, trashed: null };
	});
	return { ...project, name: shown(project.name, 'Project'), labels: named, trashed: null };
}

function shown(name: string, otherwise: string): string {
	const clean = cleanName(name);
	return nameTrouble(clean, []) ? otherwise : clean;
}

function photoOf(
	{ label, burst, file: _file, type: _type, thumbnail: _thumbnail, ...facts }: PhotoLine,
	projectId: string
): Photo {
	return { ...facts, projectId, labelId: label, burstId: burst, trashed: null };
}

function unknown(name: string, cause?: unknown): Trouble {
	return new Trouble(
		'project-file-unknown',
		`“${name}” is not a project of Lensmith, so it was not opened. Choose a file that was saved with “Save as a file”.`,
		{ cause }
	);
}

function newer(name: string): Trouble {
	return new Trouble(
		'project-file-newer',
		`“${name}” was made by a newer Lensmith. Nothing was changed. Reload the page while there is a network to get the newest version, then open it once more.`
	);
}

function tooLarge(name: string): Trouble {
	return new Trouble(
		'project-file-too-large',
		`“${name}” is larger than ${MOST_BYTES / 2 ** 20} MB, which is the most for a project file. Nothing was added.`
	);
}
