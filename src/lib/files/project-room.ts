/** How large a project file may become, so that it can be opened again. */
import { Trouble } from '$lib/domain/trouble';
import { MOST_ENTRIES } from './dataset';
import { MOST_BYTES, PACK } from './project-layout';

export interface Room {
	bytes: number;
	entries: number;
}

/** What a reader takes. */
export const ROOM: Room = { bytes: MOST_BYTES, entries: MOST_ENTRIES };
/** Files of one model, at most: its JSON, two for each of four layers, two of the gate, a tail. */
const MODEL_ENTRIES = 12;
/** The manifest and the lines of photos. */
const ENDING_ENTRIES = 2;

/**
 * Whether a project may be one file, as far as that is known before it is written.
 *
 * @param bytes of its photos, and of the model in use: what a file cannot be without
 * @throws Trouble 'project-too-large'
 */
export function checkSize(
	{ photos, runs, bytes }: { photos: number; runs: number; bytes: number },
	room = ROOM
): void {
	const entries = photos + Math.ceil(photos / PACK) + runs + MODEL_ENTRIES + ENDING_ENTRIES;
	if (bytes > room.bytes || entries > room.entries) throw projectTooLarge(room);
}

export function projectTooLarge({ bytes }: Room = ROOM): Trouble {
	return new Trouble(
		'project-too-large',
		`This project is too large for one file: ${Math.round(bytes / 2 ** 20)} MB are the most. Save its photos instead, or throw away some and empty the trash.`
	);
}
