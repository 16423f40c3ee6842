/** Which backend this device should run, and why. */
import { gpuBinary, type Backend, type Binary } from './runtime';

type Preference = 'auto' | Backend;

export interface Wish {
	preference: Preference;
	/** Whether this is an iPhone or iPad; a worker cannot tell an iPad from a Mac. */
	ios: boolean;
}

export interface Plan {
	backend: Backend;
	binary: Binary;
	/** What the GPU calls itself, where there is one. */
	adapter: string | null;
	/** Why it is not WebGPU, in words; null where it is, or where WASM was asked for. */
	reason: string | null;
}

const onCpu = (reason: string | null, adapter: string | null = null): Plan => ({
	backend: 'wasm',
	binary: 'wasm',
	adapter,
	reason
});

/**
 * WebGPU where there is a real adapter, else WASM.
 * 'webgpu' takes a software adapter too: whoever asks for it by name wants to see it run.
 * iOS is WASM unless asked otherwise: pages crash after some 500 runs there (onnxruntime#27584).
 */
export async function planBackend({ preference, ios }: Wish): Promise<Plan> {
	if (preference === 'wasm') return onCpu(null);
	if (!('gpu' in navigator)) return onCpu('This browser has no WebGPU.');
	if (preference === 'auto' && ios) return onCpu('WebGPU is not steady on iPhones and iPads yet.');
	const adapter = await navigator.gpu.requestAdapter().catch(() => null);
	if (!adapter) return onCpu('WebGPU found no graphics processor.');
	const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
	const name = [vendor, architecture, description].filter(Boolean).join(' ') || 'unnamed';
	if (isFallbackAdapter && preference === 'auto')
		return onCpu('WebGPU runs in software here, which is slower than the CPU itself.', name);
	return { backend: 'webgpu', binary: gpuBinary(), adapter: name, reason: null };
}
