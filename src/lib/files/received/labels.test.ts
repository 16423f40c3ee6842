import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cases } from '../../../../tests/fixtures/mutations';
import { readLabels } from './labels';

describe('class names are read', () => {
	it.each<[string, string, string[] | null]>([
		['one a line', 'Cat\nDog\n', ['Cat', 'Dog']],
		['one a line, as Windows writes it, with its mark', '\uFEFFCat\r\nDog', ['Cat', 'Dog']],
		['numbered, as Teachable Machine writes it', '0 Class 1\n1 Class 2', ['Class 1', 'Class 2']],
		['names that begin with other numbers', '7 up\n2 CV', ['7 up', '2 CV']],
		['a JSON list', '["tench", "goldfish"]', ['tench', 'goldfish']],
		['a JSON object by index', '{"1": "b", "0": "a"}', ['a', 'b']],
		[
			'Keras’ ImageNet',
			'{"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}',
			['tench', 'goldfish']
		],
		[
			'Python’s dictionary',
			`{0: 'cat', 1: "dog's toy", 2: 'it\\'s', 3: 'caf\\xe9'}`,
			['cat', "dog's toy", "it's", 'café']
		],
		['… with a comma at the end', `{1: 'b', 0: 'a', }`, ['a', 'b']],
		['Python’s list', `['cat', "dog"]`, ['cat', 'dog']],
		['two of a name are told apart', 'crane\ncrane', ['crane', 'crane (2)']],
		['a name that shows nothing', 'a\n\u200b\nb', ['a', 'Class 2', 'b']],
		['an index is missing', '{"0": "a", "2": "b"}', null],
		['an index is there twice', `{0: 'a', 0: 'b'}`, null],
		['a prototype is passed over', '{"__proto__": "a", "0": "b"}', ['b']],
		['something else', '{"a": {"b": 1}}', null],
		['bytes', 'a\0b', null]
	])('%s', (_, text, expected) => {
		expect(readLabels(text)).toEqual(expected);
	});

	it('as Python prints any names', () => {
		fc.assert(
			fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z'"\\ ]{0,8}[a-z]$/), { minLength: 1 }), (names) => {
				const quoted = names.map((name) =>
					name.includes("'") && !name.includes('"')
						? `"${name.replaceAll('\\', '\\\\')}"`
						: `'${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
				);
				const read = readLabels(`{${quoted.map((name, index) => `${index}: ${name}`).join(', ')}}`);
				expect(read).toHaveLength(names.length);
				const tidy = names.map((name) => name.trim().replace(/ +/g, ' '));
				if (new Set(tidy).size === names.length) expect(read).toEqual(tidy);
			}),
			{ seed: 3, numRuns: 300 }
		);
	});

	it('any text ends, and gives names or nothing', () => {
		const pieces = fc.constantFrom('{', '}', '[', ']', '0', '1', ':', ',', "'", '"', '\\', 'a', ' ', '\n');
		fc.assert(
			fc.property(fc.array(pieces, { maxLength: 200 }), (parts) => {
				const names = readLabels(parts.join(''));
				if (names) expect(new Set(names).size).toBe(names.length);
			}),
			{ seed: 4, numRuns: cases(2000) }
		);
	});
});
