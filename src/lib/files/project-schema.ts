/**
 * What the JSON in a project file holds, and what of it is believed: everything is checked, lengths and sizes against
 * each other too, and all numbers are finite.
 */
import * as v from 'valibot';
import { COLOURS, MOST_LABELS } from '$lib/domain/project';
import { VIEWS } from '$lib/domain/view';
import { FORMAT, MOST_FLOATS, MOST_TENSORS } from './project-layout';
import { countOf } from './project-tail';

const LATEST = 8.64e15; // of JavaScript's dates
/** JSON has no infinity, but what is too large becomes it. */
const number = v.pipe(v.number(), v.finite());
const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest));
const whole = (least: number, most: number) =>
	v.pipe(number, v.integer(), v.minValue(least), v.maxValue(most));
/** 0..1, as sums of floats have it. */
const share = v.pipe(number, v.minValue(-1e-6), v.maxValue(1 + 1e-6));
/** … of two shares. */
const difference = v.pipe(number, v.minValue(-1 - 1e-6), v.maxValue(1 + 1e-6));
const list = <S extends v.GenericSchema>(item: S, longest: number) =>
	v.pipe(v.array(item), v.maxLength(longest));
const time = v.pipe(number, v.minValue(0), v.maxValue(LATEST));
const id = v.pipe(v.string(), v.uuid());
const sha256 = v.pipe(v.string(), v.regex(/^[\da-f]{64}$/));
/** Of a backbone; some are not known to this version. */
const backboneId = v.pipe(v.string(), v.regex(/^[\w.-]{1,100}$/));
const crop = v.picklist(['centre', 'whole']);
const path = text(1024);

/** Read first: another version may hold anything else. */
export const signature = v.object({ format: v.literal(FORMAT), version: whole(1, 1e9) });

export const manifest = v.object({
	created: time,
	/** The app's version that wrote it. */
	app: text(40),
	project: v.object({
		id,
		name: text(4000),
		created: time,
		changed: time,
		backboneId,
		crop,
		views: v.pipe(
			list(v.picklist(VIEWS), VIEWS.length),
			v.check((values) => unlike(values))
		),
		modelId: v.nullable(id)
	}),
	labels: v.pipe(
		list(v.object({ id, name: text(4000), colour: whole(0, COLOURS - 1), off: v.boolean() }), MOST_LABELS),
		v.check((labels) => unlike(labels.map((label) => label.id)))
	),
	/** 'live': the one that goes on learning. */
	models: v.pipe(
		list(v.union([id, v.literal('live')]), 20_000),
		v.check((values) => unlike(values))
	),
	runs: v.pipe(
		list(id, 20_000),
		v.check((values) => unlike(values))
	),
	/** SHA-256 of every file but photos, which have theirs among their facts. */
	entries: v.record(path, sha256)
});

/** A line of photos.jsonl. */
export const photoLine = v.object({
	id,
	label: id,
	burst: id,
	added: time,
	source: v.picklist(['camera', 'file', 'correction']),
	name: text(255),
	width: whole(1, 1024),
	height: whole(1, 1024),
	bytes: whole(1, 4 * 2 ** 20),
	sha256,
	hash: v.pipe(v.string(), v.regex(/^[\da-f]{16}$/)),
	split: v.nullable(v.picklist(['train', 'validation', 'test'])),
	confirmed: v.optional(id),
	type: v.picklist(['image/jpeg', 'image/png', 'image/webp']),
	file: path,
	/** Behind those of the photos before it in their pack; null where there is none. */
	thumbnail: v.nullable(
		v.object({ type: v.picklist(['image/jpeg', 'image/png', 'image/webp']), bytes: whole(1, 2 ** 20) })
	)
});

/** A file of numbers is named after its SHA-256. */
const floats = v.object({ sha256, length: whole(1, MOST_FLOATS) });

const tail = v.pipe(
	v.object({
		/** Their numbers lie one behind the other, in this order. */
		tensors: list(v.object({ name: text(4000), dims: list(whole(1, MOST_FLOATS), 8) }), MOST_TENSORS),
		values: floats
	}),
	v.check(
		({ tensors, values }) => unlike(tensors.map(({ name }) => name)) && countOf(tensors) === values.length
	)
);

