import { afterEach, expect, it, vi } from 'vitest';
import { planBackend } from './adapter';

afterEach(() => vi.unstubAllGlobals());

const onCpu = { backend: 'wasm', binary: 'wasm', adapter: null };
const withGpu = (requestAdapter: () => Promise<unknown>) =>
	vi.stubGlobal('navigator', { gpu: { requestAdapter } });

for (const preference of ['auto', 'webgpu'] as const) {
	it(`is the CPU, with words, in a browser without WebGPU (12), ${preference}`, async () => {
		vi.stubGlobal('navigator', {});
		const plan = await planBackend({ preference, ios: false });
		expect(plan).toEqual({ ...onCpu, reason: 'This browser has no WebGPU.' });
	});

	for (const [what, requestAdapter] of [
		['is no adapter', () => Promise.resolve(null)],
		['asking for an adapter fails', () => Promise.reject(new Error('the GPU process is gone'))]
	] as const)
		it(`is the CPU, with words, where there ${what} (12), ${preference}`, async () => {
			withGpu(requestAdapter);
			const plan = await planBackend({ preference, ios: false });
			expect(plan).toEqual({ ...onCpu, reason: 'WebGPU found no graphics processor.' });
		});
}

it('is WebGPU on a real adapter, but on iPhones and iPads only by name', async () => {
	withGpu(() => Promise.resolve({ info: { vendor: 'acme', architecture: 'one', isFallbackAdapter: false } }));
	const real = { backend: 'webgpu', adapter: 'acme one', reason: null };
	expect(await planBackend({ preference: 'auto', ios: false })).toMatchObject(real);
	expect(await planBackend({ preference: 'auto', ios: true })).toMatchObject(onCpu);
	expect(await planBackend({ preference: 'webgpu', ios: true })).toMatchObject(real);
});
