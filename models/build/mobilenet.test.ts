import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchFiles, sha256 } from './fetch';
import { buildMobilenet, originals } from './mobilenet';
import { run } from './run';
import { mobilenetFiles } from './sources';
import { channelsFirst, largestDifference, picture, runNative, tf } from './testing';

/** The original weights in the original library. */
async function loadOriginal(): Promise<GraphModel> {
	const [json, shards] = await fetchFiles(mobilenetFiles);
	const { modelTopology, weightsManifest } = JSON.parse(json.toString()) as {
		modelTopology: object;
		weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
	};
	const weightData = new Uint8Array(shards).buffer;
	const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
	return loadGraphModel({ load: () => Promise.resolve({ modelTopology, weightSpecs, weightData }) });
}

describe('MobileNet as ONNX beside TF.js running the original', { timeout: 60_000 }, () => {
	let original: GraphModel;
	let onnx: Uint8Array;

	beforeAll(async () => {
		await tf.setBackend('cpu');
		original = await loadOriginal();
		onnx = await buildMobilenet(224);
	}, 120_000);

	afterAll(() => original.dispose());

	function answerOriginally(data: Float32Array, size: number): Float32Array[] {
		return tf.tidy(() => {
			const image = tf.tensor4d(data, [1, size, size, 3]);
			const names = [originals.logits, originals.features, originals.map];
			// A list of names gives a list of tensors.
			return (original.execute(image, names) as tf.Tensor[]).map((tensor) => tensor.dataSync<'float32'>());
		});
	}

	it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('answers alike to picture %i, within 1e-4', (seed) => {
		const data = picture(seed, 224);
		const [logits = [], features = [], map = new Float32Array()] = answerOriginally(data, 224);
		return runNative(onnx, {
			image: { data: channelsFirst(data, [224, 224, 3]), dims: [1, 3, 224, 224] }
		}).then((answers) => {
			expect(largestDifference(answers.logits?.data ?? [], logits)).toBeLessThanOrEqual(1e-4);
			expect(largestDifference(answers.features?.data ?? [], features)).toBeLessThanOrEqual(1e-4);
			const mapFirst = channelsFirst(map, [7, 7, 256]);
			expect(largestDifference(answers.map?.data ?? [], mapFirst)).toBeLessThanOrEqual(1e-4);
		});
	});

	it('answers alike at another size, in a batch, and in the engine of the browser', async () => {
		const size = 96;
		const pictures = [11, 12].map((seed) => picture(seed, size));
		const expected = pictures.map((data) => answerOriginally(data, size)[0] ?? []);
		const batch = new Float32Array(2 * 3 * size * size);
		for (const [i, data] of pictures.entries())
			batch.set(channelsFirst(data, [size, size, 3]), i * data.length);
		const answers = await run(await buildMobilenet(size), 'image', batch, [2, 3, size, size]);
		const logits = answers.logits?.data ?? new Float32Array();
		expect(answers.map?.dims).toEqual([2, 256, 3, 3]);
		for (const [i, row] of expected.entries()) {
			expect(largestDifference(logits.subarray(i * 1001, (i + 1) * 1001), row)).toBeLessThanOrEqual(1e-4);
		}
	});

	it('comes out the same byte for byte', async () => {
		expect(sha256(await buildMobilenet(224))).toBe(sha256(onnx));
	});
});
