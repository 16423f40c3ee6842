import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Trouble } from '$lib/domain/trouble';
import { pictureFacts } from './picture';

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
const be16 = (n: number) => [n >> 8, n & 255];
const be32 = (n: number) => [...be16(n >>> 16), ...be16(n & 0xffff)];
const le16 = (n: number) => be16(n).reverse();
const le32 = (n: number) => be32(n).reverse();
const box = (type: string, ...content: number[]) => [...be32(content.length + 8), ...ascii(type), ...content];

const png = (width: number, height: number) => [
	...[0x89, ...ascii('PNG\r\n\x1a\n')],
	...[...be32(13), ...ascii('IHDR'), ...be32(width), ...be32(height), 8, 2, 0, 0, 0]
];
const jpeg = (width: number, height: number, before: number[] = []) => [
	...[0xff, 0xd8],
	// JFIF, then what the test puts in front of the frame header.
	...[0xff, 0xe0, ...be16(16), ...ascii('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0],
	...before,
	...[0xff, 0xc0, ...be16(11), 8, ...be16(height), ...be16(width), 1, 1, 0x11, 0],
	...[0xff, 0xd9]
];
const gif = (width: number, height: number) => [...ascii('GIF89a'), ...le16(width), ...le16(height), 0, 0, 0];
const bmp = (width: number, height: number) => [
	...[...ascii('BM'), ...le32(54), ...le32(0), ...le32(54)],
	...[...le32(40), ...le32(width), ...le32(height), 1, 0, 24, 0]
];
const webp = (width: number, height: number) => [
	...[...ascii('RIFF'), ...le32(22), ...ascii('WEBPVP8X'), ...le32(10), 0, 0, 0, 0],
	...[...le32(width - 1).slice(0, 3), ...le32(height - 1).slice(0, 3)]
];
const heif = (brand: string, width: number, height: number) => [
	...box('ftyp', ...ascii(brand), 0, 0, 0, 0, ...ascii('mif1')),
	...box(
		'meta',
		...[0, 0, 0, 0],
		...box('iprp', ...box('ipco', ...box('ispe', 0, 0, 0, 0, ...be32(width), ...be32(height))))
	)
];
const facts = (bytes: number[]) => pictureFacts(new Uint8Array(bytes), 'my photo.jpg');

test.each([
	['JPEG', jpeg(640, 480), true],
	['PNG', png(640, 480), true],
	['GIF', gif(640, 480), true],
	['BMP', bmp(640, 480), true],
	['WebP', webp(640, 480), true],
	['HEIC or AVIF', heif('heic', 640, 480), false],
	['HEIC or AVIF', heif('avif', 640, 480), false]
])('%s is known by its first bytes, with its size', (kind, bytes, common) => {
	expect(facts(bytes)).toEqual({ kind, common, size: { width: 640, height: 480 } });
});

test('a BMP with the oldest header, or with its rows from the top, tells its size', () => {
	const old = [...ascii('BM'), ...le32(54), ...le32(0), ...le32(26), ...le32(12), ...le16(640), ...le16(480)];
	expect(facts([...old, 1, 0, 24, 0]).size).toEqual({ width: 640, height: 480 });
	expect(facts(bmp(640, -480)).size).toEqual({ width: 640, height: 480 });
});

test.each([
	[1, 640, 480],
	[4, 640, 480],
	[5, 480, 640],
	[8, 480, 640]
])('the size is as seen: EXIF orientation %i', (orientation, width, height) => {
	const tiff = [...ascii('II'), 42, 0, ...le32(8), ...le16(1), ...le16(0x112), ...le16(3), ...le32(1)];
	const exif = [...ascii('Exif\0\0'), ...tiff, ...le32(orientation), ...le32(0)];
	const turned = jpeg(640, 480, [0xff, 0xe1, ...be16(exif.length + 2), ...exif]);
	expect(facts(turned).size).toEqual({ width, height });
});

test('metadata in front of the size of a JPEG is passed by', () => {
	const profile = [0xff, 0xe2, ...be16(60_002), ...new Array<number>(60_000).fill(7)];
	const long = jpeg(320, 200, Array.from({ length: 20 }, () => profile).flat());
	expect(facts(long).size).toEqual({ width: 320, height: 200 });
});

test.each([
	['a page', ascii('<!doctype html><html><svg></svg></html>')],
	['a film', box('ftyp', ...ascii('isom'), 0, 0, 2, 0, ...ascii('isomiso2avc1mp41'))],
	['an archive', [...ascii('PK'), 3, 4, 20, 0, 0, 0, 0, 0]],
	['a document', ascii('%PDF-1.7\n')],
	['a drawing', ascii('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
	['text', ascii('P1 is not a picture')],
	['text that begins like a BMP', ascii('BMW, Audi and Mercedes build cars in Germany.')],
	['two letters', ascii('BM')],
	['one byte', [0]]
])('%s under the ending of a photo is refused by name', (_what, bytes) => {
	expect(() => facts(bytes)).toThrow(
		expect.objectContaining({
			code: 'picture-unsupported',
			message: expect.stringContaining('“my photo.jpg”')
		})
	);
});

test('an empty file is broken, not unsupported', () => {
	expect(() => facts([])).toThrow(expect.objectContaining({ code: 'picture-broken' }));
});

test.each([
	['PNG', png(12_000, 9_000)],
	['JPEG', jpeg(12_000, 9_000)],
	['BMP', bmp(12_000, 9_000)],
	['WebP', webp(12_000, 9_000)],
	['HEIC', heif('heic', 12_000, 9_000)],
	['PNG bomb', png(0x7fffffff, 0x7fffffff)]
])('a %s over 100 megapixels is refused before anything is decoded', (_kind, bytes) => {
	expect(() => facts(bytes)).toThrow(expect.objectContaining({ code: 'picture-too-large' }));
});

test('100 megapixels exactly are taken', () => {
	expect(facts(png(10_000, 10_000)).size).toEqual({ width: 10_000, height: 10_000 });
});

test('a header that is cut short leaves the kind known and the size open', () => {
	expect(facts(jpeg(640, 480).slice(0, 24))).toEqual({ kind: 'JPEG', common: true, size: null });
	expect(facts(png(640, 480).slice(0, 18))).toMatchObject({ kind: 'PNG', size: null });
});

test('any bytes give facts or words, never another error', () => {
	const starts = [jpeg(9, 9), png(9, 9), gif(9, 9), bmp(9, 9), webp(9, 9), heif('heic', 9, 9), []];
	fc.assert(
		fc.property(
			fc.constantFrom(...starts),
			fc.nat(60),
			fc.uint8Array({ maxLength: 200 }),
			(start, at, noise) => {
				try {
					const { size } = facts([...start.slice(0, at), ...noise]);
					if (size) expect(size.width * size.height).toBeLessThanOrEqual(100e6);
				} catch (cause) {
					expect(cause).toBeInstanceOf(Trouble);
				}
			}
		),
		{ seed: 4, numRuns: 3000 }
	);
});
