import { expect, test } from 'vitest';
import { finish } from './duplicates';
import { similarPhotos } from './spare';

/** Seven bits from one to the next, fourteen from the first to the third. */
const hashes = { first: '0000000000000000', next: '000000000000007f', third: '0000000000003fff' };

let count = 0;
function photo(id: string, burstId: string, more: Partial<ReturnType<typeof facts>> = {}) {
	return { ...facts(id, burstId), ...more };
}
function facts(id: string, burstId: string) {
	const split: 'test' | null = null as 'test' | null;
	return {
		id,
		burstId,
		labelId: 'daisy',
		added: ++count,
		width: 640,
		height: 480,
		bytes: 1000,
		hash: hashes.first,
		split
	};
}
const similar = (...photos: ReturnType<typeof facts>[]) => finish(similarPhotos(photos));

test('of equal pictures the one with the most pixels stays, then the one with the most bytes, then the first', () => {
	const [group] = similar(
		photo('small', '1', { width: 320, bytes: 9000 }),
		photo('first', '2'),
		photo('sharp', '3', { bytes: 2000 }),
		photo('second', '4')
	);
	expect(group).toEqual({
		from: 'several',
		photos: ['sharp', 'first', 'second', 'small'],
		labels: ['daisy'],
		spare: ['first', 'second', 'small']
	});
});

test('groups across bursts come first, and the largest first', () => {
	const far = { hash: 'ffffffffffffffff' };
	const other = { hash: '00000000ffffffff' };
	const found = similar(
		photo('a', 'x', far),
		photo('b', 'x', far),
		photo('c', 'x', far),
		photo('d', '1'),
		photo('e', '2'),
		photo('f', '3', other),
		photo('g', '4', other),
		photo('h', '5', other)
	);
	expect(found.map(({ from, photos }) => [from, photos.length])).toEqual([
		['several', 3],
		['several', 2],
		['one burst', 3]
	]);
});

test('a burst that shows the same as another gives way to the larger, which stays whole', () => {
	const [group] = similar(
		photo('lone', '1', { bytes: 5000 }),
		photo('a', 'burst'),
		photo('b', 'burst'),
		photo('c', 'burst')
	);
	expect(group?.photos).toEqual(['a', 'b', 'c', 'lone']);
	expect(group?.spare).toEqual(['lone']);
});

test('what hangs together only through another photo stays', () => {
	const chain = [
		photo('first', 'x', { bytes: 3000 }),
		photo('between', 'x', { hash: hashes.next, bytes: 1000 }),
		photo('third', 'x', { hash: hashes.third, bytes: 2000 })
	];
	const [group] = similar(...chain);
	expect(group?.photos).toEqual(['first', 'third', 'between']);
	expect(group?.spare).toEqual(['between']);
});

test('of different labels, and of a test photo and one that is learned from, none is chosen to go', () => {
	const [labels] = similar(photo('a', '1'), photo('b', '2', { labelId: 'camomile' }));
	expect(labels).toMatchObject({ labels: ['daisy', 'camomile'], spare: [] });
	const [test] = similar(photo('a', '1', { split: 'test' }), photo('b', '2'));
	expect(test?.spare).toEqual([]);
	const [tests] = similar(photo('a', '1', { split: 'test' }), photo('b', '2', { split: 'test' }));
	expect(tests?.spare).toEqual(['b']);
});

test('those that are like no other are not named', () => {
	expect(similar(photo('a', '1'), photo('b', '2', { hash: 'ffffffffffffffff' }))).toEqual([]);
});
