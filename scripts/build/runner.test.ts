import { expect, test } from 'vitest';
import { bundleRunner } from './runner';

test('the runner is one readable module that needs no other, under its licence', async () => {
	const { text, files } = await bundleRunner();
	expect(text).toMatch(/^\/\*\n \* lensmith-model\.js runs/);
	expect(text).toContain('Permission is hereby granted, free of charge');
	expect(text).not.toMatch(/^\s*import\b|\bimport\(|\brequire\(/m);
	expect([...text.matchAll(/^export\b.*$/gm)].map(([line]) => line)).toEqual(['export { loadModel };']);
	const lines = text.split('\n');
	expect(text.length / lines.length).toBeLessThan(60); // not minified
	expect(text.length).toBeLessThan(32_000);
	expect(files.filter((file) => !/\/src\/lib\/(runner|image|domain)\//.test(file))).toEqual([]);
});
