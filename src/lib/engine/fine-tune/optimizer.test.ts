import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { Optimizer, type OptimizerConfig } from './optimizer';

beforeAll(() => tf.setBackend('cpu'));

const gradientAt = (step: number) => [Math.sin(step), 2 * Math.cos(3 * step)];

/** The same steps of weight `i` by plain arithmetic, as in the papers. */
function reference({ kind, weightDecay }: OptimizerConfig, i: number): number {
	const rate = 0.1 * 0.5;
	let [w, m, v] = [[1, -2][i] ?? NaN, 0, 0];
	for (let t = 1; t <= 20; t++) {
		const g = gradientAt(t)[i] ?? NaN;
		w *= 1 - rate * weightDecay;
		if (kind === 'adam') {
			m = 0.9 * m + 0.1 * g;
			v = 0.999 * v + 0.001 * g * g;
			w -= (rate * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
		} else {
			m = 0.9 * m + g;
			w -= rate * (g + 0.9 * m);
		}
	}
	return w;
}

function begin(config: OptimizerConfig, decays = true) {
	const variable = tf.tidy(() => tf.variable(tf.tensor1d([1, -2])));
	const optimizer = new Optimizer(tf, [{ variable, scale: 0.5, decays }], config);
	const go = (from: number, to: number) => {
		for (let step = from; step <= to; step++)
			tf.tidy(() => optimizer.apply({ [variable.name]: tf.tensor1d(gradientAt(step)) }, 0.1));
	};
	return { variable, optimizer, go };
}

describe.each(['adam', 'sgd'] as const)('%s', (kind) => {
	it.each([0, 0.1])('takes the steps of the paper, weight decay %s', async (weightDecay) => {
		const { variable, optimizer, go } = begin({ kind, weightDecay });
		go(1, 20);
		for (const [i, value] of (await variable.data()).entries())
			expect(value).toBeCloseTo(reference({ kind, weightDecay }, i), 4);
		optimizer.dispose();
		variable.dispose();
	});

	it('does not shrink what does not decay', async () => {
		const { variable, optimizer, go } = begin({ kind, weightDecay: 0.1 }, false);
		go(1, 20);
		for (const [i, value] of (await variable.data()).entries())
			expect(value).toBeCloseTo(reference({ kind, weightDecay: 0 }, i), 4);
		optimizer.dispose();
		variable.dispose();
	});

	it('goes on from its state as if it had not stopped, and keeps no tensor', async () => {
		const before = tf.memory().numTensors;
		const whole = begin({ kind, weightDecay: 0.01 });
		whole.go(1, 8);
		const first = begin({ kind, weightDecay: 0.01 });
		first.go(1, 5);
		const second = begin({ kind, weightDecay: 0.01 });
		second.variable.assign(first.variable);
		second.optimizer.restore(await first.optimizer.state());
		second.go(6, 8);
		expect(await second.variable.data()).toEqual(await whole.variable.data());
		for (const { variable, optimizer } of [whole, first, second]) {
			optimizer.dispose();
			variable.dispose();
		}
		expect(tf.memory().numTensors).toBe(before);
	});

	it('refuses the state of another', async () => {
		const { variable, optimizer } = begin({ kind, weightDecay: 0 });
		expect(() => optimizer.restore({ steps: 1, moments: [new Float32Array(3)] })).toThrow(RangeError);
		optimizer.dispose();
		variable.dispose();
	});
});
