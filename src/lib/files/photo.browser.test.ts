import { describe, expect, test, vi } from 'vitest';
import { hammingDistance } from '$lib/image/perceptual-hash';
import { makePhoto } from './photo';

type Paint = (context: OffscreenCanvasRenderingContext2D, width: number, height: number) => void;

/** Discs of many sizes and colours, the same for every size of picture. */
const scene: Paint = (context, width, height) => {
	context.fillStyle = '#456';
	context.fillRect(0, 0, width, height);
	for (let i = 0; i < 24; i++) {
		context.fillStyle = `hsl(${i * 47} 70% ${20 + ((i * 31) % 60)}%)`;
		context.beginPath();
		const [x, y] = [((i * 37) % 100) / 100, ((i * 61) % 100) / 100];
		context.ellipse(x * width, y * height, ((8 + i) * width) / 120, ((6 + i) * height) / 120, 0, 0, 7);
		context.fill();
	}
};

async function file(
	type: string,
	width: number,
	height: number,
	paint = scene,
	quality = 0.9
): Promise<Blob> {
	const context = new OffscreenCanvas(width, height).getContext('2d');
	if (!context) throw new Error('no canvas');
	paint(context, width, height);
	return context.canvas.convertToBlob({ type, quality });
}

/** An APP1 segment with the orientation behind the start of a JPEG (EXIF 2.32, little endian, one entry). */
async function turned(jpeg: Blob, orientation: number): Promise<Blob> {
	const bytes = new Uint8Array(await jpeg.arrayBuffer());
	const tiff = [
		...[0x49, 0x49, 42, 0, 8, 0, 0, 0],
		...[1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0],
		...[0, 0, 0, 0]
	];
	const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
	const segment = [0xff, 0xe1, 0, exif.length + 2, ...exif];
	return new Blob([bytes.slice(0, 2), new Uint8Array(segment), bytes.slice(2)]);
}

