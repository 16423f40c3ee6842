import { describe, expect, test } from 'vitest';
import type { Photo } from '$lib/domain/project';
import { areaOf, cellByKey, cellsInSight, idsBetween, inOrder, itemsOf, itemWords } from './grid';

const photo = (id: string, burstId = id): Photo => ({
	...{ id, burstId, projectId: 'p', labelId: 'l', added: 0, source: 'camera', name: '', width: 1, height: 1 },
	...{ bytes: 1, sha256: '', hash: '', split: null, trashed: null }
});
const photos = [photo('a'), photo('b', 'x'), photo('c', 'x'), photo('d'), photo('e', 'x')];
const none = new Set<string>();

describe('cells', () => {
	test('a burst is one stack, where its newest photo is, and counts its photos', () => {
		const items = itemsOf(photos, none);
		expect(items.map(({ photo, place, stack, ids }) => [photo.id, place, stack, ids])).toEqual([
			['a', 1, false, ['a']],
			['b', 2, true, ['b', 'c', 'e']],
			['d', 5, false, ['d']]
		]);
		expect(items[1] && itemWords(items[1], 5)).toBe(
			'Burst of 3 photos, from photo 2 of 5. Enter spreads it out'
		);
	});

	test('one after the other, bursts stay together', () => {
		expect(inOrder(photos).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'e', 'd']);
	});

	test('spread out, its photos stand together and the first can stack them again', () => {
		const items = itemsOf(photos, new Set(['x', 'a']));
		expect(items.map(({ photo, opened }) => [photo.id, opened])).toEqual([
			['a', false],
			['b', true],
			['c', false],
			['e', false],
			['d', false]
		]);
		expect(items[2] && itemWords(items[2], 5)).toBe('Photo 3 of 5, from a burst of 3');
		expect(items[0] && itemWords(items[0], 5)).toBe('Photo 1 of 5');
	});

	test('a range takes whole stacks, in either direction', () => {
		const items = itemsOf(photos, none);
		expect(idsBetween(items, 0, 1)).toEqual(['a', 'b', 'c', 'e']);
		expect(idsBetween(items, 2, 1)).toEqual(['b', 'c', 'e', 'd']);
	});
});

describe('what is in sight', () => {
	const area = areaOf(5000, 328, 92, 6);

	test('cells fill the width', () => {
		expect(area.columns).toBe(3);
		expect(area.rows).toBe(1667);
		expect(area.pitch * 3 - 6).toBeCloseTo(328, 10);
		expect(areaOf(5, 40, 92, 6).columns).toBe(1);
	});

	test('few of 5,000 are drawn, and all that are to be seen', () => {
		const at = 700 * area.pitch;
		const { start, end } = cellsInSight(area, -at, 740, 400);
		expect(end - start).toBeLessThanOrEqual(3 * 18);
		expect(start).toBeLessThanOrEqual(700 * 3);
		expect(end).toBeGreaterThanOrEqual((700 + 740 / area.pitch) * 3);
	});

	test('none is drawn of a grid that is not in sight', () => {
		const { start, end } = cellsInSight(area, 0, 0, 400);
		expect(end).toBe(start);
	});

	test('none is drawn of a grid far above or below', () => {
		for (const top of [-1e6, 1e6]) {
			const { start, end } = cellsInSight(area, top, 740, 400);
			expect(end).toBe(start);
		}
	});
});

test.each([
	['ArrowRight', 0, 1],
	['ArrowLeft', 0, 0],
	['ArrowDown', 1, 4],
	['ArrowDown', 7, 9], // the last row is shorter
	['ArrowDown', 9, 9],
	['ArrowUp', 1, 1],
	['ArrowUp', 5, 2],
	['PageDown', 1, 7],
	['Home', 8, 0],
	['End', 1, 9],
	['x', 1, null]
])('%s from %i of 10 leads to %s', (key, from, to) => {
	expect(cellByKey(key, from, 10, 3, 2)).toBe(to);
});
