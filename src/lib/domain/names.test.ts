import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanName, freeName, FreeNames, nameTrouble, sameName } from './names';

describe('a name as it is kept', () => {
	test.each([
		['  daisy \t\n of  the field ', 'daisy of the field'],
		['e\u0301tude', 'étude'],
		['evil\u202Egpj.exe', 'evilgpj.exe'],
		['a\u0000b\u0007', 'a b'],
		['zero\u200Bwidth\uFEFF', 'zerowidth'],
		['\u2066isolate\u2069', 'isolate'],
		['lone \uD800 surrogate', 'lone surrogate'],
		['<b>not bold</b>', '<b>not bold</b>'],
		['שלום עולם', 'שלום עולם'],
		['👩‍👩‍👧‍👦 family', '👩‍👩‍👧‍👦 family'],
		['../../etc/passwd', '../../etc/passwd'],
		['__proto__', '__proto__']
	])('%j becomes %j', (name, kept) => expect(cleanName(name)).toBe(kept));

	test('is cut to 60 characters as people count them', () => {
		expect(cleanName('👩‍👩‍👧‍👦'.repeat(70))).toBe('👩‍👩‍👧‍👦'.repeat(60));
		expect(cleanName('x'.repeat(10_000))).toHaveLength(60);
		expect(cleanName('e' + '\u0301'.repeat(10_000)).length).toBeLessThan(1000);
	});

	test('cleaned twice is cleaned once, and never has trouble but for being empty', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
				const kept = cleanName(name);
				expect(cleanName(kept)).toBe(kept);
				const trouble = nameTrouble(kept, []);
				if (trouble) expect(trouble).toContain('Give it a name');
			}),
			{ seed: 6, numRuns: 2000 }
		);
	});
});

describe('trouble with a name', () => {
	test.each(['', '   ', '\u200B\u202E', '\u3164', '\u2800', '\u0301'])('%j is empty', (name) => {
		expect(nameTrouble(name, [])).toContain('Give it a name');
	});
	test('too long', () => {
		expect(nameTrouble('x'.repeat(60), [])).toBeNull();
		expect(nameTrouble('x'.repeat(61), [])).toContain('61');
		expect(nameTrouble('👍🏽'.repeat(60), [])).toBeNull();
		expect(nameTrouble('e' + '\u0316'.repeat(5000), [])).toContain('accents');
	});
	test('doubled, whatever the case, the width or the hidden characters', () => {
		for (const name of ['daisy', 'DAISY', 'ｄａｉｓｙ', ' daisy ', 'dai\u200Bsy'])
			expect(nameTrouble(name, ['Rose', 'Daisy'])).toContain('“Daisy”');
		expect(nameTrouble('daisies', ['Daisy'])).toBeNull();
		expect(sameName('étude', 'E\u0301TUDE')).toBe(true);
	});
	test('HTML, right-to-left text and emoji are names like any other', () => {
		for (const name of ['<img src=x onerror=alert(1)>', 'ورد', '🌼', '日本', '5', '?'])
			expect(nameTrouble(name, [])).toBeNull();
	});
});

test('a name that another has gets the next free number, and stays within the longest', () => {
	expect(freeName('Daisy', ['Camomile'])).toBe('Daisy');
	expect(freeName('Daisy', ['daisy', 'DAISY (2)'])).toBe('Daisy (3)');
	const long = 'x'.repeat(60);
	expect(freeName(long, [long])).toBe(`${'x'.repeat(56)} (2)`);
});

test('a thousand names that are all alike are told apart, each by the first number that is free', () => {
	const names = new FreeNames(['daisy (3)']);
	const given = Array.from({ length: 1000 }, (_, i) => names.add(i % 2 ? 'Daisy' : 'DAISY'));
	expect(given.slice(0, 4)).toEqual(['DAISY', 'Daisy (2)', 'DAISY (4)', 'Daisy (5)']);
	expect(new Set(given.map((name) => name.toLowerCase())).size).toBe(1000);
});
