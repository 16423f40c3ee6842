/** The embedded default: MobileNetV1 0.25. */
import { GraphBuilder } from '../../src/lib/onnx/builder';
import { fetchFiles } from './fetch';
import { Layers, plane } from '../../src/lib/onnx/layers';
import { mobilenetFiles } from './sources';
import { readTfjs, type TfjsModel } from './tfjs';
import { TfjsConverter } from './tfjs-to-onnx';

const logits = 'module_apply_default/MobilenetV1/Logits/SpatialSqueeze';
const pooled = 'module_apply_default/MobilenetV1/Logits/global_pool';
const map = 'module_apply_default/MobilenetV1/MobilenetV1/Conv2d_13_pointwise/Relu6';
const scores = 'module_apply_default/MobilenetV1/Logits/Conv2d_1c_1x1/BiasAdd';

/** The original's nodes that our outputs stand for. */
export const originals = { logits, features: pooled, map };

export async function readMobilenet(): Promise<TfjsModel> {
	const [json, shards] = await fetchFiles(mobilenetFiles);
	return readTfjs(json.toString(), shards);
}

/**
 * @param size side of the input in pixels, a multiple of 32
 * @returns ONNX: `image` [N, 3, size, size] RGB 0..1 → `logits` [N, 1001], `features` [N, 256],
 *   `map` [N, 256, size / 32, size / 32]
 */
export async function buildMobilenet(size: number): Promise<Uint8Array> {
	const builder = new GraphBuilder('mobilenet-v1-025');
	const image = plane(builder.input('image', ['N', 3, size, size]), 3, size, size);
	const { features, map } = writeMobilenet(await readMobilenet(), new Layers(builder), image, '', 'features');
	builder.output('logits', ['N', 1001]);
	builder.output('features', ['N', features.length]);
	builder.output('map', ['N', map.channels, map.height, map.width]);
	return builder.finish({ doc: 'MobileNetV1 0.25 (TensorFlow, Apache-2.0), converted from TF.js.' });
}

/**
 * Writes the network into a graph of which it may be one half; `logits`, `map` and `classifier` get these names.
 * @param prefix of the names of all other values
 * @param featuresName what the pooled features are called
 */
export function writeMobilenet(
	model: TfjsModel,
	layers: Layers,
	image: ReturnType<typeof plane>,
	prefix: string,
	featuresName: string
) {
	const known: Record<string, string> = {
		[scores]: 'logits',
		[pooled]: featuresName,
		[originals.map]: 'map'
	};
	const value = (node: string): string =>
		known[node] ?? prefix + node.replace('module_apply_default/MobilenetV1/MobilenetV1/', '');
	const converter = new TfjsConverter(model, layers, image, { value, classifier: 'classifier' });
	converter.convert(logits);
	const features = converter.convert(pooled);
	const map = converter.convert(originals.map);
	if (features.kind !== 'row' || map.kind !== 'plane')
		throw new Error('the network is not the one that was known');
	return { features, map };
}
