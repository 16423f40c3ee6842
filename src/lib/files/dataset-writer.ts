/**
 * Labelled photos as one zip that other programs read: a folder for each label (torchvision's ImageFolder), below
 * `train`, `valid` and `test` where photos have a split, and `metadata.csv` (Hugging Face's) with what folders cannot
 * say: labels as they are written, and which photos have no split. Our own `dataset` reads all of it back.
 */
import type { Label, Photo, PictureBytes } from '$lib/domain/project';
import { FolderNames } from './file-names';
import { withoutMetadata } from './metadata';
import { ZipFile } from './zip-writer';

const folders = { train: 'train', validation: 'valid', test: 'test' } as const;
const kinds: Record<string, { name: string; ending: string }> = {
	'image/jpeg': { name: 'JPEG', ending: '.jpg' },
	'image/png': { name: 'PNG', ending: '.png' },
	'image/webp': { name: 'WebP', ending: '.webp' }
};

export class DatasetWriter {
	readonly #zip: ZipFile;
	readonly #split: boolean;
	readonly #labels: ReadonlyMap<string, { name: string; folder: string; files: FolderNames }>;
	readonly #rows: [path: string, label: string, split: string][] = [];

	private constructor(zip: ZipFile, labels: readonly Label[], split: boolean) {
		this.#zip = zip;
		this.#split = split;
		const names = new FolderNames();
		this.#labels = new Map(
			labels.map(({ id, name }) => [id, { name, folder: names.add(name, 'label'), files: new FolderNames() }])
		);
	}

	/**
	 * @param stream stays open
	 * @param split whether any of the photos has one
	 * @param date of the files, in milliseconds since 1970
	 */
	static async into(
		stream: WritableStream,
		{ labels, split, date }: { labels: readonly Label[]; split: boolean; date: number }
	): Promise<DatasetWriter> {
		return new DatasetWriter(await ZipFile.into(stream, new Date(date)), labels, split);
	}

	/** Without metadata, which may tell a place. Nothing where its label is not among the labels. */
	async add(
		{ labelId, name, split }: Pick<Photo, 'labelId' | 'name' | 'split'>,
		picture: PictureBytes
	): Promise<void> {
		const label = this.#labels.get(labelId);
		if (!label) return;
		const kind = kinds[picture.type] ?? { name: '', ending: '' };
		const bytes = new Uint8Array(picture.bytes);
		const file = label.files.add(name.replace(/\.[^.]{1,5}$/, ''), 'photo', kind.ending);
		// Without one it is ours to choose: most programs learn from `train`.
		const path = [...(this.#split ? [folders[split ?? 'train']] : []), label.folder, file].join('/');
		await this.#zip.add(path, withoutMetadata(kind.name, bytes) ?? bytes);
		this.#rows.push([path, label.name, split === null ? '' : folders[split]]);
	}

	async end(): Promise<void> {
		const { default: papa } = await import('papaparse');
		const table = papa.unparse([['file_name', 'label', 'split'], ...this.#rows]);
		await this.#zip.add('metadata.csv', new TextEncoder().encode(table));
		await this.#zip.end();
	}
}
