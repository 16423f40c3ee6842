/** Paths that came with files from outside: what may be read, what is left alone, what is refused. */

const SLASHES = /[\\/]+/;
/** What systems put beside pictures unasked. */
const LITTER = /^(__MACOSX|Thumbs\.db|desktop\.ini)$/i;
/** Names that mean something else to JavaScript than to a person. */
const TREACHEROUS = new Set(['__proto__', 'constructor', 'prototype']);
const LONGEST = 1024;

/**
 * A path as its folders and its file.
 *
 * @returns null where it is to be ignored without a word (`__MACOSX`, dot files); a string says why it is refused
 */
export function readPath(path: string): string[] | string | null {
	if (path.length > LONGEST) return 'its path is too long';
	if (/^[\\/]|^[a-z]:/i.test(path)) return 'its path begins outside of the folder';
	const parts = path.split(SLASHES).filter((part) => part !== '' && part !== '.');
	if (parts.includes('..')) return 'its path leads out of the folder';
	if (parts.some((part) => TREACHEROUS.has(part))) return 'its path has a name that is not allowed';
	if (parts.some((part) => part.includes('\0'))) return 'its path is damaged';
	if (parts.length === 0 || parts.some((part) => part.startsWith('.') || LITTER.test(part))) return null;
	return parts;
}
