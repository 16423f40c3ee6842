/** Both ways to the pixels of a frame: copied from it, or drawn. Each test has a realm of its own. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Pixels } from '../image/resize';

type Module = typeof import('./pixels');
let readPixels: Module['readPixels'];
let realms = 0;
const open: { close(): void }[] = [];

beforeEach(async () => {
	// Another address is another module, which has seen no browser yet.
	({ readPixels } = (await import(/* @vite-ignore */ `./pixels.ts?realm=${++realms}`)) as Module);
});
afterEach(() => {
	open.splice(0).forEach((one) => one.close());
	vi.restoreAllMocks();
});

const drawing = () => vi.spyOn(OffscreenCanvasRenderingContext2D.prototype, 'drawImage');
const copying = () => vi.spyOn(VideoFrame.prototype, 'copyTo');
const at = ({ data, width }: Pixels, x: number, y: number) => [
	...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)
];

/** Columns and rows tell where a pixel lies: red is x, green is y. */
function grid(width: number, height: number, order: 'RGBA' | 'BGRA' = 'RGBA'): VideoFrame {
	const data = new Uint8Array(width * height * 4);
	for (let y = 0, i = 0; y < height; y++)
		for (let x = 0; x < width; x++, i += 4)
			data.set(order === 'RGBA' ? [x, y, 200, 255] : [200, y, x, 255], i);
	const frame = new VideoFrame(data, { format: order, codedWidth: width, codedHeight: height, timestamp: 0 });
	open.push(frame);
	return frame;
}

/** A soft picture as cameras send it: brightness in full, colour for blocks of 2 × 2. */
function soft(width: number, height: number): VideoFrame {
	const size = width * height;
	const data = new Uint8Array(size * 1.5);
	for (let i = 0; i < size; i++)
		data[i] = 128 + 80 * Math.sin((i % width) / 37) * Math.cos(Math.floor(i / width) / 23);
	for (let i = 0; i < size / 4; i++) {
		const [x, y] = [i % (width / 2), Math.floor(i / (width / 2))];
		data[size + i] = 128 + 40 * Math.sin(x / 29);
		data[size * 1.25 + i] = 128 + 40 * Math.cos(y / 31);
	}
	const frame = new VideoFrame(data, {
		format: 'I420',
		codedWidth: width,
		codedHeight: height,
		timestamp: 0,
		colorSpace: { matrix: 'smpte170m', primaries: 'smpte170m', transfer: 'smpte170m', fullRange: false }
	});
	open.push(frame);
	return frame;
}

async function bitmapOf(source: ImageBitmapSource): Promise<ImageBitmap> {
	const bitmap = await createImageBitmap(source);
	open.push(bitmap);
	return bitmap;
}

function meanDifference(a: Pixels, b: Pixels): number {
	expect([a.width, a.height]).toEqual([b.width, b.height]);
	let sum = 0;
	for (let i = 0; i < a.width * a.height * 4; i++)
		if (i % 4 < 3) sum += Math.abs((a.data[i] ?? NaN) - (b.data[i] ?? NaN));
	return sum / (a.width * a.height * 3);
}

test.each([
	[60, 40, 10, 0, 40],
	[40, 60, 0, 10, 40],
	[61, 40, 10, 0, 40]
])('the centre of %i × %i begins at %i, %i, copied and drawn', async (width, height, x, y, side) => {
	const draw = drawing();
	const copied = await readPixels(grid(width, height), 'centre');
	expect(draw).not.toHaveBeenCalled();
	const drawn = await readPixels(await bitmapOf(grid(width, height)), 'centre');
	expect(draw).toHaveBeenCalledTimes(1);
	for (const pixels of [copied, drawn]) {
		expect([pixels.width, pixels.height]).toEqual([side, side]);
		expect(at(pixels, 0, 0)).toEqual([x, y, 200]);
		expect(at(pixels, side - 1, side - 1)).toEqual([x + side - 1, y + side - 1, 200]);
	}
});

test('a frame that shows a part of what it holds is read from that part on', async () => {
	const visibleRect = { x: 8, y: 4, width: 20, height: 10 };
	const part = new VideoFrame(grid(60, 40), { visibleRect });
	open.push(part);
	const draw = drawing();
	const whole = await readPixels(part, 'whole');
	expect([whole.width, whole.height, at(whole, 0, 0)]).toEqual([20, 10, [8, 4, 200]]);
	const centre = await readPixels(part, 'centre');
	expect([centre.width, at(centre, 0, 0)]).toEqual([10, [12, 4, 200]]);
	expect(draw).not.toHaveBeenCalled();
});