async function pixelsOf({ bytes, type }: { bytes: ArrayBuffer; type: string }): Promise<ImageData> {
	const bitmap = await createImageBitmap(new Blob([bytes], { type }));
	const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
	if (!context) throw new Error('no canvas');
	context.drawImage(bitmap, 0, 0);
	return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const PLACE = '47 59 N 11 20 E';

/** The picture with a comment where its kind has room for one: COM, tEXt, XMP. */
async function withPlace(picture: Blob): Promise<Blob> {
	const bytes = new Uint8Array(await picture.arrayBuffer());
	const words = new TextEncoder().encode(`Comment\0${PLACE}`);
	const length = (size: number, little: boolean) => {
		const view = new DataView(new ArrayBuffer(4));
		view.setUint32(0, size, little);
		return new Uint8Array(view.buffer);
	};
	if (picture.type === 'image/jpeg')
		return new Blob([
			bytes.slice(0, 2),
			Uint8Array.of(0xff, 0xfe, 0, words.length + 2),
			words,
			bytes.slice(2)
		]);
	if (picture.type === 'image/png') {
		const header = bytes.slice(0, 33); // the signature and IHDR
		const chunk = [length(words.length, false), 'tEXt', words, new Uint8Array(4)];
		return new Blob([header, ...chunk, bytes.slice(33)]);
	}
	const chunk = ['XMP ', length(words.length, true), words, new Uint8Array(words.length % 2)];
	const more = new Blob(chunk).size;
	return new Blob([bytes.slice(0, 4), length(bytes.length - 8 + more, true), bytes.slice(8), ...chunk]);
}

const bytesOf = async (blob: Blob) => [...new Uint8Array(await blob.arrayBuffer())];

describe('what may stay as it is keeps its bytes', () => {
	test.each([
		['image/jpeg', 1024, 700],
		['image/webp', 300, 1024],
		['image/png', 64, 48]
	])('%s of %i × %i', async (type, width, height) => {
		const own = await file(type, width, height);
		const made = await makePhoto(own, 'own');
		expect([...new Uint8Array(made.picture.bytes)]).toEqual(await bytesOf(own));
		expect(made).toMatchObject({ width, height, bytes: own.size, picture: { type } });
		expect(made.sha256).toBe(await sha256(await own.arrayBuffer()));
	});

	test('a JPEG whose EXIF says that it is upright, but for the EXIF', async () => {
		const own = await file('image/jpeg', 80, 60);
		const made = await makePhoto(await turned(own, 1), 'own.jpg');
		expect([...new Uint8Array(made.picture.bytes)]).toEqual(await bytesOf(own));
	});

	test.each(['image/jpeg', 'image/png', 'image/webp'])(
		'%s with a place in it keeps its pixels and loses the place',
		async (type) => {
			const own = await withPlace(await file(type, 64, 48));
			const made = await makePhoto(own, 'own');
			const before = await pixelsOf({ bytes: await own.arrayBuffer(), type });
			expect((await pixelsOf(made.picture)).data).toEqual(before.data);
			expect(made.picture.type).toBe(type);
			expect(made.bytes).toBeLessThan(own.size);
			expect(await own.text()).toContain(PLACE);
			expect(new TextDecoder().decode(made.picture.bytes)).not.toContain(PLACE);
		}
	);
});

describe('what is made anew', () => {
	test('a larger picture gets 1,024 pixels on the long side and keeps its shape', async () => {
		const made = await makePhoto(await file('image/jpeg', 3000, 2000), 'large.jpg');
		expect(made).toMatchObject({ width: 1024, height: 683, picture: { type: 'image/jpeg' } });
		expect(await pixelsOf(made.picture)).toMatchObject({ width: 1024, height: 683 });
		expect(made.bytes).toBe(made.picture.bytes.byteLength);
		expect(made.sha256).toBe(await sha256(made.picture.bytes));
	});

	test('one that lies on its side is turned, whatever its size', async () => {
		const half: Paint = (context, width, height) => {
			context.fillStyle = '#f00';
			context.fillRect(0, 0, width / 2, height);
			context.fillStyle = '#00f';
			context.fillRect(width / 2, 0, width / 2, height);
		};
		const made = await makePhoto(await turned(await file('image/jpeg', 200, 100, half), 6), 'turned.jpg');
		expect(made).toMatchObject({ width: 100, height: 200 });
		// Orientation 6: the stored left is seen at the top.
		const { data } = await pixelsOf(made.picture);
		expect(
			[data[(20 * 100 + 50) * 4], data[(180 * 100 + 50) * 4 + 2]].map((level) => (level ?? 0) > 200)
		).toEqual([true, true]);
		expect(await pixelsOf(made.thumbnail)).toMatchObject({ width: 80, height: 160 });
	});

	test('a large one on its side fits into 1,024 pixels as it is seen', async () => {
		const made = await makePhoto(await turned(await file('image/jpeg', 2000, 1000), 8), 'turned.jpg');
		expect(made).toMatchObject({ width: 512, height: 1024 });
	});

	test('what is transparent becomes white', async () => {
		const hole: Paint = (context, width, height) => {
			context.fillStyle = '#0a0';
			context.fillRect(0, 0, width / 2, height);
		};
		const made = await makePhoto(await file('image/png', 1200, 600, hole), 'hole.png');
		expect(made.picture.type).toBe('image/jpeg');
		const { data, width } = await pixelsOf(made.picture);
		const at = (100 * width + 900) * 4;
		expect([...data.slice(at, at + 3)].every((level) => level > 250)).toBe(true);
	});

	test('thin stripes become grey, not stripes of another width', async () => {
		const stripes: Paint = (context, width, height) => {
			context.fillStyle = '#fff';
			context.fillRect(0, 0, width, height);
			context.fillStyle = '#000';
			for (let x = 0; x < width; x += 2) context.fillRect(x, 0, 1, height);
		};
		const made = await makePhoto(await file('image/png', 3000, 900, stripes), 'stripes.png');
		const { data } = await pixelsOf(made.picture);
		const levels = Array.from(data).filter((_, i) => i % 4 === 1);
		// 2.93 source pixels a pixel: an average holds between a third and two thirds of them.
		expect(Math.min(...levels.slice(0, 50_000))).toBeGreaterThan(60);
		expect(Math.max(...levels.slice(0, 50_000))).toBeLessThan(195);
	});

	test('an animation is kept as its first frame', async () => {
		const webp = new Uint8Array(await (await file('image/webp', 40, 30)).arrayBuffer());
		const anim = [...[...'ANIM'].map((letter) => letter.charCodeAt(0)), 6, 0, 0, 0, 0, 0, 0, 0, 0, 0];
		const size = webp.length + anim.length - 8;
		const header = [...webp.slice(0, 4), size & 255, (size >> 8) & 255, size >> 16, 0, ...webp.slice(8, 12)];
		const made = await makePhoto(
			new Blob([new Uint8Array(header), webp.slice(12), new Uint8Array(anim)]),
			'moving.webp'
		);
		expect(made.picture.type).toBe('image/jpeg');
	});

	test('a thumbnail fits into 160 pixels', async () => {
		const { thumbnail } = await makePhoto(await file('image/jpeg', 900, 1024), 'tall.jpg');
		expect(await pixelsOf(thumbnail)).toMatchObject({ width: 141, height: 160 });
		expect(thumbnail.bytes.byteLength).toBeLessThan(20_000);
	});
});

describe('the hash', () => {
	test('is the same within a few bits after another encoding and in another size', async () => {
		const { hash } = await makePhoto(await file('image/png', 1500, 1000), 'a.png');
		for (const [type, width, quality] of [
			['image/jpeg', 1500, 0.6],
			['image/jpeg', 480, 0.9],
			['image/webp', 1000, 0.5]
		] as const) {
			const again = await makePhoto(await file(type, width, (width * 2) / 3, scene, quality), 'b');
			expect(hammingDistance(hash, again.hash)).toBeLessThanOrEqual(4);
		}
	});

	test('differs for another picture', async () => {
		const other: Paint = (context, width, height) => {
			context.fillStyle = '#222';
			context.fillRect(0, 0, width, height);
			context.fillStyle = '#eee';
			context.fillRect(width / 5, height / 3, width / 4, height / 2);
			context.fillRect(width * 0.7, height / 9, width / 6, height / 5);
		};
		const a = await makePhoto(await file('image/jpeg', 400, 300), 'a.jpg');
		const b = await makePhoto(await file('image/jpeg', 400, 300, other), 'b.jpg');
		expect(hammingDistance(a.hash, b.hash)).toBeGreaterThan(10);
	});
});

describe('what cannot be kept is told by name', () => {
	test('a damaged file', async () => {
		const whole = await file('image/jpeg', 300, 200);
		await expect(makePhoto(whole.slice(0, whole.size / 2), 'half.jpg')).rejects.toMatchObject({
			code: 'picture-broken',
			message: expect.stringContaining('“half.jpg”')
		});
	});

	test('no picture at all, and an empty file', async () => {
		await expect(makePhoto(new Blob(['words']), 'words.jpg')).rejects.toMatchObject({
			code: 'picture-unsupported'
		});
		await expect(makePhoto(new Blob([]), 'empty.jpg')).rejects.toMatchObject({ code: 'picture-broken' });
	});

	test('more than 100 megapixels', async () => {
		const huge = new Uint8Array(await (await file('image/png', 8, 8)).arrayBuffer());
		new DataView(huge.buffer).setUint32(16, 12_000);
		new DataView(huge.buffer).setUint32(20, 12_000);
		await expect(makePhoto(new Blob([huge]), 'huge.png')).rejects.toMatchObject({
			code: 'picture-too-large',
			message: expect.stringContaining('144 million')
		});
	});

	test('a page without cryptography, which lets go of its frame', async () => {
		const frame = await createImageBitmap(await file('image/png', 8, 8));
		vi.spyOn(crypto, 'subtle', 'get').mockReturnValue(undefined as unknown as SubtleCrypto);
		await expect(makePhoto(frame, '')).rejects.toMatchObject({ code: 'photo-insecure' });
		expect(frame.width).toBe(0);
		vi.restoreAllMocks();
	});
});

test('a frame of the camera becomes a JPEG of its own size, and is closed', async () => {
	const bitmap = await createImageBitmap(await file('image/png', 640, 480));
	const frame = new VideoFrame(bitmap, { timestamp: 0 });
	const made = await makePhoto(frame, '');
	expect(made).toMatchObject({ width: 640, height: 480, picture: { type: 'image/jpeg' } });
	expect(frame.format).toBeNull();
	const still = await makePhoto(bitmap, '');
	expect(hammingDistance(made.hash, still.hash)).toBeLessThanOrEqual(2);
	expect(bitmap.width).toBe(0);
});
