/** What the Teach screens say of figures. */
import { photoCount } from '$lib/domain/edits';
import { FEW_PHOTOS } from '$lib/domain/enough';
import { isolated } from '$lib/domain/names';
import type { TrainingRun } from '$lib/domain/model';
import type { Answer } from '$lib/domain/prediction';
import { TRASH_DAYS, type Project } from '$lib/domain/project';
import type { SimilarPhotos } from '$lib/domain/spare';
import { counted, listed } from '$lib/domain/wording';
import { gigabytes, megabytes } from '../parts/words';
import { kindWords, whenWords } from './train/words';

const DAY_MS = 86_400_000;
/** Below as many bytes left, the meter warns. */
const TIGHT = 200e6;
/** Runs that are named in one sentence. */
const NAMED = 4;
/** Less likely than that, it is likelier something else. */
const LEAST_NAMED = 0.5;

/** The one next thing that a project needs before it can learn; null where it has enough. */
export function nextThing(counts: readonly number[]): string | null {
	if (counts.length < 2) return counts.length === 0 ? 'Add the first label' : 'Add a second label';
	const missing = counts.reduce((sum, count) => sum + Math.max(0, FEW_PHOTOS - count), 0);
	return missing > 0 ? `${photoCount(missing)} to go` : null;
}

export const labelCount = (count: number) => `${count} ${count === 1 ? 'label' : 'labels'}`;

/** "214 photos, 31 MB; 1.9 GB left here" */
export function meterWords(photos: number, bytes: number, left: number | null): string {
	const kept = photos === 0 ? 'No photos yet' : `${photoCount(photos)}, ${megabytes(bytes)}`;
	return left === null ? kept : `${kept}; ${gigabytes(left)} left here`;
}

/** Said before the room is gone; null while there is enough. */
export function tightWords(left: number | null): string | null {
	if (left === null || left > TIGHT) return null;
	return `Only ${megabytes(Math.max(0, left))} are left for photos on this device. Free some space, or throw away what you do not need, before you add more. What is here is safe.`;
}

/**
 * What the model of the moment makes of the camera, in a word: "Daisy 82 %". A first answer holds its place for a
 * moment after another has overtaken it, and by then is none.
 * @param names of the labels, by the index of the guesses
 */
export function liveWords({ guesses: [best], sure }: Answer, names: readonly string[]): string | null {
	const name = best && names[best.index];
	if (!name) return null;
	if (!sure || best.probability < LEAST_NAMED) return 'Not sure';
	return `${isolated(name)} ${Math.min(99, Math.round(best.probability * 100))}\u202f%`;
}

/** "29 days left", of what was thrown away at `trashed`. */
export function daysLeft(trashed: number, now: number): string {
	const days = Math.max(0, Math.ceil((trashed + TRASH_DAYS * DAY_MS - now) / DAY_MS));
	return `${days}\u00a0${days === 1 ? 'day' : 'days'}\u00a0left`;
}

/**
 * How the project stands to the file that was saved of it; null where there is none.
 *
 * @param newer photos that came since
 */
export function backupWords(
	{ backedUp, changed }: Pick<Project, 'backedUp' | 'changed'>,
	newer: number,
	now: number
): string | null {
	if (!backedUp) return null;
	const day = dayWords(backedUp.time, now);
	if (newer > 0) return `${photoCount(newer)} ${newer === 1 ? 'is' : 'are'} newer than the file saved ${day}`;
	return changed === backedUp.changed
		? `Saved as a file ${day}`
		: `Changed since it was saved as a file ${day}`;
}

/** "today", "yesterday", "on 3 Nov 2026"; as calendars count, here. */
export function dayWords(time: number, now: number, locale?: string): string {
	const midnight = (moment: number) => new Date(moment).setHours(0, 0, 0, 0);
	const days = Math.round((midnight(now) - midnight(time)) / DAY_MS);
	if (days === 0 || days === 1) return days === 0 ? 'today' : 'yesterday';
	return `on ${new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(time)}`;
}

/** Names of the twelve colours of labels, in their order. */
export const colourNames = [
	'Blue',
	'Orange',
	'Green',
	'Wine',
	'Yellow',
	'Violet',
	'Sky',
	'Red',
	'Mint',
	'Pink',
	'Maroon',
	'Rose'
] as const;

/** "14 photos look nearly the same", of photos that were taken apart; else of those of bursts. null: none do. */
export function similarLine(groups: readonly SimilarPhotos[]): { words: string; action: string } | null {
	const photos = (from: SimilarPhotos['from']) =>
		groups.reduce((sum, group) => sum + (group.from === from ? group.photos.length : 0), 0);
	const [apart, burst] = [photos('several'), photos('one burst')];
	if (apart > 0) return { words: `${photoCount(apart)} look nearly the same.`, action: 'Look through them' };
	if (burst === 0) return null;
	return { words: `${photoCount(burst)} from holds look nearly the same.`, action: 'Thin them out' };
}

/** What stands above a group of photos that look nearly the same. */
export function similarWords(
	{ from, photos, labels, spare }: SimilarPhotos,
	labelName: (labelId: string) => string
): { title: string; note: string | null } {
	const names = listed(labels.map(labelName));
	if (labels.length > 1)
		return {
			title: `${photoCount(photos.length)} of different labels`,
			note: `${names} hold nearly the same picture. One of the labels is probably wrong, so look for yourself which to throw away.`
		};
	const title = `${photoCount(photos.length)} of ${names}`;
	if (from === 'one burst') return { title: `${title}, from one hold`, note: null };
	const note = 'Some belong to your own test and some do not, so look for yourself which to throw away.';
	return { title, note: spare.length > 0 ? null : note };
}

/** Of a saved file: which runs' models it had no room for; null where all are in it. @param runs newest first */
export function withoutWords(
	runs: readonly Pick<TrainingRun, 'config' | 'started'>[],
	locale?: string,
	timeZone?: string
): string | null {
	if (runs.length === 0) return null;
	const named = runs
		.slice(0, NAMED)
		.map(({ config, started }) => `${kindWords(config)} (${whenWords(started, locale, timeZone)})`);
	if (runs.length > NAMED) named.push(counted(runs.length - NAMED, 'older one'));
	const which = runs.length === 1 ? 'model of this training run is' : 'models of these training runs are';
	return `The ${which} not in it, as it would have been too large to be opened again: ${named.join('; ')}. On this device nothing changed.`;
}
