/** A project from a file: whether it is here already, and bringing it in, as itself or as a copy. */
import { markOfAll } from '$lib/domain/dataset';
import { liveLabels } from '$lib/domain/edits';
import type { Model, TrainingRun } from '$lib/domain/model';
import { freeName } from '$lib/domain/names';
import type { Label, Photo, Project } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import type { FiledPhoto, ProjectFile } from '$lib/files/project-file';
import { liveId, listRuns } from '$lib/storage/models';
import { listPhotos } from '$lib/storage/photos';
import { listProjects, readProject } from '$lib/storage/projects';
import { anyTaken, restoreProject } from '$lib/storage/restore';
import { askToPersist, roomFor } from '$lib/storage/usage';
import { asOnly, tellProjectChanged } from './project-news';

/** The database's own needs, as a part of what is in a file. */
const BESIDE_FILE = 1.05;

/** What is here of a project that a file holds. */
export type Known =
	| { state: 'new' }
	/** `same`: nothing in the file is otherwise. */
	| { state: 'here' | 'in trash'; project: Project; photos: number; same: boolean };

/** @throws Trouble 'not-read' */
export async function whatIsKnown(file: ProjectFile): Promise<Known> {
	const project = await readProject(file.project.id);
	if (!project) return { state: 'new' };
	const labels = liveLabels(project);
	const there = new Set(labels.map(({ id }) => id));
	const photos = (await listPhotos(project.id)).filter(
		({ trashed, labelId }) => trashed === null && there.has(labelId)
	);
	const all = await listRuns(project.id);
	const runs = all.map(({ id }) => id);
	const models = new Set<string | null>(['live', ...all.map(({ modelId }) => modelId)]);
	const same =
		file.models.every((id) => models.has(id)) &&
		digest(project, labels, photos, runs) ===
			digest(file.project, file.project.labels, file.photos, file.runs);
	const state = project.trashed === null ? 'here' : 'in trash';
	return { state, project, photos: photos.length, same };
}

/** What makes a project another one. Its name is left out, as it may have had to give way. */
function digest(
	{ backboneId, crop, views, modelId }: Project,
	labels: readonly Label[],
	photos: readonly Photo[],
	runs: readonly string[]
): string {
	const facts = photos.map(({ id, labelId, sha256, split, confirmed }) =>
		[id, labelId, sha256, split, confirmed].join(' ')
	);
	const named = labels.map(({ id, name, colour, off }) => [id, name, colour, off]);
	return JSON.stringify([...[backboneId, crop, views, modelId, named], ...[facts.sort(), [...runs].sort()]]);
}

export interface KeepOptions {
	/** Under ids of its own, beside what is here. */
	asCopy: boolean;
	/** Ends it with an AbortError: nothing of it stays. */
	signal: AbortSignal;
	/** In photos. */
	onProgress(progress: { done: number; total: number }): void;
	/** Milliseconds since 1970. */
	now: number;
	newId(): string;
}

/**
 * Brings it in. It shows when it is whole.
 *
 * @returns the project as it is here
 * @throws AbortError; Trouble 'project-file-damaged', 'storage-full', 'not-saved', 'id-taken'; all is as before then
 */
export function keepProject(file: ProjectFile, options: KeepOptions): Promise<Project> {
	const { asCopy, signal, now, newId } = options;
	// Two tabs that open the same file must not clear away what the other has brought so far.
	return asOnly(`opening ${file.project.id}`, signal, async () => {
		const there = asCopy ? null : await readProject(file.project.id);
		if (there) return there;
		if (!(await roomFor(file.bytes * BESIDE_FILE))) throw noRoom();
		const names = (await listProjects()).map(({ name }) => name);
		const photos = inOrder(file.photos);
		const id = asCopy ? newId() : file.project.id;
		const own = { photos: photos.map((photo) => photo.id), models: file.models, runs: file.runs };
		const renew = asCopy || (await anyTaken(id, own));
		const arrival = new Arrival(file, photos, renew ? newId : null, id);
		const project: Project = {
			...file.project,
			id,
			name: freeName(file.project.name, names),
			modelId: file.project.modelId && arrival.idOf(file.project.modelId),
			...(asCopy
				? { created: now, changed: now }
				: {
						backedUp: {
							time: file.created,
							changed: file.project.changed,
							until: photos.at(-1)?.added ?? 0
						}
					})
		};
		await restoreProject(project, arrival.bits(options));
		tellProjectChanged(project.id);
		void askToPersist();
		return project;
	});
}

