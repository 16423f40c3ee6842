/**
 * Photos from files: made ready a few at a time, kept in small batches. What cannot be read is named and the rest
 * goes on; whatever was kept stays, also when it is cancelled or the device is full.
 */
import type { NewPhoto, Photo, Project } from '$lib/domain/project';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import type { DatasetItem } from '$lib/files/dataset';
import { listPhotos } from '$lib/storage/photos';
import { roomFor } from '$lib/storage/usage';
import { ImportLabels, type LabelFor } from './import-labels';
import { keepPhotos, newPhoto, nextAdded } from './keep-photos';
import type { MadePhoto, PhotoMaker } from './photo-maker';

export { labelsByName } from './import-labels';

export interface ImportOptions {
	items: readonly DatasetItem[];
	project: Pick<Project, 'id'>;
	/** See `labelsByName`. */
	labelFor: LabelFor;
	maker: Pick<PhotoMaker, 'make'>;
	/** Cancels: what is done stays. */
	signal: AbortSignal;
	onProgress(progress: ImportProgress): void;
	/** Milliseconds since 1970. */
	now(): number;
	newId(): string;
}

export interface ImportProgress {
	/** Items looked at, with those that were left out. */
	done: number;
	total: number;
	words: string;
}

export interface ImportResult {
	/** Ids of what was added, in order: together the whole import, for taking it back. */
	photos: string[];
	/** Ids of the labels that were made for them. */
	labels: string[];
	/** Left out because the project has the very same photo, or they came twice. */
	duplicates: number;
	/** Left out because they could not be read. */
	failed: { name: string; reason: string }[];
	/** Why it ended early, in words; null where it did not, or was cancelled. */
	stopped: Trouble | null;
	/** Paths of what it did not come to, because it ended early; none where it was cancelled. */
	rest: string[];
	cancelled: boolean;
}

/** Photos that are kept at once: a cancel or a full device costs no more than these. */
const BATCH = 16;
/** Two are with the photo maker, the next is being read. */
const AT_ONCE = 3;
const LONGEST_FILE_NAME = 255;

/** Never rejects for what one photo or the device's storage does: the result says it. */
export async function importPhotos(options: ImportOptions): Promise<ImportResult> {
	return new Import(options).run();
}

/** What an import gives that has not begun. */
export const nothingImported = (): ImportResult => ({
	photos: [],
	labels: [],
	duplicates: 0,
	failed: [],
	stopped: null,
	rest: [],
	cancelled: false
});

class Import {
	readonly #options: ImportOptions;
	readonly #labels: ImportLabels;
	/** SHA-256 of the project's photos that are not thrown away. */
	#known = new Set<string>();
	/** When the project's last photo was added. */
	#after = 0;
	#done = 0;
	/** Kept, or left out for good. */
	readonly #settled = new Set<DatasetItem>();
	readonly #result = nothingImported();

	constructor(options: ImportOptions) {
		this.#options = options;
		this.#labels = new ImportLabels(options.project.id, options.labelFor, options.newId);
	}

	async run(): Promise<ImportResult> {
		const { items, signal } = this.#options;
		try {
			if (globalThis.isSecureContext === false) throw notSecure();
			await this.#learnWhatIsThere();
			this.#tell();
			for (let at = 0; at < items.length && !signal.aborted; at += BATCH)
				await this.#batch(items.slice(at, at + BATCH));
			this.#result.cancelled = signal.aborted && this.#done < items.length;
		} catch (cause) {
			this.#result.stopped = asTrouble(
				cause,
				'import-failed',
				'Adding photos stopped: something went wrong in the app. What was added before is safe. Reload the page and add the rest.'
			);
			this.#result.rest = items.filter((item) => !this.#settled.has(item)).map(({ path }) => path);
		}
		return { ...this.#result, labels: this.#labels.made };
	}

	async #learnWhatIsThere(): Promise<void> {
		const photos = await listPhotos(this.#options.project.id);
		this.#after = photos.at(-1)?.added ?? 0;
		this.#known = new Set(photos.filter(({ trashed }) => trashed === null).map(({ sha256 }) => sha256));
	}

