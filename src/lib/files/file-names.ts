/** Names of files and folders that every system takes: Windows forbids most, and tells no case apart. */

/** Bytes of UTF-8; systems take 255 for a name, and something may be put behind it. */
const LONGEST = 120;
/** Forbidden on Windows, or a path of their own, or not to be seen; joiners stay, emoji need them. */
const FORBIDDEN =
	/[<>:"/\\|?*\p{Cc}\p{Cs}\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]+/gu;
/** Devices of Windows, whatever ending they have; folders that systems make; what means something to JavaScript. */
const TAKEN =
	/^((con|prn|aux|nul|com\d|lpt\d)(\..*)?|__macosx|thumbs\.db|desktop\.ini|__proto__|constructor|prototype)$/i;

/** The name with what some system would not take replaced; not empty. @param otherwise where nothing of it is left */
export function fileName(name: string, otherwise: string): string {
	const plain = cut(name.normalize('NFC').replace(FORBIDDEN, '-'))
		.replace(/^[.\s]+/, '')
		.replace(/[.\s]+$/, '');
	const kept = plain || otherwise;
	return TAKEN.test(kept) ? `_${kept}` : kept;
}

/** Names in one folder: no two alike, in any case of their letters. */
export class FolderNames {
	readonly #taken = new Set<string>();

	/** @param ending with its dot, '' for a folder */
	add(name: string, otherwise: string, ending = ''): string {
		const clean = fileName(name, otherwise);
		let free = clean + ending;
		for (let number = 2; this.#taken.has(comparable(free)); number++) free = `${clean} (${number})${ending}`;
		this.#taken.add(comparable(free));
		return free;
	}
}

/** Some systems compose accents, some take them apart, some do not tell wide letters from narrow ones. */
const comparable = (name: string) => name.normalize('NFKC').toLowerCase();

function cut(name: string): string {
	const encoder = new TextEncoder();
	let [kept, bytes] = ['', 0];
	for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(name)) {
		bytes += encoder.encode(segment).length;
		if (bytes > LONGEST) break;
		kept += segment;
	}
	return kept;
}
