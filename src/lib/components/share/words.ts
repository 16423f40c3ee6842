/** What is said of the forms that a model's file can have. */
import type { Estimate } from '$lib/domain/evaluation';
import type { Measured } from '$lib/domain/model-facts';
import { grouped, hundredths } from '$lib/domain/wording';

/** How the file answers beside the app, of photos that neither had learned from. */
export function measuredWords(measured: Measured | null): string {
	if (!measured) return 'Answers as here; too few photos to measure it.';
	const { photos, own, file, alike } = measured;
	if (alike === photos) return `Answers all ${grouped(photos)} photos tried as here.`;
	const differing = photos - alike;
	const few = `answers ${grouped(differing)} of ${grouped(photos)} photos otherwise than here`;
	const points = (100 * (file - own)) / photos;
	const right = `${hundredths(file / photos)} of 100 right, here ${hundredths(own / photos)}`;
	if (points <= -1) return `Worse: ${few}; ${right}.`;
	return `As good: ${few}; ${right}.`;
}

/** Whether a form loses more than a point: it is shown as worse. */
export const isWorse = (measured: Measured | null) =>
	measured !== null && (100 * (measured.own - measured.file)) / measured.photos >= 1;

export function accuracyWords(accuracy: Estimate | null): string {
	if (!accuracy) return 'Learned once more for this format; too few photos to say how good it is.';
	const { value, low, high } = accuracy;
	return `Learned once more for this format: ${hundredths(value)} of 100 right, between ${hundredths(low)} and ${hundredths(high)}.`;
}
