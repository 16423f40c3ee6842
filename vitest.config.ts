import { sveltekit } from '@sveltejs/kit/vite';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { installedBrowser } from './scripts/browser.ts';
import { runnerPlugin } from './scripts/build/runner.ts';
import { define } from './vite.config.ts';

const browserTests = '{src,workers,models}/**/*.browser.test.ts';

export default defineConfig({
	plugins: [sveltekit(), runnerPlugin()],
	define,
	optimizeDeps: {
		exclude: ['onnxruntime-web'],
		// Imported by workers only, or when needed, so found late on a clean clone; the page would reload in the
		// middle of a test.
		include: [
			'@bufbuild/protobuf',
			'@bufbuild/protobuf/codegenv2',
			'@bufbuild/protobuf/wire',
			'@tensorflow/tfjs-core',
			'@tensorflow/tfjs-core/dist/register_all_gradients',
			'@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops',
			'@tensorflow/tfjs-layers',
			'@tensorflow/tfjs-backend-cpu',
			'@tensorflow/tfjs-backend-wasm',
			'@tensorflow/tfjs-backend-webgl',
			'@tensorflow/tfjs-backend-webgpu',
			'@zip.js/zip.js/lib/zip-core-native.js',
			'papaparse',
			'valibot'
		]
	},
	worker: { format: 'es' },
	server: { fs: { allow: ['workers', 'models', 'node_modules'] } },
	test: {
		allowOnly: false,
		// A busy machine is no reason to fail: nothing here measures time.
		testTimeout: 60_000,
		expect: { poll: { timeout: 15_000 } },
		projects: [
			{
				extends: true,
				test: {
					name: 'node',
					include: ['{src,models,scripts,tests}/**/*.test.ts'],
					exclude: [browserTests, 'tests/e2e/**']
				}
			},
			{
				extends: true,
				test: {
					name: 'browser',
					include: [browserTests],
					browser: {
						enabled: true,
						headless: true,
						screenshotFailures: false,
						provider: playwright({
							launchOptions: {
								executablePath: installedBrowser(),
								args: [
									'--no-sandbox',
									'--enable-unsafe-webgpu',
									'--use-webgpu-adapter=swiftshader',
									'--use-fake-device-for-media-stream',
									'--use-fake-ui-for-media-stream'
								]
							}
						}),
						instances: [{ browser: 'chromium' }]
					}
				}
			}
		]
	}
});
