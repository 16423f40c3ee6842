/** The same training on the backends that the app has: kernels that one lacks are built of others. */
import { describe, expect, test } from 'vitest';
import { config, materialOf } from '../../../../tests/fixtures/tuning';
import { startTf } from '../tf';
import { fineTune } from './fine-tune';

const job = () => ({ signal: new AbortController().signal, report: () => undefined });

async function tuned(backend: 'cpu' | 'wasm' | 'webgpu', photos: number, epochs: number) {
	const started = await startTf(backend);
	const material = await materialOf(started.tf, photos);
	const before = started.tf.memory().numTensors;
	const result = await fineTune(started, material, { ...config, epochs }, job());
	expect(started.tf.memory().numTensors).toBe(before);
	expect(result.engine).toBe(backend);
	return result;
}

describe('fine-tuning on WASM', () => {
	test('beats the head, and keeps no tensor', async () => {
		const { rival, epochs } = await tuned('wasm', 64, config.epochs);
		expect(epochs.at(-1)?.loss).toBeLessThan(epochs[0]?.loss ?? 0);
		expect(rival.gain?.value).toBeGreaterThan(0.2);
	});

	test('takes the steps that plain loops take', async () => {
		const [plain, wasm] = [await tuned('cpu', 24, 3), await tuned('wasm', 24, 3)];
		for (const [i, { loss, validationLoss }] of plain.epochs.entries()) {
			expect(Math.abs((wasm.epochs[i]?.loss ?? NaN) - loss)).toBeLessThan(1e-3);
			expect(Math.abs((wasm.epochs[i]?.validationLoss ?? NaN) - (validationLoss ?? NaN))).toBeLessThan(1e-3);
		}
		for (const [name, { data }] of plain.tail)
			data.forEach((value, i) =>
				expect(Math.abs((wasm.tail.get(name)?.data[i] ?? NaN) - value)).toBeLessThan(1e-2)
			);
	});
});

test('a few steps on software WebGPU go where plain loops go', async () => {
	const [plain, gpu] = [await tuned('cpu', 4, 1), await tuned('webgpu', 4, 1)];
	expect(gpu.epochs).toHaveLength(1);
	expect(Math.abs((gpu.epochs[0]?.loss ?? NaN) - (plain.epochs[0]?.loss ?? NaN))).toBeLessThan(1e-3);
}, 120_000);
