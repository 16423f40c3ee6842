/**
 * Features of a project's photos: computed once a photo, backbone and view, in the background, and kept.
 * All of them are in memory while the project is open (1 KB a photo and view).
 */
import type { Crop } from '$lib/domain/crop';
import type { Vectors } from '$lib/domain/dataset';
import type { Photo, Project } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { VIEWS, type View, type ViewName } from '$lib/domain/view';
import { putFeatures, readFeatures, readFeaturesOf } from '$lib/storage/features';
import { readPicture } from '$lib/storage/photos';
import type { Engine } from './engine';

/** Rows written in one transaction: small enough that a killed tab loses a second of work. */
const BATCH = 16;
/** Troubles of one photo; any other ends the work. */
export const ofPhoto = new Set(['photo-damaged', 'picture-failed']);
export const startingAgain = new Set(['engine-busy', 'engine-restarting', 'engine-stopped']);

/** What features of a view are kept under. */
const keptAs = (crop: Crop, view: View) => (view === 'plain' ? crop : `${crop} ${view}`);

/**
 * What was kept of a project's photos; of those that could not be read there is nothing.
 *
 * @param backbone SHA-256 of its file
 * @throws Trouble of the storage
 */
export async function keptFeatures(
	{ id, crop, views }: Pick<Project, 'id' | 'crop' | 'views'>,
	backbone: string
): Promise<Vectors> {
	const read = (['plain', ...views] as const).map(
		async (view) => [view, await readFeatures(id, backbone, keptAs(crop, view))] as const
	);
	const found: ReadonlyMap<View, ReadonlyMap<string, Float32Array>> = new Map(await Promise.all(read));
	return { of: (photoId, view) => found.get(view)?.get(photoId) ?? null };
}

/** What one way to look at the photos gave. */
interface Found {
	/** As it is kept under. */
	name: string;
	vectors: Map<string, Float32Array>;
	/** Computed and not yet kept. */
	fresh: { photoId: string; vector: Float32Array }[];
}

interface AddOptions {
	/** Beside the photos as they are. */
	views: readonly ViewName[];
	signal: AbortSignal;
	/** After each photo: how many of those asked for are done. */
	onPhoto(done: number): void;
	/** A photo that cannot be read; the others go on. */
	onTrouble(photo: Photo, trouble: Trouble): void;
}

export class Features {
	readonly #engine: Pick<Engine, 'embed' | 'whenReady'>;
	readonly #projectId: string;
	/** SHA-256 of the backbone's file. */
	readonly #backbone: string;
	readonly #crop: Crop;
	readonly #found: ReadonlyMap<View, Found>;
	#changes = 0;

