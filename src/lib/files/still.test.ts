import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isStillAndUpright } from './still';

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
const be16 = (n: number) => [n >> 8, n & 255];
const be32 = (n: number) => [...be16(n >>> 16), ...be16(n & 0xffff)];
const le16 = (n: number) => be16(n).reverse();
const le32 = (n: number) => be32(n).reverse();

/** One directory: a number that is not meant, then the orientation. */
const little = (orientation: number) => [
	...[...ascii('II'), ...le16(42), ...le32(8), ...le16(2)],
	...[...le16(0x0100), ...le16(4), ...le32(1), ...le32(7)],
	...[...le16(0x0112), ...le16(3), ...le32(1), ...le16(orientation), 0, 0],
	...le32(0)
];
const big = (orientation: number) => [
	...[...ascii('MM'), ...be16(42), ...be32(8), ...be16(1)],
	...[...be16(0x0112), ...be16(3), ...be32(1), ...be16(orientation), 0, 0],
	...be32(0)
];

const jpeg = (...exif: number[]) => {
	const segment = exif.length ? [0xff, 0xe1, ...be16(exif.length + 8), ...ascii('Exif\0\0'), ...exif] : [];
	const jfif = [0xff, 0xe0, ...be16(7), ...ascii('JFIF\0')];
	return [0xff, 0xd8, ...jfif, 0xff, ...segment, 0xff, 0xda, ...be16(2), 1, 2, 3];
};
const pngChunk = (name: string, content: number[]) => [
	...be32(content.length),
	...ascii(name),
	...content,
	0,
	0,
	0,
	0
];
const png = (...chunks: number[]) => [
	0x89,
	...ascii('PNG\r\n\x1a\n'),
	...pngChunk('IHDR', [1, 2, 3]),
	...chunks
];
const webpChunk = (name: string, content: number[]) => [
	...[...ascii(name), ...le32(content.length), ...content],
	...new Array<number>(content.length % 2).fill(0)
];
const webp = (...chunks: number[]) => [
	...ascii('RIFF'),
	...le32(99),
	...ascii('WEBP'),
	...webpChunk('VP8X', [1]),
	...chunks
];

test.each([
	['JPEG', 'without EXIF', jpeg(), true],
	['JPEG', 'upright', jpeg(...little(1)), true],
	['JPEG', 'on its side', jpeg(...little(6)), false],
	['JPEG', 'on its head, big endian', jpeg(...big(3)), false],
	['JPEG', 'with EXIF that is cut short', jpeg(...little(1).slice(0, 15)), false],
	['JPEG', 'that is cut short', jpeg().slice(0, 8), false],
	['PNG', 'plain', png(), true],
	['PNG', 'upright', png(...pngChunk('eXIf', big(1))), true],
	['PNG', 'mirrored', png(...pngChunk('eXIf', little(2))), false],
	['PNG', 'animated', png(...pngChunk('acTL', [0, 0, 0, 2])), false],
	['WebP', 'plain', webp(), true],
	['WebP', 'upright', webp(...webpChunk('EXIF', little(1))), true],
	[
		'WebP',
		'on its side, written as in JPEG',
		webp(...webpChunk('EXIF', [...ascii('Exif\0\0'), ...big(8)])),
		false
	],
	['WebP', 'animated', webp(...webpChunk('ANIM', [0])), false],
	['GIF', 'never', ascii('GIF89a'), false]
])('%s, %s', (kind, _, bytes, expected) => {
	expect(isStillAndUpright(kind, new Uint8Array(bytes))).toBe(expected);
});

test('whatever the bytes are, it answers', () => {
	fc.assert(
		fc.property(
			fc.constantFrom('JPEG', 'PNG', 'WebP', 'other'),
			fc.uint8Array({ maxLength: 200 }),
			(kind, bytes) => {
				expect(typeof isStillAndUpright(kind, bytes)).toBe('boolean');
			}
		),
		{ seed: 8 }
	);
});
