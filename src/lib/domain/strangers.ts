/**
 * "Not sure": whether a photo is of a kind that was taught at all (learning.md §4).
 * score = z(s − 0.3† f) + z(energy), low is strange; s and f are the cosine similarities to the 5th nearest training
 * photo and to the 5th nearest foreign one, as what is like any photo of the world is no sign of being known.
 * Without foreign photos f = 0. † chosen on trash6 and objects10, with the kinds of models/foreign that are held out of
 * the reference: of those 77 instead of 68 % (objects10, 10 a label) and 95 instead of 89 % (trash6) are refused, of the
 * photos of the other task 48 instead of 45 and 64 instead of 49 %, of look-alikes as many as before.
 * Energy: logsumexp of the logits (before the temperature) less their mean, so that it does not change when all
 * logits move together, as a softmax may let them; after Liu et al., "Energy-based Out-of-distribution
 * Detection", NeurIPS 2020. z by mean and deviation of the photos out of fold, neighbours never of a photo's own
 * group; a photo is refused where its score is below the ⌊0.05 (n + 1)⌋-th smallest of those n.
 */
import { dot, Nearest, normalised, Similarities, similaritiesOutOfGroup } from './nearest';
import type { StrangerGate } from './training';

export const NEIGHBOURS = 5;
export const FOREIGN_SHARE = 0.3;
const REFUSED_OF_KNOWN = 0.05;
/** Below it the threshold's rank would be 0: nothing would ever be refused. */
const FEWEST = Math.ceil(1 / REFUSED_OF_KNOWN) - 1;
/** Of nearly identical photos the deviation is next to nothing, and any other photo would be infinitely strange. */
const LEAST_DEVIATION = { similarity: 0.01, energy: 0.05 };

/** @param logits [classes] before the temperature */
export function energy(logits: ArrayLike<number>): number {
	let most = -Infinity;
	let sum = 0;
	for (let i = 0; i < logits.length; i++) {
		const logit = logits[i] ?? 0;
		most = Math.max(most, logit);
		sum += logit;
	}
	let total = 0;
	for (let i = 0; i < logits.length; i++) total += Math.exp((logits[i] ?? 0) - most);
	return most + Math.log(total) - sum / logits.length;
}

/**
 * How known a frame looks; below `gate.threshold` it is "not sure". One pass over the bank.
 * @param features [dimension] as the backbone gives them
 * @param logits [classes] before the temperature
 */
export function familiarity(gate: StrangerGate, features: Float32Array, logits: ArrayLike<number>): number {
	const query = normalised(features, features.length);
	const similarity = similarityToKth(gate.bank, query, gate.neighbours);
	return familiarityBy(gate, similarity - likeForeign(gate.foreign, query), logits);
}

/**
 * The same where it is known how alike it is.
 * @param similarity cosine similarity to the k-th nearest photo of the bank, less `likeForeign`
 */
export function familiarityBy(gate: StrangerGate, similarity: number, logits: ArrayLike<number>): number {
	return score(gate, similarity, energy(logits));
}

/**
 * What the similarity to foreign photos takes from a photo's own; 0 with fewer than five of them.
 * @param foreign normalised features, [any, dimension]
 * @param query normalised features, [dimension]
 */
function likeForeign(foreign: Float32Array | undefined, query: Float32Array): number {
	const enough = foreign && foreign.length >= NEIGHBOURS * query.length;
	return enough ? FOREIGN_SHARE * similarityToKth(foreign, query, NEIGHBOURS) : 0;
}

/** Cosine similarity to the k-th nearest row. */
function similarityToKth(rows: Float32Array, query: Float32Array, k: number): number {
	const nearest = new Nearest(1, k);
	for (let from = 0; from + query.length <= rows.length; from += query.length)
		nearest.meet(0, dot(rows, from, query, 0, query.length));
	return nearest.kth(0);
}

