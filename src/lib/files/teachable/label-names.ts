/** Labels out of a file: cleaned, none without a name, and told apart. */
import { cleanName } from '$lib/domain/names';
import { LONGEST_NAME } from '$lib/domain/project';

/** Before it is cleaned, which takes its time. */
const LONGEST = 2000;

/** As `freeName` of domain/names, which would take hours for a thousand times the same. */
export function labelNames(labels: readonly (string | number)[]): string[] {
	const taken = new Set<string>();
	const next = new Map<string, number>();
	return labels.map((label, i) => {
		const name = cleanName(String(label).slice(0, LONGEST)) || `Class ${i + 1}`;
		let free = name;
		let number = next.get(keyOf(name)) ?? 2;
		for (; taken.has(keyOf(free)); number++) free = numbered(name, number);
		next.set(keyOf(name), number);
		taken.add(keyOf(free));
		return free;
	});
}

/** What is the same of two names that nobody can tell apart. */
const keyOf = (name: string): string => name.normalize('NFKC').toLowerCase().normalize('NFC');

function numbered(name: string, number: number): string {
	const suffix = ` (${number})`;
	const longest = LONGEST_NAME - suffix.length;
	// A character that is made of several may lose a part of it, which shows.
	return cleanName([...name].slice(0, longest).join('') + suffix);
}
