import { afterEach, expect, test, vi } from 'vitest';
import { decodePicture } from './picture';

afterEach(() => vi.restoreAllMocks());

type Corner = 'red' | 'green' | 'blue' | 'white';
const paint: Record<Corner, string> = { red: '#f00', green: '#0f0', blue: '#00f', white: '#fff' };

/** A 32 × 16 picture or another, as stored: red, green / blue, white. */
async function stored(type: string, width = 32, height = 16): Promise<Blob> {
	const canvas = new OffscreenCanvas(width, height);
	const context = canvas.getContext('2d');
	if (!context) throw new Error('no canvas');
	const corners: Corner[] = ['red', 'green', 'blue', 'white'];
	corners.forEach((corner, index) => {
		context.fillStyle = paint[corner];
		const [x, y] = [((index % 2) * width) / 2, (Math.floor(index / 2) * height) / 2];
		context.fillRect(x, y, width / 2, height / 2);
	});
	return canvas.convertToBlob({ type, quality: 1 });
}

/** Puts an EXIF segment with the orientation (little endian, one entry) behind the start of the image. */
async function oriented(orientation: number, ...size: [width?: number, height?: number]): Promise<Blob> {
	const jpeg = new Uint8Array(await (await stored('image/jpeg', ...size)).arrayBuffer());
	const tiff = [
		...[0x49, 0x49, 42, 0, 8, 0, 0, 0],
		...[1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0],
		...[0, 0, 0, 0]
	];
	const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
	const segment = [0xff, 0xe1, 0, exif.length + 2, ...exif];
	return new Blob([jpeg.slice(0, 2), new Uint8Array(segment), jpeg.slice(2)]);
}

/** What is seen at the corners: top left, top right, bottom left, bottom right. */
function cornersOf(bitmap: ImageBitmap): (Corner | string)[] {
	const { width, height } = bitmap;
	const context = new OffscreenCanvas(width, height).getContext('2d');
	if (!context) throw new Error('no canvas');
	context.drawImage(bitmap, 0, 0);
	const at = (x: number, y: number) => {
		const [r = 0, g = 0, b = 0] = context.getImageData(x, y, 1, 1).data;
		const on = [r, g, b].map((level) => (level > 128 ? 'f' : '0')).join('');
		return Object.keys(paint).find((key) => paint[key as Corner] === `#${on}`) ?? `#${on}`;
	};
	return [at(3, 3), at(width - 4, 3), at(3, height - 4), at(width - 4, height - 4)];
}

// EXIF 2.32, tag 0x0112: which sides the stored first row and first column are seen at.
test.each([
	[1, 32, 16, ['red', 'green', 'blue', 'white']],
	[2, 32, 16, ['green', 'red', 'white', 'blue']],
	[3, 32, 16, ['white', 'blue', 'green', 'red']],
	[4, 32, 16, ['blue', 'white', 'red', 'green']],
	[5, 16, 32, ['red', 'blue', 'green', 'white']],
	[6, 16, 32, ['blue', 'red', 'white', 'green']],
	[7, 16, 32, ['white', 'green', 'blue', 'red']],
	[8, 16, 32, ['green', 'white', 'red', 'blue']]
])('EXIF orientation %i is turned upright', async (orientation, width, height, corners) => {
	const bitmap = await decodePicture(await oriented(orientation), 'turned.jpg');
	expect([bitmap.width, bitmap.height]).toEqual([width, height]);
	expect(cornersOf(bitmap)).toEqual(corners);
});

test('a huge one that lies on its side is made smaller as it is decoded, in the shape in which it is seen', async () => {
	const huge = await oriented(6, 5600, 4800);
	const decode = vi.spyOn(globalThis, 'createImageBitmap');
	const bitmap = await decodePicture(huge, 'turned.jpg');
	expect(decode).toHaveBeenCalledTimes(1);
	expect([bitmap.width, bitmap.height]).toEqual([2400, 2800]);
	expect(cornersOf(bitmap)).toEqual(['blue', 'red', 'white', 'green']);
});

test.each(['image/jpeg', 'image/png', 'image/webp'])('%s is decoded', async (type) => {
	const bitmap = await decodePicture(await stored(type), 'photo');
	expect(cornersOf(bitmap)).toEqual(['red', 'green', 'blue', 'white']);
});

test('the first frame of an animation is taken', async () => {
	const frame = (pixel: number) => [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, pixel, 1, 0];
	const palette = [0, 0, 255, 255, 0, 0];
	const gif = [
		...[0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, ...palette],
		...[...frame(0x44), ...frame(0x4c), 0x3b]
	];
	const bitmap = await decodePicture(new Blob([new Uint8Array(gif)]), 'moving.gif');
	const context = new OffscreenCanvas(1, 1).getContext('2d');
	context?.drawImage(bitmap, 0, 0);
	expect([...(context?.getImageData(0, 0, 1, 1).data ?? [])]).toEqual([0, 0, 255, 255]);
});

