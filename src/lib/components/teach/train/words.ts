/** What training will do, does and did, in words. */
import type { Estimate, Standing } from '$lib/domain/evaluation';
import type { TrainingRun } from '$lib/domain/model';
import { isBetter, worthOf } from '$lib/domain/paired';
import { trainsNetwork, type LayersConfig, type TrainingConfig } from '$lib/domain/training';
import { hundredths } from '$lib/domain/wording';
import { amountOf, type Outlook } from '$lib/domain/outlook';
import { megabytes } from '../../parts/words';
import { aboutSeconds, count, estimateWords, took } from '../plots/figures';

/** E.g. "3 labels, 148 photos, about 2 seconds". */
export function outlookWords(outlook: Outlook, config: TrainingConfig): string {
	const { labels, photos, seconds } = outlook;
	const facts = [count(labels, 'label'), count(photos, 'photo')];
	if (config.kind === 'mlp') facts.push(`${config.epochs} epochs of the MLP`);
	else if (trainsNetwork(config)) facts.push(...tuningFacts(outlook, config));
	else if (seconds !== null) facts.push(aboutSeconds(seconds));
	return facts.join(', ');
}

function tuningFacts({ tuning }: Outlook, config: LayersConfig): string[] {
	const { epochs, kind } = config;
	const known = tuning?.amount === amountOf(config) ? tuning : null;
	const unknown = kind === 'scratch' ? 'minutes or more' : 'some minutes';
	const time = known ? aboutSeconds(known.before + known.epoch * epochs) : unknown;
	return [
		kind === 'scratch' ? `up to ${epochs} epochs from scratch` : `${epochs} epochs of fine-tuning`,
		time
	];
}

/** How long a run still takes, in steps that hold for a while: "about 40 seconds left". @param ms at least 0 */
export function leftWords(ms: number): string {
	const seconds = ms / 1000;
	if (seconds <= 5) return 'a few seconds left';
	return `${aboutSeconds(seconds < 90 ? 10 * Math.ceil(seconds / 10) : seconds)} left`;
}

export function kindWords(config: TrainingConfig): string {
	if (config.kind === 'head') return 'Head';
	if (config.kind === 'mlp') return `MLP, ${config.units} units, ${config.epochs} epochs`;
	if (config.kind === 'scratch') return `From scratch, ${config.size} px, ${config.epochs} epochs`;
	return `Fine-tuned, ${count(config.blocks, 'block')}, ${config.epochs} epochs`;
}

/** Photos that took part. */
export function photosOf(run: TrainingRun): number {
	return Object.values(run.photos).reduce((sum, photos) => sum + photos, 0);
}

/** When, of how many photos, and what its model takes where it is here and that is known. */
export function factsWords(run: TrainingRun): string {
	const { modelId, modelBytes } = run;
	const takes = modelId !== null && modelBytes !== undefined ? [`model ${megabytes(modelBytes)}`] : [];
	const short = [count(photosOf(run), 'photo'), ...takes].map((fact) => fact.replaceAll(' ', '\u00a0'));
	return [whenWords(run.started), ...short].join('\u00a0· ');
}

/** @param locale, timeZone for tests; the browser's otherwise */
export function whenWords(started: number, locale?: string, timeZone?: string): string {
	return dates(locale, timeZone).format(started);
}

/** One of a kind: to make it loads tables, which held the page up for every run in the list. */
function dates(locale?: string, timeZone?: string): Intl.DateTimeFormat {
	const key = `${locale} ${timeZone}`;
	const known = made.get(key);
	if (known) return known;
	const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone });
	made.set(key, format);
	return format;
}

const made = new Map<string, Intl.DateTimeFormat>();

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
	if (trainsNetwork(run.config)) return tunedSentence(run, run.config);
	return run.strength ? strengthSentence(run.strength) : '';
}

function layersWords(config: LayersConfig): string {
	if (config.kind === 'scratch') return `all of a network that knew nothing, at ${config.size} px`;
	return `the network’s ${config.blocks === 1 ? 'last block' : `last ${config.blocks} blocks`} and a head`;
}

