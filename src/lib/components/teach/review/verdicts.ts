/** Which photos are worth a look, and in which order. */
import { mixUps } from '$lib/domain/advice';
import type { Evaluation, Suspect, Verdict } from '$lib/domain/evaluation';

/** Photos of a list that are shown before "Show more" is pressed. */
export const STEP = 24;

/** Wrongly answered, the surest of the wrong answer first. */
export function mostWrong(verdicts: readonly Verdict[]): Verdict[] {
	return verdicts.filter(({ given, answer }) => given !== answer).sort((a, b) => sureness(b) - sureness(a));
}

/** Rightly answered but with the two best answers close together, closest first. */
export function leastSure(verdicts: readonly Verdict[]): Verdict[] {
	return verdicts
		.filter((one) => one.given === one.answer && margin(one) < 0.5)
		.sort((a, b) => margin(a) - margin(b));
}

/** Photos of one cell, the surest answer first. */
export function ofCell(verdicts: readonly Verdict[], given: number, answer: number): Verdict[] {
	return verdicts
		.filter((one) => one.given === given && one.answer === answer)
		.sort((a, b) => sureness(b) - sureness(a));
}

/** Photos of two labels that were taken for each other, the surest wrong answer first. */
export function mixedUp(verdicts: readonly Verdict[], first: number, second: number): Verdict[] {
	return mostWrong(
		verdicts.filter(
			({ given, answer }) => [first, second].includes(given) && [first, second].includes(answer)
		)
	);
}

/** Pairs of labels that are taken for each other, with as many photos as `mixedUp` opens, most first. */
export function mixesOf(evaluation: Evaluation, names: readonly string[]) {
	const wrong = wrongAnswers(evaluation.verdicts);
	const of = (given: number, answer: number) => wrong.get(given)?.get(answer) ?? 0;
	return mixUps(evaluation, names)
		.map(({ first, second }) => ({
			first,
			second,
			names: `${names[first]} and ${names[second]}`,
			photos: of(first, second) + of(second, first)
		}))
		.filter(({ photos }) => photos > 0)
		.sort((a, b) => b.photos - a.photos);
}

/** How many photos of each label were wrongly answered as each other one. */
function wrongAnswers(verdicts: readonly Verdict[]): ReadonlyMap<number, ReadonlyMap<number, number>> {
	const counts = new Map<number, Map<number, number>>();
	for (const { given, answer } of verdicts) {
		if (given === answer) continue;
		const row = counts.get(given) ?? new Map<number, number>();
		counts.set(given, row.set(answer, (row.get(answer) ?? 0) + 1));
	}
	return counts;
}

/** A suspect with the names of its label and of the likelier one. */
export type NamedSuspect = Suspect & { name: string; otherName: string };

/**
 * Suspects that are still labelled as they were judged, most suspicious first.
 * @param names of the labels, by index
 * @param there ids of labels that a photo can be moved to
 * @param labelOf id of a photo's label as it is now; null where it was thrown away
 */
export function openSuspects(
	{ labels, suspects, verdicts }: Pick<Evaluation, 'labels' | 'suspects' | 'verdicts'>,
	names: readonly string[],
	there: ReadonlySet<string>,
	labelOf: (photoId: string) => string | null
): NamedSuspect[] {
	const givenOf = new Map(verdicts.map(({ photoId, given }) => [photoId, given]));
	return suspects.flatMap((suspect) => {
		const given = givenOf.get(suspect.photoId) ?? -1;
		const now = labelOf(suspect.photoId);
		if (now === null || now !== labels[given] || !there.has(labels[suspect.other] ?? '')) return [];
		return [{ ...suspect, name: names[given] ?? '', otherName: names[suspect.other] ?? '' }];
	});
}

/** Probability of the answer. */
export function sureness({ probabilities, answer }: Verdict): number {
	return probabilities[answer] ?? 0;
}

/** How far the best answer is ahead of the next. */
function margin({ probabilities }: Verdict): number {
	let [first, second] = [0, 0];
	for (const probability of probabilities)
		if (probability > first) [first, second] = [probability, first];
		else if (probability > second) second = probability;
	return first - second;
}
