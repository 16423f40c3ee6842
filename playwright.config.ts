import { defineConfig, devices } from '@playwright/test';
import { launchWith } from './tests/fixtures/flags';

/** The whole app: the production build in a real browser. Each test starts the servers it needs on free ports. */
export default defineConfig({
	testDir: 'tests/e2e',
	outputDir: 'tests/results/e2e',
	forbidOnly: true,
	workers: 2,
	timeout: 60_000,
	expect: { timeout: 15_000 },
	reporter: 'list',
	use: {
		...devices['Desktop Chrome'],
		launchOptions: launchWith()
	}
});
