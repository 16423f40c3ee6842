import { expect, test } from 'vitest';
import { Random, seedOf } from './random';

test('the same seed gives the same numbers, as the published generator does', () => {
	// mulberry32(1) of the reference implementation in JavaScript.
	const random = new Random(1);
	const reference = mulberry32(1);
	for (let i = 0; i < 100; i++) expect(random.next()).toBe(reference());
});

test('a shuffle keeps what it was given and favours no place', () => {
	const random = new Random(7);
	const counts = Array.from({ length: 5 }, () => [0, 0, 0, 0, 0]);
	for (let i = 0; i < 5000; i++) {
		const shuffled = random.shuffle([0, 1, 2, 3, 4]);
		expect([...shuffled].sort()).toEqual([0, 1, 2, 3, 4]);
		shuffled.forEach((value, place) => {
			const row = counts[value];
			if (row) row[place] = (row[place] ?? 0) + 1;
		});
	}
	// 1000 expected, deviation 28.
	for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(130);
});

test('whole numbers stay in range', () => {
	const random = new Random(-3);
	const drawn = new Set(Array.from({ length: 200 }, () => random.integer(4)));
	expect([...drawn].sort()).toEqual([0, 1, 2, 3]);
});

function mulberry32(a: number) {
	return function () {
		a |= 0;
		a = (a + 0x6d2b79f5) | 0;
		let t = Math.imul(a ^ (a >>> 15), 1 | a);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

test('texts have the published FNV-1a hashes as seeds', () => {
	expect(seedOf('')).toBe(0x811c9dc5);
	expect(seedOf('a')).toBe(0xe40c292c);
	expect(seedOf('foobar')).toBe(0xbf9cf968);
});
