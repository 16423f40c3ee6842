/**
 * Needs `../shared/photos`, which is not part of the repository; skipped where it is absent.
 * Every photo there, resized by the app's own `image/resize`, through the WASM that the app ships and through
 * ONNX Runtime's native build: the same tensor must give the same logits.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'jpeg-js';
import * as native from 'onnxruntime-node';
import * as web from 'onnxruntime-web/wasm';
import { expect, test } from 'vitest';
import { cropRect } from '../src/lib/image/crop';
import { toTensor, type Pixels } from '../src/lib/image/resize';
import { backbones } from '../models/catalog';

const folder = '../shared/photos';
const card = backbones[0];
if (!card?.outputs) throw new Error('the default backbone has no outputs on its card');
const { input, outputs } = card;
const logits = outputs.scores.name;

function centre({ data, width, height }: Pixels & { data: Uint8Array }): Pixels {
	const rect = cropRect(width, height, 'centre');
	const rows = Array.from({ length: rect.height }, (_, y) => {
		const start = ((rect.y + y) * width + rect.x) * 4;
		return data.subarray(start, start + rect.width * 4);
	});
	return { data: Buffer.concat(rows), width: rect.width, height: rect.height };
}

test.skipIf(!existsSync(folder))(
	'logits of all shared photos equal onnxruntime-node’s on the identical tensor, within 1e-4',
	async () => {
		const bytes = readFileSync(`static/${card.file.url}`);
		web.env.wasm.numThreads = 1;
		const ours = await web.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
		const theirs = await native.InferenceSession.create(bytes);
		const photos = readdirSync(folder, { recursive: true, encoding: 'utf8' })
			.filter((name) => name.endsWith('.jpg'))
			.map((name) => join(folder, name));
		expect(photos.length).toBeGreaterThan(1000);
		const dims = [1, 3, input.size, input.size];
		let most = 0;
		for (const photo of photos) {
			const pixels = decode(readFileSync(photo), { useTArray: true });
			const tensor = toTensor(centre(pixels), input);
			const feeds = (make: typeof web.Tensor) => ({ image: new make('float32', tensor, dims) });
			const [a, b] = await Promise.all([
				ours.run(feeds(web.Tensor), [logits]),
				theirs.run(feeds(native.Tensor), [logits])
			]);
			const [mine, other] = [a[logits]?.data as Float32Array, b[logits]?.data as Float32Array];
			expect(mine.length).toBe(1001);
			expect(Math.max(...mine) - Math.min(...mine)).toBeGreaterThan(1);
			for (let i = 0; i < mine.length; i++) most = Math.max(most, Math.abs(mine[i]! - other[i]!));
		}
		expect(most).toBeLessThan(1e-4);
	},
	300_000
);
