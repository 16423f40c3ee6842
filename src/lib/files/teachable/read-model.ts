/**
 * An image model as Teachable Machine exports it for TensorFlow.js: a zip of `metadata.json`, `model.json` (a network
 * of Keras layers) and `weights.bin`, read from 2019's to today's. Comes out as ONNX.
 */
import type * as v from 'valibot';
import { cleanName, FreeNames } from '$lib/domain/names';
import { MOST_LABELS } from '$lib/domain/project';
import { asTrouble, Trouble } from '$lib/domain/trouble';
import { GraphBuilder } from '$lib/onnx/builder';
import { type Convolution, Layers, type Plane, plane } from '$lib/onnx/layers';
import { decodeJson } from '../json';
import { teachableFiles, type TeachableFiles } from './contents';
import { another, damaged, unsupported } from './refusals';
import { metadataSchema, modelSchema } from './schema';
import { type Answer, LayersConverter } from './to-onnx';
import { type Network, readTopology } from './topology';
import { MOST_BYTES, readWeights, type Weights } from './weights';

/** Of a label, before it is cleaned, which takes its time. */
const LONGEST_LABEL = 2000;

export interface TeachableModel {
	/**
	 * `image` [N, 3, imageSize, imageSize] RGB 0..1 → `probabilities` [N, labels], `features` [N, dimension],
	 * `map` [N, channels, h, w]: what the features are the average of. Normalised inside, as Teachable Machine's
	 * library does it.
	 */
	onnx: Uint8Array<ArrayBuffer>;
	/** In the order of the probabilities; cleaned and told apart. */
	labels: string[];
	name: string;
	/** Side in pixels. */
	imageSize: number;
	dimension: number;
	channels: number;
	/** Initialiser [labels, channels] that maps `map` to scores; null where the head has more than one layer. */
	classifier: string | null;
	/** Milliseconds since 1970. */
	created: number | null;
}

type Metadata = v.InferOutput<typeof metadataSchema>;

const LARGEST_METADATA = 2 ** 20;
/** Bytes of `model.json`; those of Teachable Machine have a tenth of a MB. */
const LARGEST_MODEL = 8 * 2 ** 20;
const SMALLEST_SIDE = 8;
const LARGEST_SIDE = 512;
/** tf.image.rgb_to_grayscale's, as in Teachable Machine's library. */
const GREY = [0.2989, 0.587, 0.114];
/** Its library computes x / 127 − 1 of 0..255. */
const SCALE = 255 / 127;
const SHIFT = -1;
/** What Teachable Machine calls a model that nobody named. */
const UNNAMED = /^(untitled|tm-my-image-model|my-image-model)?$/i;

/**
 * A model of one label is refused: it says “100 %” of everything.
 *
 * @param name of the file, for words and for a model without one
 * @throws Trouble of `openZip`; 'teachable-broken', 'teachable-unsupported', 'teachable-other' (sounds, poses,
 *   another format), 'teachable-labels'
 */
export async function readTeachable(zip: Blob, name: string): Promise<TeachableModel> {
	try {
		return await read(await teachableFiles(zip, name), name);
	} catch (cause) {
		throw asTrouble(cause, 'teachable-broken', damaged('it cannot be read.').message);
	}
}

async function read(files: TeachableFiles, name: string): Promise<TeachableModel> {
	const metadata = decode(
		metadataSchema,
		await text(files, 'metadata.json', LARGEST_METADATA),
		'metadata.json'
	);
	refuseOthers(metadata);
	const labels = labelsOf(metadata);
	const model = decode(modelSchema, await text(files, 'model.json', LARGEST_MODEL), 'model.json');
	if (model.format === 'graph-model' || Array.isArray(model.modelTopology.node))
		throw unsupported('its network is a graph and not made of layers.');
	const network = readTopology(model.modelTopology);
	const weights = await readWeights(model.weightsManifest, (path) => files.bytes(path, MOST_BYTES));
	return {
		...write(network, weights, labels),
		labels,
		name: nameOf(metadata, name),
		imageSize: network.height,
		created: timeOf(metadata)
	};
}

