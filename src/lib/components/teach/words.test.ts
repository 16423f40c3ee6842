import { expect, test } from 'vitest';
import { isolated } from '$lib/domain/names';
import { Steady } from '$lib/domain/prediction';
import { backupWords, dayWords, liveWords, withoutWords } from './words';

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

test('a file that was saved is told of by its day and by what came since', () => {
	const noon = (day: number) => new Date(2026, 10, day, 12).getTime();
	const project = (changed: number, time = noon(25)) => ({
		changed,
		backedUp: { time, changed: 7, until: 1 }
	});
	expect(backupWords({ changed: 7 }, 3, noon(25))).toBeNull();
	expect(backupWords(project(7), 0, noon(25))).toBe('Saved as a file today');
	expect(backupWords(project(8), 0, noon(26))).toBe('Changed since it was saved as a file yesterday');
	expect(backupWords(project(8), 12, noon(25))).toBe('12 photos are newer than the file saved today');
	expect(backupWords(project(8), 1, noon(25))).toBe('1 photo is newer than the file saved today');
	expect(dayWords(new Date(2026, 10, 24, 23, 59).getTime(), new Date(2026, 10, 25, 0, 1).getTime())).toBe(
		'yesterday'
	);
	expect(dayWords(noon(3), noon(25), 'en-GB')).toBe('on 3 Nov 2026');
});

test('a file that had no room for some models names their runs', () => {
	const config = {
		kind: 'fine-tune',
		seed: 1,
		blocks: 2,
		epochs: 8,
		batch: 16,
		learningRate: 0.001
	} as const;
	const runs = Array.from({ length: 7 }, (_, i) => ({ config, started: Date.UTC(2026, 10, 20 - i, 9, 5) }));
	const words = (count: number) => withoutWords(runs.slice(0, count), 'en-GB', 'UTC');
	expect(words(0)).toBeNull();
	expect(words(1)).toBe(
		'The model of this training run is not in it, as it would have been too large to be opened again: Fine-tuned, 2 blocks, 8 epochs (20 Nov 2026, 09:05). On this device nothing changed.'
	);
	expect(words(2)).toMatch(/^The models of these .*\(20 Nov 2026, 09:05\); Fine.*\(19 Nov 2026, 09:05\)\./);
	expect(words(7)).toMatch(/\(17 Nov 2026, 09:05\); 3 older ones\./);
});
