import { describe, expect, test } from 'vitest';
import { activationMap } from './activation';
import { goldenInput } from './golden';
import { probabilities, softmax, Steady, stillAnswer, topK } from './prediction';

const of = (...values: number[]) => Float32Array.from(values);

describe('probabilities', () => {
	test('softmax agrees with its definition and survives large logits', () => {
		const expected = [1, 2, 3].map((x) => Math.exp(x) / (Math.exp(1) + Math.exp(2) + Math.exp(3)));
		for (const [i, p] of softmax(of(1, 2, 3)).entries()) expect(p).toBeCloseTo(expected[i] ?? NaN, 6);
		expect([...softmax(of(1000, 1000))]).toEqual([0.5, 0.5]);
	});
	test('background takes its share and is left out', () => {
		const p = probabilities(of(2, 1, 1), { name: 'l', kind: 'logits', skip: 1 });
		expect(p.length).toBe(2);
		expect(p[0]).toBeCloseTo(Math.E / (Math.E ** 2 + 2 * Math.E), 6);
		expect([...probabilities(of(0.25, 0.75), { name: 'p', kind: 'probabilities', skip: 0 })]).toEqual([
			0.25, 0.75
		]);
	});
	test('topK agrees with sorting', () => {
		const values = Float32Array.from({ length: 200 }, (_, i) => ((i * 7919) % 211) / 211);
		const sorted = [...values.entries()].sort((a, b) => b[1] - a[1]).slice(0, 5);
		expect(topK(values, 5).map(({ index }) => index)).toEqual(sorted.map(([index]) => index));
		expect(topK(of(0.5, 0.5, 0.1), 2).map(({ index }) => index)).toEqual([0, 1]);
		expect(topK(of(0.5), 3)).toEqual([{ index: 0, probability: 0.5 }]);
	});
});

describe('Steady', () => {
	const [a, b] = [of(0.9, 0.1), of(0.1, 0.9)];
	test('one odd frame changes nothing', () => {
		const steady = new Steady();
		steady.add(a, 0);
		steady.add(a, 66);
		expect(steady.add(b, 132).guesses[0]?.index).toBe(0);
		expect(steady.add(a, 198).guesses[0]?.index).toBe(0);
	});
	test('a new answer is shown after it has led for a third of a second, not before', () => {
		const steady = new Steady();
		steady.add(a, 0);
		const shown: number[] = [];
		let leads = -1;
		for (let time = 50; time <= 1500; time += 50) {
			const { guesses } = steady.add(b, time);
			shown.push(guesses[0]?.index ?? -1);
			if (leads < 0 && (guesses[1]?.probability ?? 0) > (guesses[0]?.probability ?? 0)) leads = time;
		}
		const changed = 50 * (shown.indexOf(1) + 1);
		expect(leads).toBeGreaterThan(0);
		expect(changed - leads).toBeGreaterThanOrEqual(333);
		expect(changed - leads).toBeLessThanOrEqual(400);
	});
	test('the average does not depend on the frame rate', () => {
		const at = (step: number) => {
			const steady = new Steady();
			steady.add(a, 0);
			let last = 0;
			for (let time = step; time <= 600; time += step)
				last = steady.add(b, time).guesses.find(({ index }) => index === 1)?.probability ?? NaN;
			return last;
		};
		expect(at(20)).toBeCloseTo(at(100), 4);
	});
	test('reset and another number of classes start anew', () => {
		const steady = new Steady();
		steady.add(a, 0);
		expect(steady.add(of(0, 0, 1), 10).guesses[0]).toEqual({ index: 2, probability: 1 });
		steady.reset();
		expect(steady.add(of(0, 1, 0), 20).guesses[0]).toEqual({ index: 1, probability: 1 });
	});
	test('panning from one sure thing to another never says “not sure”', () => {
		const [x, y] = [of(0.9, 0.05, 0.05), of(0.05, 0.9, 0.05)];
		const steady = new Steady();
		const said = [steady.add(x, 0)];
		for (let time = 66; time <= 1400; time += 66) said.push(steady.add(y, time));
		expect(said.every(({ sure }) => sure)).toBe(true);
		expect(said.at(-1)?.guesses[0]?.index).toBe(1);
	});
	test('a first answer that hovers at the threshold does not swap the words', () => {
		const steady = new Steady();
		const said: boolean[] = [];
		for (let i = 0; i < 200; i++) {
			const p = 0.35 + (i % 2 ? 0.1 : -0.1);
			said.push(steady.add(of(p, 0.2, 0.1), i * 66).sure);
		}
		expect(said.filter((sure, i) => i > 0 && sure !== said[i - 1]).length).toBeLessThanOrEqual(1);
	});
	test('the places behind the first change at most every third of a second, and do change', () => {
		const steady = new Steady();
		const shown: string[] = [];
		for (let i = 0; i < 90; i++) {
			const odd = i % 2 === 1;
			const { guesses } = steady.add(of(0.5, odd ? 0.24 : 0.2, odd ? 0.2 : 0.24), i * 66);
			shown.push(guesses.map(({ index }) => index).join());
		}
		const changes = shown.filter((places, i) => i > 0 && places !== shown[i - 1]).length;
		expect(changes).toBeLessThanOrEqual((90 * 66) / 333);
		const later = [0, 66, 132, 198, 264, 330, 396].map((t) => steady.add(of(0.5, 0.1, 0.4), 90 * 66 + t));
		expect(later.at(-1)?.guesses.map(({ index }) => index)).toEqual([0, 2, 1]);
	});
	test('a frame with fewer classes than places is shown whole', () => {
		expect(new Steady().add(of(0.7, 0.3), 0).guesses.map(({ index }) => index)).toEqual([0, 1]);
	});
	test('sure only from the threshold on', () => {
		expect(stillAnswer(of(0.3, 0.2)).sure).toBe(false);
		expect(stillAnswer(of(0.36, 0.2)).sure).toBe(true);
	});
});

describe('class activation map', () => {
	test('weights the channels, leaves out what speaks against, peaks at 1', () => {
		const map = of(1, 0, 0, 2, 0, 1, 0, 0);
		const heat = activationMap(map, [2, 2, 2], of(1, -3));
		expect([...heat.data]).toEqual([0.5, 0, 0, 1]);
		expect([...activationMap(map, [2, 2, 2], of(-1, -1)).data]).toEqual([0, 0, 0, 0]);
	});
	test('sizes that do not fit are refused', () => {
		expect(() => activationMap(of(1, 2), [1, 2, 2], of(1))).toThrow(RangeError);
	});
});

test('the golden input is the same on every machine', () => {
	const data = goldenInput(32);
	expect(data.length).toBe(3 * 32 * 32);
	const sum = data.reduce((a, b) => a + b, 0);
	expect(sum).toBeCloseTo(1489.675, 2);
	expect(Math.min(...data)).toBeGreaterThanOrEqual(0);
	expect(Math.max(...data)).toBeLessThanOrEqual(1);
});
