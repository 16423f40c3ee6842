/**
 * The facts of a backbone: where it comes from, what it takes, what it answers.
 * Plain data: cards cross to workers and are written beside the weights as JSON.
 */
import type { ModelFacts } from './model-facts';

/** A file of known content. `url` is relative to the app's base, or absolute on a hub. */
export interface FileFacts {
	url: string;
	/** Lower-case hexadecimal SHA-256 of the whole file. */
	sha256: string;
	bytes: number;
}

export interface InputFacts {
	/** Name of the graph input, float32; null: the graph's only input (see `onnx/expose`). */
	name: string | null;
	layout: 'NCHW' | 'NHWC';
	/** Side of the square in pixels. */
	size: number;
	/** The graph gets (x − mean) / std of RGB x in 0..1. Where the normalisation is in the graph: 0 and 1. */
	mean: [number, number, number];
	std: [number, number, number];
	/** In which order it wants the colours, whose mean and std are told as RGB all the same. RGB where left out. */
	order?: 'RGB' | 'BGR';
}

export interface ScoreFacts {
	/** Name of the graph output, [N, skip + classes]. */
	name: string;
	kind: 'logits' | 'probabilities';
	/** Leading entries that are not classes (ImageNet's 0 = background). */
	skip: number;
}

export interface MapFacts {
	/** Feature map before pooling, [N, channels, h, w]. */
	name: string;
	channels: number;
	/** Initialiser that maps the channels to scores, [skip + classes, channels] (or with trailing 1s). */
	classifier: string;
}

export interface OutputFacts {
	scores: ScoreFacts;
	/** Pooled features, [N, dimension] (or [N, dimension, 1, 1]). */
	features: { name: string; dimension: number };
	/** What the class activation map is made of; null where the graph cannot tell where it looked. */
	map: MapFacts | null;
	/** How known a picture looks, [N]; below the threshold it is "not sure". Only in models taught with Lensmith. */
	familiarity?: { name: string; threshold: number };
}

/** Scores of the golden input of `domain/golden`, made once by a trusted runtime; a start-up check against silently wrong GPUs. */
export interface GoldenFacts {
	/** [index among the labels, logit or probability] pairs. */
	scores: [number, number][];
	/** [index, value] pairs of `features`. */
	features: [number, number][];
	tolerance: number;
	/** Of the features; as of the scores where left out. */
	featureTolerance?: number;
}

export interface BackboneCard {
	id: string;
	name: string;
	/** One sentence on what it is good for. */
	summary: string;
	/** 'embedded' ships with the app; 'download' is fetched once when the person asks; 'file' was opened as a file; 'own': a project's model; 'made': by the app itself, for training, not for the shelf. */
	delivery: 'embedded' | 'download' | 'file' | 'own' | 'made';
	source: string;
	licence: string;
	attribution: string;
	file: FileFacts;
	/** JSON array of `count` class names, in the order of the scores after `skip`. Backbones may share one file. */
	labels: FileFacts & { count: number };
	input: InputFacts;
	/** null: found in the graph when it is loaded (strangers' graphs). */
	outputs: OutputFacts | null;
	/** Names of tensors where the graph may be cut for fine-tuning, first to last. */
	cuts: string[];
	/** Published ImageNet top-1 accuracy in 0..1, where one is published. */
	top1?: number;
	golden?: GoldenFacts;
	/** Of a model that was taught with Lensmith: which part of a photo it sees, and what else its file tells. */
	taught?: ModelFacts;
}
