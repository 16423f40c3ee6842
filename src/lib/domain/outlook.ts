/** What a press of Train would take, before it is pressed. */
import { missingToTrain, type LabelCount } from './advice';
import type { TrainingRun } from './model';

export interface Outlook {
	/** Those with photos to learn from. */
	labels: number;
	photos: number;
	/** What is missing before it can, each a sentence. */
	missing: readonly string[];
	/** Of the head; null where it cannot be told. */
	seconds: number | null;
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
		seconds: solving === null ? null : (looking + solving) / 1000
	};
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
