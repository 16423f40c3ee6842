import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutMetadata } from './metadata';

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
const be16 = (n: number) => [n >> 8, n & 255];
const be32 = (n: number) => [...be16(n >>> 16), ...be16(n & 0xffff)];
const le32 = (n: number) => be32(n).reverse();
const clean = (kind: string, bytes: readonly number[]) => {
	const made = withoutMetadata(kind, Uint8Array.from(bytes));
	return made && [...made];
};

const segment = (marker: number, content: readonly number[]) => [
	...[0xff, marker, ...be16(content.length + 2)],
	...content
];
const jfif = [...ascii('JFIF\0'), 1, 2, 1, 0, 72, 0, 72, 0, 0];
const SOI = [0xff, 0xd8];
const EOI = [0xff, 0xd9];

describe('JPEG', () => {
	const profile = segment(0xe2, [...ascii('ICC_PROFILE\0'), 1, 1, 9, 9]);
	const adobe = segment(0xee, [...ascii('Adobe'), 0, 100, 0, 0, 0, 0, 1]);
	const table = segment(0xdb, [0, 1, 2]);
	/** A scan with stuffed bytes, a restart and fill bytes before the marker that ends it. */
	const scan = (n: number) => [...segment(0xda, [n]), ...[1, 0xff, 0, 2, 0xff, 0xd3, 3, 0xff, 0xff, 0xd7, 4]];
	const between = segment(0xc4, [7]);

	test('loses what tells of the place and the maker, and keeps what the colours need', () => {
		const bytes = [
			...SOI,
			...segment(0xe0, jfif),
			...segment(0xe1, [...ascii('Exif\0\0'), 1, 2, 3]),
			...segment(0xe1, ascii('http://ns.adobe.com/xap/1.0/\0<x/>')),
			...profile,
			...segment(0xe2, ascii('MPF\0another picture')),
			...segment(0xed, ascii('Photoshop 3.0\0')),
			...segment(0xfe, ascii('a comment')),
			...segment(0xe0, ascii('JFXX\0')),
			...adobe,
			...table,
			...scan(1),
			...segment(0xe1, ascii('between two scans')),
			...between,
			...scan(2),
			...EOI,
			...ascii('a film behind the end')
		];
		expect(clean('JPEG', bytes)).toEqual([
			...[...SOI, ...segment(0xe0, jfif), ...profile, ...adobe, ...table],
			...[...scan(1), ...between, ...scan(2), ...EOI]
		]);
	});

	test('without any stays as it is, also before fill bytes', () => {
		const bytes = [...SOI, ...segment(0xe0, jfif), ...table, ...scan(1), ...EOI];
		expect(clean('JPEG', bytes)).toEqual(bytes);
		expect(clean('JPEG', [...SOI, 0xff, 0xff, ...bytes.slice(2)])).toEqual(bytes);
	});

	test('loses the small copy in its first segment', () => {
		const thumbnail = [...jfif.slice(0, 12), 1, 1, 255, 0, 0];
		const bytes = [...SOI, ...segment(0xe0, thumbnail), ...scan(1), ...EOI];
		expect(clean('JPEG', bytes)).toEqual([...SOI, ...segment(0xe0, jfif), ...scan(1), ...EOI]);
	});

	test('that is cut off in its pixels gets an end; in its tables it is refused', () => {
		expect(clean('JPEG', [...SOI, ...scan(1)])).toEqual([...SOI, ...scan(1), ...EOI]);
		expect(clean('JPEG', [...SOI, ...table.slice(0, 3)])).toBeNull();
	});
});

describe('PNG', () => {
	const chunk = (name: string, ...content: number[]) => [
		...[...be32(content.length), ...ascii(name)],
		...[...content, 9, 9, 9, 9]
	];
	const start = [0x89, ...ascii('PNG\r\n\x1a\n')];
	const pixels = [...chunk('IHDR', 1, 2, 3), ...chunk('iCCP', 5), ...chunk('tRNS', 6), ...chunk('IDAT', 7)];

	test('loses texts, EXIF, the time and what is unknown', () => {
		const bytes = [
			...[...start, ...pixels],
			...['tEXt', 'iTXt', 'zTXt', 'tIME', 'eXIf', 'caBX'].flatMap((name) => chunk(name, 1, 2)),
			...[...chunk('IEND'), ...ascii('behind the end')]
		];
		expect(clean('PNG', bytes)).toEqual([...start, ...pixels, ...chunk('IEND')]);
	});

	test('that is cut short is refused', () => {
		expect(clean('PNG', [...start, ...chunk('IHDR', 1, 2, 3).slice(0, 9)])).toBeNull();
	});
});

describe('WebP', () => {
	const chunk = (name: string, ...content: number[]) => [
		...[...ascii(name), ...le32(content.length), ...content],
		...new Array<number>(content.length % 2).fill(0)
	];
	const riff = (...chunks: number[]) => [
		...[...ascii('RIFF'), ...le32(chunks.length + 4)],
		...[...ascii('WEBP'), ...chunks]
	];
	const pixels = [...chunk('ICCP', 1), ...chunk('ALPH', 1, 2, 3), ...chunk('VP8 ', 4, 5)];

	test('loses EXIF, XMP and what is unknown; its flags and its size say so', () => {
		const bytes = riff(
			...chunk('VP8X', 0x3c, 0, 0, 0, 1),
			...pixels,
			...chunk('EXIF', 1, 2, 3),
			...chunk('XMP ', 1),
			...chunk('abcd', 1)
		);
		const expected = riff(...chunk('VP8X', 0x30, 0, 0, 0, 1), ...pixels);
		expect(clean('WebP', [...bytes, ...ascii('behind the end')])).toEqual(expected);
		expect(clean('WebP', expected)).toEqual(expected);
	});

	test('that is cut short is refused', () => {
		expect(clean('WebP', riff(...chunk('VP8 ', 4, 5)).slice(0, -1))).toBeNull();
	});
});

test('other kinds are refused, and whatever the bytes are, it answers', () => {
	expect(clean('GIF', ascii('GIF89a'))).toBeNull();
	fc.assert(
		fc.property(fc.constantFrom('JPEG', 'PNG', 'WebP'), fc.uint8Array({ maxLength: 200 }), (kind, bytes) => {
			const once = withoutMetadata(kind, bytes);
			if (once) expect(withoutMetadata(kind, once)).toEqual(once);
		}),
		{ seed: 4, numRuns: 2000 }
	);
});
