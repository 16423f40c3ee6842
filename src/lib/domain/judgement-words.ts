/** What an evaluation says, in words that claim no more than is known. */
import type { Evaluation } from './evaluation';
import type { RefusedKind } from './training';
import { counted, hundredths, listed } from './wording';

/** Two labels that are taken for each other. */
export interface MixUp {
	/** Indices of the labels, the more often mistaken one first. */
	first: number;
	second: number;
	/** Photos of either that were taken for the other, mean over the repeats. */
	photos: number;
	/** Of so many photos of both that were judged. */
	of: number;
	words: string;
}

/** Fewer mistakes than this share of the two labels' photos are not worth a sentence. */
const WORTH_TELLING = 0.05;

/**
 * How good it is, and what it mixes up: “About 9 of 10 right: 91 %, between 85 and 95. It mixes up “daisy” and
 * “camomile”.” Without a percentage where the interval is too wide, and never 100 %.
 * @param names of the labels, in the evaluation's order
 */
export function judgementWords(evaluation: Evaluation, names: readonly string[]): string {
	const sentences = [accuracyWords(evaluation)];
	const worst = mixUps(evaluation, names)[0];
	if (worst) sentences.push(`It mixes up ${listed([names[worst.first] ?? '', names[worst.second] ?? ''])}.`);
	const unknown = names.filter((_, i) => {
		const figures = evaluation.perLabel[i];
		return figures && figures.photos > 0 && figures.recall === null;
	});
	if (unknown.length > 0) sentences.push(`How well it knows ${listed(unknown)} could not be measured.`);
	return sentences.join(' ');
}

/** Pairs of labels that are taken for each other, most photos first. @param names as above */
export function mixUps(evaluation: Evaluation, names: readonly string[]): MixUp[] {
	const { confusion } = evaluation;
	const judged = confusion.map((row) => row.reduce((a, b) => a + b, 0));
	const found: MixUp[] = [];
	for (const [i, row] of confusion.entries())
		for (let j = 0; j < i; j++) {
			const [there, back] = [row[j] ?? 0, confusion[j]?.[i] ?? 0];
			const photos = there + back;
			const of = (judged[i] ?? 0) + (judged[j] ?? 0);
			// Of the smaller label: beside one with many photos its mix-ups would be a drop.
			const least = Math.min(judged[i] ?? 0, judged[j] ?? 0);
			if (photos < 1 || photos < 2 * WORTH_TELLING * least) continue;
			const [first, second] = there > back ? [i, j] : [j, i];
			const both = listed([names[first] ?? '', names[second] ?? '']);
			const words = `${both}: ${Math.round(photos)} of ${counted(Math.round(of), 'photo')}`;
			found.push({ first, second, photos, of, words });
		}
	return found.sort((a, b) => b.photos - a.photos || b.photos / b.of - a.photos / a.of);
}

function accuracyWords({ accuracy, telling, photos, groups, source }: Evaluation): string {
	const which = source === 'test' ? `your ${counted(photos, 'test photo')}` : counted(photos, 'photo');
	const from = groups < photos ? ` from ${counted(groups, 'burst')}` : '';
	if (!telling) return `${roughly(accuracy.value)} right, but ${which}${from} are too few for a percentage.`;
	const low = hundredths(accuracy.low);
	if (accuracy.value === 1) return `All of ${which} right: of new ones probably ${low} of 100 or more.`;
	const test = source === 'test' ? ' on your test photos' : '';
	const interval = `between ${low} and ${hundredths(accuracy.high)}`;
	return `${proportion(accuracy.value)} right${test}: ${hundredths(accuracy.value)} %, ${interval}.`;
}

function roughly(share: number): string {
	if (share === 1) return 'All were';
	if (share >= 0.75) return 'Most were';
	if (share >= 0.5) return 'More than half were';
	return share > 0.25 ? 'Less than half were' : 'Few were';
}

/** About 9 of 10; in finer steps where that would say all. */
function proportion(share: number): string {
	for (const of of [10, 20, 50, 100]) {
		const part = Math.round(share * of);
		if (part > 0 && part < of) return `About ${part} of ${of}`;
	}
	return share > 0.5 ? 'Nearly all' : 'Hardly any';
}

/** “keeps 96 of 100 of yours; refuses 8 of 10 things of another kind, 2 of 10 look-alikes”; null where not measured. */
export function strangerWords({ strangers }: Pick<Evaluation, 'strangers'>): string | null {
	if (!strangers) return null;
	const refused = [
		strangers.far === null ? null : `${tenths(strangers.far)} of 10 things of another kind`,
		strangers.near === null ? null : `${tenths(strangers.near)} of 10 look-alikes`
	].filter((part) => part !== null);
	const kept = `keeps ${hundredths(strangers.kept)} of 100 of yours`;
	return refused.length > 0 ? `${kept}; refuses ${refused.join(', ')}` : kept;
}

/** “animals 9 of 10, buildings 6 of 10” */
export function kindWords(kinds: readonly RefusedKind[]): string {
	return kinds.map(({ kind, refused }) => `${kind} ${tenths(refused)} of 10`).join(', ');
}

/** Never all: others may well get by. */
const tenths = (share: number) => Math.min(9, Math.round(10 * share));

/** Whether twice the photos would help; null where too little is known. */
export function doublingWords({ telling, gainFromDoubling }: Evaluation): string | null {
	if (!telling) return null;
	const points = Math.round(100 * gainFromDoubling);
	if (points < 3) return 'Twice as many photos of the same kind would add little.';
	return `Twice as many photos would add about ${points} points, give or take 3.`;
}
