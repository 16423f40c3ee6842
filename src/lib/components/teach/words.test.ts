import { expect, test } from 'vitest';
import { isolated } from '$lib/domain/names';
import { Steady } from '$lib/domain/prediction';
import { liveWords } from './words';

const names = ['Lamp', 'Mug', 'Spoon'];

test('an answer that was overtaken and still holds its place is not named', () => {
	const steady = new Steady(() => 0);
	const say = (probabilities: number[], time: number) =>
		liveWords(steady.add(Float32Array.from(probabilities), time), names);
	expect(say([0.9, 0.06, 0.04], 0)).toBe(`${isolated('Lamp')} 90\u202f%`);
	const said = [];
	for (let time = 100; time < 1500; time += 100) said.push(say([0.02, 0.95, 0.03], time));
	expect(said).toContain('Not sure');
	for (const words of said) {
		const share = Number(/\d+/.exec(words ?? '')?.[0] ?? 100);
		expect(share).toBeGreaterThanOrEqual(50);
	}
	expect(said.at(-1)).toMatch(/^.?Mug/u);
});

test('what is not sure, and what nothing leads in, has no name', () => {
	const guess = (probability: number) => [{ index: 1, probability }];
	expect(liveWords({ guesses: guess(0.97), sure: false }, names)).toBe('Not sure');
	expect(liveWords({ guesses: guess(0.38), sure: true }, names)).toBe('Not sure');
	expect(liveWords({ guesses: guess(0.999), sure: true }, names)).toBe(`${isolated('Mug')} 99\u202f%`);
	expect(liveWords({ guesses: [], sure: true }, names)).toBeNull();
});
