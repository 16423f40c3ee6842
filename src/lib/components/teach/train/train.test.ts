import { describe, expect, test } from 'vitest';
import type { Evaluation } from '$lib/domain/evaluation';
import type { TrainingRun } from '$lib/domain/model';
import {
	FINE_TUNE,
	FINE_TUNE_SETTINGS,
	HEAD,
	MLP,
	MLP_SETTINGS,
	nearestChoice,
	SCRATCH,
	SCRATCH_SETTINGS
} from './config';
import { curveOf, hasValidation, lastEpoch, lossCeiling, wholeNumber } from './curve';
import {
	accuracyWords,
	didWords,
	gainShort,
	gainWords,
	kindWords,
	leftWords,
	outlookWords,
	photosOf,
	powerOfTen,
	recommended,
	rightWords,
	strengthSentence,
	whenWords
} from './words';

const path = [-5.5, -4.5, -3.5, -2.5].map((power) => ({ lambda: 10 ** power, logLoss: 0.4 }));

const run: TrainingRun = {
	id: 'run',
	projectId: 'project',
	from: 'f00d',
	withheld: 0,
	started: Date.UTC(2025, 5, 4, 9, 20),
	time: 312,
	config: HEAD,
	photos: { daisy: 50, camomile: 48, off: 0 },
	state: 'done',
	trouble: '',
	epochs: [],
	strength: { chosen: 10 ** -4.5, path },
	engine: 'L-BFGS',
	modelId: 'model',
	evaluation: null
};

const judged = (value: number, telling: boolean): Evaluation => ({
	source: 'folds',
	labels: ['daisy', 'camomile'],
	photos: 98,
	groups: 98,
	accuracy: { value, low: value - 0.07, high: Math.min(1, value + 0.05) },
	telling,
	perLabel: [],
	confusion: [],
	binary: null,
	reliability: [],
	calibrationError: 0.04,
	verdicts: [],
	suspects: [],
	gainFromDoubling: 0.01,
	strangers: null
});

const epoch = (number: number, loss: number, validationLoss: number | null) => ({
	epoch: number,
	loss,
	accuracy: 0.5,
	validationLoss,
	validationAccuracy: validationLoss === null ? null : 0.4
});

describe('before a run', () => {
	const outlook = { labels: 3, photos: 148, missing: [], seconds: 2.2, tuning: null };

	test('the sentence says how much is learned from and how long it takes', () => {
		expect(outlookWords(outlook, HEAD)).toBe('3 labels, 148 photos, about 2 seconds');
		expect(outlookWords({ ...outlook, seconds: null }, HEAD)).toBe('3 labels, 148 photos');
	});

	test('the time of a head is not promised for an MLP', () => {
		expect(outlookWords(outlook, MLP)).toBe('3 labels, 148 photos, 50 epochs of the MLP');
	});

	test('fine-tuning takes minutes, until a run with as many blocks has told how many', () => {
		const words = (blocks: number) =>
			outlookWords({ ...outlook, tuning: { amount: `blocks ${blocks}`, before: 10, epoch: 15 } }, FINE_TUNE);
		expect(outlookWords(outlook, FINE_TUNE)).toBe(
			'3 labels, 148 photos, 20 epochs of fine-tuning, some minutes'
		);
		expect(words(1)).toContain('some minutes');
		expect(words(2)).toBe('3 labels, 148 photos, 20 epochs of fine-tuning, about 5 minutes');
	});

	test('from scratch it takes minutes or more, until a run at that size has told how many', () => {
		const words = (size: number) =>
			outlookWords({ ...outlook, tuning: { amount: `scratch ${size}`, before: 10, epoch: 15 } }, SCRATCH);
		expect(words(64)).toBe('3 labels, 148 photos, up to 20 epochs from scratch, minutes or more');
		expect(words(32)).toBe('3 labels, 148 photos, up to 20 epochs from scratch, about 5 minutes');
	});
});

test.each([
	[0, 'a few seconds left'],
	[5_000, 'a few seconds left'],
	[31_000, 'about 40 seconds left'],
	[38_000, 'about 40 seconds left'],
	[118_000, 'about 2 minutes left']
])('%d ms before the end: %s', (ms, words) => expect(leftWords(ms)).toBe(words));

describe('the settings', () => {
	test.each([
		...MLP_SETTINGS.map((setting) => ({ way: 'an MLP', usual: MLP[setting.key], ...setting })),
		...SCRATCH_SETTINGS.map((setting) => ({ way: 'from scratch', usual: SCRATCH[setting.key], ...setting })),
		...FINE_TUNE_SETTINGS.map((setting) => ({
			way: 'fine-tuning',
			usual: FINE_TUNE[setting.key],
			...setting
		}))
	])('$words of $way: the usual value is one of the choices, which rise', ({ usual, choices }) => {
		expect(choices[nearestChoice(choices, usual)]).toBe(usual);
		expect([...choices].sort((a, b) => a - b)).toEqual(choices);
	});

	test('a value between two choices is shown at the nearer one', () => {
		expect(nearestChoice([10, 20, 50], 30)).toBe(1);
		expect(nearestChoice([10, 20, 50], 1000)).toBe(2);
	});
});

