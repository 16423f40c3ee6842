/** What to do next: what is missing to learn at all, which photos would help most, what a curve means. */
import type { Evaluation } from './evaluation';
import { doublingWords, mixUps } from './judgement-words';
import { counted, listed, quoted } from './wording';

export { judgementWords, kindWords, mixUps, strangerWords } from './judgement-words';
export { curveWords } from './curve-words';

/** Photos with which a label is known well enough to go on from. */
const GOOD_START = 20;
const FEW = 10;
/** One label has so many times the photos of another. */
const LOPSIDED = 5;
/** How many labels one sentence names. */
const NAMED = 3;

export interface LabelCount {
	id: string;
	name: string;
	photos: number;
	bursts: number;
	/** Photos that differ in their perceptual hash. */
	different: number;
}

/** Counts photos for each label, in the order of the labels; those that take no part are left out by the caller. */
export function countLabels(
	labels: readonly { id: string; name: string }[],
	photos: readonly { labelId: string; burstId: string; hash: string }[]
): LabelCount[] {
	const found = new Map(
		labels.map(({ id }) => [id, { photos: 0, bursts: new Set<string>(), hashes: new Set<string>() }])
	);
	for (const { labelId, burstId, hash } of photos) {
		const own = found.get(labelId);
		if (!own) continue;
		own.photos++;
		own.bursts.add(burstId);
		own.hashes.add(hash);
	}
	return labels.map(({ id, name }) => {
		const own = found.get(id);
		return {
			id,
			name,
			photos: own?.photos ?? 0,
			bursts: own?.bursts.size ?? 0,
			different: own?.hashes.size ?? 0
		};
	});
}

/** What keeps it from learning, as a thing to do; null where nothing does. */
export function missingToTrain(labels: readonly LabelCount[]): string | null {
	const filled = labels.filter(({ photos }) => photos > 0);
	if (labels.length === 0) return 'Name two things to tell apart, then photograph each of them.';
	if (labels.length === 1)
		return `${quoted(labels[0]?.name ?? '')} has nothing to be told apart from. Add a second label, even if it is only “something else”.`;
	if (filled.length === 0)
		return `Photograph ${some(labels)}: about ${GOOD_START} photos of each are a good start.`;
	if (filled.length === 1) {
		const empty = labels.filter(({ photos }) => photos === 0);
		return `Only ${quoted(filled[0]?.name ?? '')} has photos. Photograph ${some(empty)} too.`;
	}
	return null;
}

export interface AdviceInput {
	labels: readonly LabelCount[];
	/** Of the model in use; null before the first, or where it could not be judged. */
	evaluation: Evaluation | null;
}

/** What would help, the most pressing first; at least one sentence unless there is nothing left to say. */
export function nextSteps({ labels, evaluation }: AdviceInput): string[] {
	const missing = missingToTrain(labels);
	if (missing) return [missing];
	return [
		emptyLabels(labels),
		equalPhotos(labels),
		fewPhotos(labels),
		oneBurst(labels),
		lopsided(labels),
		evaluation && mostHelpful(labels, evaluation),
		evaluation && doublingWords(evaluation)
	].filter((sentence) => sentence !== null);
}

function emptyLabels(labels: readonly LabelCount[]): string | null {
	const empty = labels.filter(({ photos }) => photos === 0);
	return empty.length > 0
		? `Photograph ${some(empty)}: without photos ${it(empty)} cannot be learned.`
		: null;
}

function equalPhotos(labels: readonly LabelCount[]): string | null {
	const equal = labels.filter(({ photos, different }) => photos > 1 && different === 1);
	if (equal.length === 0) return null;
	return `All photos of ${some(equal)} look the same, which is as good as one. Move, turn it, change the light.`;
}

function fewPhotos(labels: readonly LabelCount[]): string | null {
	const few = labels.filter(({ photos }) => photos > 0 && photos < FEW).sort((a, b) => a.photos - b.photos);
	const [first] = few;
	if (!first) return null;
	const only = few.length === 1 ? counted(first.photos, 'photo') : `${FEW - 1} photos or fewer`;
	return `There ${only === '1 photo' ? 'is' : 'are'} only ${only} of ${some(few)}. About ${GOOD_START} of each are a good start.`;
}

function oneBurst(labels: readonly LabelCount[]): string | null {
	const single = labels.filter(
		({ photos, bursts, different }) => photos > 1 && bursts === 1 && different > 1
	);
	if (single.length === 0) return null;
	const each = single.length === 1 ? '' : ' each';
	return `All photos of ${some(single)} were taken in one go${each}: one session, one background. Take more on another day or in another place; until then nobody can tell how well ${it(single)} will be known.`;
}

function lopsided(labels: readonly LabelCount[]): string | null {
	const filled = labels.filter(({ photos }) => photos > 0).sort((a, b) => a.photos - b.photos);
	const [least, most] = [filled[0], filled.at(-1)];
	if (!least || !most || most.photos < LOPSIDED * least.photos || most.photos < GOOD_START) return null;
	return `${counted(most.photos, 'photo')} of ${quoted(most.name)} stand against ${least.photos} of ${quoted(least.name)}. It is weighted up, but ${quoted(least.name)} is known from little: add to it.`;
}

/** The label most often missed, and what it is taken for. */
function mostHelpful(labels: readonly LabelCount[], evaluation: Evaluation): string | null {
	const known = evaluation.labels.flatMap((id, index) => {
		const recall = evaluation.perLabel[index]?.recall ?? null;
		const label = labels.find((other) => other.id === id);
		return label && recall !== null && recall < 1 ? [{ label, index, recall }] : [];
	});
	const worst = known.sort((a, b) => a.recall - b.recall || a.label.photos - b.label.photos)[0];
	if (!worst) return null;
	const more = Math.min(24, Math.max(6, Math.ceil(worst.label.photos / 2)));
	const names = evaluation.labels.map((id) => labels.find((label) => label.id === id)?.name ?? '');
	const mixed = mixUps(evaluation, names).find(({ first, second }) => [first, second].includes(worst.index));
	const rival = mixed && names[mixed.first === worst.index ? mixed.second : mixed.first];
	const beside = rival ? ` Show what sets it apart from ${quoted(rival)}.` : '';
	return `${more} more of ${quoted(worst.label.name)}, on another day and in another place, would help most.${beside}`;
}

function some(labels: readonly LabelCount[]): string {
	const names = labels.map(({ name }) => name);
	if (names.length <= NAMED) return listed(names);
	return `${names
		.slice(0, NAMED - 1)
		.map(quoted)
		.join(', ')} and ${counted(names.length - NAMED + 1, 'other')}`;
}

const it = (labels: readonly unknown[]) => (labels.length === 1 ? 'it' : 'they');
