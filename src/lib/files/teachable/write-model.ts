/**
 * A model as Teachable Machine exports one for TensorFlow.js: a zip that its library (@teachablemachine/image) and
 * everything made with it opens, and that predicts what Lensmith predicts of the same pixels.
 *
 * Keras layers cannot divide features by their norm. So the head must be learned without: train with
 * `normalise: false` (see `HeadConfig`), and say the accuracy of that head, not of the project's own.
 */
import type { Head } from '$lib/domain/head';
import type { Model } from '$lib/domain/model';
import { Trouble } from '$lib/domain/trouble';
import { ZipFile } from '../zip-writer';
import { trunkOf } from './backbone-layers';
import { type KerasLayer, layerJson, modelJson, sequenceJson, weightsOf } from './keras';

export interface TeachableInput {
	/** The .onnx file of the backbone called `TEACHABLE_BACKBONE`. */
	backbone: Uint8Array;
	/** Learned on its features as they are; `normalise` false. */
	head: Head;
	/** Names, in the order of the head's logits. */
	labels: readonly string[];
	name: string;
	/** Milliseconds since 1970. */
	now: number;
}

/** Id of the only backbone that can be written: its layers are those that Teachable Machine's models are made of. */
export const TEACHABLE_BACKBONE = 'mobilenet-v1-025';
/** Name of its value before the pooling. */
const MAP = 'map';
/** Whose format it is. */
const PACKAGE = { packageName: '@teachablemachine/image', packageVersion: '0.8.5', tfjsVersion: '1.3.1' };

/** Why no Teachable Machine file can be made of a model, in words; null where it can (with a head of its own, see above). */
export function teachableObjection({
	backbone,
	crop,
	tail
}: Pick<Model, 'backbone' | 'crop' | 'tail'>): string | null {
	// Its head is learned anew on features of the network as it came, which would be another model.
	if (tail)
		return 'This model’s own layers were trained, and a Teachable Machine file holds those of MobileNet as they came. Save an ONNX file instead.';
	if (backbone.id !== TEACHABLE_BACKBONE)
		return 'A Teachable Machine file can hold the small network “MobileNet” only, and this model learned with another. Choose MobileNet under Models and train again, or save an ONNX file.';
	if (crop !== 'centre')
		return 'Teachable Machine looks at the centre of a picture, and this model learned from whole pictures. Save an ONNX file instead.';
	return null;
}

/**
 * @returns a zip of `metadata.json`, `model.json` and `weights.bin`, the same bytes for the same input
 * @throws Trouble 'teachable-head' where the head divides by the norm or does not fit, 'teachable-backbone'
 */
export async function writeTeachable(input: TeachableInput): Promise<Blob> {
	const { layers: trunk, channels, size } = trunkOf(input.backbone, MAP);
	const head = headLayers(input, channels);
	const { bytes, manifest } = weightsOf([...trunk, ...head]);
	const pooling = {
		kind: 'GlobalAveragePooling2D',
		name: 'pooling',
		config: { data_format: 'channels_last' },
		weights: {}
	};
	const features = sequenceJson('features', [modelJson('mobilenet_0.25_224', trunk), layerJson(pooling)]);
	const network = sequenceJson('lensmith', [features, sequenceJson('head', head.map(layerJson))]);
	const model = {
		format: 'layers-model',
		generatedBy: 'Lensmith',
		modelTopology: { ...network, keras_version: 'tfjs-layers 1.3.1', backend: 'tensor_flow.js' },
		weightsManifest: [{ paths: ['weights.bin'], weights: manifest }]
	};
	const metadata = {
		...PACKAGE,
		timeStamp: new Date(input.now).toISOString(),
		userMetadata: { madeWith: 'Lensmith' },
		modelName: input.name,
		labels: input.labels,
		imageSize: size
	};
	return zipOf(
		{ 'metadata.json': json(metadata), 'model.json': json(model), 'weights.bin': bytes },
		new Date(input.now)
	);
}

/** The temperature is in the last layer: softmax(W x / T + b / T). */
function headLayers({ head, labels }: TeachableInput, channels: number): KerasLayer[] {
	if (head.normalise)
		throw refused(
			'it divides by the length of the features, which that format cannot. Train for it once more'
		);
	let inputs = channels;
	return head.layers.map(({ weights, bias, activation }, i): KerasLayer => {
		const isLast = i === head.layers.length - 1;
		const units = bias.length;
		if (weights.length !== inputs * units || (isLast && (activation !== 'linear' || units !== labels.length)))
			throw refused('its head does not fit its labels or its network');
		const cool = (values: Float32Array): Float32Array<ArrayBuffer> =>
			Float32Array.from(values, (value) => value / (isLast ? head.temperature : 1));
		const first = i === 0 && { batch_input_shape: [null, inputs], dtype: 'float32' };
		const layer = {
			kind: 'Dense',
			name: `dense_${i + 1}`,
			config: { units, activation: isLast ? 'softmax' : activation, use_bias: true, ...first },
			weights: {
				kernel: { dims: [inputs, units], data: cool(weights) },
				bias: { dims: [units], data: cool(bias) }
			}
		};
		inputs = units;
		return layer;
	});
}

const refused = (reason: string) =>
	new Trouble('teachable-head', `This model cannot be written as a Teachable Machine file: ${reason}.`);

const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

async function zipOf(files: Record<string, Uint8Array>, date: Date): Promise<Blob> {
	const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
	const blob = new Response(readable).blob();
	const zip = await ZipFile.into(writable, date);
	for (const [path, bytes] of Object.entries(files)) await zip.add(path, bytes);
	await zip.end();
	await writable.close();
	return (await blob).slice(0, undefined, 'application/zip');
}
