import { expect, test } from 'vitest';
import type { TrainingRun } from './model';
import { outlookOf } from './outlook';

const count = (name: string, photos: number) => ({
	id: name,
	name,
	photos,
	bursts: photos,
	different: photos
});
const run = (change: Partial<TrainingRun>) =>
	({ state: 'done', config: { kind: 'head', seed: 1 }, photos: {}, time: 0, ...change }) as TrainingRun; // what it reads

test('before the first run it tells what is there, and no time', () => {
	expect(outlookOf([count('a', 3), count('b', 4), count('c', 0)], [], 500)).toEqual({
		labels: 2,
		photos: 7,
		missing: [],
		seconds: null,
		tuning: null
	});
});

test('the last finished head tells the pace; what is still to be looked at comes on top', () => {
	const runs = [
		run({ config: { kind: 'mlp' } as TrainingRun['config'], photos: { a: 10 }, time: 9e6 }), // only its kind counts
		run({ state: 'stopped', photos: { a: 10 }, time: 9e6 }),
		run({ photos: { a: 10, b: 10 }, time: 400 })
	];
	expect(outlookOf([count('a', 20), count('b', 20)], runs, 1000).seconds).toBeCloseTo(1.8, 9);
});

test('the last finished fine-tuning tells how long an epoch takes, in seconds', () => {
	const tuned = (change: Partial<TrainingRun>, blocks: number) =>
		run({
			config: { kind: 'fine-tune', blocks, epochs: 20 } as TrainingRun['config'], // what it reads
			epochs: Array<TrainingRun['epochs'][number]>(10),
			...change
		});
	const runs = [
		tuned({ state: 'stopped', photos: { a: 10 }, time: 9e6 }, 1),
		run({ photos: { a: 10 }, time: 9e6 }),
		tuned({ photos: { a: 10, b: 10 }, time: 60_000 }, 3),
		tuned({ photos: { a: 10, b: 10 }, time: 9e6 }, 2)
	];
	expect(outlookOf([count('a', 20), count('b', 20)], runs, 1500).tuning).toEqual({
		amount: 'blocks 3',
		before: 1.5,
		epoch: 12
	});
});

test('what is missing is said', () => {
	expect(outlookOf([count('a', 3)], [], 0).missing).toHaveLength(1);
});
