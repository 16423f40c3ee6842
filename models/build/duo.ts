/** The second embedded backbone: MobileNetV1 0.25 beside the trunk of a detector trained on Open Images. */
import { GraphBuilder } from '../../src/lib/onnx/builder';
import { fetchFiles, sha256 } from './fetch';
import { Layers, plane, type Plane } from '../../src/lib/onnx/layers';
import { readMobilenet, writeMobilenet } from './mobilenet';
import { detector, objectronFile } from './sources';
import { readTflite, type TfliteModel } from './tflite';
import { writeTflite } from './tflite-to-onnx';

/** The last value of the trunk that is used. */
export const trunkEnd = 'FeatureExtractor/MobilenetV2/expanded_conv_15/add';

/** How much the second half's features count; found by trying few-shot tasks. */
const trunkWeight = 0.5;

/** @throws Error when the detector in the assets is not the pinned one */
export async function readDetector(): Promise<TfliteModel> {
	const [assets] = await fetchFiles([objectronFile]);
	const bytes = new Uint8Array(assets.subarray(detector.start, detector.end));
	const found = sha256(bytes);
	if (found !== detector.sha256) throw new Error(`The detector in the assets has the sha256 ${found}.`);
	return readTflite(bytes);
}

/** The detector takes pixels in −1..1. */
export function writeTrunk(model: TfliteModel, layers: Layers, image: Plane): Plane {
	return writeTflite(model, trunkEnd, layers, { ...image, scale: 2, shift: -1 }, 'openimages/');
}

/**
 * @param size side of the input in pixels, a multiple of 32
 * @returns ONNX: `image` [N, 3, size, size] RGB 0..1 → `logits` [N, 1001], `features` [N, 416],
 *   `map` [N, 256, size / 32, size / 32]; logits and map are MobileNetV1's
 */
export async function buildDuo(size: number): Promise<Uint8Array> {
	const builder = new GraphBuilder('duo');
	const layers = new Layers(builder);
	const image = plane(builder.input('image', ['N', 3, size, size]), 3, size, size);
	const first = writeMobilenet(await readMobilenet(), layers, image, 'imagenet/', 'imagenet/features');
	const second = layers.pool(writeTrunk(await readDetector(), layers, image), 'openimages/features');
	const halves = [
		layers.normalised(first.features, 1, 'imagenet/normalised'),
		layers.normalised(second, trunkWeight, 'openimages/normalised')
	];
	builder.node(
		'Concat',
		halves.map(({ name }) => name),
		{ axis: 1 },
		'features'
	);
	builder.output('logits', ['N', 1001]);
	builder.output('features', ['N', first.features.length + second.length]);
	builder.output('map', ['N', first.map.channels, first.map.height, first.map.width]);
	return builder.finish({
		doc:
			'MobileNetV1 0.25 (TensorFlow, Apache-2.0) and the trunk of SSD-MobileNetV2, Open Images v4 ' +
			'(MediaPipe Objectron, Apache-2.0), converted from TF.js and TFLite.'
	});
}
