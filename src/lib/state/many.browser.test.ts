import { afterEach, expect, test, vi } from 'vitest';
import { backbones } from '$models/catalog';
import type { BackboneCard } from '$lib/domain/card';
import type { SourceFile } from '$lib/files/dataset';
import { Many } from './many.svelte';

const [first, second] = backbones;
if (!first || !second) throw new Error('the shelf has no two backbones');

async function picture(name: string): Promise<File> {
	const context = new OffscreenCanvas(8, 8).getContext('2d');
	if (!context) throw new Error('no canvas');
	context.fillRect(0, 0, 8, 8);
	return new File([await context.canvas.convertToBlob({ type: 'image/jpeg' })], name);
}

/** An engine that answers when the test lets it, always the same. */
function engine() {
	const asked: (() => void)[] = [];
	let ready = () => {};
	const started = new Promise<void>((resolve) => (ready = resolve));
	const parts = {
		card: first as BackboneCard, // thrown above where it is none
		freshen: vi.fn(() => Promise.resolve()),
		service: {
			labels: ['bee', 'cup'] as readonly string[],
			whenReady: (signal: AbortSignal) =>
				new Promise<void>((resolve, reject) => {
					signal.addEventListener('abort', () => reject(signal.reason as Error));
					void started.then(resolve);
				}),
			classify: vi.fn(
				(source: VideoFrame | ImageBitmap) =>
					new Promise<{
						probabilities: Float32Array<ArrayBuffer>;
						familiar: boolean;
						preprocess: number;
						run: number;
					}>((resolve) => {
						source.close();
						const said = { probabilities: Float32Array.of(0.1, 0.9), familiar: true, preprocess: 1, run: 1 };
						asked.push(() => resolve(said));
					})
			)
		}
	};
	return { parts, ready: () => ready(), asked };
}

const settings = { value: { crop: 'whole' } } as ConstructorParameters<typeof Many>[0]['settings']; // all it reads
const open: Many[] = [];
afterEach(() => open.splice(0).forEach((many) => many.leave()));

function setUp(divert?: ConstructorParameters<typeof Many>[0]['divert']) {
	const stage = engine();
	const many = new Many({ engine: stage.parts, settings, divert });
	open.push(many);
	/** Lets the engine answer so many photos. */
	const answer = async (photos: number) => {
		for (let i = 0; i < photos; i++) {
			await expect.poll(() => stage.asked.length).toBeGreaterThan(0);
			stage.asked.shift()?.();
		}
	};
	return { ...stage, many, answer };
}

test('photos wait for the engine, are answered in the order of their names, and are seen as Look sees them', async () => {
	const { many, ready, answer, parts } = setUp();
	const running = many.bring([await picture('b 10.jpg'), await picture('b 9.jpg')]);
	await expect.poll(() => [many.phase, many.total]).toEqual(['running', 2]);
	expect(parts.service.classify).not.toHaveBeenCalled();
	ready();
	await answer(2);
	await running;
	expect(many.phase).toBe('done');
	expect(many.rows.map(({ path, guesses, place }) => [path, guesses[0]?.index, place])).toEqual([
		['b 9.jpg', 1, 0],
		['b 10.jpg', 1, 1]
	]);
	expect(parts.service.classify).toHaveBeenLastCalledWith(expect.anything(), 'whole');
});

test('what is answered stays when it is stopped, though it had not been shown', async () => {
	const { many, ready, answer, asked } = setUp();
	ready();
	const running = many.bring([await picture('a.jpg'), await picture('b.jpg'), await picture('c.jpg')]);
	await answer(2);
	await expect.poll(() => asked.length).toBe(1);
	many.stop();
	expect([many.phase, many.rows.length]).toEqual(['done', 2]);
	await answer(1);
	await running;
	expect([many.phase, many.rows.length]).toEqual(['done', 2]);
});

