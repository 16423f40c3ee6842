/** Writes a project file (see `project-file`), photo by photo. */
import type * as v from 'valibot';
import type { Head } from '$lib/domain/head';
import type { Model, TrainingRun } from '$lib/domain/model';
import type { Photo, PictureBytes, Project } from '$lib/domain/project';
import { liveLabels } from '$lib/domain/edits';
import { Trouble } from '$lib/domain/trouble';
import { MOST_ENTRIES } from './dataset';
import { FolderNames } from './file-names';
import { bytesOfFloats } from './floats';
import { sha256Of } from './hash';
import type { PhotoLine } from './project-file';
import {
	floatsPath,
	FORMAT,
	MANIFEST,
	modelPath,
	MOST_BYTES,
	MOST_ENTRY_BYTES,
	MOST_FLOATS,
	MOST_TENSORS,
	PACK,
	packPath,
	PHOTOS,
	runPath,
	VERSION
} from './project-layout';
import type { manifest, model as modelSchema } from './project-schema';
import { packTail } from './project-tail';
import { ZipFile } from './zip-writer';

/** Files beside photos that are left room for. */
const SPARE_ENTRIES = 500;
/** A run that failed says why in words; ours are far shorter. */
const LONGEST_TROUBLE = 2000;
const endings: Record<string, string> = { 'image/jpeg': '.jpg', 'image/png': '.png', 'image/webp': '.webp' };

export interface PhotoParts {
	photo: Photo;
	picture: PictureBytes;
	thumbnail: PictureBytes | null;
}

export class ProjectWriter {
	readonly #zip: ZipFile;
	readonly #project: Project;
	readonly #created: number;
	readonly #folders: ReadonlyMap<string, string>;
	readonly #hashes: Record<string, string> = {};
	readonly #lines: PhotoLine[] = [];
	/** Thumbnails of the pack that is being filled. */
	#pack: Blob[] = [];
	readonly #models: string[] = [];
	readonly #runs: string[] = [];

	private constructor(zip: ZipFile, project: Project, created: number) {
		this.#zip = zip;
		this.#project = project;
		this.#created = created;
		const names = new FolderNames();
		this.#folders = new Map(liveLabels(project).map(({ id, name }) => [id, names.add(name, 'label')]));
	}

	/**
	 * @param stream stays open
	 * @param project labels in its trash are left out
	 * @param created milliseconds since 1970
	 */
	static async into(stream: WritableStream, project: Project, created: number): Promise<ProjectWriter> {
		return new ProjectWriter(await ZipFile.into(stream, new Date(created)), project, created);
	}

	/** @throws Trouble 'project-too-large' */
	async addPhoto({ photo, picture, thumbnail }: PhotoParts): Promise<void> {
		const { id, labelId, added, source, name, width, height, hash, split, confirmed } = photo;
		const folder = this.#folders.get(labelId) ?? '';
		const file = `photos/${folder}/${id}${endings[picture.type] ?? ''}`;
		const bytes = new Uint8Array(picture.bytes);
		await this.#zip.add(file, bytes);
		this.#lines.push({
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
		});
		if (thumbnail) this.#pack.push(new Blob([thumbnail.bytes]));
		if (this.#lines.length % PACK === 0) await this.#endPack();
	}

	/** Left out where its numbers are none, or more than a reader takes. @param id 'live' for the one that goes on learning */
	async addModel(id: string, { id: _id, projectId: _project, ...model }: Model): Promise<void> {
		const { head, gate, tail, ...rest } = model;
		const packed = tail && tail.size > 0 ? packTail(tail) : null;
		const numbers = [
			gate?.bank ?? [],
			gate?.foreign ?? [],
			packed?.values ?? [],
			...head.layers.flatMap(({ weights, bias }) => [weights, bias])
		];
		const few = (tail?.size ?? 0) <= MOST_TENSORS && numbers.every(({ length }) => length <= MOST_FLOATS);
		if (!few || !numbers.every((list) => list.every(Number.isFinite))) return;
		const { bank, foreign, ...scale } = gate ?? {};
		const content = {
			...rest,
			...(packed && { tail: { ...packed, values: await this.#floats(packed.values) } }),
			head: { ...head, layers: await this.#layers(head) },
			gate: bank
				? {
						...scale,
						bank: await this.#floats(bank),
						...(foreign && { foreign: await this.#floats(foreign) })
					}
				: null
		} as v.InferOutput<typeof modelSchema>; // the gate's other numbers are there with its bank
		await this.#addJson(modelPath(id), content);
		this.#models.push(id);
	}

	async addRun({ id, projectId: _project, ...run }: TrainingRun): Promise<void> {
		const sound = {
			...run,
			trouble: run.trouble.slice(0, LONGEST_TROUBLE),
			epochs: run.epochs.filter(isFinite),
			strength: isFinite(run.strength) ? run.strength : null
		};
		const bare = { ...sound, evaluation: null };
		// Judged with very many labels, or by numbers that are none: what it did stays, its answers go.
		const whole = isFinite(run.evaluation) && JSON.stringify(sound).length < MOST_ENTRY_BYTES / 2;
		await this.#addJson(runPath(id), whole ? sound : bare);
		this.#runs.push(id);
	}

	/** @param app the version that writes it */
	async end(app: string): Promise<void> {
		await this.#endPack(true);
		const text = this.#lines.map((line) => JSON.stringify(line)).join('\n');
		await this.#add(PHOTOS, new TextEncoder().encode(text));
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
		const json = JSON.stringify({ format: FORMAT, version: VERSION, ...content }, null, '\t');
		await this.#zip.add(MANIFEST, new TextEncoder().encode(json));
		await this.#zip.end();
	}

	async #layers({ layers }: Head) {
		const written = [];
		for (const { weights, bias, activation } of layers)
			written.push({ weights: await this.#floats(weights), bias: await this.#floats(bias), activation });
		return written;
	}

	/** The same numbers are written once: models of one backbone share some. */
	async #floats(values: Float32Array): Promise<{ sha256: string; length: number }> {
		const bytes = bytesOfFloats(values);
		const sha256 = await sha256Of(bytes);
		if (!(floatsPath(sha256) in this.#hashes)) await this.#add(floatsPath(sha256), bytes);
		return { sha256, length: values.length };
	}

	async #endPack(last = false): Promise<void> {
		const number = Math.ceil(this.#lines.length / PACK) - 1;
		if (this.#pack.length > 0 && (last || this.#lines.length % PACK === 0))
			await this.#add(packPath(number), new Uint8Array(await new Blob(this.#pack).arrayBuffer()));
		this.#pack = [];
	}

	async #addJson(path: string, value: unknown): Promise<void> {
		await this.#add(path, new TextEncoder().encode(JSON.stringify(value)));
	}

	async #add(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
		this.#hashes[path] = await sha256Of(bytes);
		await this.#zip.add(path, bytes);
	}
}

/** Whether a project of so many photos and bytes may be one file. @throws Trouble 'project-too-large' */
export function checkSize({ photos, bytes }: { photos: number; bytes: number }): void {
	const entries = photos + Math.ceil(photos / PACK) + SPARE_ENTRIES;
	if (bytes <= MOST_BYTES && entries <= MOST_ENTRIES) return;
	throw new Trouble(
		'project-too-large',
		`This project is too large for one file: ${MOST_BYTES / 2 ** 20} MB are the most. Save its photos instead, or throw away some and empty the trash.`
	);
}

/** Whether all numbers in it are. */
function isFinite(value: unknown): boolean {
	if (typeof value === 'number') return Number.isFinite(value);
	return typeof value !== 'object' || value === null || Object.values(value).every(isFinite);
}
