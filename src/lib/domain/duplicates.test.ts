import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { duplicateGroups, NEAR_BITS, trainingGroups } from './duplicates';
import { Random } from './random';

const random = new Random(11);
const hex = (bits: readonly number[]) =>
	Array.from({ length: 16 }, (_, i) => parseInt(bits.slice(4 * i, 4 * i + 4).join(''), 2).toString(16)).join(
		''
	);
const randomBits = (source: Random) => Array.from({ length: 64 }, () => source.integer(2));
function flipped(bits: readonly number[], count: number, source: Random) {
	const places = new Set(source.shuffle(bits.keys()).slice(0, count));
	return bits.map((bit, i) => (places.has(i) ? 1 - bit : bit));
}

describe('near-duplicates', () => {
	test('differ in seven bits at most, wherever they are', () => {
		fc.assert(
			fc.property(fc.integer(), fc.integer({ min: 0, max: 12 }), (seed, count) => {
				const source = new Random(seed);
				const bits = randomBits(source);
				const photos = [{ hash: hex(bits) }, { hash: hex(flipped(bits, count, source)) }];
				expect(duplicateGroups(photos)).toEqual(count <= NEAR_BITS ? [[0, 1]] : []);
			}),
			{ seed: 1, numRuns: 500 }
		);
	});

	test('are the same that comparing all pairs finds', () => {
		const source = new Random(2);
		const seeds = Array.from({ length: 20 }, () => randomBits(source));
		const all = Array.from({ length: 120 }, (_, i) =>
			flipped(seeds[i % 20] ?? [], source.integer(9), source)
		);
		const group = all.map((_, i) => i);
		for (let pass = 0; pass < 8; pass++)
			for (let i = 0; i < all.length; i++)
				for (let j = 0; j < i; j++) {
					const differ = all[i]?.filter((bit, at) => bit !== all[j]?.[at]).length ?? 64;
					const least = Math.min(group[i] ?? 0, group[j] ?? 0);
					if (differ <= NEAR_BITS) group[i] = group[j] = least;
				}
		const found = trainingGroups(all.map((bits, i) => ({ hash: hex(bits), burstId: String(i) })));
		for (let i = 0; i < all.length; i++)
			for (let j = 0; j < i; j++) expect(found[i] === found[j]).toBe(group[i] === group[j]);
	});

	test('are not those whose features point elsewhere', () => {
		const hash = '0123456789abcdef';
		const photo = (...features: number[]) => ({ hash, features: Float32Array.from(features) });
		expect(duplicateGroups([photo(1, 0), photo(0, 1), photo(2, 0.1)])).toEqual([[0, 2]]);
		expect(duplicateGroups([photo(1, 0), { hash }])).toEqual([[0, 1]]);
	});

	test('are found in either case of the digits', () => {
		expect(duplicateGroups([{ hash: 'ABCDEF0123456789' }, { hash: 'abcdef0123456789' }])).toEqual([[0, 1]]);
	});

	test('are not photos without a hash', () => {
		expect(duplicateGroups([{ hash: '' }, { hash: '' }, { hash: 'zz' }])).toEqual([]);
	});

	test('of nothing are none', () => expect(duplicateGroups([])).toEqual([]));
});

describe('training groups', () => {
	test('hold bursts together, and bursts that share a near-duplicate', () => {
		const far = () => hex(randomBits(random));
		const same = far();
		const photos = [
			{ burstId: 'a', hash: far() },
			{ burstId: 'b', hash: far() },
			{ burstId: 'a', hash: same },
			{ burstId: 'c', hash: far() },
			{ burstId: 'd', hash: same },
			{ burstId: 'd', hash: far() }
		];
		expect([...trainingGroups(photos)]).toEqual([0, 1, 0, 2, 0, 0]);
	});

	test('of 5,000 equal photos are one', () => {
		const photos = Array.from({ length: 5000 }, (_, i) => ({ burstId: String(i), hash: 'ffffffffffffffff' }));
		expect(Math.max(...trainingGroups(photos))).toBe(0);
	});
});
