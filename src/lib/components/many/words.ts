/** What is said of many photos at once. */
import type { Estimate } from '$lib/domain/evaluation';
import type { Tally } from '$lib/domain/predictions';
import { counted, grouped, hundredths } from '$lib/domain/wording';

/** “87 of 100 right (between 79 and 93 %)”; of photos without labels, how many were answered. */
export function headline({ judged, right, answered, accuracy }: Tally, running: boolean): string {
	const soFar = running ? ' so far' : '';
	if (!accuracy) return `${counted(answered, 'photo')} answered${soFar}`;
	return `${grouped(right)} of ${grouped(judged)} right${soFar} (${rangeWords(accuracy)})`;
}

function rangeWords({ low, high }: Estimate): string {
	return `between ${hundredths(low)} and ${hundredths(high)} %`;
}

/**
 * The other counts, a sentence each, most telling first.
 *
 * @param tested only the set's test part counts
 * @param total photos that were brought; null while they are asked about
 */
export function countWords(
	{ judged, answered, sure, unsure, failed, foreign, aside }: Tally,
	tested: boolean,
	total: number | null
): string[] {
	const sentences = [];
	const asked = answered + failed;
	if (total !== null && asked < total)
		sentences.push(`Asked about ${grouped(asked)} of ${counted(total, 'photo')}.`);
	if (judged > 0 && tested) {
		const others = aside > 0 ? `; ${counted(aside, 'other')} not counted` : '';
		sentences.push(`Only the set’s test part counts${others}.`);
	}
	if (judged > 0 && sure.judged > 0 && sure.judged < judged)
		sentences.push(`Of the ${grouped(sure.judged)} it was sure of, ${grouped(sure.right)} right.`);
	if (unsure > 0) sentences.push(`${grouped(unsure)} not sure.`);
	if (failed > 0) sentences.push(`${grouped(failed)} could not be answered.`);
	if (judged > 0 && foreign > 0)
		sentences.push(`${counted(foreign, 'photo')} not counted: no label of this model.`);
	return sentences;
}

/** “about 2 minutes left” */
export function leftWords(ms: number): string {
	const seconds = Math.ceil(ms / 1000);
	if (seconds < 60) return `about ${counted(seconds, 'second')} left`;
	const minutes = Math.round(seconds / 60);
	return minutes < 90
		? `about ${counted(minutes, 'minute')} left`
		: `about ${counted(Math.round(minutes / 60), 'hour')} left`;
}

/** 82 % */
export function percent(probability: number): string {
	return `${hundredths(probability)} %`;
}