export interface GateInput {
	/** Features of the training photos as the backbone gives them, [photos, dimension]. */
	features: Float32Array;
	dimension: number;
	/** [photos] photos of one number belong together. */
	groups: Int32Array;
	/** Out-of-fold logits before the temperature, [repeats, photos, classes]. */
	logits: Float32Array;
	repeats: number;
	classes: number;
	/** [photos] 1 where the photo was judged out of fold (see `judgeable`). */
	judged: Uint8Array;
	/** Features of foreign photos, [any, dimension]. */
	foreign?: Float32Array;
	/** Where it is known already how alike the photos are. */
	compared?: Compared & { rows: readonly number[] };
}

/** How alike photos are. */
export interface Compared {
	similarities: Similarities;
	/** `likeForeign` of each row. */
	likes: Float32Array;
}

/** @param bank normalised features, [photos, dimension] @returns what `compareRow` of each row makes whole */
export function emptyComparison(bank: Float32Array, dimension: number): Compared {
	return {
		similarities: new Similarities(bank, dimension),
		likes: new Float32Array(bank.length / dimension)
	};
}

/** Compares a photo with all before it and with the foreign ones. */
export function compareRow(
	{ similarities, likes }: Compared,
	row: number,
	bank: Float32Array,
	foreign: Float32Array | undefined
): void {
	const dimension = bank.length / similarities.rows;
	similarities.fill(row);
	likes[row] = likeForeign(foreign, bank.subarray(row * dimension, (row + 1) * dimension));
}

function comparedAtOnce(bank: Float32Array, dimension: number, foreign: Float32Array | undefined) {
	const compared = emptyComparison(bank, dimension);
	const rows = [...compared.likes.keys()];
	for (const row of rows) compareRow(compared, row, bank, foreign);
	return { ...compared, rows };
}

/**
 * Builds the gate from the photos out of fold. Similarities take photos² · dimension / 2 multiplications.
 * @returns as `gateOf`; null also where all photos belong to one group
 */
export function buildGate(input: GateInput): Gated | null {
	const { groups, judged, dimension } = input;
	const neighbours = neighboursOf(groups);
	if (neighbours < 1 || !isEnough(judged)) return null;
	const bank = normalised(input.features, dimension);
	const foreign = input.foreign && normalised(input.foreign, dimension);
	const { similarities, rows, likes } = input.compared ?? comparedAtOnce(bank, dimension, foreign);
	const similarity = similaritiesOutOfGroup(similarities, rows, groups, neighbours).map(
		(own, i) => own - (likes[rows[i] ?? 0] ?? 0)
	);
	return gateOf({ similarity, energies: meanEnergies(input), groups, judged, neighbours, bank, foreign });
}

/** To how many neighbours photos are compared: five, or as many as there are outside of the largest group. */
export const neighboursOf = (groups: Int32Array): number =>
	Math.min(NEIGHBOURS, groups.length - largestGroup(groups));

const isEnough = (judged: Uint8Array) => judged.reduce((sum, one) => sum + one, 0) >= FEWEST;

export interface Gated {
	/** With `near` and `far` still to be measured. */
	gate: StrangerGate;
	/** Score of each photo, [photos]; NaN where it was not judged. */
	familiarity: Float32Array<ArrayBuffer>;
}

/** What photos were like, each to a model that had seen neither it nor its group. */
interface OutOfSample extends Pick<GateInput, 'groups' | 'judged'> {
	/** [photos] cosine similarity to the k-th nearest photo that was seen, less `likeForeign`. */
	similarity: ArrayLike<number>;
	/** [photos] */
	energies: ArrayLike<number>;
	/** The k. */
	neighbours: number;
	/** Normalised features of what the model that answers has seen, and of foreign photos; [any, dimension]. */
	bank: Float32Array<ArrayBuffer>;
	foreign?: Float32Array<ArrayBuffer>;
}

