/**
 * What a model said of many photos, as a table for spreadsheets and scripts: CSV by RFC 4180 in UTF-8, with the mark
 * that Excel knows UTF-8 by. Our own `table` reads its files and labels back.
 */
import { FreeNames } from '$lib/domain/names';
import type { LabelNames, Prediction } from '$lib/domain/predictions';

const COLUMNS = ['file', 'label', 'probability', 'sure', 'truth', 'right', 'error'];
/** A model of at most so many labels has a column for each. */
const MOST_LABEL_COLUMNS = 50;
/** The best of a model of more. */
const BEST = 5;
/** Of probabilities; more would only look exact. */
const DECIMALS = 4;
const MARK = '\uFEFF';
/**
 * Where spreadsheets would begin a formula, an apostrophe is put in front (OWASP, "CSV injection"): at the start of a
 * cell, and after a semicolon, by which many of them part cells. Papa Parse has such a rule of its own, for the start
 * alone.
 */
const FORMULA = /(^|;)(?=[=+\-@＝＋－＠\t\r\n])/g;

type Cell = string | number;

/** How many of the best answers a row of the table needs. */
export function answersNeeded(labels: number): number {
	return labels <= MOST_LABEL_COLUMNS ? labels : BEST;
}

/**
 * @param rows each with the best `answersNeeded`
 * @param labels of the model, by index
 */
export async function predictionsCsv(
	rows: readonly Prediction[],
	labels: readonly string[],
	names: LabelNames
): Promise<string> {
	const { default: papa } = await import('papaparse');
	const each = labels.length <= MOST_LABEL_COLUMNS;
	const header = [...COLUMNS, ...(each ? labelColumns(labels) : bestColumns())];
	const lines = rows.map((row) => [
		...ofRow(row, labels, names),
		...(each ? ofEachLabel(row, labels) : ofTheBest(row, labels))
	]);
	const quotes = (cell: unknown) => typeof cell === 'string' && cell !== '';
	return MARK + papa.unparse([header, ...lines].map(guarded), { newline: '\r\n', quotes });
}

function guarded(cells: readonly Cell[]): Cell[] {
	return cells.map((cell) => (typeof cell === 'string' ? cell.replace(FORMULA, "$1'") : cell));
}

/** A label may be called as another column is. */
function labelColumns(labels: readonly string[]): string[] {
	const free = new FreeNames(COLUMNS);
	return labels.map((label) => free.add(label));
}

/** The first stands in the columns that every table has. */
function bestColumns(): string[] {
	return Array.from({ length: BEST - 1 }, (_, i) => [`label ${i + 2}`, `probability ${i + 2}`]).flat();
}

function ofRow(row: Prediction, labels: readonly string[], names: LabelNames): Cell[] {
	const { path, truth, guesses, sure, trouble } = row;
	const [first] = guesses;
	const verdict = names.verdict(row);
	return [
		path,
		first ? (labels[first.index] ?? '') : '',
		first ? rounded(first.probability) : '',
		trouble === null ? yesOrNo(sure) : '',
		truth ?? '',
		verdict === null ? '' : yesOrNo(verdict === 'right'),
		trouble ?? ''
	];
}

function ofEachLabel({ guesses }: Prediction, labels: readonly string[]): Cell[] {
	const cells: Cell[] = labels.map(() => '');
	for (const { index, probability } of guesses) cells[index] = rounded(probability);
	return cells;
}

function ofTheBest({ guesses }: Prediction, labels: readonly string[]): Cell[] {
	return Array.from({ length: BEST - 1 }, (_, i) => guesses[i + 1]).flatMap((guess) =>
		guess ? [labels[guess.index] ?? '', rounded(guess.probability)] : ['', '']
	);
}

const yesOrNo = (yes: boolean) => (yes ? 'yes' : 'no');
const rounded = (probability: number) => Number(probability.toFixed(DECIMALS));
