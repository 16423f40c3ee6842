import { expect, test } from 'vitest';
import { decodePicture } from './picture';

type Corner = 'red' | 'green' | 'blue' | 'white';
const paint: Record<Corner, string> = { red: '#f00', green: '#0f0', blue: '#00f', white: '#fff' };

/** A 32 × 16 picture, as stored: red, green / blue, white. */
async function stored(type: string): Promise<Blob> {
	const canvas = new OffscreenCanvas(32, 16);
	const context = canvas.getContext('2d');
	if (!context) throw new Error('no canvas');
	const corners: Corner[] = ['red', 'green', 'blue', 'white'];
	corners.forEach((corner, index) => {
		context.fillStyle = paint[corner];
		context.fillRect((index % 2) * 16, Math.floor(index / 2) * 8, 16, 8);
	});
	return canvas.convertToBlob({ type, quality: 1 });
}

/** Puts an EXIF segment with the orientation (little endian, one entry) behind the start of the image. */
async function oriented(orientation: number): Promise<Blob> {
	const jpeg = new Uint8Array(await (await stored('image/jpeg')).arrayBuffer());
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

test('a picture beyond what a phone can hold is made smaller, in its own shape', async () => {
	const canvas = new OffscreenCanvas(5000, 3000);
	const context = canvas.getContext('2d');
	if (!context) throw new Error('no canvas');
	context.fillStyle = 'rgb(200 100 50)';
	context.fillRect(0, 0, 5000, 3000);
	const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
	const { width, height } = await decodePicture(blob, 'large.jpg');
	expect(width * height).toBeLessThanOrEqual(12e6);
	expect(width * height).toBeGreaterThan(11.9e6);
	expect(width / height).toBeCloseTo(5 / 3, 2);
});
