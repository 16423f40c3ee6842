import { describe, expect, test } from 'vitest';
import { normalised } from '../src/lib/domain/nearest';
import { Random } from '../src/lib/domain/random';
import { backbones } from './catalog';
import { decodeRows, encodeRows, foreignFile } from './foreign';

describe('foreign photos', () => {
	const embedded = backbones.filter(({ delivery }) => delivery === 'embedded');

	test.each(embedded)('of $id are what this version of it gives', async ({ id, file, outputs }) => {
		const foreign = await foreignFile(id);
		expect(foreign?.backbone).toBe(file.sha256);
		expect(foreign?.dimension).toBe(outputs?.features.dimension);
	});

	test.each(embedded)(
		'of $id are distinct and no photo that is measured by is in the reference',
		async ({ id }) => {
			const foreign = await foreignFile(id);
			if (!foreign) throw new Error('There are none.');
			const { dimension } = foreign;
			const [reference, held] = [foreign.reference, foreign.held].map((text) => decodeRows(text, dimension));
			expect(reference?.length).toBe(64 * dimension);
			expect(held?.length).toBe(96 * dimension);
			const rows = [...(reference ?? []), ...(held ?? [])];
			const texts = Array.from({ length: 160 }, (_, i) =>
				rows.slice(i * dimension, (i + 1) * dimension).join()
			);
			expect(new Set(texts).size).toBe(160);
		}
	);

	test('are none of a backbone that is downloaded', async () => {
		expect(await foreignFile('mobilenetv2-12')).toBeNull();
	});

	test('come back from their text: cosines hold to 0.003', () => {
		const random = new Random(5);
		const rows = Array.from({ length: 3 }, () =>
			Float32Array.from({ length: 64 }, () => random.next() * 4 - 1)
		);
		const back = normalised(decodeRows(encodeRows(rows), 64), 64);
		for (const [i, row] of rows.entries()) {
			const unit = normalised(row, 64);
			const cosine = unit.reduce((sum, value, k) => sum + value * (back[i * 64 + k] ?? 0), 0);
			expect(1 - cosine).toBeLessThan(0.003);
		}
		expect(decodeRows(encodeRows([new Float32Array(64)]), 64)).toEqual(new Float32Array(64));
	});
});