test('another model does not go on with the table of the first, and it is said', async () => {
	const { many, ready, answer, parts } = setUp();
	ready();
	const photos = [await picture('a.jpg'), await picture('b.jpg')];
	const running = many.bring(photos);
	await expect.poll(() => parts.service.classify.mock.calls.length).toBe(1);
	parts.card = second;
	await answer(1);
	await running;
	expect(parts.service.classify).toHaveBeenCalledOnce();
	expect(many.rows.map(({ path }) => path)).toEqual(['a.jpg']);
	expect(many.trouble).toContain(`Another model took over from ${first.name}`);
	const next = many.bring(photos);
	await answer(2);
	await next;
	expect([many.rows.length, many.trouble, many.asked?.card]).toEqual([2, null, second]);
});

/** A project's model; its id says nothing of what it learned. */
const own = { ...first, id: 'own-1', name: 'Balcony', delivery: 'own' } satisfies BackboneCard;

test('a project’s model is asked with all that it has learned by then', async () => {
	const { many, ready, answer, parts } = setUp();
	parts.card = own;
	const learned = { ...own };
	parts.freshen.mockImplementationOnce(() => {
		parts.card = learned;
		parts.service.labels = ['bee', 'mug'];
		return Promise.resolve();
	});
	ready();
	const running = many.bring([await picture('a.jpg')]);
	await answer(1);
	await running;
	expect([many.asked?.card === learned, many.asked?.labels]).toEqual([true, ['bee', 'mug']]);
	expect([many.rows.length, many.trouble]).toEqual([1, null]);
});

test.each<[string, (parts: ReturnType<typeof engine>['parts']) => void]>([
	['what it learned', (parts) => (parts.card = { ...own })],
	['its labels', ({ service }) => (service.labels = ['bee', 'mug'])]
])('a project’s model that changes in the middle ends the table: %s', async (_, change) => {
	const { many, ready, answer, parts } = setUp();
	parts.card = own;
	ready();
	const running = many.bring([await picture('a.jpg'), await picture('b.jpg')]);
	await expect.poll(() => parts.service.classify.mock.calls.length).toBe(1);
	change(parts);
	await answer(1);
	await running;
	expect(parts.service.classify).toHaveBeenCalledOnce();
	expect([many.phase, many.rows.length]).toEqual(['done', 1]);
	expect(many.trouble).toContain('Balcony changed, so it stopped there');
});

test('a card that is read anew, and an engine that starts again, are the same model', async () => {
	const { many, ready, answer, parts } = setUp();
	ready();
	const running = many.bring([await picture('a.jpg'), await picture('b.jpg')]);
	await expect.poll(() => parts.service.classify.mock.calls.length).toBe(1);
	parts.card = { ...parts.card };
	parts.service.labels = [...parts.service.labels];
	await answer(2);
	await running;
	expect([many.rows.length, many.trouble]).toEqual([2, null]);
});

/** A picture in the folder of a set. */
async function inFolder(path: string): Promise<File> {
	const file = await picture(path.split('/').at(-1) ?? '');
	Object.defineProperty(file, 'webkitRelativePath', { value: path });
	return file;
}

test.each<[string, string[], boolean, boolean[]]>([
	[
		'its test part',
		['set/test/cup/a.jpg', 'set/train/bee/b.jpg', 'set/train/cup/c.jpg'],
		true,
		[true, false, false]
	],
	['all without a test part', ['set/train/bee/b.jpg', 'set/val/cup/c.jpg'], false, [true, true]],
	[
		'all where its test part has no label of the model',
		['set/test/x/a.jpg', 'set/train/bee/b.jpg'],
		false,
		[true, true]
	]
])('of a set in parts counts %s', async (_, paths, tested, counts) => {
	const { many, ready, answer } = setUp();
	ready();
	const running = many.bring(await Promise.all(paths.map(inFolder)));
	await answer(paths.length);
	await running;
	expect(many.asked?.tested).toBe(tested);
	expect(many.rows.map((row) => row.counts)).toEqual(counts);
});