test('a CMYK JPEG, as print shops send them, is decoded', async () => {
	const components = [1, 2, 3, 4];
	const table = (kind: number) => [0xff, 0xc4, 0, 20, kind, 1, ...new Array<number>(15).fill(0), 0];
	// 8 × 8 pixels of one grey: every coefficient is zero, so the data are eight zero bits.
	const jpeg = [
		...[0xff, 0xd8, 0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0],
		...[0xff, 0xdb, 0, 67, 0, ...new Array<number>(64).fill(1)],
		...[0xff, 0xc0, 0, 20, 8, 0, 8, 0, 8, 4, ...components.flatMap((id) => [id, 0x11, 0])],
		...[...table(0x00), ...table(0x10)],
		...[0xff, 0xda, 0, 14, 4, ...components.flatMap((id) => [id, 0]), 0, 63, 0, 0],
		...[0xff, 0xd9]
	];
	const bitmap = await decodePicture(new Blob([new Uint8Array(jpeg)]), 'print.jpg');
	expect([bitmap.width, bitmap.height]).toEqual([8, 8]);
});

test.each(['image/jpeg', 'image/png', 'image/webp'])(
	'a %s that was cut short is told by name',
	async (type) => {
		const whole = await stored(type);
		for (const part of [0.3, 0.6, 0.9]) {
			await expect(decodePicture(whole.slice(0, whole.size * part), 'half.jpg')).rejects.toMatchObject({
				code: 'picture-broken',
				message: expect.stringContaining('“half.jpg”')
			});
		}
	}
);

test('a kind that this browser cannot decode is named, with the way out', async () => {
	const tiff = new Uint8Array([0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0]);
	await expect(decodePicture(new Blob([tiff]), 'scan.jpg')).rejects.toMatchObject({
		code: 'picture-unsupported',
		message: expect.stringMatching(/“scan.jpg” is a TIFF.*JPEG/)
	});
});

/** A JPEG of white and black stripes, so many pixels wide. */
async function striped(width: number, height: number, wide: number): Promise<Blob> {
	const canvas = new OffscreenCanvas(width, height);
	const context = canvas.getContext('2d');
	if (!context) throw new Error('no canvas');
	context.fillStyle = '#fff';
	for (let x = 0; x < width; x += 2 * wide) context.fillRect(x, 0, wide, height);
	return canvas.convertToBlob({ type: 'image/jpeg', quality: 1 });
}

test.each([
	[5000, 3000],
	[1000, 12_500]
])('%i × %i, beyond what a phone can hold, is made smaller in its own shape', async (w, h) => {
	const { width, height } = await decodePicture(await striped(w, h, 500), 'large.jpg');
	expect(width * height).toBeLessThanOrEqual(12e6);
	expect(width * height).toBeGreaterThan(11.9e6);
	expect(width / height).toBeCloseTo(w / h, 2);
});

/** Of bytes, as PNG wants it (PNG specification, annex D). */
function crc32(bytes: number[]): number[] {
	let crc = -1;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return [24, 16, 8, 0].map((shift) => (~crc >>> shift) & 255);
}

test('one that lies on its side, and whose header does not say so, stays in its own shape too', async () => {
	const png = await stored('image/png', 5000, 2500);
	const tiff = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
	const chunk = [...[...'eXIf'].map((letter) => letter.charCodeAt(0)), ...tiff];
	const exif = new Uint8Array([0, 0, 0, tiff.length, ...chunk, ...crc32(chunk)]);
	// Behind the signature and the first chunk.
	const large = await decodePicture(new Blob([png.slice(0, 33), exif, png.slice(33)]), 'large.png');
	expect(large.width * large.height).toBeLessThanOrEqual(12e6);
	expect(large.width / large.height).toBeCloseTo(0.5, 2);
	expect(cornersOf(large)).toEqual(['blue', 'red', 'white', 'green']);
});

test('what is made smaller is averaged: thin stripes become grey', async () => {
	const large = await decodePicture(await striped(5600, 4800, 1), 'large.jpg');
	const context = new OffscreenCanvas(64, 64).getContext('2d');
	context?.drawImage(large, 1000, 1000, 64, 64, 0, 0, 64, 64);
	const { data = [] } = context?.getImageData(0, 0, 64, 64) ?? {};
	const levels = Array.from(data).filter((_, i) => i % 4 === 0);
	expect(levels.reduce((sum, level) => sum + level) / levels.length).toBeCloseTo(127, -1);
	// A stripe that came through alone would be black or white.
	expect(Math.max(...levels) - Math.min(...levels)).toBeLessThan(32);
});

test('a large file that does not tell its size is refused in words', async () => {
	const jpeg = await stored('image/jpeg');
	const segment = new Uint8Array(65_537);
	segment.set([0xff, 0xe2, 0xff, 0xff]);
	const far = (segments: number) =>
		new Blob([
			jpeg.slice(0, 2),
			...new Array<Uint8Array<ArrayBuffer>>(segments).fill(segment),
			jpeg.slice(2)
		]);
	expect((await decodePicture(far(60), 'long.jpg')).width).toBe(32);
	await expect(decodePicture(far(70), 'long.jpg')).rejects.toMatchObject({
		code: 'picture-too-large',
		message: expect.stringMatching(/“long.jpg”.*does not tell/)
	});
});
