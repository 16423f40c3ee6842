import { expect, test } from 'vitest';
import { isWorse, measuredWords, mostLost } from './words';

const judged = (own: number, file: number, photos = 160) => ({ photos, own, file });

test.each([
	['all alike', { photos: 160, alike: 160, judged: judged(122, 122) }, null],
	['all alike, and less than a point lost', { photos: 160, alike: 160, judged: judged(122, 121) }, null],
	['some otherwise, none seen to be lost', { photos: 160, alike: 153, judged: judged(122, 122) }, 3],
	['a loss that is seen is told as one', { photos: 160, alike: 153, judged: judged(122, 120) }, null],
	[
		'so many photos that a point would show',
		{ photos: 300, alike: 299, judged: judged(2900, 2900, 3000) },
		null
	],
	['not judged', { photos: 20, alike: 15, judged: null }, null]
] as const)('%s: what may be lost by photos that are too few to tell', (_, measured, most) => {
	expect(mostLost(measured)).toBe(most);
	expect(measuredWords(measured).includes('may also be')).toBe(most !== null);
});

test('where nothing was judged no reason for it is made up', () => {
	const words = measuredWords({ photos: 20, alike: 15, judged: null });
	expect(words).toBe(
		'Answers 5 of 20 photos otherwise than here. Nothing was measured that says which is right.'
	);
});

test('a point that is lost is said also where all that was tried is answered alike', () => {
	const words = (file: number) => measuredWords({ photos: 160, alike: 160, judged: judged(122, file) });
	expect(words(119)).toBe(
		'Answers all 160 photos tried as here. Of photos not learned from, 74 of 100 right; 76 with the weights as they are.'
	);
	expect(words(121)).toBe('Answers all 160 photos tried as here.');
});

test('a point seen to be lost is worse', () => {
	expect(isWorse({ judged: judged(122, 120) })).toBe(true);
	expect(isWorse({ judged: judged(122, 121) })).toBe(false);
	expect(isWorse({ judged: null })).toBe(false);
});