/** @returns null where fewer than 19 photos were judged */
export function gateOf({ similarity, energies, groups, judged, ...own }: OutOfSample): Gated | null {
	if (!isEnough(judged)) return null;
	const { neighbours, bank, foreign } = own;
	const known = [...judged.keys()].filter((photo) => judged[photo]);
	const over = (values: ArrayLike<number>, least: number) =>
		meanAndDeviation(
			known.map((i) => values[i] ?? 0),
			least
		);
	const scale = {
		similarity: over(similarity, LEAST_DEVIATION.similarity),
		energy: over(energies, LEAST_DEVIATION.energy)
	};
	const familiarity = new Float32Array(groups.length).fill(NaN);
	for (const i of known) familiarity[i] = score(scale, similarity[i] ?? 0, energies[i] ?? 0);
	const gate = {
		neighbours,
		...scale,
		threshold: thresholdOf(known.map((i) => familiarity[i] ?? 0)),
		bank,
		...(foreign && { foreign }),
		kept: keptShare(known.map((i) => ({ score: familiarity[i] ?? 0, group: groups[i] ?? 0 }))),
		near: null
	};
	return { gate, familiarity };
}

/**
 * Share of these photos that the gate refuses, 0..1; null of none.
 * @param features [photos, dimension] as the backbone gives them
 * @param logits [photos, classes] before the temperature
 */
export function refusedShare(
	gate: StrangerGate,
	features: Float32Array,
	dimension: number,
	logits: Float32Array,
	classes: number
): number | null {
	const photos = features.length / dimension;
	let refused = 0;
	for (let i = 0; i < photos; i++) {
		const row = features.subarray(i * dimension, (i + 1) * dimension);
		if (familiarity(gate, row, logits.subarray(i * classes, (i + 1) * classes)) < gate.threshold) refused++;
	}
	return photos > 0 ? refused / photos : null;
}

type Scale = Pick<StrangerGate, 'similarity' | 'energy'>;

function score(scale: Scale, similarity: number, energy: number): number {
	return (
		(similarity - scale.similarity.mean) / scale.similarity.deviation +
		(energy - scale.energy.mean) / scale.energy.deviation
	);
}

/** The ⌊0.05 (n + 1)⌋-th smallest; −∞ where that is the 0th. */
export function thresholdOf(scores: readonly number[]): number {
	const rank = Math.floor(REFUSED_OF_KNOWN * (scores.length + 1) + 1e-9);
	return [...scores].sort((a, b) => a - b)[rank - 1] ?? -Infinity;
}

/** Share of photos kept by the threshold that the other groups' photos give: the photo had no say in it. */
function keptShare(known: readonly { score: number; group: number }[]): number {
	const sorted = [...known].sort((a, b) => a.score - b.score);
	const sizes = new Map<number, number>();
	for (const { group } of known) sizes.set(group, (sizes.get(group) ?? 0) + 1);
	let kept = 0;
	for (const { score, group } of known) {
		let rank = Math.floor(REFUSED_OF_KNOWN * (known.length - (sizes.get(group) ?? 0) + 1) + 1e-9);
		const threshold = rank > 0 ? sorted.find((other) => other.group !== group && --rank === 0) : undefined;
		if (!threshold || score >= threshold.score) kept++;
	}
	return kept / known.length;
}

/** Mean over the repeats, [photos]. */
function meanEnergies({ logits, repeats, groups, classes }: GateInput): Float64Array {
	const photos = groups.length;
	const means = new Float64Array(photos);
	for (let row = 0; row < repeats * photos; row++) {
		const photo = row % photos;
		means[photo] =
			(means[photo] ?? 0) + energy(logits.subarray(row * classes, (row + 1) * classes)) / repeats;
	}
	return means;
}

function meanAndDeviation(values: readonly number[], least: number) {
	const mean = values.reduce((a, b) => a + b, 0) / values.length;
	const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
	return { mean, deviation: Math.max(least, Math.sqrt(variance)) };
}

function largestGroup(groups: Int32Array): number {
	const sizes = new Map<number, number>();
	for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
	return Math.max(0, ...sizes.values());
}
