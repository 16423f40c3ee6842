/** What training will do, does and did, in words. */
import type { Standing } from '$lib/domain/evaluation';
import type { TrainingRun } from '$lib/domain/model';
import type { TrainingConfig } from '$lib/domain/training';
import { hundredths } from '$lib/domain/wording';
import type { Outlook } from '$lib/domain/outlook';
import { aboutSeconds, count, estimateWords, took } from '../plots/figures';

/** E.g. "3 labels, 148 photos, about 2 seconds". */
export function outlookWords({ labels, photos, seconds }: Outlook, config: TrainingConfig): string {
	const facts = [count(labels, 'label'), count(photos, 'photo')];
	if (config.kind === 'mlp') facts.push(`${config.epochs} epochs of the MLP`);
	else if (seconds !== null) facts.push(aboutSeconds(seconds));
	return facts.join(', ');
}

export function kindWords(config: TrainingConfig): string {
	if (config.kind === 'head') return 'Head';
	if (config.kind === 'mlp') return `MLP, ${config.units} units, ${config.epochs} epochs`;
	return `Fine-tuned, ${count(config.blocks, 'block')}, ${config.epochs} epochs`;
}

/** Photos that took part. */
export function photosOf(run: TrainingRun): number {
	return Object.values(run.photos).reduce((sum, photos) => sum + photos, 0);
}

/** @param locale for tests; the browser's otherwise */
export function whenWords(started: number, locale?: string, timeZone?: string): string {
	return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(
		started
	);
}

/** How good in a few words: a figure only where it tells something. */
export function accuracyWords(standing: Standing | null): string {
	if (!standing) return 'too few photos to judge';
	if (!standing.telling) return 'too few photos for a figure';
	const { value, low } = standing.accuracy;
	if (value === 1) return `all right; of new ones probably ${hundredths(low)} of 100 or more`;
	return estimateWords(standing.accuracy);
}

/** The same where nothing says that it is the accuracy: "86 % right, between 72 and 94". */
export function rightWords(standing: Standing): string {
	const { accuracy, telling } = standing;
	if (!telling || accuracy.value === 1) return accuracyWords(standing);
	return estimateWords(accuracy, ' right');
}

/** What a finished run did, how good it is left out. */
export function didWords(run: TrainingRun): string {
	const taught = Object.values(run.photos).filter((photos) => photos > 0).length;
	const learned = `It learned ${count(taught, 'label')} from ${count(photosOf(run), 'photo')} in ${took(run.time)}.`;
	return [learned, howSentence(run), withheldSentence(run)].filter(Boolean).join(' ');
}

function withheldSentence({ withheld }: TrainingRun): string {
	if (withheld === 0) return '';
	const show = withheld === 1 ? 'shows' : 'show';
	return `${count(withheld, 'photo')} ${show} nearly the same as one of your test photos and took no part.`;
}

function howSentence(run: TrainingRun): string {
	if (run.config.kind === 'mlp') {
		const epochs = run.epochs.length;
		return `It went through them ${count(epochs, 'time')}, ${run.config.batch} at a time (${run.engine}), with a part set aside to tell which epoch was best; that one was kept.`;
	}
	return run.strength ? strengthSentence(run.strength) : '';
}

/** Which strength of the penalty on large weights was taken. */
export function strengthSentence({ chosen, path }: NonNullable<TrainingRun['strength']>): string {
	const rising = path.map(({ lambda }) => lambda).sort((a, b) => a - b);
	const at = rising.indexOf(chosen);
	const figure = `λ = ${powerOfTen(chosen)}`;
	if (path.length < 2 || at < 0)
		return `It was regularised, to keep it from learning photos by heart, with ${figure}.`;
	const place = at === 0 ? 'the weakest' : at === rising.length - 1 ? 'the strongest' : ordinal(at);
	return (
		`Of ${path.length} strengths of regularisation, which keeps it from learning photos by heart, it took ${place} ` +
		`(${figure}): with it, photos it had not seen got the best probabilities.`
	);
}

function ordinal(at: number): string {
	const words = ['', 'the second weakest', 'the third weakest', 'the fourth weakest'];
	return words[at] ?? `number ${at + 1}`;
}

/** E.g. "3.2 × 10⁻⁵". */
export function powerOfTen(value: number): string {
	const [digits = '', power = '0'] = value.toExponential(1).split('e');
	const raised = String(Number(power)).replace(
		/[-\d]/g,
		(sign) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(sign)] ?? ''
	);
	return `${digits.replace(/\.0$/, '')} × 10${raised}`;
}