export const model = v.pipe(
	v.object({
		created: time,
		backbone: v.object({ sha256, id: backboneId }),
		crop,
		labels: v.pipe(
			list(v.object({ id, name: text(4000) }), MOST_LABELS),
			v.check((labels) => unlike(labels.map((label) => label.id)))
		),
		from: v.optional(text(64)),
		head: v.object({
			normalise: v.boolean(),
			temperature: v.pipe(number, v.gtValue(0)),
			layers: v.pipe(
				list(v.object({ weights: floats, bias: floats, activation: v.picklist(['linear', 'relu']) }), 4),
				v.minLength(1)
			)
		}),
		gate: v.nullable(
			v.object({
				neighbours: whole(1, 1000),
				similarity: v.object({ mean: number, deviation: number }),
				energy: v.object({ mean: number, deviation: number }),
				threshold: number,
				bank: floats,
				foreign: v.optional(floats),
				kept: share,
				near: v.nullable(share),
				far: v.optional(list(v.object({ kind: text(100), refused: share }), 100))
			})
		),
		tail: v.optional(tail)
	}),
	v.check(({ labels, head, gate }) => fits(labels.length, head.layers, gate)),
	// What was fine-tuned has a linear head.
	v.check(
		({ head: { layers }, tail }) => !tail || layers.map(({ activation }) => activation).join() === 'linear'
	)
);

interface Length {
	length: number;
}

/** Each layer takes what the one before it gives, the last one gives a logit for each label. */
function fits(
	labels: number,
	layers: readonly { weights: Length; bias: Length }[],
	gate: { bank: Length; foreign?: Length | undefined } | null
): boolean {
	const inputs = layers.map(({ weights, bias }) => weights.length / bias.length);
	const outputs = layers.map(({ bias }) => bias.length);
	const [dimension = 0] = inputs;
	return (
		labels >= 2 &&
		outputs.at(-1) === labels &&
		inputs.every((size, i) => Number.isInteger(size) && (i === 0 || size === outputs[i - 1])) &&
		[gate?.bank.length ?? 0, gate?.foreign?.length ?? 0].every((length) => length % dimension === 0)
	);
}

const count = whole(0, 1e6);
const estimate = v.object({ value: share, low: share, high: share });
const figure = v.nullable(share);

const evaluation = v.pipe(
	v.object({
		source: v.picklist(['folds', 'test']),
		labels: v.pipe(list(id, MOST_LABELS), v.minLength(2)),
		photos: count,
		groups: count,
		accuracy: estimate,
		telling: v.boolean(),
		perLabel: v.array(v.object({ photos: count, precision: figure, recall: figure, f1: figure })),
		confusion: v.array(v.array(v.pipe(number, v.minValue(0)))),
		binary: v.nullable(
			v.object({
				sensitivity: estimate,
				specificity: estimate,
				auc: share,
				roc: v.array(v.object({ falsePositive: share, truePositive: share }))
			})
		),
		reliability: list(v.object({ stated: number, right: number, photos: number }), 100),
		calibrationError: number,
		verdicts: v.array(v.object({ photoId: id, given: count, answer: count, probabilities: v.array(number) })),
		suspects: v.array(
			v.object({
				photoId: id,
				given: number,
				other: count,
				otherProbability: number,
				volunteer: v.boolean()
			})
		),
		gainFromDoubling: number,
		strangers: v.nullable(
			v.object({
				kept: share,
				near: figure,
				far: figure,
				kinds: v.optional(list(v.object({ kind: text(100), refused: share }), 100))
			})
		)
	}),
	v.check(({ labels: { length }, perLabel, confusion, verdicts, suspects }) =>
		[
			perLabel.length === length,
			confusion.length === length,
			confusion.every((row) => row.length === length),
			verdicts.every(({ given, answer }) => given < length && answer < length),
			verdicts.every(({ probabilities }) => probabilities.length === length),
			suspects.every(({ other }) => other < length)
		].every(Boolean)
	)
);

const seed = v.pipe(number, v.integer());

export const run = v.object({
	started: time,
	time: v.pipe(number, v.minValue(0)),
	config: v.variant('kind', [
		v.object({ kind: v.literal('head'), seed }),
		v.object({
			kind: v.literal('mlp'),
			seed,
			units: count,
			dropout: share,
			epochs: count,
			batch: count,
			learningRate: number
		}),
		v.object({
			kind: v.literal('fine-tune'),
			seed,
			blocks: count,
			epochs: count,
			batch: count,
			learningRate: number
		}),
		v.object({
			kind: v.literal('scratch'),
			seed,
			size: v.picklist([32, 64, 96]),
			epochs: count,
			batch: count,
			learningRate: number
		})
	]),
	from: text(64),
	photos: v.record(id, count),
	withheld: count,
	state: v.picklist(['done', 'failed', 'stopped']),
	trouble: text(2000),
	epochs: list(
		v.object({
			epoch: count,
			loss: number,
			accuracy: number,
			validationLoss: v.nullable(number),
			validationAccuracy: v.nullable(number)
		}),
		10_000
	),
	taken: v.optional(count),
	share: v.optional(share),
	strength: v.nullable(
		v.object({
			chosen: number,
			path: list(v.object({ lambda: number, logLoss: number }), 1000)
		})
	),
	engine: text(100),
	modelId: v.nullable(id),
	evaluation: v.nullable(evaluation),
	gain: v.optional(v.nullable(v.object({ value: difference, low: difference, high: difference })))
});

function unlike(values: readonly string[]): boolean {
	return new Set(values).size === values.length;
}
