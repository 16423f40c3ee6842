/** What is said of the forms that a model's file can have. */
import type { Estimate } from '$lib/domain/evaluation';
import type { Measured } from '$lib/domain/model-facts';
import { counted, grouped, hundredths } from '$lib/domain/wording';

/** How the file answers beside the app. */
export function measuredWords({ photos, alike, judged }: Measured): string {
	const all = alike === photos;
	const first = all
		? `Answers all ${counted(photos, 'photo')} tried as here.`
		: `Answers ${grouped(photos - alike)} of ${counted(photos, 'photo')} otherwise than here.`;
	if (all && !isWorse({ judged })) return first;
	if (!judged) return `${first} Nothing was measured that says which is right.`;
	const [file, own] = [judged.file, judged.own].map((right) => hundredths(right / judged.photos));
	const second = `Of photos not learned from, ${file} of 100 right; ${own} with the weights as they are.`;
	const most = mostLost({ photos, alike, judged });
	const doubt = most === null ? '' : ` By so few photos it may also be ${counted(most, 'point')} worse.`;
	return `${first} ${second}${doubt}`;
}

/** Quantile of the normal distribution: one-sided 97.5 %. */
const Z = 1.96;

/**
 * How many points may be lost where less than one was seen to be: each answer that differs may be one for the worse.
 * null where a point can be ruled out, or was seen, or no answer differs.
 */
export function mostLost({ photos, alike, judged }: Measured): number | null {
	if (!judged || alike === photos || isWorse({ judged })) return null;
	const deviation = Math.sqrt((photos - alike) / photos / judged.photos);
	const most = Math.round(100 * ((judged.own - judged.file) / judged.photos + Z * deviation));
	return most >= 1 ? most : null;
}

/** Whether a form loses a point or more: it is shown as worse. */
export const isWorse = ({ judged }: Pick<Measured, 'judged'>) =>
	judged !== null && (100 * (judged.own - judged.file)) / judged.photos >= 1;

/** @param here of the project's own model, by the same photos */
export function accuracyWords(accuracy: Estimate | null, here: Estimate | null): string {
	const learned = 'Learned once more for this format';
	if (!accuracy) return `${learned}; too few photos to say how good it is.`;
	const { value, low, high } = accuracy;
	const beside = here ? `; here ${hundredths(here.value)}` : '';
	return `${learned}: ${hundredths(value)} of 100 right, between ${hundredths(low)} and ${hundredths(high)}${beside}.`;
}