function write(network: Network, weights: Weights, labels: readonly string[]) {
	const { height: size, width, channels: colours } = network;
	if (size !== width || size < SMALLEST_SIDE || size > LARGEST_SIDE)
		throw unsupported(`its pictures are ${width} × ${size} pixels large.`);
	if (colours !== 1 && colours !== 3)
		throw unsupported('its pictures have other colours than red, green, blue.');
	const builder = new GraphBuilder('teachable-machine');
	const image = plane(builder.input('image', ['N', 3, size, size]), 3, size, size);
	const input = colours === 3 ? { ...image, scale: SCALE, shift: SHIFT } : grey(image);
	const answer = new LayersConverter(network, weights, new Layers(builder), input).convert();
	if (answer.probabilities.length !== labels.length)
		throw damaged(`it has ${labels.length} labels and ${answer.probabilities.length} probabilities.`);
	name(builder, answer);
	const { map, features, classifier } = answer;
	return {
		onnx: builder.finish({
			doc: 'An image model of Teachable Machine, converted from TF.js.',
			metadata: {
				task: 'classify',
				names: JSON.stringify({ ...labels }),
				imgsz: JSON.stringify([size, size])
			}
		}),
		dimension: features.length,
		channels: map.channels,
		classifier
	};
}

function name(builder: GraphBuilder, { probabilities, features, map }: Answer): void {
	builder.node('Identity', [probabilities.name], {}, 'probabilities');
	builder.output('probabilities', ['N', probabilities.length]);
	builder.node('Identity', [features.name], {}, 'features');
	builder.output('features', ['N', features.length]);
	builder.node('Identity', [map.name], {}, 'map');
	builder.output('map', ['N', map.channels, map.height, map.width]);
}

/** Of 0..1 in three colours what the library makes of a picture for a network that takes one. */
function grey(input: Plane): Convolution {
	return {
		kind: 'convolution',
		input,
		kernel: { dims: [1, 3, 1, 1], data: Float32Array.from(GREY, (share) => share * SCALE) },
		bias: Float32Array.of(SHIFT),
		groups: 1,
		strides: [1, 1],
		dilations: [1, 1],
		padding: 'VALID'
	};
}

function refuseOthers({ wordLabels, modelSettings, packageName }: Metadata): void {
	const pose = modelSettings !== undefined || packageName === '@teachablemachine/pose';
	if (wordLabels === undefined && !pose) return;
	throw another(
		`This is a Teachable Machine model that knows ${pose ? 'poses' : 'sounds'}; Lensmith knows pictures only. Choose an image model.`
	);
}

function labelsOf({ labels }: Metadata): string[] {
	if (!labels) throw damaged('there are no labels in its metadata.json.');
	if (labels.length < 2 || labels.length > MOST_LABELS)
		throw new Trouble(
			'teachable-labels',
			labels.length < 2
				? 'This Teachable Machine model knows fewer than two labels, so there is nothing to tell apart. Nothing was added.'
				: `This Teachable Machine model has more than ${MOST_LABELS.toLocaleString('en')} labels, which are the most. Nothing was added.`
		);
	const names = new FreeNames();
	return labels.map((label, i) =>
		names.add(cleanName(String(label).slice(0, LONGEST_LABEL)) || `Class ${i + 1}`)
	);
}

function nameOf({ modelName }: Metadata, file: string): string {
	const given = cleanName(modelName.slice(0, 2000));
	const ofFile = () => cleanName(file.replace(/^.*[\\/]/, '').replace(/\.zip$/i, ''));
	return UNNAMED.test(given) ? ofFile() || 'Teachable Machine' : given;
}

function timeOf({ timeStamp }: Metadata): number | null {
	const time = Date.parse(timeStamp);
	return Number.isFinite(time) && time > 0 ? time : null;
}

async function text(files: TeachableFiles, path: string, most: number): Promise<string> {
	return new TextDecoder().decode(await files.bytes(path, most));
}

function decode<S extends v.GenericSchema>(schema: S, json: string, file: string): v.InferOutput<S> {
	try {
		return decodeJson(schema, json);
	} catch (cause) {
		throw damaged(`its ${file} cannot be read.`, cause);
	}
}
