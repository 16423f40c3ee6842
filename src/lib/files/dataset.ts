/**
 * Folders of pictures as data sets: which label and which split each picture has, from where it lies
 * (torchvision's ImageFolder) and from what a table beside it says (Hugging Face's `metadata.csv` or
 * `metadata.jsonl`, or any CSV with a column of file names and one of labels; one of splits counts too).
 *
 * Read are: `class/x.jpg`; `train|valid|validation|val|test/class/x.jpg`; either in one wrapping folder.
 */
import { cleanName } from '$lib/domain/names';
import { MOST_LABELS, type Photo } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { readPath } from './paths';
import { isTable, readTable, type Row } from './table';

/** A file that was chosen, dropped or unpacked; its bytes are read when they are needed. */
export interface SourceFile {
	/** As it came, with `/` between folders and the file; the name alone for a single file. */
	path: string;
	/** Bytes. */
	size: number;
	/** @throws Trouble where it cannot be read (any more) */
	read(): Promise<Blob>;
}

export interface DatasetItem {
	/** Shown to people; not unique where several sets were opened at once. */
	path: string;
	/** Cleaned, at most 60 characters; null where nothing tells. */
	label: string | null;
	/** The split that the set brings along. */
	split: Photo['split'];
	/** @throws Trouble */
	read(): Promise<Blob>;
}

export interface Skipped {
	path: string;
	/** In words, to go behind the path: “is not a picture”. */
	reason: string;
}

export interface Dataset {
	items: DatasetItem[];
	/** What is left out, by name. */
	skipped: Skipped[];
}

/** Files in one data set. */
export const MOST_ENTRIES = 20_000;

/** Known to be no picture; everything else is tried. */
const NO_PICTURE =
	/\.(txt|md|rst|csv|tsv|jsonl?|ya?ml|xml|html?|pdf|docx?|xlsx?|pptx?|py|ipynb|js|css|parquet|arrow|npy|npz|pkl|h5|pt|pth|onnx|zip|tar|gz|tgz|rar|7z|mp4|mov|m4v|avi|mkv|webm|mp3|wav|m4a)$/i;
const SPLITS = new Map<string, Photo['split']>([
	['train', 'train'],
	['training', 'train'],
	['valid', 'validation'],
	['validation', 'validation'],
	['val', 'validation'],
	['test', 'test'],
	['testing', 'test']
]);

interface Placed {
	file: SourceFile;
	/** Below the wrapping folder. */
	folders: string[];
	name: string;
}

/**
 * Finds out what the files are a set of. Reads the tables among them, no picture.
 *
 * @throws Trouble 'dataset-too-large' (over 20,000 files), 'dataset-labels' (over 1,000 labels)
 */
export async function readDataset(files: readonly SourceFile[]): Promise<Dataset> {
	if (files.length > MOST_ENTRIES) throw tooMany(files.length);
	const skipped: Skipped[] = [];
	const placed = unwrapped(place(files, skipped));
	const tables = placed.filter(({ name }) => isTable(name));
	const rows = await tableRows(tables, skipped);
	const splits = splitFolders(placed);
	const items: DatasetItem[] = [];
	for (const one of placed) {
		if (rows.tables.has(one)) continue;
		if (NO_PICTURE.test(one.name)) skipped.push({ path: one.file.path, reason: 'is not a picture' });
		else items.push(itemOf(one, splits, rows.labels.get(keyOf(one))));
	}
	if (new Set(items.map(({ label }) => label)).size > MOST_LABELS) throw tooManyLabels();
	return { items, skipped: [...skipped, ...rows.unused(new Set(placed.map(keyOf)))] };
}

function place(files: readonly SourceFile[], skipped: Skipped[]): Placed[] {
	return files.flatMap((file) => {
		const parts = readPath(file.path);
		if (parts === null) return [];
		if (typeof parts === 'string') {
			skipped.push({ path: file.path, reason: `is left out: ${parts}` });
			return [];
		}
		return [{ file, folders: parts.slice(0, -1), name: parts.at(-1) ?? '' }];
	});
}