	constructor(
		engine: Pick<Engine, 'embed' | 'whenReady'>,
		project: { id: string; crop: Crop },
		backbone: string
	) {
		this.#engine = engine;
		this.#projectId = project.id;
		this.#crop = project.crop;
		this.#backbone = backbone;
		this.#found = new Map(
			(['plain', ...VIEWS] as const).map((view) => [
				view,
				{ name: keptAs(project.crop, view), vectors: new Map(), fresh: [] }
			])
		);
	}

	/** Brings back what was computed before. */
	async load(): Promise<void> {
		await Promise.all(
			Array.from(this.#found.values(), async (found) => {
				found.vectors = await readFeatures(this.#projectId, this.#backbone, found.name);
				this.#changes++;
			})
		);
	}

	/** Brings back what another tab computed of these meanwhile. */
	async find(photos: readonly Photo[], views: readonly ViewName[]): Promise<void> {
		for (const view of ['plain', ...views] as const) {
			const found = this.#found.get(view);
			if (!found) continue;
			const { name, vectors } = found;
			const ids = photos.map(({ id }) => id).filter((id) => !vectors.has(id));
			for (const [id, vector] of await readFeaturesOf(ids, this.#backbone, name)) vectors.set(id, vector);
			this.#changes++;
		}
	}

	/** Another number whenever there may be more of them. */
	get changes(): number {
		return this.#changes;
	}

	/** [dimension]; null until it was computed. */
	of(photoId: string, view: View): Float32Array | null {
		return this.#found.get(view)?.vectors.get(photoId) ?? null;
	}

	/** Whether there is nothing left to compute, of the photo as it is and of these views. */
	has(photoId: string, views: readonly ViewName[]): boolean {
		return this.of(photoId, 'plain') !== null && views.every((view) => this.of(photoId, view) !== null);
	}

	#missing(photoId: string, views: readonly ViewName[]): View[] {
		return (['plain', ...views] as const).filter((view) => !this.of(photoId, view));
	}

	/**
	 * Computes what is missing, in the order given. What was done stays when it is aborted.
	 *
	 * @throws AbortError; Trouble of the storage where features cannot be kept, of the engine where it does not run
	 */
	async add(photos: readonly Photo[], { views, signal, onPhoto, onTrouble }: AddOptions): Promise<void> {
		const missing = photos.filter(({ id }) => !this.has(id, views));
		let next = ahead(missing[0]);
		try {
			for (const [i, photo] of missing.entries()) {
				const picture = next;
				// The next photo is decoded while the network looks at this one.
				next = ahead(missing[i + 1]);
				await this.#look(photo, picture, views, signal).catch((cause: unknown) => {
					if (!(cause instanceof Trouble) || !ofPhoto.has(cause.code)) throw cause;
					onTrouble(photo, cause);
				});
				if ([...this.#found.values()].some(({ fresh }) => fresh.length >= BATCH)) await this.#keep();
				onPhoto(i + 1);
				signal.throwIfAborted();
			}
		} finally {
			next.then((picture) => picture?.close()).catch(() => undefined);
			await this.#keep();
		}
	}

	async #look(
		photo: Photo,
		picture: Promise<ImageBitmap | null>,
		wanted: readonly ViewName[],
		signal: AbortSignal
	): Promise<void> {
		const views = this.#missing(photo.id, wanted);
		for (let source = await picture; source; source = await decodePhoto(photo)) {
			if (signal.aborted) source.close();
			signal.throwIfAborted();
			try {
				const vectors = await this.#engine.embed(source, this.#crop, { photoId: photo.id, views });
				for (const [i, view] of views.entries()) this.#note(view, photo.id, vectors[i]);
				return;
			} catch (cause) {
				if (!(cause instanceof Trouble) || !startingAgain.has(cause.code)) throw cause;
				await this.#engine.whenReady(signal);
			}
		}
	}

	#note(view: View, photoId: string, vector: Float32Array | undefined): void {
		const found = this.#found.get(view);
		if (!found || !vector) return;
		found.vectors.set(photoId, vector);
		this.#changes++;
		found.fresh.push({ photoId, vector });
	}

	async #keep(): Promise<void> {
		for (const found of this.#found.values()) {
			if (found.fresh.length === 0) continue;
			await putFeatures(this.#projectId, this.#backbone, found.name, found.fresh);
			found.fresh = [];
		}
	}
}

/** A failure waits until somebody asks for the picture. */
function ahead(photo: Photo | undefined): Promise<ImageBitmap | null> {
	const picture = photo ? decodePhoto(photo) : Promise.resolve(null);
	picture.catch(() => undefined);
	return picture;
}

/** @returns null where the photo was thrown away for good meanwhile @throws Trouble 'photo-damaged' */
export async function decodePhoto(photo: Photo): Promise<ImageBitmap | null> {
	const picture = await readPicture(photo.id);
	if (!picture) return null;
	try {
		return await createImageBitmap(new Blob([picture.bytes], { type: picture.type }));
	} catch (cause) {
		const name = photo.name ? `“${photo.name}”` : 'A photo';
		throw new Trouble('photo-damaged', `${name} can no longer be read. Throw it away or replace it.`, {
			cause
		});
	}
}