test('a camera’s frame copied is the same frame drawn, within one level of 255', async () => {
	const frame = soft(320, 240);
	const bitmap = await bitmapOf(frame);
	for (const crop of ['centre', 'whole'] as const) {
		const draw = drawing().mockClear();
		const copied = await readPixels(frame, crop);
		expect(draw).not.toHaveBeenCalled();
		expect(meanDifference(copied, await readPixels(bitmap, crop))).toBeLessThan(1);
	}
});

test.each([
	['rotated', { rotation: 90 }, [40, 60], [0, 39]],
	['mirrored', { flip: true }, [60, 40], [59, 0]],
	['stretched', { displayWidth: 120, displayHeight: 40 }, [120, 40], [0, 0]]
])('a %s frame is drawn as it is shown, not copied as it is stored', async (_what, how, size, corner) => {
	// TypeScript's DOM library does not know rotation and flip.
	const frame = new VideoFrame(grid(60, 40), how as VideoFrameInit);
	open.push(frame);
	const copy = copying();
	const pixels = await readPixels(frame, 'whole');
	expect(copy).not.toHaveBeenCalled();
	expect([pixels.width, pixels.height]).toEqual(size);
	expect(at(pixels, 0, 0)).toEqual([...corner, 200]);
});

test('a browser that refuses to convert is asked once; its frames are drawn', async () => {
	const copy = copying().mockRejectedValue(new DOMException('', 'NotSupportedError'));
	for (let n = 0; n < 2; n++)
		expect(at(await readPixels(grid(60, 40), 'centre'), 3, 2)).toEqual([13, 2, 200]);
	expect(copy).toHaveBeenCalledTimes(1);
});

test('blue-first frames are copied where the browser turns them, which is tried once', async () => {
	const [copy, draw] = [copying(), drawing()];
	for (let n = 0; n < 2; n++)
		expect(at(await readPixels(grid(60, 40, 'BGRA'), 'centre'), 3, 2)).toEqual([13, 2, 200]);
	expect([copy.mock.calls.length, draw.mock.calls.length]).toEqual([3, 0]);
});

test('blue-first frames are drawn where the browser passes the wanted order over', async () => {
	const copy = VideoFrame.prototype.copyTo;
	vi.spyOn(VideoFrame.prototype, 'copyTo').mockImplementation(function (this: VideoFrame, out, options) {
		return copy.call(this, out, { ...options, format: this.format === 'BGRA' ? 'BGRA' : 'RGBA' });
	});
	const draw = drawing();
	expect(at(await readPixels(grid(60, 40, 'BGRA'), 'centre'), 3, 2)).toEqual([13, 2, 200]);
	expect(draw).toHaveBeenCalledTimes(1);
	expect(at(await readPixels(grid(60, 40), 'centre'), 3, 2)).toEqual([13, 2, 200]);
	expect(draw).toHaveBeenCalledTimes(1);
});

test('what is transparent lies on white, whatever was drawn before', async () => {
	await readPixels(await bitmapOf(grid(20, 20)), 'whole');
	const canvas = new OffscreenCanvas(20, 20);
	const context = canvas.getContext('2d');
	context?.fillRect(0, 0, 10, 20);
	const pixels = await readPixels(await bitmapOf(canvas), 'whole');
	expect([at(pixels, 2, 5), at(pixels, 15, 5)]).toEqual([
		[0, 0, 0],
		[255, 255, 255]
	]);
});

test('the canvas of a large photo is not kept', async () => {
	const made: OffscreenCanvas[] = [];
	const Real = OffscreenCanvas;
	vi.stubGlobal(
		'OffscreenCanvas',
		class extends Real {
			constructor(width: number, height: number) {
				super(width, height);
				made.push(this);
			}
		}
	);
	const photo = await bitmapOf(new ImageData(2000, 1500));
	const pixels = await readPixels(photo, 'whole');
	vi.unstubAllGlobals();
	expect([pixels.width, pixels.height, pixels.data.length]).toEqual([2000, 1500, 2000 * 1500 * 4]);
	expect(made.map(({ width, height }) => width * height)).toEqual([1]);
	expect(at(await readPixels(await bitmapOf(grid(60, 40)), 'centre'), 3, 2)).toEqual([13, 2, 200]);
});
