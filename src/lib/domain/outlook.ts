/** What a press of Train would take, before it is pressed. */
import { missingToTrain, type LabelCount } from './advice';
import type { TrainingRun } from './model';
import { trainsNetwork, type LayersConfig } from './training';

export interface Outlook {
	/** Those with photos to learn from. */
	labels: number;
	photos: number;
	/** What is missing before it can, each a sentence. */
	missing: readonly string[];
	/** Of the head; null where it cannot be told. */
	seconds: number | null;
	/** Of training a network's layers; null where that was never done here. */
	tuning: TuningPace | null;
}

/** How fast a network's layers are trained here, by the last run. */
interface TuningPace {
	/** What it holds for (`amountOf`). */
	amount: string;
	/** Until all photos will have been looked at, and of each epoch. */
	before: number;
	epoch: number;
}

/**
 * @param counts of the photos that are learned from
 * @param runs newest first: the last one tells how fast this device is
 * @param looking milliseconds until all photos will have been looked at
 */
export function outlookOf(
	counts: readonly LabelCount[],
	runs: readonly TrainingRun[],
	looking: number
): Outlook {
	const photos = sum(counts.map((count) => count.photos));
	const last = runs.find(({ state, config }) => state === 'done' && config.kind === 'head');
	const then = sum(Object.values(last?.photos ?? {}));
	const solving = last && then > 0 ? (last.time * photos) / then : null;
	const missing = missingToTrain(counts);
	return {
		labels: counts.filter((count) => count.photos > 0).length,
		photos,
		missing: missing === null ? [] : [missing],
		seconds: solving === null ? null : (looking + solving) / 1000,
		tuning: tuningPace(runs, photos, looking)
	};
}

/** Stands for how much of which network is trained: a pace holds for the same. */
export const amountOf = (config: LayersConfig): string =>
	config.kind === 'scratch' ? `scratch ${config.size}` : `blocks ${config.blocks}`;

function tuningPace(runs: readonly TrainingRun[], photos: number, looking: number): TuningPace | null {
	for (const { state, config, epochs, time, photos: taught } of runs) {
		const then = sum(Object.values(taught));
		if (state !== 'done' || !trainsNetwork(config) || then === 0 || epochs.length === 0) continue;
		const epoch = (time / epochs.length / 1000) * (photos / then);
		return { amount: amountOf(config), before: looking / 1000, epoch };
	}
	return null;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
