import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it, vi } from 'vitest';
import { Random } from '../../domain/random';
import { GraphBuilder } from '../../onnx/builder';
import { Tuner } from './tuner';

vi.mock('../tf', () => ({
	candidates: async () => ['cpu'],
	startTf: async () => {
		await tf.setBackend('cpu');
		return { tf, backend: 'cpu' };
	}
}));

const [CHANNELS, SIDE, PHOTOS] = [3, 4, 12];
const card = {
	...{ name: 'Three blocks', labels: { url: '', sha256: '', bytes: 0, count: 3 } },
	input: { name: 'x', layout: 'NCHW' as const, size: SIDE },
	outputs: {
		scores: { name: 'features', kind: 'logits' as const, skip: 0 },
		...{ features: { name: 'features', dimension: CHANNELS }, map: null }
	}
};

/** Three convolutions, each with a kernel of its own and the same bias, as programs that simplify graphs make them. */
function file(): Uint8Array<ArrayBuffer> {
	const random = new Random(1);
	const builder = new GraphBuilder('blocks');
	builder.input('x', ['N', CHANNELS, SIDE, SIDE]);
	builder.floats('bias', [CHANNELS], Float32Array.of(0.3, 0.2, 0.1));
	let last = 'x';
	for (const block of [1, 2, 3]) {
		const numbers = Float32Array.from({ length: CHANNELS ** 2 }, () => random.next());
		builder.floats(`kernel ${block}`, [CHANNELS, CHANNELS, 1, 1], numbers);
		builder.node('Conv', [last, `kernel ${block}`, 'bias'], { kernel_shape: [1, 1] }, `block ${block}`);
		builder.node('Relu', [`block ${block}`], {}, `relu ${block}`);
		last = `relu ${block}`;
	}
	builder.node('GlobalAveragePool', [last], {}, 'pooled');
	builder.node('Flatten', ['pooled'], { axis: 1 }, 'features');
	builder.output('features', ['N', CHANNELS]);
	return builder.finish().slice();
}

/** @returns what a graph says of each picture, [pictures, any] */
async function asked(
	bytes: Uint8Array,
	output: string,
	pictures: readonly Float32Array[]
): Promise<Float32Array[]> {
	const session = await InferenceSession.create(bytes);
	const said: Float32Array[] = [];
	for (const picture of pictures) {
		const answer = await session.run({ x: new Tensor('float32', picture, [1, CHANNELS, SIDE, SIDE]) }, [
			output
		]);
		said.push((answer[output]?.data as Float32Array).slice()); // a float32 output
	}
	await session.release();
	return said;
}

const job = () => ({ signal: new AbortController().signal, report: () => undefined });
const keeping = { keeps: () => false, keep: async () => undefined };
const config = { kind: 'fine-tune', seed: 1, blocks: 1, epochs: 1, batch: 8, learningRate: 0.01 } as const;

async function prepared() {
	const random = new Random(2);
	const pictures = Array.from({ length: PHOTOS }, (_, i) =>
		Float32Array.from({ length: CHANNELS * SIDE ** 2 }, () => random.next() + (i % 2))
	);
	const tuner = new Tuner({ backbone: file().buffer, card, blocks: 1 } as never); // the card is a literal
	tuner.expect(PHOTOS, { spill: null });
	const { bytes, features } = tuner.trunk;
	for (const [row, numbers] of (await asked(bytes, features.name, pictures)).entries())
		await tuner.put(row, numbers);
	const known = await asked(file(), 'features', pictures);
	const targets = Int32Array.from({ length: PHOTOS }, (_, i) => i % 2);
	const set = {
		...{ augmented: [], dimension: CHANNELS, targets, classes: 2, groups: Int32Array.from(targets.keys()) },
		features: Float32Array.from(known.flatMap((one) => [...one]))
	};
	return { tuner, set };
}

it('numbers that the layers before the cut read too are not trained: those layers stay as they came', async () => {
	const { tuner, set } = await prepared();
	const { tail } = await tuner.learn({ set, config, from: null }, keeping, job());
	expect([...tail.keys()]).toEqual(['kernel 3']);
});

it('nothing is trained where the trainer computes other features than the network gives', async () => {
	const { tuner, set } = await prepared();
	const other = { ...set, features: set.features.map((value) => 1.1 * value) };
	await expect(tuner.learn({ set: other, config, from: null }, keeping, job())).rejects.toMatchObject({
		code: 'tf-wrong'
	});
});
