/** What a benchmark says: rows for people (a table) and for machines (JSON). */
import { cpus, release, totalmem } from 'node:os';

export interface Row {
	area: string;
	name: string;
	value: number;
	unit: string;
	/** What it is held against, in words and with its own figure where it has one. */
	rival: string | null;
	/** What it should be, in words; null where there is no goal. */
	goal: string | null;
	met: boolean | null;
}

export interface Report {
	machine: string;
	date: string;
	rows: Row[];
}

export function report(rows: Row[], browser: string): Report {
	const memory = Math.round(totalmem() / 2 ** 30);
	const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${memory} GiB, ${process.platform} ${release()}, ${browser}`;
	return { machine, date: new Date().toISOString(), rows };
}

export function table({ machine, date, rows }: Report): string {
	const cells = rows.map(({ area, name, value, unit, rival, goal, met }) => [
		area,
		name,
		`${round(value)} ${unit}`,
		rival ?? '',
		goal ?? '',
		met === null ? '' : met ? 'met' : 'MISSED'
	]);
	const all = [['area', 'what', 'value', 'against', 'goal', ''], ...cells];
	const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
	const lines = all.map((row) =>
		row
			.map((cell, i) => cell.padEnd(widths[i] ?? 0))
			.join('  ')
			.trimEnd()
	);
	return [`${machine}\n${date}`, ...lines].join('\n');
}

/** Three significant figures, whole numbers left whole. */
function round(value: number): string {
	return Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(3)));
}

/** Quantile by the nearest rank. @param q 0..1 */
export function quantile(values: readonly number[], q: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** A row with a goal that is an upper bound. */
export function atMost(row: Omit<Row, 'goal' | 'met'>, limit: number, words = `≤ ${limit} ${row.unit}`): Row {
	return { ...row, goal: words, met: row.value <= limit };
}

/** A row with a goal that is a lower bound. */
export function atLeast(
	row: Omit<Row, 'goal' | 'met'>,
	limit: number,
	words = `≥ ${limit} ${row.unit}`
): Row {
	return { ...row, goal: words, met: row.value >= limit };
}

/** A row without a goal. */
export function plain(row: Omit<Row, 'goal' | 'met'>): Row {
	return { ...row, goal: null, met: null };
}
