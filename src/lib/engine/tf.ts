/**
 * TensorFlow.js, started on the backend that trains an MLP fastest here. Only imported dynamically: the head needs none
 * of it. Each backend is a dynamic import of its own, so a device loads only what it tries.
 */
import type * as TF from '@tensorflow/tfjs-core';
import { Trouble } from '../domain/trouble';
import { probe } from './tf-probe';
import { within } from './within';

export type TfBackend = 'webgpu' | 'webgl' | 'wasm' | 'cpu';
/** 'auto', or one by name, which is then tried even where it runs in software. */
export type TfWish = 'auto' | TfBackend;

export interface StartedTf {
	tf: typeof TF;
	backend: TfBackend;
}

/** Milliseconds for a backend to start, and for its probe. */
const START = 10_000;

let running: (StartedTf & { wish: TfWish }) | null = null;
/** The last start, which may not be over: TF.js has one backend at a time, that of whoever comes last. */
let starting: Promise<unknown> = Promise.resolve();

/**
 * Starts TF.js, once for each wish.
 *
 * @throws Trouble 'tf-failed' where no backend (or not the one asked for) computes what it should
 */
export function startTf(wish: TfWish): Promise<StartedTf> {
	const start = starting.then(() => started(wish));
	starting = start.catch(() => undefined);
	return start;
}

async function started(wish: TfWish): Promise<StartedTf> {
	if (running?.wish === wish) {
		await running.tf.setBackend(running.backend);
		return running;
	}
	running = null;
	const tf = await import('./tf-core').catch((cause: unknown) => {
		throw failed(cause);
	});
	let best: { backend: TfBackend; time: number } | null = null;
	let cause: unknown = null;
	for (const backend of await candidates(wish)) {
		if (best && backend === 'cpu') break; // plain loops, for where nothing else works
		const over = new AbortController();
		const using = use(tf, backend, over.signal);
		try {
			await within(START, using);
			const time = await within(START, probe(tf));
			if (!best || time < best.time) best = { backend, time };
		} catch (reason) {
			cause = reason;
			over.abort();
			// One that comes up too late would take the place of the one that is at work then.
			using.then(
				() => running && tf.setBackend(running.backend),
				() => undefined
			);
		}
	}
	if (!best) throw failed(cause);
	await tf.setBackend(best.backend);
	running = { tf, backend: best.backend, wish };
	return running;
}

const failed = (cause: unknown) =>
	new Trouble(
		'tf-failed',
		'TensorFlow.js could not be started on this device, so nothing was changed. Choose the other kind of model, or reload the page.',
		{ cause }
	);

/** In the order in which they are to be tried. */
export async function candidates(wish: TfWish): Promise<TfBackend[]> {
	if (wish !== 'auto') return [wish];
	const gpu = (await hasGpu()) ? (['webgpu'] as const) : [];
	const gl = hasWebgl() ? (['webgl'] as const) : [];
	return [...gpu, ...gl, 'wasm', 'cpu'];
}

/** Whether WebGPU is more than software. */
async function hasGpu(): Promise<boolean> {
	if (!('gpu' in navigator)) return false;
	const adapter = await navigator.gpu.requestAdapter().catch(() => null);
	return adapter !== null && !adapter.info.isFallbackAdapter;
}

/** Whether WebGL 2 is there and more than software. */
function hasWebgl(): boolean {
	if (!('OffscreenCanvas' in globalThis)) return false;
	const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
	if (!gl) return false;
	const facts = gl.getExtension('WEBGL_debug_renderer_info');
	const renderer = String(gl.getParameter(facts ? facts.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
	gl.getExtension('WEBGL_lose_context')?.loseContext();
	return !/swiftshader|llvmpipe|software|basic render/i.test(renderer);
}

/** @param signal it was given up */
async function use(tf: typeof TF, backend: TfBackend, signal: AbortSignal): Promise<void> {
	await register(tf, backend);
	signal.throwIfAborted();
	if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} here.`);
	await tf.ready();
}

/** Loads a backend's module, which adds itself to TF.js. */
async function register(tf: typeof TF, backend: TfBackend): Promise<void> {
	switch (backend) {
		case 'webgpu':
			// A null adapter is a TypeError deep in there.
			if (!(await navigator.gpu?.requestAdapter())) throw new Error('WebGPU found no graphics processor.');
			await import('@tensorflow/tfjs-backend-webgpu');
			return;
		case 'webgl':
			await import('@tensorflow/tfjs-backend-webgl');
			return;
		case 'wasm': {
			const [{ setWasmPaths }, { default: file }] = await Promise.all([
				import('@tensorflow/tfjs-backend-wasm'),
				import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url&no-inline')
			]);
			const url = new URL(file, self.location.href).href;
			setWasmPaths({
				'tfjs-backend-wasm.wasm': url,
				'tfjs-backend-wasm-simd.wasm': url,
				'tfjs-backend-wasm-threaded-simd.wasm': url
			});
			// Its threads start from a blob, which `worker-src 'self'` forbids: it would hang without a word.
			tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
			return;
		}
		case 'cpu':
			await import('@tensorflow/tfjs-backend-cpu');
			return;
	}
}
