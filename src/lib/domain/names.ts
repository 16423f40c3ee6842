/** Names of projects and labels: any text a person may write, made safe to show and to tell apart. */
import { LONGEST_NAME } from './project';

/** No name a person means is longer than this in UTF-16 units: the longest emoji take 14 for each of 60. */
const MOST_UNITS = 14 * LONGEST_NAME;

/** Fillers that are letters or symbols by their category, but show nothing: Hangul and Braille blanks. */
const BLANKS = /[\p{Cc}\p{Z}\u115F\u1160\u2800\u3164\uFFA0]+/gu;
/** Turn the direction of what follows, or show nothing at all; joiners stay, emoji and Persian need them. */
const HIDDEN = /[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\p{Cs}]/gu;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** The name as it is kept: composed, on one line, without hidden characters, cut to 60 characters as people count. */
export function cleanName(name: string): string {
	const tidy = tidied(name);
	// Counting as people do takes long for the thousand folders of a data set.
	if (tidy.length <= LONGEST_NAME) return tidy;
	const characters = graphemes(tidy);
	if (characters.length <= LONGEST_NAME && tidy.length <= MOST_UNITS) return tidy;
	let kept = '';
	for (const character of characters.slice(0, LONGEST_NAME)) {
		if (kept.length + character.length > MOST_UNITS) break;
		kept += character;
	}
	return kept.trim();
}

/** Any other text from outside, made safe to show: on one line, without hidden characters, cut to `longest` UTF-16 units. */
export function cleanText(text: string, longest: number): string {
	return tidied(text.slice(0, 4 * longest))
		.slice(0, longest)
		.trim();
}

/**
 * What is wrong with a name, in words; null where nothing is. Upper and lower case, and wide and narrow forms of a
 * character, count as the same.
 * @param taken names of the others
 */
export function nameTrouble(name: string, taken: readonly string[]): string | null {
	const tidy = tidied(name);
	if (!VISIBLE.test(tidy)) return 'Give it a name: a letter, a digit or an emoji is enough.';
	const length = graphemes(tidy).length;
	if (length > LONGEST_NAME) return `That is ${length} characters. A name can have ${LONGEST_NAME}.`;
	if (tidy.length > MOST_UNITS) return 'Too many accents are piled up in that name. Use fewer of them.';
	const twin = taken.find((other) => sameName(other, tidy));
	return twin === undefined ? null : `“${twin}” is there already. Choose a name that is told apart from it.`;
}

/** Whether two names are told apart by nothing but case, width or hidden characters. */
export function sameName(a: string, b: string): boolean {
	return comparableName(a) === comparableName(b);
}

/** The name, or where another has it the first of “name (2)”, “name (3)” … that none has. @param taken names of the others */
export function freeName(name: string, taken: readonly string[]): string {
	return new FreeNames(taken).add(name);
}

/** The same for one name after the other, each taken from then on; quick for a thousand that are all alike, too. */
export class FreeNames {
	readonly #taken: Set<string>;
	/** What comes behind a name that was taken last. */
	readonly #last = new Map<string, number>();

	constructor(taken: readonly string[] = []) {
		this.#taken = new Set(taken.map(comparableName));
	}

	/** @returns the name that it gets */
	add(name: string): string {
		let free = name;
		let number = this.#last.get(name) ?? 1;
		while (this.#taken.has(comparableName(free))) free = withNumber(name, ++number);
		this.#last.set(name, number);
		this.#taken.add(comparableName(free));
		return free;
	}
}

/** “name (2)”, not longer than names may be. */
function withNumber(name: string, number: number): string {
	const suffix = ` (${number})`;
	return (
		graphemes(name)
			.slice(0, LONGEST_NAME - suffix.length)
			.join('')
			.trim() + suffix
	);
}

/** Scripts that run from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;

/** A name that may run from right to left, kept from turning the sentence around it (Unicode's isolates). */
export function isolated(name: string): string {
	return RIGHT_TO_LEFT.test(name) && !name.startsWith('\u2068') ? `\u2068${name}\u2069` : name;
}

/** The same for all names that `sameName` takes for one; to compare many. */
export function comparableName(name: string): string {
	return tidied(name).normalize('NFKC').toLowerCase().normalize('NFC');
}

function tidied(name: string): string {
	return name.replace(HIDDEN, '').replace(BLANKS, ' ').trim().normalize('NFC');
}

function graphemes(text: string): string[] {
	return Array.from(
		new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text),
		({ segment }) => segment
	);
}
