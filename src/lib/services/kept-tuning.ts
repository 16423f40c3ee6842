/** Fine-tuning that broke off: where it stood, what may go on with it, and what is left of it in the end. */
import { asTrouble, Trouble } from '$lib/domain/trouble';
import type { LayersConfig } from '$lib/domain/training';
import {
	dropRows,
	dropTuning,
	keepTuning,
	projectsWithRows,
	readTuning,
	type KeptTuning
} from '$lib/storage/training';
import { asOnly, isUnderWay } from './project-news';

/** What is to be learned now. */
interface Wanted {
	projectId: string;
	/** What it is learned from (`markOf` in domain/dataset). */
	from: string;
	/** SHA-256 of the backbone's file. */
	backbone: string;
}

/** By which tabs know of each other's training. */
export const nameOf = (projectId: string): string => `training ${projectId}`;

/** Times that it is taken up unasked at the same place: a page may be closed while the photos are looked at again. */
const MOST_TIMES = 3;
/** What would end it in the same way once more. */
const lasting = new Set([
	...['training-diverged', 'training-labels', 'finetune-operator', 'finetune-cut'],
	...['photo-damaged', 'photo-gone', 'tf-wrong', 'training-kept-wrong', 'finetune-differs']
]);

const fits = (kept: KeptTuning, { from, backbone }: Wanted) =>
	kept.from === from && kept.backbone === backbone;

/**
 * What goes on unasked, as the project is opened.
 *
 * @returns null where nothing broke off, or was stopped
 * @throws Trouble 'training-broke-off' where it cannot go on, in words; of the storage
 */
export async function takenUp(wanted: Wanted): Promise<KeptTuning | null> {
	const kept = await readTuning(wanted.projectId);
	// Where photos have changed since it was stopped, an undo may bring them back.
	if (!kept || kept.waits) return null;
	if (!fits(kept, wanted)) {
		await dropTuning(wanted.projectId);
		throw changed();
	}
	const { resumed, saved } = kept;
	const times = resumed?.saved === saved ? resumed.times + 1 : 1;
	// It stays: who presses Train goes on with it.
	if (times > MOST_TIMES) throw broke(kept.state !== null);
	await keepTuning({ ...kept, resumed: { saved, times } });
	return kept;
}

/** What a press of Train goes on with: a run with the same settings, of the same photos. Any other one is let go. */
export async function begunBefore(wanted: Wanted, config: LayersConfig): Promise<KeptTuning | null> {
	const kept = await readTuning(wanted.projectId);
	if (!kept || !fits(kept, wanted) || JSON.stringify(kept.config) !== JSON.stringify(config)) {
		await dropTuning(wanted.projectId);
		return null;
	}
	// From now on it is one that may break off.
	if (kept.waits) await keepTuning({ ...kept, waits: undefined }).catch(() => undefined); // it trains all the same
	return kept;
}

/** Whether it broke off twice at one place: a graphics processor may be what ends the page there (faults 2). */
export const fellAgain = (kept: KeptTuning | null): boolean => (kept?.resumed?.times ?? 0) > 1;

/** Notes that a run has begun, so that it begins anew where it breaks off before it stands anywhere. Never fails. */
export async function begin(wanted: Wanted, config: LayersConfig, now: number): Promise<void> {
	await keepTuning({ ...wanted, config, started: now, saved: now, state: null }).catch(() => undefined);
}

/** How a run ended: 'stopped' to go on when it is wanted, 'left' with its project, to go on when that is opened again. */
export type Ending = { kind: 'done' | 'stopped' | 'left' } | { kind: 'failed'; cause: unknown };

/** Lets go of what is of no more use; where it stands is kept as long as something may go on with it. Never fails. */
export async function settle(projectId: string, ending: Ending): Promise<void> {
	await Promise.allSettled([settled(projectId, ending), dropRows(projectId)]);
}

async function settled(projectId: string, ending: Ending): Promise<void> {
	switch (ending.kind) {
		case 'done':
			return dropTuning(projectId);
		case 'stopped':
			return rest(projectId);
		case 'left':
			return forgive(projectId);
		case 'failed':
			if (lasting.has(asTrouble(ending.cause, 'training-failed', '').code)) await dropTuning(projectId);
	}
}

/** It waits for the person, where it stands anywhere. */
async function rest(projectId: string): Promise<void> {
	const kept = await readTuning(projectId);
	if (kept?.waits) return;
	if (kept?.state) await keepTuning({ ...kept, resumed: undefined, waits: true });
	else await dropTuning(projectId);
}

/** Lets go of what a run put aside that does not go on, unless another tab trains. Never fails. */
export const tidy = (projectId: string, left: AbortSignal): Promise<void> =>
	unlessTaken(projectId, () => dropRows(projectId), left);

/** A run was stopped before it came to train: what it would have gone on with waits, unless another tab trains. Never fails. */
export const setAside = (projectId: string): Promise<void> => unlessTaken(projectId, () => rest(projectId));

/** Does it where no tab trains; another one sees to it itself. Never fails: the next visit does it. */
async function unlessTaken(projectId: string, work: () => Promise<void>, left?: AbortSignal): Promise<void> {
	const waits = new AbortController();
	const signal = left ? AbortSignal.any([left, waits.signal]) : waits.signal;
	await asOnly(nameOf(projectId), signal, work, () => waits.abort()).catch(() => undefined);
}

/**
 * The same of all projects: pages that were killed leave rows, and theirs may never be opened again. Takes no lock, as
 * a training that begins meanwhile would take it for another tab's; it puts no row aside before these are gone.
 *
 * @throws Trouble 'not-read', 'not-saved'
 */
export async function tidyAll(left: AbortSignal): Promise<void> {
	for (const id of await projectsWithRows()) {
		if (left.aborted) return;
		if (!(await isUnderWay(nameOf(id)))) await dropRows(id);
	}
}

/** That it was left says nothing against it. */
async function forgive(projectId: string): Promise<void> {
	const kept = await readTuning(projectId);
	if (kept?.resumed) await keepTuning({ ...kept, resumed: undefined });
}

const changed = () =>
	new Trouble(
		'training-broke-off',
		'A training broke off when the page was closed. Photos or labels have changed since, so it cannot go on. Train again to begin anew.'
	);
/** @param stands there is something to go on with */
const broke = (stands: boolean) =>
	new Trouble(
		'training-broke-off',
		`A training broke off several times at the same place, so it does not go on by itself. ${stands ? 'Press “Go on”' : 'Train'} to try once more. If it breaks off again, close other tabs, or train fewer blocks or smaller photos.`
	);
