import { describe, expect, it } from 'vitest';
import { stepSize } from './schedule';

describe('the size of a step', () => {
	const schedule = { steps: 100, warmup: 10, peak: 0.5 };
	const sizes = Array.from({ length: 100 }, (_, step) => stepSize(step, schedule));

	it('rises evenly to the peak, then falls all the way', () => {
		expect(Math.max(...sizes)).toBe(0.5);
		expect(sizes.indexOf(0.5)).toBe(10);
		for (const [step, size] of sizes.entries()) {
			const before = sizes[step - 1] ?? 0;
			if (step <= 10) expect(size).toBeGreaterThan(before);
			else expect(size).toBeLessThan(before);
		}
	});

	it('is half the peak in the middle of the fall, and next to nothing at the end', () => {
		expect(stepSize(55, schedule)).toBeCloseTo(0.25, 12);
		expect(sizes.at(-1)).toBeGreaterThan(0);
		expect(sizes.at(-1)).toBeLessThan(0.001);
		expect(stepSize(100, schedule)).toBe(0);
	});

	it('begins at the peak without a warm-up, also for a single step', () => {
		expect(stepSize(0, { steps: 1, warmup: 0, peak: 2 })).toBe(2);
	});
});