describe('after a run', () => {
	test('a head says what it learned, how fast, and how strongly it was held back', () => {
		expect(photosOf(run)).toBe(98);
		expect(didWords(run)).toMatch(
			/^It learned 2 labels from 98 photos in 312 ms\. Of 4 strengths .*the second weakest/
		);
	});

	test('a head whose strength could not be chosen says nothing of it', () => {
		expect(didWords({ ...run, strength: null })).toBe('It learned 2 labels from 98 photos in 312 ms.');
	});

	test('what was left out for the test is said', () => {
		expect(didWords(run)).not.toContain('took no part');
		expect(didWords({ ...run, withheld: 1 })).toMatch(/1 photo shows nearly the same .* took no part\.$/);
		expect(didWords({ ...run, withheld: 3 })).toMatch(/3 photos show nearly the same/);
	});

	test('an MLP says how often it went through the photos', () => {
		const epochs = [epoch(1, 1, null), epoch(2, 0.5, null)];
		expect(didWords({ ...run, config: MLP, engine: 'wasm', strength: null, epochs })).toMatch(
			/went through them 2 times, 16 at a time \(wasm\), with a part set aside/
		);
	});

	test('training from scratch says what it trained on', () => {
		const config = { ...SCRATCH, size: 64 } as const;
		const epochs = Array.from({ length: 20 }, (_, i) => epoch(i + 1, 1 / (i + 1), 1.1 / (i + 1)));
		expect(didWords({ ...run, config, engine: 'wasm', strength: null, epochs, taken: 10 })).toContain(
			'It trained all of a network that knew nothing, at 64 px, 64 photos at a time, for 10 of 20 epochs (wasm): as many as did good for photos it had not seen.'
		);
	});

	test('fine-tuning says what it trained, and how long it was kept', () => {
		const tuned = { ...run, config: FINE_TUNE, engine: 'webgpu', strength: null };
		const epochs = Array.from({ length: 20 }, (_, i) => epoch(i + 1, 1 / (i + 1), 1.1 / (i + 1)));
		const ended = didWords({ ...tuned, epochs: epochs.slice(0, 3), taken: 3 });
		expect(ended).toContain('for 3 of 20 epochs (webgpu), as it was ended early.');
		expect(didWords({ ...tuned, epochs })).toContain(
			'It trained the network’s last 2 blocks and a head, 32 photos at a time, for up to 20 epochs (webgpu): as many as did good for photos it had not seen.'
		);
		expect(didWords({ ...tuned, epochs, taken: 15 })).toContain('for 15 of 20 epochs (webgpu)');
		const half = didWords({ ...tuned, epochs, taken: 20, share: 0.5 });
		expect(half).toContain(
			'32 photos at a time, for 20 epochs (webgpu), and kept half of what they learned: as much as did good for photos it had not seen.'
		);
		expect(didWords({ ...tuned, epochs: epochs.slice(0, 3), taken: 3, share: 1 })).toContain(
			'for 3 epochs (webgpu), as it was ended early, and kept all of what they learned'
		);
		const blind = epochs.map((one) => ({ ...one, validationLoss: null }));
		const one = didWords({ ...tuned, config: { ...FINE_TUNE, blocks: 1 }, epochs: blind });
		expect(one).toContain('the network’s last block and a head');
		expect(one).toContain('went through them 20 times (webgpu)');
		expect(one).not.toContain('best');
	});

	test.each([
		[{ value: 0.03, low: 0.01, high: 0.05 }, 'it is right 3 percentage points more often than the head (between 1 and 5).', 'better than the head (+3 points, between 1 and 5)'], // prettier-ignore
		[{ value: 0.01, low: 0.002, high: 0.018 }, 'it is right 1 percentage point more often than the head (between 0 and 2).', 'better than the head (+1 point, between 0 and 2)'], // prettier-ignore
		[{ value: 0.004, low: 0.001, high: 0.007 }, 'it is right less than a percentage point more often than the head (between 0 and 1).', 'better than the head (0 points, between 0 and 1)'], // prettier-ignore
		[{ value: 0.01, low: -0.05, high: 0.07 }, 'by more than chance (1 percentage point more often right, between −5 and 7), so the head stays in use.', 'not better than the head (+1 point, between −5 and 7)'], // prettier-ignore
		[{ value: -0.03, low: -0.05, high: -0.01 }, 'by more than chance (3 percentage points less often right, between −5 and −1), so the head stays in use.', 'not better than the head (−3 points, between −5 and −1)'], // prettier-ignore
		[{ value: 0, low: -0.004, high: 0.004 }, 'by more than chance (as often right, between 0 and 0), so the head stays in use.', 'not better than the head (0 points, between 0 and 0)'], // prettier-ignore
		[null, 'There were too few photos to compare it with the head, so the head stays in use.', 'too few photos to compare it with the head'] // prettier-ignore
	])('whether fine-tuning was worth it: %o', (gain, words, short) => {
		expect(gainWords(gain, true)).toContain(words);
		expect(gainWords(gain, false)).not.toContain('stays');
		expect(gainShort(gain)).toBe(short);
	});

	test.each([
		[0, 'the weakest'],
		[1, 'the second weakest'],
		[2, 'the third weakest'],
		[3, 'the strongest']
	])('strength %i of the path is %s', (at, words) => {
		const chosen = path[at]?.lambda ?? 0;
		expect(strengthSentence({ chosen, path: [...path].reverse() })).toContain(`it took ${words} (`);
	});

	test('a strength that was given is not called chosen', () => {
		expect(strengthSentence({ chosen: 0.01, path: [] })).not.toContain('took');
	});

	test.each([
		[10 ** -4.5, '3.2 × 10⁻⁵'],
		[1e-3, '1 × 10⁻³'],
		[25, '2.5 × 10¹']
	])('%d is written %s', (value, words) => expect(powerOfTen(value)).toBe(words));

	test('the accuracy is a figure only where it tells something', () => {
		expect(accuracyWords(null)).toBe('too few photos to judge');
		expect(accuracyWords(judged(0.91, false))).not.toMatch(/\d/);
		expect(accuracyWords(judged(0.91, true))).toBe('91\u202f%, between 84 and 96');
		expect(rightWords(judged(0.91, true))).toBe('91\u202f% right, between 84 and 96');
		expect(rightWords(judged(0.91, false))).toBe(accuracyWords(judged(0.91, false)));
		expect(accuracyWords(judged(1, true))).toBe('all right; of new ones probably 93 of 100 or more');
	});

	test('kind and time are named', () => {
		expect(kindWords(HEAD)).toBe('Head');
		expect(kindWords(MLP)).toBe('MLP, 128 units, 50 epochs');
		expect(kindWords(SCRATCH)).toBe('From scratch, 32 px, 20 epochs');
		expect(kindWords(FINE_TUNE)).toBe('Fine-tuned, 2 blocks, 20 epochs');
		expect(whenWords(run.started, 'en-GB', 'UTC')).toBe('4 Jun 2025, 09:20');
	});
});

