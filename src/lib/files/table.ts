/** Tables that say which label a picture has: CSV with a header, or JSON Lines. */
import { asTrouble } from '$lib/domain/trouble';
import type { Skipped, SourceFile } from './dataset';

export interface Row {
	/** As the table names it, relative to the table's folder. */
	file: string;
	/** null where the table has a row for the picture, but no label in it. */
	label: string | null;
	/** '' where the row has none; undefined where the table has no column of splits. */
	split: string | undefined;
}

interface Table {
	rows: Row[];
	/** Rows that could not be read, by their number. */
	skipped: Skipped[];
}

/** Bytes; 20,000 rows have two or three million. */
const LARGEST = 8 * 2 ** 20;
/** Names of columns, the surest first; `file_name` is Hugging Face's. */
const FILE_COLUMNS = ['file_name', 'filename', 'file', 'image', 'path'];
const LABEL_COLUMNS = ['label', 'class', 'category'];
const SPLIT_COLUMN = 'split';
/** Bad rows that are named one by one. */
const MOST_NAMED = 20;

/** Whether a file is one, by its name; whether it speaks of pictures, only its columns tell. */
export function isTable(name: string): boolean {
	return /\.(csv|jsonl)$/i.test(name);
}

/** @returns null where it is not about the labels of files */
export async function readTable(file: Pick<SourceFile, 'path' | 'size' | 'read'>): Promise<Table | null> {
	const skip = (reason: string): Table => ({ rows: [], skipped: [{ path: file.path, reason }] });
	if (file.size > LARGEST) return skip('is too large for a table of labels');
	try {
		const text = await (await file.read()).text();
		return /l$/i.test(file.path) ? readJsonLines(text, file.path) : await readCsv(text, file.path);
	} catch (cause) {
		return skip(`could not be read: ${asTrouble(cause, '', 'the file is damaged').message}`);
	}
}

/** RFC 4180, and what spreadsheets make of it: a byte order mark, semicolons or tabs. */
async function readCsv(text: string, path: string): Promise<Table | null> {
	const { default: papa } = await import('papaparse');
	const { data, errors } = papa.parse<string[]>(text, { skipEmptyLines: 'greedy', worker: false });
	const [header = [], ...lines] = data;
	const names = header.map((name) => name.trim().toLowerCase());
	const at = columnsOf(names);
	if (!at) return null;
	const bad = new Set(errors.filter(({ type }) => type === 'Quotes').map(({ row }) => row));
	const rows: (Row | null)[] = lines.map((line, index) =>
		// Row 0 is the header.
		bad.has(index + 1) ? null : rowOf((column) => line[names.indexOf(column)], at)
	);
	return collect(rows, path);
}

function readJsonLines(text: string, path: string): Table | null {
	const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
	const objects = lines.map(parseObject);
	const first = objects.find((object) => object !== null);
	const at = first && columnsOf([...first.keys()]);
	if (!at) return null;
	return collect(
		objects.map((object) => object && rowOf((column) => object.get(column), at)),
		path
	);
}

function parseObject(line: string): Map<string, unknown> | null {
	try {
		const value: unknown = JSON.parse(line);
		return value && typeof value === 'object' && !Array.isArray(value)
			? new Map(Object.entries(value))
			: null;
	} catch {
		return null;
	}
}

interface Columns {
	file: string;
	label: string;
	split: boolean;
}

function columnsOf(names: readonly string[]): Columns | null {
	const file = FILE_COLUMNS.find((name) => names.includes(name));
	const label = LABEL_COLUMNS.find((name) => names.includes(name));
	return file && label ? { file, label, split: names.includes(SPLIT_COLUMN) } : null;
}

function rowOf(cell: (column: string) => unknown, { file, label, split }: Columns): Row | null {
	const path = cell(file);
	if (typeof path !== 'string' || path.trim() === '') return null;
	return {
		file: path.trim(),
		label: wordsOf(cell(label)) || null,
		split: split ? wordsOf(cell(SPLIT_COLUMN)) : undefined
	};
}

function wordsOf(value: unknown): string {
	const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
	return known ? String(value).trim() : '';
}

function collect(rows: readonly (Row | null)[], path: string): Table {
	const bad = rows.flatMap((row, index) => (row ? [] : [index + 1]));
	const named = bad.slice(0, MOST_NAMED).map((number) => ({
		path,
		reason: `has a row that cannot be read: number ${number}`
	}));
	const more = bad.length - named.length;
	const rest = more > 0 ? [{ path, reason: `has ${more} more rows that cannot be read` }] : [];
	return { rows: rows.filter((row) => row !== null), skipped: [...named, ...rest] };
}
