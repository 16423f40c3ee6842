/** Every operator of a tail on WASM and on software WebGPU: what they give and their slopes, against plain loops. */
import { beforeAll, describe, expect, test } from 'vitest';
import { tailCases } from '../../../../tests/fixtures/tail-cases';
import { type Outcome, outcomeOf } from '../../../../tests/fixtures/tail-outcome';
import { startTf } from '../tf';

/** Largest differences of results and of slopes. */
function differences(found: Outcome, wanted: Outcome) {
	const largest = (a: ArrayLike<number>, b: ArrayLike<number>) => {
		let most = a.length === b.length ? 0 : Infinity;
		for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs((a[i] ?? NaN) - (b[i] ?? NaN)));
		return most;
	};
	return [
		...found.outputs.map(({ data }, i) => largest(data, wanted.outputs[i]?.data ?? [])),
		...found.gradients.map((gradient, i) => largest(gradient, wanted.gradients[i] ?? []))
	];
}

describe.each([
	['wasm', 2],
	['webgpu', 1]
] as const)('on %s', (backend, times) => {
	const cases = tailCases(times);
	const wanted = new Map<string, Outcome>();

	beforeAll(async () => {
		const { tf } = await startTf('cpu');
		for (const one of cases) wanted.set(one.name, await outcomeOf(tf, one));
	});

	test.each(cases)('$name', async (one) => {
		const { tf, backend: started } = await startTf(backend);
		expect(started).toBe(backend);
		const found = await outcomeOf(tf, one);
		expect(found.left).toBe(0);
		const plain = wanted.get(one.name);
		if (!plain) throw new Error('the plain loops gave nothing');
		for (const difference of differences(found, plain)) expect(difference).toBeLessThanOrEqual(1e-4);
	});
});
