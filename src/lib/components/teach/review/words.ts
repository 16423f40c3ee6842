/** What the figures of the Review tab mean, in words. */
import type { Binary, Evaluation, Estimate, LabelFigures, ReliabilityBin } from '$lib/domain/evaluation';
import { hundredths } from '$lib/domain/wording';
import { count, ofHundred, percent, unbroken } from '../plots/figures';

/** A label with fewer photos gets no percentages of its own. */
export const FEW = 10;

/** The first sentence apart from the others, as a headline. The first one holds no names, so no dots but its own. */
export function headline(words: string): { first: string; rest: string } {
	const end = words.indexOf('. ');
	const first = unbroken(end < 0 ? words : words.slice(0, end + 1));
	return { first, rest: end < 0 ? '' : words.slice(end + 2) };
}

/** Where the figures come from. */
export function sourceWords({
	source,
	photos,
	groups
}: Pick<Evaluation, 'source' | 'photos' | 'groups'>): string {
	if (source === 'test') return `Judged by the ${count(photos, 'test photo')} that you brought along.`;
	const bursts =
		groups < photos ? ` Bursts and near-duplicates stay together: ${count(groups, 'group')} in all.` : '';
	return `Each of ${count(photos, 'photo')} was judged by models that had not seen it.${bursts}`;
}

/** Whether the stated percentages can be taken at their word. */
export function reliabilityWords(bins: readonly ReliabilityBin[], calibrationError: number): string {
	const photos = bins.reduce((sum, bin) => sum + bin.photos, 0);
	const lean = bins.reduce((sum, bin) => sum + bin.photos * (bin.right - bin.stated), 0) / (photos || 1);
	const off = Math.round(calibrationError * 100);
	const general =
		off <= 5
			? `Its percentages can be taken at their word: on average they are off by ${count(off, 'point')}.`
			: `Its percentages are off by ${count(off, 'point')} on average: ${leanWords(lean)}.`;
	return [general, exampleWords(bins)].filter((sentence) => sentence !== '').join(' ');
}

function leanWords(lean: number): string {
	if (lean > 0.02) return 'it is right more often than it says';
	return lean < -0.02 ? 'it is right less often than it says' : 'sometimes too high, sometimes too low';
}

/** One bin as an example: the fullest below certainty, since that one says most. */
function exampleWords(bins: readonly ReliabilityBin[]): string {
	const [fullest] = bins
		.filter(({ photos, stated }) => photos >= 10 && stated < 0.9)
		.sort((a, b) => b.photos - a.photos);
	if (!fullest) return '';
	return `Where it said about ${percent(fullest.stated)}, it was right for ${percent(fullest.right)} of ${count(fullest.photos, 'photo')}.`;
}

/** Figures of the two labels: the first one is what is looked for. */
export function binaryWords(
	{ sensitivity, specificity }: Binary,
	[looked = '', other = '']: readonly string[]
) {
	const spoken = (estimate: Estimate) =>
		`${ofHundred(estimate.value)} (between ${hundredths(estimate.low)} and ${hundredths(estimate.high)})`;
	return {
		sensitivity: `Of the photos of ${looked} it finds ${spoken(sensitivity)}.`,
		specificity: `Of the photos of ${other} it leaves alone ${spoken(specificity)}.`
	};
}

export function aucWords(auc: number, looked: string): string {
	return `Shown one photo of each, it picks the one of ${looked} ${ofHundred(auc)} times. A coin gets 50.`;
}

/** Precision, recall and F1 explained on one label. */
export function explanations(name: string, { precision, recall }: LabelFigures) {
	const of = (share: number | null) => (share === null ? '' : ` Here: ${percent(share)}.`);
	return [
		{ term: 'Precision', words: `Of the photos it called ${name}, how many are ${name}.${of(precision)}` },
		{ term: 'Recall', words: `Of the photos that are ${name}, how many it called so.${of(recall)}` },
		{
			term: 'F1',
			words: 'Both in one figure, nearer to the lower one (their harmonic mean): high only if both are.'
		}
	];
}

/** The weakest labels first; those without a figure last. */
export function weakestFirst(perLabel: readonly LabelFigures[]): number[] {
	return perLabel
		.map((_, index) => index)
		.sort((a, b) => (perLabel[a]?.f1 ?? 2) - (perLabel[b]?.f1 ?? 2) || a - b);
}
