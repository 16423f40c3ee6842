import { afterEach, expect, test } from 'vitest';
import { makePhotoMaker, PhotoMaker } from './photo-maker';

const makers: PhotoMaker[] = [];
const keep = (maker: PhotoMaker) => (makers.push(maker), maker);
afterEach(() => makers.splice(0).forEach((maker) => maker.stop()));

async function picture(width = 60, height = 40): Promise<Blob> {
	const context = new OffscreenCanvas(width, height).getContext('2d');
	if (!context) throw new Error('no canvas');
	context.fillStyle = '#c40';
	context.fillRect(0, 0, width / 2, height);
	return context.canvas.convertToBlob({ type: 'image/jpeg' });
}

/** A worker that does what the test says instead of making photos. */
function worker(code: string): Worker {
	return new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
}
const silent = () => worker('');
const dying = () => worker('onmessage = () => setTimeout(() => { throw new Error("out of memory") })');
const real = () =>
	new Worker(new URL('../../../workers/photo.worker.ts', import.meta.url), { type: 'module' });

test('the worker makes photos of files and frames', async () => {
	const maker = keep(makePhotoMaker());
	const made = await maker.make(await picture(), 'a.jpg');
	expect(made).toMatchObject({ width: 60, height: 40, picture: { type: 'image/jpeg' } });
	expect(made.hash).toMatch(/^[0-9a-f]{16}$/);
	expect(made.sha256).toMatch(/^[0-9a-f]{64}$/);
	const frame = await createImageBitmap(await picture(1400, 700));
	expect(await maker.make(frame, '')).toMatchObject({ width: 1024, height: 512 });
	expect(frame.width).toBe(0);
});

test('troubles cross with their words, and the worker goes on', async () => {
	const maker = keep(makePhotoMaker());
	await expect(maker.make(new Blob(['no']), 'no.jpg')).rejects.toMatchObject({
		name: 'Trouble',
		code: 'picture-unsupported',
		message: expect.stringContaining('“no.jpg”')
	});
	expect(await maker.make(await picture(), 'yes.jpg')).toMatchObject({ width: 60 });
});

/** A worker that answers when the test says so: the oldest question with `value`. */
function answering() {
	const calls: number[] = [];
	const messages: ((value: unknown) => void)[] = [];
	const port = new EventTarget() as EventTarget & {
		postMessage(message: { id: number }): void;
		terminate(): void;
	};
	port.postMessage = ({ id }) => {
		calls.push(id);
		messages.push((value) =>
			port.dispatchEvent(new MessageEvent('message', { data: { kind: 'done', id, value } }))
		);
	};
	port.terminate = () => undefined;
	const answer = (value: string) => messages.shift()?.(value);
	return { calls, answer, create: () => port as unknown as Worker };
}

test('two are with the worker at a time, the others wait their turn', async () => {
	const { calls, answer, create } = answering();
	const maker = keep(new PhotoMaker(create));
	const blob = await picture();
	const all = [1, 2, 3, 4].map((number) => maker.make(blob, String(number)));
	const left = new AbortController();
	const waiting = maker.make(blob, 'left', left.signal);
	await expect.poll(() => calls.length).toBe(2);
	expect(maker.free).toBe(false);
	left.abort(new Error('left'));
	await expect(waiting).rejects.toThrow('left');
	answer('first');
	expect(await all[0]).toBe('first');
	await expect.poll(() => calls.length).toBe(3);
	for (const value of ['second', 'third']) answer(value);
	await expect.poll(() => calls.length).toBe(4);
	answer('fourth');
	expect(await Promise.all(all)).toEqual(['first', 'second', 'third', 'fourth']);
	expect(maker.free).toBe(true);
});

test('while photos are taken files leave a place free, and frames go first', async () => {
	const { calls, answer, create } = answering();
	const maker = keep(new PhotoMaker(create));
	const blob = await picture();
	const files = [1, 2, 3, 4].map((number) => maker.make(blob, String(number)));
	await expect.poll(() => calls.length).toBe(2);
	const end = maker.favourFrames();
	answer('first');
	expect(await files[0]).toBe('first');
	expect(maker.free).toBe(true);
	const frame = maker.make(await createImageBitmap(blob), '');
	const late = maker.make(await createImageBitmap(blob), '');
	await expect.poll(() => calls.length).toBe(3);
	answer('second');
	expect(await files[1]).toBe('second');
	answer('frame');
	expect(await frame).toBe('frame');
	answer('late');
	expect(await late).toBe('late');
	end();
	await expect.poll(() => calls.length).toBe(6);
	for (const value of ['third', 'fourth']) answer(value);
	expect(await Promise.all(files)).toEqual(['first', 'second', 'third', 'fourth']);
	expect(maker.free).toBe(true);
});

test('a worker that dies rejects what it was at, in words, and the next picture has another', async () => {
	const workers = [dying, real];
	const maker = keep(new PhotoMaker(() => (workers.shift() ?? real)()));
	const blob = await picture();
	const both = await Promise.allSettled([maker.make(blob, 'a.jpg'), maker.make(blob, 'b.jpg')]);
	for (const one of both)
		expect(one).toMatchObject({
			status: 'rejected',
			reason: { code: 'photo-maker-died', message: expect.stringContaining('safe') }
		});
	expect(await maker.make(blob, 'c.jpg')).toMatchObject({ width: 60 });
});

test('a worker that never answers counts as dead', async () => {
	const workers = [silent, real];
	const maker = keep(new PhotoMaker(() => (workers.shift() ?? real)(), 300));
	await expect(maker.make(await picture(), 'a.jpg')).rejects.toMatchObject({ code: 'photo-maker-died' });
	expect(maker.free).toBe(true);
});

test('what is given up before its turn is not begun, and its frame is closed', async () => {
	const maker = keep(makePhotoMaker());
	const frame = await createImageBitmap(await picture());
	await expect(maker.make(frame, '', AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
	expect(frame.width).toBe(0);
});
