/** What goes into a training run and what comes out of it: the contract of the training worker. Plain data. */
import type { Head } from './head';

/** Photos as numbers, in one order throughout. */
export interface TrainingSet {
	/** Features as the backbone gives them, [photos, dimension], row by row. */
	features: Float32Array<ArrayBuffer>;
	/**
	 * The same of each photo changed (mirrored, tilted, …), a matrix a view: more rows to learn from. What is judged
	 * are photos as they are; none in a test set.
	 */
	augmented: readonly Float32Array<ArrayBuffer>[];
	dimension: number;
	/** Index of each photo's label, 0..classes − 1. */
	targets: Int32Array<ArrayBuffer>;
	classes: number;
	/** Photos with the same number belong together (bursts and near-duplicates) and are never split. */
	groups: Int32Array<ArrayBuffer>;
	/** Left out where the backbone has none. */
	foreign?: Foreign;
}

/** Features of photos of kinds that are most likely not taught, each [any, dimension]. */
export interface Foreign {
	/** What the gate holds a photo against. */
	reference: Float32Array<ArrayBuffer>;
	/** Of other kinds than those, a matrix a kind: what the gate is measured by. */
	held: readonly { kind: string; features: Float32Array<ArrayBuffer> }[];
}

export interface HeadConfig {
	kind: 'head';
	/** Seeds the folds: the same photos and seed give the same model, bit for bit. */
	seed: number;
	/**
	 * false: features are taken as they are, for a head that goes where nothing can divide by a norm (a Teachable
	 * Machine file); it is about as good. Left out: each photo's are divided by theirs.
	 */
	normalise?: false;
}

/** The lecture's: Dense `units` relu, dropout, softmax; Adam; categorical cross-entropy. */
export interface MlpConfig {
	kind: 'mlp';
	seed: number;
	units: number;
	dropout: number;
	epochs: number;
	batch: number;
	learningRate: number;
}

/** The last blocks of the backbone itself are trained, with a head: Adam, a cosine with warm-up. */
export interface FineTuneConfig {
	kind: 'fine-tune';
	seed: number;
	/** Blocks that are trained, counted from the end of the backbone. */
	blocks: number;
	epochs: number;
	batch: number;
	learningRate: number;
}

/** The lecture's CNN learns from the project's photos alone, with a softmax: Adam, categorical cross-entropy. */
export interface ScratchConfig {
	kind: 'scratch';
	/** Of the weights that it begins with, too. */
	seed: number;
	/** Side in pixels that photos are made smaller to. */
	size: 32 | 64 | 96;
	/** At most: fewer where photos that are not learned from say so. */
	epochs: number;
	batch: number;
	learningRate: number;
}

/** Those that train layers of a network. */
export type LayersConfig = FineTuneConfig | ScratchConfig;
export type TrainingConfig = HeadConfig | MlpConfig | LayersConfig;

/** Whether layers of a network are trained, which takes long: it is judged beside the head, and goes on when it broke off. */
export const trainsNetwork = (config: TrainingConfig): config is LayersConfig =>
	config.kind === 'fine-tune' || config.kind === 'scratch';

/** One step of a run, for the page to show. */
export interface TrainingProgress {
	/** What goes on, in a few words: 'Choosing the strength'. */
	words: string;
	/** 0..1 */
	done: number;
	/** The epoch just ended, of an MLP or of a network's layers; one of a number that was told before takes its place. */
	epoch?: Epoch;
	/** Milliseconds that it takes yet, about; left out where that cannot be told. */
	left?: number;
	/** It can be ended early, with what it has. */
	canEnd?: boolean;
	/** Whether where it stood some time ago is kept, and can be gone on from; left out where nobody can tell. */
	kept?: boolean;
	/** What is wrong though it goes on, in words. */
	warning?: string;
}

export interface Epoch {
	epoch: number;
	/** Mean cross-entropy and accuracy (0..1); validation is null where too few photos are there to set any aside. */
	loss: number;
	accuracy: number;
	validationLoss: number | null;
	validationAccuracy: number | null;
}

/** Out-of-fold answers: each photo judged by a model that had not seen it nor its group. */
export interface OutOfFold {
	/** Logits before the temperature, [repeats, photos, classes]. */
	logits: Float32Array<ArrayBuffer>;
	repeats: number;
	/** "Not sure" score of each photo out of fold, [photos]; low is strange. Empty where there were too few photos. */
	familiarity: Float32Array<ArrayBuffer>;
}

export interface RefusedKind {
	/** 'animals' */
	kind: string;
	/** 0..1 */
	refused: number;
}

/** Tells strangers from what was taught (learning.md §4). */
export interface StrangerGate {
	/** The k of the k-th nearest training photo. */
	neighbours: number;
	/** Of what stands for similarity and of energy, over the known photos: both are taken as z-scores. */
	similarity: { mean: number; deviation: number };
	energy: { mean: number; deviation: number };
	/** An answer whose score is below it is "not sure". */
	threshold: number;
	/** Normalised features of the training photos, [photos, dimension]. */
	bank: Float32Array<ArrayBuffer>;
	/** Normalised features of foreign photos, [any, dimension]; left out where there were none. */
	foreign?: Float32Array<ArrayBuffer>;
	/** Share of known photos that it keeps, out of fold, and of look-alikes (labels held out in turn) it refuses; 0..1. */
	kept: number;
	near: number | null;
	/** Share of photos of each other kind that it refuses, 0..1; left out where there were none. */
	far?: readonly RefusedKind[];
}

/** Constants of the backbone's graph, by name, with the numbers that they were trained to, row-major. */
export type TrainedTail = ReadonlyMap<string, { dims: number[]; data: Float32Array<ArrayBuffer> }>;

export interface TrainingResult {
	head: Head;
	/** What the backbone's own layers learned; left out where they stay as they came. */
	tail?: TrainedTail;
	/** Strength of the penalty that was chosen, and what was tried: mean out-of-fold log loss of each. */
	strength: { chosen: number; path: readonly { lambda: number; logLoss: number }[] } | null;
	/** null where no label has the photos (or groups) for folds. */
	outOfFold: OutOfFold | null;
	gate: StrangerGate | null;
	epochs: readonly Epoch[];
	/** Of a network that was trained: epochs that the one took which answers. */
	taken?: number;
	/** … and how much of what it learned was kept, 0..1: the rest of the way is the backbone as it came. */
	share?: number;
	/** What trained: 'L-BFGS' or a TF.js backend such as 'wasm'. */
	engine: string;
	/** Milliseconds in the worker. */
	time: number;
}
