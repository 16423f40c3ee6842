/** What is read of `metadata.json` and `model.json`; whatever else is in them is passed over. */
import * as v from 'valibot';

const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 24));

/** TeachableMachine's own; `wordLabels` are those of sounds, `modelSettings` those of poses. */
export const metadataSchema = v.object({
	labels: v.optional(v.array(v.union([v.string(), v.number()]))),
	wordLabels: v.optional(v.unknown()),
	modelSettings: v.optional(v.unknown()),
	packageName: v.optional(v.unknown()),
	modelName: v.fallback(v.string(), ''),
	timeStamp: v.fallback(v.string(), '')
});

const weightSchema = v.object({
	name: v.pipe(v.string(), v.maxLength(1024)),
	shape: v.pipe(v.array(size), v.maxLength(8)),
	dtype: v.string(),
	quantization: v.optional(
		v.object({
			dtype: v.string(),
			scale: v.optional(v.number()),
			min: v.optional(v.number())
		})
	)
});

export const modelSchema = v.object({
	format: v.optional(v.unknown()),
	modelTopology: v.looseObject({}),
	weightsManifest: v.pipe(
		v.array(
			v.object({
				paths: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(1000)),
				weights: v.pipe(v.array(weightSchema), v.maxLength(10_000))
			})
		),
		v.maxLength(1000)
	)
});
export type Manifest = v.InferOutput<typeof modelSchema>['weightsManifest'];

/** A layer of Keras, or a network as one. */
export const layerSchema = v.object({
	class_name: v.pipe(v.string(), v.maxLength(200)),
	name: v.optional(v.string()),
	config: v.union([v.array(v.unknown()), v.looseObject({ name: v.optional(v.string()) })]),
	inbound_nodes: v.optional(v.array(v.unknown()))
});
export type Layer = v.InferOutput<typeof layerSchema>;

/** Where a value comes from: layer, its which use, its which output, and settings of the call. */
const source = v.union([
	v.tuple([v.string(), v.literal(0), v.literal(0)]),
	v.tuple([v.string(), v.literal(0), v.literal(0), v.unknown()])
]);

/** One use of the layer; more than one shares it. */
export const inboundSchema = v.tuple([v.pipe(v.array(source), v.minLength(1), v.maxLength(100))]);

const ends = v.tuple([source]);

export const graphSchema = v.object({
	layers: v.array(v.unknown()),
	input_layers: ends,
	output_layers: ends
});

/** In 2019 the layers themselves were the configuration. */
export const sequenceSchema = v.union([v.array(v.unknown()), v.object({ layers: v.array(v.unknown()) })]);

export const shapeSchema = v.object({
	batch_input_shape: v.tuple([v.nullable(v.number()), size, size, size])
});

const pair = v.union([
	v.tuple([size, size]),
	v.pipe(
		size,
		v.transform((one): [number, number] => [one, one])
	)
]);
const channelsLast = v.optional(v.nullable(v.literal('channels_last')));
const activation = v.optional(v.nullable(v.string()), 'linear');

export const convolutionSchema = v.object({
	strides: v.optional(pair, [1, 1]),
	dilation_rate: v.optional(pair, [1, 1]),
	padding: v.optional(v.picklist(['same', 'valid']), 'valid'),
	data_format: channelsLast,
	groups: v.optional(v.literal(1)),
	activation,
	use_bias: v.optional(v.boolean(), true)
});

export const denseSchema = v.object({ activation, use_bias: v.optional(v.boolean(), true) });

export const normalisationSchema = v.object({
	axis: v.optional(v.union([v.literal(-1), v.literal(3), v.tuple([v.picklist([-1, 3])])])),
	epsilon: v.optional(v.number(), 1e-3),
	center: v.optional(v.boolean(), true),
	scale: v.optional(v.boolean(), true)
});

export const reluSchema = v.object({
	max_value: v.optional(v.nullable(v.literal(6))),
	negative_slope: v.optional(v.nullable(v.literal(0))),
	threshold: v.optional(v.nullable(v.literal(0)))
});

export const activationSchema = v.object({ activation });

const margin = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000));
const sides = v.tuple([margin, margin]);
export const paddingSchema = v.object({
	padding: v.union([
		v.tuple([sides, sides]),
		v.pipe(
			v.union([
				sides,
				v.pipe(
					margin,
					v.transform((all): [number, number] => [all, all])
				)
			]),
			v.transform(([y, x]): [[number, number], [number, number]] => [
				[y, y],
				[x, x]
			])
		)
	]),
	data_format: channelsLast
});

export const poolingSchema = v.object({ data_format: channelsLast, keepdims: v.optional(v.literal(false)) });

export const reshapeSchema = v.object({ target_shape: v.array(v.number()) });

export const softmaxSchema = v.object({ axis: v.optional(v.nullable(v.picklist([-1, 1]))) });
