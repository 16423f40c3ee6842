/** Writes a project file (see `project-file`), photo by photo. */
import type * as v from 'valibot';
import type { Model, TrainingRun } from '$lib/domain/model';
import type { Photo, PictureBytes, Project } from '$lib/domain/project';
import { liveLabels } from '$lib/domain/edits';
import { FolderNames } from './file-names';
import { sha256Of } from './hash';
import type { PhotoLine } from './project-file';
import {
	FIRST_VERSION,
	FORMAT,
	MANIFEST,
	modelPath,
	MOST_ENTRY_BYTES,
	PACK,
	packPath,
	PHOTOS,
	runPath,
	VERSION
} from './project-layout';
import { packModel } from './project-model';
import { projectTooLarge, ROOM, type Room } from './project-room';
import type { manifest } from './project-schema';
import { bytesInZip, ZipFile } from './zip-writer';

/** Bytes of an entry of the manifest, its SHA-256 with it, beside the path; of an id or a version as well. */
const LISTED = 128;
/** A run that failed says why in words; ours are far shorter. */
const LONGEST_TROUBLE = 2000;
const endings: Record<string, string> = { 'image/jpeg': '.jpg', 'image/png': '.png', 'image/webp': '.webp' };

type Bytes = Uint8Array<ArrayBuffer>;
const encoded = (text: string): Bytes => new TextEncoder().encode(text);

/** Whether a model is in the file; its numbers are `unsound` where they are none, or more than a reader takes. */
export type ModelAdded = 'in' | 'unsound' | 'no room';

export interface PhotoParts {
	photo: Photo;
	picture: PictureBytes;
	thumbnail: PictureBytes | null;
}

/** Of training, in the first version. */
const plainKinds = new Set<string>(['head', 'mlp']);

export class ProjectWriter {
	readonly #zip: ZipFile;
	readonly #project: Project;
	readonly #created: number;
	readonly #folders: ReadonlyMap<string, string>;
	readonly #hashes: Record<string, string> = {};
	readonly #room: Room;
	/** Facts of each photo, as JSON. */
	readonly #lines: string[] = [];
	#lineBytes = 0;
	/** Thumbnails of the pack that is being filled. */
	#pack: Blob[] = [];
	readonly #models: string[] = [];
	readonly #runs: string[] = [];
	/** What readers of the first version know of is all that is in it. */
	#plain = true;

	private constructor(zip: ZipFile, project: Project, created: number, room: Room) {
		this.#zip = zip;
		this.#room = room;
		this.#project = project;
		this.#created = created;
		const names = new FolderNames();
		this.#folders = new Map(liveLabels(project).map(({ id, name }) => [id, names.add(name, 'label')]));
	}

	/**
	 * @param stream stays open
	 * @param project labels in its trash are left out
	 * @param created milliseconds since 1970
	 * @param room what the whole file may take
	 */
	static async into(
		stream: WritableStream,
		project: Project,
		created: number,
		room = ROOM
	): Promise<ProjectWriter> {
		return new ProjectWriter(await ZipFile.into(stream, new Date(created)), project, created, room);
	}

