import { describe, expect, test } from 'vitest';
import { calibrated, calibrationError, fitTemperature, reliabilityBins } from './calibration';
import { Random } from './random';

/** Photos whose labels are drawn from softmax(logits), then all logits multiplied by `factor`. */
function drawn(photos: number, classes: number, factor: number) {
	const random = new Random(5);
	const targets = new Int32Array(photos);
	const logits = new Float32Array(photos * classes);
	for (let i = 0; i < photos; i++) {
		const row = Float32Array.from({ length: classes }, () => 4 * random.next());
		const probabilities = calibrated(row, 1);
		let rest = random.next();
		let label = 0;
		while (label < classes - 1 && (rest -= probabilities[label] ?? 0) > 0) label++;
		targets[i] = label;
		logits.set(
			row.map((x) => x * factor),
			i * classes
		);
	}
	return { logits, targets };
}

describe('the temperature', () => {
	test('takes back what the logits were multiplied by, with many photos', () => {
		for (const factor of [0.5, 1, 3]) {
			const { logits, targets } = drawn(4000, 4, factor);
			expect(fitTemperature(logits, 1, targets, 4) / factor).toBeCloseTo(1, 1);
		}
	});

	test('stays near 1 with few', () => {
		const { logits, targets } = drawn(6, 4, 10);
		const few = fitTemperature(logits, 1, targets, 4);
		expect(few).toBeGreaterThan(1);
		expect(few).toBeLessThan(2.5);
		expect(fitTemperature(new Float32Array(0), 1, new Int32Array(0), 3)).toBeCloseTo(1, 3);
	});

	test('is where the derivative of the objective is zero', () => {
		const { logits, targets } = drawn(50, 3, 2);
		const objective = (u: number) => {
			let sum = (u / 0.25) ** 2 / 2;
			for (let i = 0; i < 50; i++) {
				const row = logits.subarray(i * 3, i * 3 + 3);
				sum -= Math.log(calibrated(row, Math.exp(u))[targets[i] ?? 0] ?? 0);
			}
			return sum;
		};
		const u = Math.log(fitTemperature(logits, 1, targets, 3));
		expect((objective(u + 1e-3) - objective(u - 1e-3)) / 2e-3).toBeCloseTo(0, 1);
		for (let other = -2; other <= 2; other += 0.05)
			expect(objective(u)).toBeLessThanOrEqual(objective(other) + 1e-6);
	});

	test('counts a photo once, however many repeats', () => {
		const { logits, targets } = drawn(40, 3, 2);
		const thrice = new Float32Array(3 * logits.length);
		for (let r = 0; r < 3; r++) thrice.set(logits, r * logits.length);
		expect(fitTemperature(thrice, 3, targets, 3)).toBeCloseTo(fitTemperature(logits, 1, targets, 3), 6);
	});

	test('does not heed photos that were not judged', () => {
		const { logits, targets } = drawn(40, 3, 2);
		const more = new Float32Array(logits.length + 30);
		more.set(logits);
		expect(
			fitTemperature(more, 1, Int32Array.from([...targets, ...new Array<number>(10).fill(1)]), 3)
		).toBeCloseTo(fitTemperature(logits, 1, targets, 3), 6);
	});
});

test('probabilities are a softmax that does not overflow', () => {
	expect([...calibrated([1000, 1000], 1)]).toEqual([0.5, 0.5]);
	const [first, second] = calibrated([2, 0], 2);
	expect((first ?? 0) / (second ?? 1)).toBeCloseTo(Math.E, 10);
});

test('the calibration error is the mean gap between what was stated and what was right', () => {
	// Bin 0.9..1: four of 0.95, three right: gap 0.2. Bin 0.5..0.6: two of 0.55, both right: gap 0.45.
	const answers = [
		...[true, true, true, false].map((right) => ({ probability: 0.95, right, weight: 1 })),
		...[true, true].map((right) => ({ probability: 0.55, right, weight: 1 }))
	];
	const bins = reliabilityBins(answers);
	expect(bins.map(({ photos }) => photos)).toEqual([2, 4]);
	expect(bins[1]?.right).toBeCloseTo(0.75);
	expect(calibrationError(bins)).toBeCloseTo((2 * 0.45 + 4 * 0.2) / 6, 10);
	expect(calibrationError([])).toBe(0);
	expect(reliabilityBins([{ probability: 1, right: true, weight: 1 / 3 }])[0]?.photos).toBeCloseTo(1 / 3);
});
