/** Where files come from on a page: chosen, chosen as a folder, dropped, pasted. */
import { Trouble } from '$lib/domain/trouble';
import { MOST_ENTRIES, readDataset, type Dataset, type SourceFile } from './dataset';
import { teachableKind } from './teachable/contents';
import { isZip, openZip } from './zip';

const ZIP = /\.(zip|tm)$/i;

/** Files of an `<input>` (also of a folder: `webkitdirectory`), of the clipboard or of the share sheet. */
export function fromFiles(files: Iterable<File>): SourceFile[] {
	return Array.from(files, (file) => sourceOf(file, file.webkitRelativePath || file.name));
}

/**
 * Everything that was dropped, folders with all that is in them. Call it in the event's own handler, before
 * anything is waited for: afterwards the browser has forgotten what was dropped.
 *
 * @throws Trouble 'drop-unreadable', 'dataset-too-large'
 */
export function fromDrop(dropped: Pick<DataTransfer, 'items' | 'files'>): Promise<SourceFile[]> {
	const items = [...dropped.items].filter(({ kind }) => kind === 'file');
	const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
	const files = fromFiles(dropped.files);
	// Files that come from another page, or from a test, are no entries of a file system.
	if (entries.some((entry) => entry === null)) return Promise.resolve(files);
	return readEntries(entries.filter((entry) => entry !== null));
}

/** Whether more was dropped than one file: several, a folder or a zip. Call it in the event's own handler. */
export function isSeveral({ items, files }: Pick<DataTransfer, 'items' | 'files'>): boolean {
	const dropped = [...items].filter(({ kind }) => kind === 'file');
	const folder = dropped[0]?.webkitGetAsEntry?.()?.isDirectory ?? false;
	return dropped.length > 1 || folder || ZIP.test(files[0]?.name ?? '');
}

/**
 * What was chosen or dropped as one data set, zips among it unpacked.
 *
 * @throws Trouble as `readDataset` and `openZip`
 */
export async function openDataset(sources: readonly SourceFile[]): Promise<Dataset> {
	const loose: SourceFile[] = [];
	const sets: Dataset[] = [];
	for (const source of sources) {
		const zip = await asZip(source);
		if (!zip) {
			loose.push(source);
			continue;
		}
		sets.push(await unpacked(zip, source.path));
	}
	if (loose.length > 0) sets.unshift(await readDataset(loose));
	const items = sets.flatMap((set) => set.items);
	if (items.length > MOST_ENTRIES) throw tooMany();
	return { items, skipped: sets.flatMap((set) => set.skipped) };
}

/** Also a project of Teachable Machine, which keeps its photos in a way of its own. */
async function unpacked(zip: Blob, name: string): Promise<Dataset> {
	const { files, skipped } = await openZip(zip, name);
	if (/\.tm$/i.test(name) || teachableKind(files) === 'project') {
		const { readTeachableProject } = await import('./teachable/read-project');
		return readTeachableProject(zip, name);
	}
	const { items, skipped: left } = await readDataset(files);
	return { items, skipped: [...skipped, ...left] };
}

async function asZip(source: SourceFile): Promise<Blob | null> {
	if (!ZIP.test(source.path)) return null;
	const blob = await source.read();
	return (await isZip(blob)) ? blob : null;
}

function sourceOf(file: File, path: string): SourceFile {
	return { path, size: file.size, read: () => Promise.resolve(file) };
}

async function readEntries(entries: readonly FileSystemEntry[]): Promise<SourceFile[]> {
	const found: SourceFile[] = [];
	const folders = [...entries];
	for (let entry = folders.shift(); entry; entry = folders.shift()) {
		if (entry.isDirectory)
			folders.unshift(...(await childrenOf(entry as FileSystemDirectoryEntry))); // told by isDirectory
		else found.push(await fileOf(entry as FileSystemFileEntry)); // the only other kind
		if (found.length > MOST_ENTRIES) throw tooMany();
	}
	return found;
}

/** `readEntries` gives a part at a time (100 in Chromium), and none at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
	const reader = folder.createReader();
	const all: FileSystemEntry[] = [];
	for (;;) {
		const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
			reader.readEntries(resolve, reject)
		).catch((cause: unknown) => {
			throw unreadable(folder.name, cause);
		});
		if (part.length === 0) return all;
		all.push(...part);
	}
}

async function fileOf(entry: FileSystemFileEntry): Promise<SourceFile> {
	const read = () =>
		new Promise<File>((resolve, reject) => entry.file(resolve, reject)).catch((cause: unknown) => {
			throw unreadable(entry.name, cause);
		});
	// Its size is known once it is opened; only tables and zips need it, and they are opened anyway.
	return { path: entry.fullPath.replace(/^\//, ''), size: 0, read };
}

function unreadable(name: string, cause: unknown): Trouble {
	return new Trouble(
		'drop-unreadable',
		`“${name}” could not be read; it may have been moved, or is not open to the browser. Drop it again, or choose it here.`,
		{ cause }
	);
}

function tooMany(): Trouble {
	return new Trouble(
		'dataset-too-large',
		`There are more than ${MOST_ENTRIES.toLocaleString('en')} files, which are the most at a time. Nothing was added. Add them folder by folder.`
	);
}