	/** @throws Trouble 'project-too-large' */
	async addPhoto({ photo, picture, thumbnail }: PhotoParts): Promise<void> {
		const { id, labelId, added, source, name, width, height, hash, split, confirmed } = photo;
		const folder = this.#folders.get(labelId) ?? '';
		const file = `photos/${folder}/${id}${endings[picture.type] ?? ''}`;
		const bytes = new Uint8Array(picture.bytes);
		if (this.#zip.bytes + bytesInZip(file, bytes.length) > this.#room.bytes)
			throw projectTooLarge(this.#room);
		await this.#zip.add(file, bytes);
		const line: PhotoLine = {
			...{ id, label: labelId, burst: photo.burstId, added, source, name, width, height, hash, split },
			...(confirmed !== undefined && { confirmed }),
			// Of what is in the file, should the disk have lost a bit meanwhile.
			sha256: await sha256Of(bytes),
			bytes: bytes.length,
			type: picture.type as PhotoLine['type'], // those three are kept, no others
			file,
			thumbnail: thumbnail && {
				type: thumbnail.type as PhotoLine['type'], // as above
				bytes: thumbnail.bytes.byteLength
			}
		};
		this.#lines.push(JSON.stringify(line));
		this.#lineBytes += encoded(this.#lines.at(-1) ?? '').length + 1;
		if (thumbnail) this.#pack.push(new Blob([thumbnail.bytes]));
		if (this.#lines.length % PACK === 0) await this.#endPack();
	}

	/**
	 * All of it or nothing: models that are to be in it come first.
	 *
	 * @param id 'live' for the one that goes on learning
	 */
	async addModel(id: string, model: Model): Promise<ModelAdded> {
		const packed = await packModel(model);
		if (!packed) return 'unsound';
		// The same numbers are written once: models of one backbone share some.
		const files = [...packed.numbers, [modelPath(id), encoded(packed.json)] as const].filter(
			([path]) => !(path in this.#hashes)
		);
		if (!this.#fits(files)) return 'no room';
		for (const [path, bytes] of files) await this.#add(path, bytes);
		this.#models.push(id);
		if (model.tail) this.#plain = false;
		return 'in';
	}

	async addRun({ id, projectId: _project, modelBytes: _bytes, ...run }: TrainingRun): Promise<void> {
		const sound = {
			...run,
			time: Number.isFinite(run.time) ? run.time : 0,
			trouble: run.trouble.slice(0, LONGEST_TROUBLE),
			epochs: run.epochs.filter(isFinite),
			strength: isFinite(run.strength) ? run.strength : null
		};
		const bare = { ...sound, evaluation: null };
		// Judged with very many labels, or by numbers that are none: what it did stays, its answers go.
		const whole = isFinite(run.evaluation) && JSON.stringify(sound).length < MOST_ENTRY_BYTES / 2;
		await this.#add(runPath(id), encoded(JSON.stringify(whole ? sound : bare)));
		this.#runs.push(id);
		if (!plainKinds.has(run.config.kind)) this.#plain = false;
	}

	/** @param app the version that writes it @throws Trouble 'project-too-large' */
	async end(app: string): Promise<void> {
		if (!this.#fits([])) throw projectTooLarge(this.#room);
		await this.#endPack(true);
		await this.#add(PHOTOS, encoded(this.#lines.join('\n')));
		await this.#zip.add(MANIFEST, this.#manifest(app));
		await this.#zip.end();
	}

	#manifest(app: string): Bytes {
		const { id, name, created, changed, backboneId, crop, views, modelId } = this.#project;
		const kept = this.#models.find((model) => model === modelId) ?? null;
		const content: v.InferOutput<typeof manifest> = {
			created: this.#created,
			app,
			project: { id, name, created, changed, backboneId, crop, views: [...views], modelId: kept },
			labels: liveLabels(this.#project).map(({ id, name, colour, off }) => ({ id, name, colour, off })),
			models: this.#models,
			runs: this.#runs,
			entries: this.#hashes
		};
		const version = this.#plain ? FIRST_VERSION : VERSION;
		return encoded(JSON.stringify({ format: FORMAT, version, ...content }, null, '\t'));
	}

	/** Whether there is room for files, and for what every project file ends with. */
	#fits(files: readonly (readonly [path: string, bytes: Bytes])[]): boolean {
		const thumbnails = this.#pack.reduce((sum, { size }) => sum + size, 0);
		const listed = files.reduce((sum, [path]) => sum + path.length + LISTED, this.#manifest('').length);
		const ending: [string, number][] = [
			[packPath(0), thumbnails],
			[PHOTOS, this.#lineBytes],
			[MANIFEST, listed + 3 * LISTED]
		];
		const all = [...ending, ...files.map(([path, bytes]) => [path, bytes.length] as const)];
		const bytes = all.reduce((sum, [path, length]) => sum + bytesInZip(path, length), this.#zip.bytes);
		return bytes <= this.#room.bytes && this.#zip.entries + all.length <= this.#room.entries;
	}

	async #endPack(last = false): Promise<void> {
		const number = Math.ceil(this.#lines.length / PACK) - 1;
		if (this.#pack.length > 0 && (last || this.#lines.length % PACK === 0))
			await this.#add(packPath(number), new Uint8Array(await new Blob(this.#pack).arrayBuffer()));
		this.#pack = [];
	}

	async #add(path: string, bytes: Bytes): Promise<void> {
		this.#hashes[path] = await sha256Of(bytes);
		await this.#zip.add(path, bytes);
	}
}

/** Whether all numbers in it are. */
function isFinite(value: unknown): boolean {
	if (typeof value === 'number') return Number.isFinite(value);
	return typeof value !== 'object' || value === null || Object.values(value).every(isFinite);
}
