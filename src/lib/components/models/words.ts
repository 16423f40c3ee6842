/** What is said of models. */
import type { BackboneCard } from '$lib/domain/card';
import { kindWords } from '$lib/domain/judgement-words';
import type { ModelFacts } from '$lib/domain/model-facts';
import { counted, hundredths } from '$lib/domain/wording';

/** How good a model is, as far as anybody measured. */
export function goodness({ taught, top1, delivery }: BackboneCard): string {
	if (taught) return taughtGoodness(taught);
	if (top1 !== undefined)
		return `Right at first guess on ${hundredths(top1)} of 100 test photos (ImageNet), as published.`;
	return delivery === 'file' ? 'How often it is right is not said in its file.' : 'No figure was published.';
}

function taughtGoodness({ judgement, measured, precision }: ModelFacts): string {
	if (!judgement) return 'How often it is right was not measured.';
	const { value, low, high } = judgement.accuracy;
	const kind = judgement.source === 'test' ? 'test photos of its maker’s' : 'photos of its maker’s';
	const first = `As its file says, right on ${hundredths(value)} of 100 ${kind} that it had not learned from (between ${hundredths(low)} and ${hundredths(high)}; ${counted(judgement.photos, 'photo')}).`;
	if (precision === 'fp32') return first;
	const { judged } = measured ?? {};
	if (!judged)
		return `${first} That was before its weights were made smaller; how good it is now was not measured.`;
	if (judged.file === judged.own) return `${first} With its smaller weights just as often.`;
	const [file, own] = [judged.file, judged.own].map((right) => hundredths(right / judged.photos));
	return `${first} With its smaller weights ${file} of 100, where it was ${own}.`;
}

/** What a taught model does with other things than its labels. */
export function refusals({ kept, near, far }: NonNullable<ModelFacts['strangers']>): string {
	const first = `Keeps ${hundredths(kept)} of 100 photos of its labels`;
	const others = [
		far?.length ? kindWords(far) : null,
		near === null ? null : `look-alikes ${Math.min(9, Math.round(10 * near))} of 10`
	].filter((part) => part !== null);
	return others.length > 0 ? `${first}; refuses of ${others.join(', ')}.` : `${first}.`;
}
