/** Every operator of a tail: results against ONNX Runtime, slopes against differences. */
import '@tensorflow/tfjs-backend-cpu';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { tailCases, type TailCase } from '../../../../tests/fixtures/tail-cases';
import { lossOf, outcomeOf } from '../../../../tests/fixtures/tail-outcome';
import { Random } from '../../domain/random';
import { programOf } from '../../onnx/program';
import * as tf from '../tf-core';

beforeAll(async () => {
	await tf.setBackend('cpu');
});

async function inRuntime({ bytes, fed }: TailCase) {
	const session = await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });
	const feeds = session.inputNames.map((name, i) => {
		const { data, dims } = fed[i] ?? { data: new Float32Array(0), dims: [0] };
		return [name, new Tensor('float32', data, dims)] as const;
	});
	const answers = await session.run(Object.fromEntries(feeds));
	const outputs = session.outputNames.map((name) => answers[name]);
	await session.release();
	return outputs.map((output) => ({
		dims: [...(output?.dims ?? [])],
		data: [...((output?.data ?? []) as Float32Array)] // all outputs are float32
	}));
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number) {
	expect(found.length).toBe(wanted.length);
	for (let i = 0; i < wanted.length; i++)
		expect(Math.abs((found[i] ?? NaN) - (wanted[i] ?? NaN)), `number ${i}`).toBeLessThanOrEqual(tolerance);
}

const STEP = 2 ** -8;
const SAMPLES = 12;

/** Slopes of some numbers of each input and parameter. */
async function expectSlopes(one: TailCase, gradients: readonly Float32Array[]) {
	const random = new Random(7);
	for (const [of, gradient] of gradients.entries()) {
		for (const at of random.shuffle(gradient.keys()).slice(0, SAMPLES)) {
			const above = await lossOf(tf, one, { of, at, by: STEP });
			const below = await lossOf(tf, one, { of, at, by: -STEP });
			const slope = (above - below) / (2 * STEP);
			const error = Math.abs(slope - (gradient[at] ?? NaN));
			expect(error, `value ${of}, number ${at}: ${slope}`).toBeLessThan(2e-3 + 1e-2 * Math.abs(slope));
		}
	}
}

describe('each operator', () => {
	test.each(tailCases(4))('$name', async (one) => {
		const { outputs, gradients, left } = await outcomeOf(tf, one);
		const wanted = await inRuntime(one);
		expect(outputs.map(({ dims }) => dims)).toEqual(wanted.map(({ dims }) => dims));
		for (const [i, { data }] of outputs.entries()) expectClose(data, wanted[i]?.data ?? [], 1e-4);
		expect(gradients.length).toBe(one.fed.length + programOf(one.bytes).parameters.size);
		await expectSlopes(one, gradients);
		expect(left).toBe(0);
	});
});
