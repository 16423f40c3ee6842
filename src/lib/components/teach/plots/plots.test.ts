import { describe, expect, test } from 'vitest';
import { aboutSeconds, count, estimateWords, percent, percentOrDash, took } from './figures';
import { draw, pathThrough } from './plot';

const frame = { width: 100, height: 60, left: 10, right: 10, top: 10, bottom: 10 };
const axis = { domain: [0, 1] as const, ticks: 5, words: (value: number) => String(value) };

describe('a drawing', () => {
	test('puts the domain into the frame, larger values higher', () => {
		const { x, y } = draw(frame, axis, axis);
		expect([x(0), x(1)]).toEqual([10, 90]);
		expect([y(0), y(1)]).toEqual([50, 10]);
	});

	test('has ticks at round values, within the domain, with their words', () => {
		const { xTicks } = draw(frame, axis, axis);
		expect(xTicks.map(({ words }) => words)).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1']);
		expect(xTicks.map(({ at }) => Math.round(at))).toEqual([10, 26, 42, 58, 74, 90]);
	});
});

describe('a path', () => {
	const drawing = draw(frame, axis, axis);

	test('goes through its points in their order', () => {
		const path = pathThrough(drawing, [
			{ x: 0, y: 0 },
			{ x: 0.5, y: 1 },
			{ x: 1, y: 0.5 }
		]);
		expect(path).toBe('M10,50L50,10L90,30');
	});

	test('leaves a gap where there is no value', () => {
		const points = [0, 0.25, 0.5, 0.75, 1].map((x) => ({ x, y: x === 0.5 ? null : x }));
		expect(pathThrough(drawing, points).match(/M/g)).toHaveLength(2);
	});

	test('of nothing is empty', () => {
		expect(pathThrough(drawing, [])).toBe('');
		expect(pathThrough(drawing, [{ x: 1, y: null }])).toBe('');
	});
});

describe('figures', () => {
	test('say 0 and 100 only where it is just that', () => {
		expect([0, 0.001, 0.914, 0.999, 1].map((share) => percent(share).replace('\u202f', ' '))).toEqual([
			'0 %',
			'1 %',
			'91 %',
			'99 %',
			'100 %'
		]);
		expect(percentOrDash(null)).toBe('–');
	});

	test('come with their interval', () => {
		expect(estimateWords({ value: 0.91, low: 0.85, high: 0.951 })).toBe('91\u202f%, between 85 and 95');
	});

	test('are counted in words', () => {
		expect(count(1, 'photo')).toBe('1 photo');
		expect(count(1480, 'photo')).toBe('1,480 photos');
		expect(count(2, 'group of two', 'groups of two')).toBe('2 groups of two');
	});

	test.each([
		[0.2, 'less than a second'],
		[1, 'about 1 second'],
		[2.4, 'about 2 seconds'],
		[89, 'about 89 seconds'],
		[130, 'about 2 minutes']
	])('%d seconds ahead are %s', (seconds, words) => {
		expect(aboutSeconds(seconds)).toBe(words);
	});

	test.each([
		[0.3, '1 ms'],
		[312, '312 ms'],
		[4210, '4.2 seconds'],
		[75_300, '75 seconds'],
		[233_000, '4 minutes']
	])('%d milliseconds were %s', (ms, words) => {
		expect(took(ms)).toBe(words);
	});
});