/** The rows of a file on their way into the database, under the ids that they have here. */
class Arrival {
	readonly #file: ProjectFile;
	readonly #ids: ReadonlyMap<string, string>;
	readonly #projectId: string;
	/** What the marks of what was learned from become, as ids are part of them. */
	readonly #marks: ReadonlyMap<string, string>;

	/** @param newId null: they keep their ids */
	constructor(file: ProjectFile, photos: readonly Photo[], newId: (() => string) | null, projectId: string) {
		this.#file = file;
		this.#projectId = projectId;
		const all = [...photos.map(({ id }) => id), ...file.models, ...file.runs];
		this.#ids = new Map(newId ? all.map((id) => [id, newId()]) : []);
		const renamed = photos.map((photo) => ({ ...photo, id: this.idOf(photo.id) }));
		this.#marks = new Map([[markOfAll(file.project, photos), markOfAll(file.project, renamed)]]);
	}

	idOf(id: string): string {
		return this.#ids.get(id) ?? id;
	}

	bits({ signal, onProgress }: Pick<KeepOptions, 'signal' | 'onProgress'>) {
		return {
			models: this.#models(signal),
			runs: this.#runs(signal),
			photos: this.#photos(signal, onProgress)
		};
	}

	async *#photos(signal: AbortSignal, onProgress: KeepOptions['onProgress']): AsyncGenerator<FiledPhoto[]> {
		const total = this.#file.photos.length;
		let done = 0;
		onProgress({ done, total });
		for await (const some of this.#file.newPhotos()) {
			signal.throwIfAborted();
			yield some.map(({ photo, ...rest }) => ({
				...rest,
				photo: { ...photo, id: this.idOf(photo.id), projectId: this.#projectId }
			}));
			onProgress({ done: (done += some.length), total });
		}
		// Before it shows.
		signal.throwIfAborted();
	}

	async *#models(signal: AbortSignal): AsyncGenerator<Model> {
		for (const id of this.#file.models) {
			signal.throwIfAborted();
			const model = await this.#file.model(id);
			const own = id === 'live' ? liveId(this.#projectId) : this.idOf(id);
			const from = model.from === undefined ? {} : { from: this.#mark(model.from) };
			yield { ...model, ...from, id: own, projectId: this.#projectId };
		}
	}

	async *#runs(signal: AbortSignal): AsyncGenerator<TrainingRun> {
		const renamed = <T extends { photoId: string }>(rows: readonly T[]) =>
			rows.map((row) => ({ ...row, photoId: this.idOf(row.photoId) }));
		for (const id of this.#file.runs) {
			signal.throwIfAborted();
			const run = await this.#file.run(id);
			const evaluation = run.evaluation && {
				...run.evaluation,
				verdicts: renamed(run.evaluation.verdicts),
				suspects: renamed(run.evaluation.suspects)
			};
			yield {
				...run,
				id: this.idOf(id),
				projectId: this.#projectId,
				// A file that had no room for it is without, as is the run then.
				modelId: run.modelId && this.#file.models.includes(run.modelId) ? this.idOf(run.modelId) : null,
				from: this.#mark(run.from),
				evaluation
			};
		}
	}

	#mark(from: string): string {
		return this.#marks.get(from) ?? from;
	}
}

/** As `listPhotos` gives them, on which marks depend. */
const inOrder = (photos: readonly Photo[]) =>
	[...photos].sort((a, b) => a.added - b.added || (a.id < b.id ? -1 : 1));

const noRoom = () =>
	new Trouble(
		'storage-full',
		'There is no room for this project on this device, so nothing was added. Throw away photos you do not need and empty the trash, or free disk space; then open the file once more.'
	);