test('a table stays until it is known that other photos are there', async () => {
	const { many, ready, answer, parts } = setUp();
	ready();
	const running = many.bring([await picture('a.jpg'), new File(['words'], 'notes.txt')]);
	await answer(1);
	await running;
	await many.bring([new File(['words'], 'other.txt')]);
	expect(many.trouble).toContain('no photo');
	expect([many.phase, many.rows.length, many.asked?.card, many.total]).toEqual(['done', 1, first, 1]);
	expect(many.skipped.map(({ path }) => path)).toEqual(['notes.txt']);

	const next = many.bring([await picture('b.jpg')]);
	await expect.poll(() => parts.service.classify.mock.calls.length).toBe(2);
	expect([many.rows.length, many.trouble]).toEqual([0, null]);
	await answer(1);
	await next;
	expect(many.rows.map(({ path }) => path)).toEqual(['b.jpg']);
});

test.each<[string, (() => Promise<readonly SourceFile[]>) | undefined, boolean]>([
	['no photo', undefined, true],
	['taken for something else', () => Promise.resolve([]), false]
])('what is brought while it runs and is %s does not end it', async (_, later, said) => {
	let diverts = later && ((sources: readonly SourceFile[]) => Promise.resolve(sources));
	const { many, ready, answer, asked } = setUp(later && ((sources) => diverts?.(sources) ?? later()));
	ready();
	const running = many.bring([
		await picture('a.jpg'),
		await picture('b.jpg'),
		new File(['words'], 'notes.txt')
	]);
	await expect.poll(() => asked.length).toBe(1);
	diverts = later;
	await many.bring([new File(['words'], 'other.txt')]);
	expect([many.phase, many.trouble?.includes('no photo') ?? false]).toEqual(['running', said]);
	await answer(2);
	await running;
	expect([many.phase, many.rows.length, many.total]).toEqual(['done', 2, 2]);
	expect(many.skipped.map(({ path }) => path)).toEqual(['notes.txt']);
});

test('other photos that are brought while it runs take its place', async () => {
	const { many, ready, answer, asked } = setUp();
	ready();
	const running = many.bring([await picture('a.jpg'), await picture('b.jpg')]);
	await answer(1);
	await expect.poll(() => asked.length).toBe(1);
	const next = many.bring([await picture('c.jpg')]);
	await answer(2);
	await Promise.all([running, next]);
	expect([many.phase, many.total, many.rows.map(({ path }) => path)]).toEqual(['done', 1, ['c.jpg']]);
});

test('of what was given up nothing more is taken, unpacked or read', async () => {
	let go = () => {};
	const waiting = new Promise<void>((resolve) => (go = resolve));
	const divert = vi.fn((sources: readonly SourceFile[]) => waiting.then(() => sources));
	const { many } = setUp(divert);
	const left = many.bring([await picture('a.jpg')]);
	many.leave();
	await left;
	expect(divert).not.toHaveBeenCalled();

	const zip = new File(['PK'], 'set.zip');
	const opened = vi.spyOn(zip, 'slice');
	const stopped = many.bring([zip]);
	await expect.poll(() => divert.mock.calls.length).toBe(1);
	many.stop();
	go();
	await stopped;
	expect(opened).not.toHaveBeenCalled();
	expect([many.phase, many.trouble]).toEqual(['empty', null]);
});

test('who leaves forgets all, and late answers come to nothing', async () => {
	const { many, ready, answer } = setUp();
	ready();
	const running = many.bring([await picture('a.jpg'), await picture('b.jpg')]);
	await answer(1);
	await expect.poll(() => many.rows.length).toBe(1);
	many.leave();
	await answer(1);
	await running;
	expect([many.phase, many.rows.length, many.total, many.asked]).toEqual(['empty', 0, 0, null]);
});

test('where there is no photo, that is said, with what was left out', async () => {
	const { many } = setUp();
	await many.bring([new File(['words'], 'notes.txt')]);
	expect(many.trouble).toContain('no photo');
	expect(many.skipped).toEqual([{ path: 'notes.txt', reason: 'is not a picture' }]);
	expect(many.phase).toBe('empty');
});

test('what is taken for something else is no photo, and nothing is said', async () => {
	const { many } = setUp(() => Promise.resolve([]));
	await many.bring([await picture('plants.lensmith.zip')]);
	expect([many.phase, many.trouble]).toEqual(['empty', null]);
});
