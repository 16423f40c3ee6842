import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { runnerPlugin } from './scripts/build/runner.ts';

const versionIn = (folder: string): string =>
	(JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { version: string }).version;

/** Size and hash of ORT's binaries, so that the app can check what a network or a cache hands it. */
function engineFacts(suffix: string) {
	const bytes = readFileSync(`node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded${suffix}.wasm`);
	return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export const define = {
	APP_VERSION: JSON.stringify(versionIn('.')),
	ENGINE_VERSION: JSON.stringify(versionIn('node_modules/onnxruntime-web')),
	APP_BASE: JSON.stringify((process.env.BASE_PATH ?? '').replace(/\/+$/, '')),
	ENGINE_FACTS: JSON.stringify({
		wasm: engineFacts(''),
		jspi: engineFacts('.jspi'),
		asyncify: engineFacts('.asyncify')
	})
};

export default defineConfig({
	plugins: [sveltekit(), runnerPlugin()],
	define,
	environments: {
		client: {
			build: {
				rolldownOptions: {
					// What most pages need is two files: half as many requests for a page, a tenth less to do for it. What
					// others wrote changes seldom, so most new versions of the app leave that one alone.
					output: {
						codeSplitting: {
							groups: [
								{ name: 'vendor', test: /node_modules/, minShareCount: 3, priority: 1 },
								{ name: 'shared', minShareCount: 3 }
							]
						}
					}
				}
			}
		}
	},
	worker: { format: 'es' },
	optimizeDeps: { exclude: ['onnxruntime-web'] },
	server: { fs: { allow: ['workers', 'models'] } }
});
