/** Class names as they come beside models or in them: one a line, JSON, or a dictionary as Python prints it. */
import * as v from 'valibot';
import { cleanName, FreeNames } from '$lib/domain/names';
import { decodeJson } from '../json';

/** Bytes of a file of names; ImageNet's 21,843 have 0.6 MB. */
export const LARGEST_LABELS = 2 ** 21;
export const MOST_CLASSES = 25_000;
/** Of a name, before it is cleaned, which takes its time. */
const LONGEST = 2000;

const listSchema = v.pipe(v.array(v.union([v.string(), v.number()])), v.maxLength(MOST_CLASSES));
const entrySchema = v.union([v.string(), v.number(), v.pipe(v.array(v.string()), v.maxLength(10))]);
const recordSchema = v.record(v.string(), entrySchema);

/**
 * Names in the order of the scores, cleaned and told apart.
 *
 * @returns null where the text is no list of names, or does not name every class once
 */
export function readLabels(text: string): string[] | null {
	if (text.length > LARGEST_LABELS || text.trim() === '') return null;
	const trimmed = text.replace(/^\uFEFF/, '').trim();
	const found = /^[[{]/.test(trimmed) ? (fromJson(trimmed) ?? fromPython(trimmed)) : fromLines(trimmed);
	return found && found.length > 0 && found.length <= MOST_CLASSES ? told(found) : null;
}

function told(names: readonly string[]): string[] {
	const free = new FreeNames();
	return names.map((name, index) => free.add(cleanName(name.slice(0, LONGEST)) || `Class ${index + 1}`));
}

function fromJson(text: string): string[] | null {
	try {
		if (text.startsWith('[')) return decodeJson(listSchema, text).map(String);
		// {"0": ["n01440764", "tench"]} is how Keras keeps ImageNet's.
		const entries = Object.entries(decodeJson(recordSchema, text));
		return inOrder(
			entries.map(([key, name]) => [key, Array.isArray(name) ? (name.at(-1) ?? '') : `${name}`])
		);
	} catch {
		return null;
	}
}

const PAIR = /\s*(\d{1,6})\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|\}$)/sy;
const ITEM = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|\]$)/sy;

/** `{0: 'tench', 1: "it's"}` or `['tench', "it's"]` */
function fromPython(text: string): string[] | null {
	const isList = text.startsWith('[');
	const pattern = isList ? ITEM : PAIR;
	const entries: [string, string][] = [];
	pattern.lastIndex = 1;
	for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
		const [single, double, end] = found.slice(isList ? 1 : 2);
		entries.push([isList ? `${entries.length}` : (found[1] ?? ''), unescaped(single ?? double ?? '')]);
		if (end !== ',') return inOrder(entries);
		// A comma may stand before the end.
		if (/^\s*[\]}]$/.test(text.slice(pattern.lastIndex, pattern.lastIndex + 16))) return inOrder(entries);
	}
	return null;
}

const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gs;

function unescaped(text: string): string {
	return text.replace(ESCAPE, (_, two?: string, four?: string, eight?: string, other = '') => {
		const code = two ?? four ?? eight;
		if (code === undefined) return other === 'n' || other === 't' || other === 'r' ? ' ' : `${other}`;
		const point = parseInt(code, 16);
		return point <= 0x10ffff ? String.fromCodePoint(point) : '';
	});
}

/** One a line; `0 Class 1`, as Teachable Machine writes it, without the number where every line has its own. */
function fromLines(text: string): string[] | null {
	const lines = text.split(/\r\n|\n|\r/);
	if (lines.length > MOST_CLASSES || lines.some((line) => line.includes('\0'))) return null;
	const numbered = lines.every((line, index) => new RegExp(`^${index}[\\s:,]`).test(line));
	return numbered ? lines.map((line) => line.replace(/^\d+[\s:,]+/, '')) : lines;
}

/** null where an index is missing or there twice. */
function inOrder(entries: readonly (readonly [string, string])[]): string[] | null {
	const names = new Map(entries.map(([key, name]) => [Number(key), name]));
	const all = entries.map((_, index) => names.get(index));
	const whole = all.filter((name) => name !== undefined);
	return whole.length === entries.length && names.size === entries.length ? whole : null;
}
