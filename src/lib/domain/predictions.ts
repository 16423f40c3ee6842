/** What a model says of many photos: which answers are right where the photos' own labels are known, and how many. */
import type { BackboneCard } from './card';
import type { Estimate } from './evaluation';
import { wilson } from './interval';
import { cleanName, comparableName } from './names';
import type { Guess } from './prediction';
import type { Photo } from './project';

/** Of one photo. */
export interface Prediction {
	/** As it came, with its folders. */
	path: string;
	/** The label that its folder, or a table, gives it; null where nothing does. It may be none of the model's. */
	truth: string | null;
	/** Best first; none where it could not be answered. */
	guesses: readonly Guess[];
	sure: boolean;
	/** false: its set has a test part, of which it is not (see `hasTest`). */
	counts: boolean;
	/** Why it could not be answered, in words; null where it was. */
	trouble: string | null;
}

export type Verdict = 'right' | 'wrong';

/** Which of a model's labels a name means. Names are the same as `sameName` has it. */
export class LabelNames {
	readonly #labels = new Map<string, Set<number>>();
	/** What was asked before: a test set has few labels and many photos. */
	readonly #asked = new Map<string, ReadonlySet<number> | null>();

	/**
	 * @param labels of the model, by index; several may have one name
	 * @param synonyms whether “tabby, tabby cat” are two names of one label, as in ImageNet's lists
	 */
	constructor(labels: readonly string[], synonyms: boolean) {
		for (const [index, label] of labels.entries()) this.#add(label, index);
		if (!synonyms) return;
		const whole = new Set(this.#labels.keys());
		for (const [index, label] of labels.entries())
			for (const name of label.split(',')) if (!whole.has(keyOf(name))) this.#add(name, index);
	}

	/** @returns indices of the labels; null where it is the name of none */
	meant(name: string): ReadonlySet<number> | null {
		const asked = this.#asked.get(name);
		if (asked !== undefined) return asked;
		const meant = this.#labels.get(keyOf(name)) ?? null;
		this.#asked.set(name, meant);
		return meant;
	}

	/**
	 * By the first answer, sure or not; null where the photo does not count, or its label is not known or none of the
	 * model's.
	 */
	verdict({ truth, guesses, counts }: Pick<Prediction, 'truth' | 'guesses' | 'counts'>): Verdict | null {
		const meant = truth === null || !counts ? null : this.meant(truth);
		const [first] = guesses;
		if (!meant || !first) return null;
		return meant.has(first.index) ? 'right' : 'wrong';
	}

	#add(name: string, index: number): void {
		const key = keyOf(name);
		const labels = this.#labels.get(key);
		if (labels) labels.add(index);
		else if (key !== '') this.#labels.set(key, new Set([index]));
	}
}

/** Whether a set keeps some photos apart as a test, and says of them what the model could: then only those count. */
export function hasTest(
	photos: Iterable<{ label: string | null; split: Photo['split'] }>,
	names: LabelNames
): boolean {
	for (const { label, split } of photos)
		if (split === 'test' && label !== null && names.meant(label)) return true;
	return false;
}

/** Classes of ImageNet, without and with its background. */
const IMAGENET = [1000, 1001];

/** Whether a comma in a model's labels parts names of one label, as in ImageNet's lists; elsewhere it is part of a name. */
export function hasSynonyms({
	delivery,
	taught,
	labels
}: Pick<BackboneCard, 'delivery' | 'taught' | 'labels'>): boolean {
	if (taught) return false;
	return delivery === 'embedded' || delivery === 'download' || IMAGENET.includes(labels.count);
}

/** Labels of photos have been cut to the length of a name; a list of synonyms may be longer. */
const keyOf = (name: string) => comparableName(cleanName(name));

export interface Tally {
	/** Those that were answered. */
	answered: number;
	/** Of the answered, named with some certainty or not. */
	unsure: number;
	failed: number;
	/** Answered, and their label is one of the model's. */
	judged: number;
	right: number;
	/** Of the judged: those it was sure of, and how many of them are right. */
	sure: { judged: number; right: number };
	/** Answered, and their label is none of the model's. */
	foreign: number;
	/** Answered, and not of the test part that their set has. */
	aside: number;
	/** Share of right ones with its 95 % interval, taking each photo as drawn by itself; null where none is judged. */
	accuracy: Estimate | null;
}

export function tallyOf(rows: Iterable<Prediction>, names: LabelNames): Tally {
	const tally: Tally = {
		...{ answered: 0, unsure: 0, failed: 0, judged: 0, right: 0, foreign: 0, aside: 0 },
		sure: { judged: 0, right: 0 },
		accuracy: null
	};
	for (const row of rows) {
		if (row.trouble !== null) {
			tally.failed++;
			continue;
		}
		tally.answered++;
		if (!row.sure) tally.unsure++;
		if (!row.counts) {
			tally.aside++;
			continue;
		}
		const verdict = names.verdict(row);
		if (verdict === null) {
			if (row.truth !== null) tally.foreign++;
			continue;
		}
		const right = verdict === 'right' ? 1 : 0;
		tally.judged++;
		tally.right += right;
		if (!row.sure) continue;
		tally.sure.judged++;
		tally.sure.right += right;
	}
	if (tally.judged > 0) tally.accuracy = wilson(tally.right / tally.judged, tally.judged);
	return tally;
}

export type Filter = 'all' | 'wrong' | 'unsure' | 'failed';

export function filtered<T extends Prediction>(
	rows: readonly T[],
	filter: Filter,
	names: LabelNames
): readonly T[] {
	if (filter === 'all') return rows;
	if (filter === 'failed') return rows.filter(({ trouble }) => trouble !== null);
	if (filter === 'unsure') return rows.filter(({ trouble, sure }) => trouble === null && !sure);
	return rows.filter((row) => names.verdict(row) === 'wrong');
}