describe('the curve', () => {
	test('has a point for each epoch, and a gap where the loss ran away', () => {
		const { training, validation } = curveOf([epoch(1, 1.2, 1.3), epoch(2, NaN, Infinity)], 'loss');
		expect(training).toEqual([
			{ x: 1, y: 1.2 },
			{ x: 2, y: null }
		]);
		expect(validation.map(({ y }) => y)).toEqual([1.3, null]);
	});

	test('has no line of validation where none was set aside', () => {
		expect(hasValidation(curveOf([epoch(1, 1, null)], 'accuracy'))).toBe(false);
		expect(hasValidation(curveOf([epoch(1, 1, 1)], 'accuracy'))).toBe(true);
	});

	test.each([
		[0.03, 0.1],
		[0.1, 0.1],
		[0.12, 0.15],
		[1.1, 1.5],
		[2.5, 3],
		[6, 10]
	])('a loss up to %d is drawn up to %d', (loss, ceiling) => {
		expect(lossCeiling(curveOf([epoch(1, loss, null)], 'loss'))).toBeCloseTo(ceiling, 9);
	});

	test('reaches as far as is planned while it goes on, else to its end', () => {
		expect(lastEpoch([epoch(1, 1, 1), epoch(2, 1, 1), epoch(3, 1, 1)], 50)).toBe(50);
		expect(lastEpoch([epoch(1, 1, 1), epoch(2, 1, 1), epoch(3, 1, 1)], 0)).toBe(3);
		expect([1.5, 2].map(wholeNumber)).toEqual(['', '2']);
	});
});

test('recommended is what gains most over the head, else the head; nothing where there is no choice', () => {
	const one = (id: string, config: TrainingRun['config'], gain?: TrainingRun['gain'], more = {}) => ({
		...{ ...run, id, config, modelId: id, from: 'now', ...(gain !== undefined && { gain }) },
		...more
	});
	const gain = (value: number) => ({ value, low: value - 0.02, high: value + 0.02 });
	const head = one('head', HEAD);
	expect(recommended([head], 'now')).toBeNull();
	expect(recommended([one('tuned', FINE_TUNE, null), head], 'now')).toBeNull();
	expect(recommended([one('tuned', FINE_TUNE, gain(0.03)), one('mlp', MLP, gain(0.01)), head], 'now')).toBe(
		'tuned'
	);
	expect(recommended([one('tuned', FINE_TUNE, gain(0.01)), one('mlp', MLP, gain(0.04)), head], 'now')).toBe(
		'mlp'
	);
	expect(recommended([one('tuned', FINE_TUNE, gain(-0.01)), head], 'now')).toBe('head');
	// Of other photos, or without a model any more.
	const gone = one('gone', MLP, gain(0.5), { modelId: null });
	const other = one('other', MLP, gain(0.5), { from: 'before' });
	expect(recommended([gone, other, one('tuned', FINE_TUNE, gain(0)), head], 'now')).toBe('head');
});