/** Without the one folder that everything lies in, unless that is a label or a split by itself. */
function unwrapped(placed: Placed[]): Placed[] {
	const first = placed[0]?.folders[0];
	if (first === undefined || placed.some(({ folders }) => folders[0] !== first)) return placed;
	const wraps = placed.some(({ folders, name }) => folders.length > 1 || isTable(name));
	if (!wraps || SPLITS.has(first.toLowerCase())) return placed;
	return placed.map((one) => ({ ...one, folders: one.folders.slice(1) }));
}

/**
 * The top folders that are splits. One called “train” may as well hold pictures of trains: it is a split where it
 * has folders (or a table) below and there is another split, or nothing but splits.
 */
function splitFolders(placed: readonly Placed[]): ReadonlySet<string> {
	const tops = new Set(placed.flatMap(({ folders }) => folders[0] ?? []));
	const named = [...tops].filter((top) => SPLITS.has(top.toLowerCase()));
	const deep = placed.some(
		({ folders, name }) => named.includes(folders[0] ?? '') && (folders.length > 1 || isTable(name))
	);
	const table = placed.some(({ folders, name }) => folders.length === 0 && isTable(name));
	const alone = named.length === tops.size;
	return new Set((deep || table) && (alone || named.length > 1) ? named : []);
}

function itemOf({ file, folders }: Placed, splits: ReadonlySet<string>, row?: Row): DatasetItem {
	const [top = ''] = folders;
	const inSplit = splits.has(top);
	const folder = folders[inSplit ? 1 : 0] ?? '';
	return {
		path: file.path,
		label: cleanName(row?.label ?? folder) || null,
		split: splitOf(row?.split, inSplit ? top : ''),
		read: () => file.read()
	};
}

/** A table that has a column of splits knows better than the folders; an empty cell in it is none. */
function splitOf(cell: string | undefined, folder: string): Photo['split'] {
	if (cell === '') return null;
	return SPLITS.get((cell ?? '').toLowerCase()) ?? SPLITS.get(folder.toLowerCase()) ?? null;
}

/** Paths are the same in any case of their letters: tables are often written by hand. */
function keyOf({ folders, name }: Pick<Placed, 'folders' | 'name'>): string {
	return [...folders, name].join('/').normalize('NFC').toLowerCase();
}

/** What the tables say, by path. */
async function tableRows(tables: readonly Placed[], skipped: Skipped[]) {
	const labels = new Map<string, Row>();
	const read = new Set<Placed>();
	for (const table of tables) {
		const content = await readTable(table.file);
		if (!content) continue; // of something else: named as what is no picture
		read.add(table);
		skipped.push(...content.skipped);
		for (const row of content.rows) {
			const parts = readPath(row.file);
			if (typeof parts === 'string')
				skipped.push({ path: row.file, reason: `is left out: ${parts} (in ${table.name})` });
			if (!Array.isArray(parts)) continue;
			const folders = [...table.folders, ...parts.slice(0, -1)];
			labels.set(keyOf({ folders, name: parts.at(-1) ?? '' }), row);
		}
	}
	const unused = (there: ReadonlySet<string>): Skipped[] =>
		[...labels]
			.filter(([key]) => !there.has(key))
			.map(([, row]) => ({ path: row.file, reason: 'is in the table but not among the files' }));
	return { labels, tables: read, unused };
}

function tooMany(count: number): Trouble {
	return new Trouble(
		'dataset-too-large',
		`There are ${count.toLocaleString('en')} files; ${MOST_ENTRIES.toLocaleString('en')} at a time are the most. Nothing was added. Choose fewer and add the rest afterwards.`
	);
}

function tooManyLabels(): Trouble {
	return new Trouble(
		'dataset-labels',
		`These files have more than ${MOST_LABELS.toLocaleString('en')} labels, which is the most a project can have. Nothing was added. Choose some of their folders.`
	);
}
