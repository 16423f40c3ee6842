/**
 * ONNX Runtime Web, one of its three builds, started once for each worker.
 * Each build is a dynamic import, so a device loads only what it runs: `wasm` (14 MB) without a GPU,
 * `jspi` (17 MB) where WebAssembly can suspend on a promise, `asyncify` (27 MB) for WebGPU elsewhere.
 * The default entry of the package is avoided: it is the old JSEP build (onnxruntime#26827).
 */
import type * as Ort from 'onnxruntime-web';
import asyncifyUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url&no-inline';
import jspiUrl from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url&no-inline';
import threadModuleUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url&no-inline';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url&no-inline';
import type { FileFacts } from '../domain/card';
import { Trouble } from '../domain/trouble';

export type Backend = 'webgpu' | 'wasm';
/** Builds of ORT's binary. `wasm` has no WebGPU; the other two run either backend. */
export type Binary = 'wasm' | 'jspi' | 'asyncify';

const builds: Record<Binary, () => Promise<typeof Ort>> = {
	wasm: () => import('onnxruntime-web/wasm'),
	jspi: () => import('onnxruntime-web/jspi'),
	asyncify: () => import('onnxruntime-web/webgpu')
};
const urls: Record<Binary, string> = { wasm: wasmUrl, jspi: jspiUrl, asyncify: asyncifyUrl };

/** Where a binary is and what it must hash to; its URL is absolute. */
export function binaryFile(binary: Binary): FileFacts {
	return { url: new URL(urls[binary], self.location.href).href, ...ENGINE_FACTS[binary] };
}

/** The build with WebGPU that this browser can run. */
export function gpuBinary(): Binary {
	return 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
}

export interface RuntimeOptions {
	binary: Binary;
	/** The bytes of `binaryFile(binary)`, already checked. */
	bytes: ArrayBuffer;
	/** More than one needs a cross-origin isolated page and the `wasm` build. */
	threads: number;
}

/**
 * Prepares ORT in this worker. Its settings can be given only once a realm: for others, make a new worker.
 *
 * @throws Trouble 'engine-failed' where the module itself cannot be loaded
 */
export async function startRuntime({ binary, bytes, threads }: RuntimeOptions): Promise<typeof Ort> {
	const ort = await builds[binary]().catch((cause: unknown) => {
		throw new Trouble('engine-failed', 'A part of the app could not be loaded. Reload the page.', { cause });
	});
	ort.env.logLevel = 'error';
	ort.env.wasm.wasmBinary = bytes;
	ort.env.wasm.numThreads = threads;
	// A bundler renames the chunk that the bundled build would start its threads from.
	if (threads > 1) ort.env.wasm.wasmPaths = { mjs: new URL(threadModuleUrl, self.location.href).href };
	return ort;
}
