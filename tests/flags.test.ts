import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { featuresOff, offByPlaywright } from './fixtures/flags';

test('what Playwright switches off in Chromium stays off', () => {
	const core = dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'));
	const source = readFileSync(join(core, 'lib/coreBundle.js'), 'utf8');
	const [, list = ''] = /disabledFeatures = \[(.*?)\n *\]/s.exec(source) ?? [];
	const theirs = [...list.replaceAll(/\/\/.*$/gm, '').matchAll(/"(\w+)"/g)].map(([, name]) => name);
	expect(offByPlaywright).toEqual(theirs);
	expect(featuresOff).toEqual(expect.arrayContaining(theirs));
});
