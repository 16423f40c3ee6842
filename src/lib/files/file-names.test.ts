import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileName, FolderNames } from './file-names';
import { readPath } from './paths';

test.each([
	['Daisy', 'Daisy'],
	['Gänseblümchen 🌼', 'Gänseblümchen 🌼'],
	['a/b\\c:d*e?f"g<h>i|j', 'a-b-c-d-e-f-g-h-i-j'],
	['..', 'label'],
	['.hidden. ', 'hidden'],
	['ends with a dot.', 'ends with a dot'],
	['con', '_con'],
	['LPT1.txt', '_LPT1.txt'],
	['console', 'console'],
	['__proto__', '___proto__'],
	['Thumbs.db', '_Thumbs.db'],
	['a\u202eb\u0000c', 'a-b-c'],
	['???', '-'],
	['', 'label']
])('%j is %j', (name, expected) => {
	expect(fileName(name, 'label')).toBe(expected);
});

test('a long name is cut between characters', () => {
	const name = fileName('👩‍👩‍👧‍👦'.repeat(60), 'label');
	expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(120);
	expect(name).toMatch(/^(👩.*👦)+$/u);
});

test('names that no system tells apart get numbers', () => {
	const names = new FolderNames();
	const given = ['Cat', 'cat', 'CAT', 'c/t', 'c?t', 'Ｃat'].map((name) => names.add(name, 'label'));
	expect(given).toEqual(['Cat', 'cat (2)', 'CAT (3)', 'c-t', 'c-t (2)', 'Ｃat (4)']);
	const files = new FolderNames();
	expect(['a', 'A', 'a (2)'].map((name) => files.add(name, 'photo', '.jpg'))).toEqual([
		'a.jpg',
		'A (2).jpg',
		'a (2) (2).jpg'
	]);
});

test('whatever a name is, ours is read again and is one of its own', () => {
	fc.assert(
		fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { maxLength: 20 }), (list) => {
			const names = new FolderNames();
			const given = list.map((name) => names.add(name, 'label'));
			expect(new Set(given.map((name) => name.toLowerCase())).size).toBe(list.length);
			for (const name of given) expect(readPath(`${name}/a.jpg`)).toEqual([name, 'a.jpg']);
		}),
		{ seed: 3, numRuns: 500 }
	);
});