const SHARES = ['a quarter', 'half', 'three quarters', 'all'];

function tunedSentence({ epochs, engine, taken, share }: TrainingRun, config: LayersConfig): string {
	const trained = `It trained ${layersWords(config)}, ${config.batch} photos at a time`;
	if (epochs.every(({ validationLoss }) => validationLoss === null))
		return `${trained}, and went through them ${count(epochs.length, 'time')} (${engine}).`;
	const took = taken === undefined ? 'up to' : `${taken} of`;
	const went = `${trained}, for ${took} ${count(config.epochs, 'epoch')} (${engine})`;
	const early = epochs.length < config.epochs;
	if (share !== undefined && config.kind === 'fine-tune') {
		const kept = SHARES[Math.round(4 * share) - 1] ?? 'some';
		const times = `${count(epochs.length, 'epoch')} (${engine})${early ? ', as it was ended early' : ''}`;
		return `${trained}, for ${times}, and kept ${kept} of what they learned: as much as did good for photos it had not seen.`;
	}
	if (early) return `${went}, as it was ended early.`;
	return `${went}: as many as did good for photos it had not seen.`;
}

/**
 * Whether training the network's layers was worth it, on photos that neither model had seen.
 *
 * @param headInUse the head answers in its place
 */
export function gainWords(gain: Estimate | null, headInUse: boolean): string {
	const stays = headInUse ? ', so the head stays in use' : '';
	if (gain === null) return `There were too few photos to compare it with the head${stays}.`;
	const between = `between ${points(gain.low)} and ${points(gain.high)}`;
	if (isBetter(gain))
		return `On photos that neither had seen it is right ${pointsWords(gain.value)} more often than the head (${between}${gain.low < 0 ? ', so it may be chance' : ''}).`;
	const often =
		points(gain.value) === '0'
			? 'as often right'
			: `${pointsWords(gain.value)} ${gain.value > 0 ? 'more' : 'less'} often right`;
	return `It is not better than the head by more than chance (${often}, ${between})${stays}.`;
}

/** The same in a few words. */
export function gainShort(gain: Estimate | null): string {
	if (gain === null) return 'too few photos to compare it with the head';
	const by = points(gain.value);
	const plus = gain.value > 0 && by !== '0' ? '+' : '';
	const unit = by === '1' || by === '−1' ? 'point' : 'points';
	const between = `between ${points(gain.low)} and ${points(gain.high)}`;
	const chance = isBetter(gain) && gain.low < 0 ? ', maybe by chance' : '';
	return `${isBetter(gain) ? '' : 'not '}better than the head (${plus}${by} ${unit}, ${between}${chance})`;
}

/** Hundredths with a sign of minus: "−3". @param share −1..1 */
function points(share: number): string {
	const rounded = Math.round(100 * share);
	return rounded < 0 ? `−${-rounded}` : String(Math.abs(rounded));
}

/** E.g. "3 percentage points". @param share −1..1 */
function pointsWords(share: number): string {
	const rounded = Math.round(100 * Math.abs(share));
	return rounded === 0 ? 'less than a percentage point' : count(rounded, 'percentage point');
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

/**
 * Which of the runs from the same photos looks best by what their folds say: the one with the largest gain over the
 * head where that is enough to be put to use (`isBetter`), else the head. Of many, one may lead by luck.
 *
 * @param from what they learned from
 * @returns id of the run; null where fewer than two can be chosen from
 */
export function recommended(runs: readonly TrainingRun[], from: string | undefined): string | null {
	const same = runs.filter((run) => run.from === from && run.state === 'done' && run.modelId !== null);
	const compared = same.filter(({ config, gain }) => config.kind === 'head' || gain);
	if (new Set(compared.map(({ config }) => JSON.stringify(config))).size < 2) return null;
	return compared.reduce((best, run) => (worthOf(run) > worthOf(best) ? run : best)).id;
}