	async #batch(items: readonly DatasetItem[]): Promise<void> {
		const { signal } = this.#options;
		const made = new Map<DatasetItem, MadePhoto>();
		const refused = new Map<DatasetItem, unknown>();
		await eachOf(items, AT_ONCE, async (item) => {
			if (signal.aborted) return;
			try {
				made.set(item, await this.#make(item));
			} catch (cause) {
				if (signal.aborted) return;
				refused.set(item, cause);
			}
			this.#done++;
			this.#tell();
		});
		// In the order of the files, whichever was ready first.
		for (const item of items) if (refused.has(item)) this.#refuse(item, refused.get(item));
		const fresh = items.filter((item) => this.#isFresh(item, made.get(item)));
		await this.#keep(fresh, made);
		for (const item of fresh) this.#settled.add(item);
	}

	/** A picture too many for the browser's memory takes its neighbour with it, which deserves another try. */
	async #make(item: DatasetItem): Promise<MadePhoto> {
		const { labelFor, maker, signal } = this.#options;
		if (item.label === null && labelFor(null) === null)
			throw new Trouble('no-label', 'It lies in no folder that names its label.');
		const file = await item.read();
		const name = nameOf(item);
		return maker.make(file, name, signal).catch((cause: unknown) => {
			if (asTrouble(cause, '', '').code !== 'photo-maker-died') throw cause;
			return maker.make(file, name, signal);
		});
	}

	#isFresh(item: DatasetItem, photo: MadePhoto | undefined): boolean {
		if (!photo) return false;
		if (this.#known.has(photo.sha256)) {
			this.#settled.add(item);
			this.#result.duplicates++;
			return false;
		}
		this.#known.add(photo.sha256);
		return true;
	}

	async #keep(items: readonly DatasetItem[], made: ReadonlyMap<DatasetItem, MadePhoto>): Promise<void> {
		const { now } = this.#options;
		const bytes = items.reduce((sum, item) => sum + (made.get(item)?.bytes ?? 0), 0);
		if (!(await roomFor(bytes))) throw nearlyFull();
		const labels = await this.#labels.of(
			items.map(({ label }) => label),
			now()
		);
		const photos = items.flatMap((item) => this.#photo(item, made.get(item), labels.get(item.label)));
		await keepPhotos(photos);
		this.#result.photos.push(...photos.map(({ photo }) => photo.id));
	}

	#photo(item: DatasetItem, made: MadePhoto | undefined, labelId: string | undefined): NewPhoto[] {
		if (!made || labelId === undefined) return [];
		const { project, now, newId } = this.#options;
		const facts: Pick<Photo, 'source' | 'name' | 'split'> = {
			source: 'file',
			name: nameOf(item),
			split: item.split
		};
		const added = nextAdded(now(), this.#after);
		// Every file is a burst of its own.
		return [
			newPhoto(made, { ...facts, id: newId(), projectId: project.id, labelId, burstId: newId(), added })
		];
	}

	#refuse(item: DatasetItem, cause: unknown): void {
		this.#settled.add(item);
		const words = 'It could not be read; it may have been moved or changed. Choose it once more.';
		this.#result.failed.push({ name: item.path, reason: asTrouble(cause, 'photo-failed', words).message });
	}

	#tell(): void {
		const total = this.#options.items.length;
		const words = `${this.#done.toLocaleString('en')} of ${total.toLocaleString('en')} photos`;
		this.#options.onProgress({ done: this.#done, total, words });
	}
}

/** Runs `work` for every one of the list, so many at a time, in their order. */
async function eachOf<T>(list: readonly T[], atOnce: number, work: (one: T) => Promise<void>): Promise<void> {
	const left = list.values();
	const runners = Array.from({ length: atOnce }, async () => {
		for (const one of left) await work(one);
	});
	await Promise.all(runners);
}

function nameOf({ path }: DatasetItem): string {
	return (path.split(/[\\/]/).at(-1) ?? path).slice(0, LONGEST_FILE_NAME);
}

function notSecure(): Trouble {
	return new Trouble(
		'not-secure',
		'This address is not secure (http), so the browser does not let photos be added here. Your files are as they were. Open Lensmith at its https address and add them there.'
	);
}

function nearlyFull(): Trouble {
	return new Trouble(
		'storage-full',
		'There is no room for more photos on this device, so the rest was not added. What was added before is safe. Throw away photos you do not need and empty the trash, or free disk space; then add the rest: photos that are there already are left out by themselves.'
	);
}
