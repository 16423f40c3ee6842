import { sveltekit } from '@sveltejs/kit/vite';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { installedBrowser } from './scripts/browser.ts';
import { define } from './vite.config.ts';

const browserTests = '{src,workers,models}/**/*.browser.test.ts';

export default defineConfig({
	plugins: [sveltekit()],
	define,
	optimizeDeps: { exclude: ['onnxruntime-web'] },
	worker: { format: 'es' },
	server: { fs: { allow: ['workers', 'models', 'node_modules'] } },
	test: {
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
