/** The large view of a photo: what it says of the photo, and what its keys do. */
import type { Photo } from '$lib/domain/project';
import { megabytes } from '../parts/words';
import { whenWords } from './train/words';

const cameBy: Record<Photo['source'], string> = {
	camera: 'Taken with the camera',
	file: 'Brought from a file',
	correction: 'Added while trying'
};
const splits = { train: 'training', validation: 'validation', test: 'test' };

/** How it came and when, its file's name, its size: a line each. @param locale for tests; the browser's otherwise */
export function photoFacts(photo: Photo, locale?: string, timeZone?: string): string[] {
	const { source, added, name, width, height, bytes, split } = photo;
	return [
		`${cameBy[source]}, ${whenWords(added, locale, timeZone)}`,
		...(name ? [name] : []),
		`${width} × ${height} pixels, ${megabytes(bytes)}`,
		...(split ? [`One of your own ${splits[split]} photos`] : [])
	];
}

/** What a key does in the large view; null where it is for something else. */
export function largeKey(
	event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>
): -1 | 1 | 'throw' | 'undo' | 'redo' | null {
	const { key, altKey, shiftKey } = event;
	if (altKey) return null;
	if (event.ctrlKey || event.metaKey) {
		if (key.toLowerCase() === 'z') return shiftKey ? 'redo' : 'undo';
		return key.toLowerCase() === 'y' ? 'redo' : null;
	}
	if (key === 'ArrowLeft') return -1;
	if (key === 'ArrowRight') return 1;
	return key === 'Delete' || key === 'Backspace' ? 'throw' : null;
}
