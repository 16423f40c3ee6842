import { describe, expect, test } from 'vitest';
import { normalised } from '../src/lib/domain/nearest';
import { Random } from '../src/lib/domain/random';
import { backbones } from './catalog';
import { decodeRows, encodeRows, foreignOf } from './foreign';

describe('foreign photos', () => {
	const embedded = backbones.filter(({ delivery }) => delivery === 'embedded');

	test.each(embedded)('of $id belong to this version of it, by its hash', async (card) => {
		const foreign = await foreignOf(card);
		const dimension = card.outputs?.features.dimension ?? 0;
		expect(foreign?.reference.length).toBe(64 * dimension);
		expect(foreign?.held.map(({ kind, features }) => [kind, features.length / dimension])).toEqual([
			['animals', 40],
			['buildings', 40],
			['household things', 16]
		]);
	});

	test.each(embedded)('of $id are distinct: none that is measured by is in the reference', async (card) => {
		const foreign = await foreignOf(card);
		const dimension = card.outputs?.features.dimension ?? 0;
		const all = [foreign?.reference, ...(foreign?.held ?? []).map(({ features }) => features)];
		const rows = all.flatMap((part) => [...(part ?? [])]);
		const texts = Array.from({ length: 160 }, (_, i) =>
			rows.slice(i * dimension, (i + 1) * dimension).join()
		);
		expect(new Set(texts).size).toBe(160);
	});

	test('are none of a backbone that is downloaded, nor of another version of one', async () => {
		for (const card of backbones.filter(({ delivery }) => delivery === 'download'))
			expect(await foreignOf(card)).toBeNull();
		const [card] = embedded;
		if (!card) throw new Error('There should be one.');
		expect(await foreignOf({ ...card, file: { ...card.file, sha256: '0' } })).toBeNull();
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
