import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test, vi } from 'vitest';
import { config, materialOf } from '../../../../tests/fixtures/tuning';
import { TunedNetwork } from './network';
import { stepTime } from './step-time';

beforeAll(async () => {
	await tf.setBackend('cpu');
});

test.each([
	['cpu', 4],
	['webgpu', 16]
] as const)(
	'on %s a step of %i rows stands for a whole batch; nothing is learned, no tensor stays',
	async (backend, rows) => {
		const material = await materialOf(tf, 12);
		const before = tf.memory().numTensors;
		const step = vi.spyOn(TunedNetwork.prototype, 'step');
		vi.spyOn(performance, 'now').mockImplementation(() => 10 * step.mock.calls.length);
		// The first is not timed; of the others each takes 10 ms by this clock.
		expect(await stepTime({ tf, backend }, material, config)).toBe((10 * config.batch) / rows);
		for (const [batch, size] of step.mock.calls) {
			expect(batch.targets).toHaveLength(rows);
			expect(size).toBe(0);
		}
		expect(tf.memory().numTensors).toBe(before);
		vi.restoreAllMocks();
	}
);
