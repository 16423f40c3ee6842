import { expect, test } from 'vitest';
import { Trouble } from '$lib/domain/trouble';
import type { Answerer } from './answerers';
import { askAboutMany, type ManyOptions, type ManyPhoto, type ManyRow } from './many';

type Answered = Awaited<ReturnType<Answerer['answer']>>;

async function picture(width = 60, height = 40): Promise<Blob> {
	const context = new OffscreenCanvas(width, height).getContext('2d');
	if (!context) throw new Error('no canvas');
	context.fillStyle = '#c40';
	context.fillRect(0, 0, width, height);
	return context.canvas.convertToBlob({ type: 'image/jpeg' });
}

/** A photo that knows how often it was read. */
function photo(path: string, content: () => Promise<Blob> = picture, label: string | null = null) {
	const one = { path, label, counts: true, reads: 0, read: () => (one.reads++, content()) };
	return one;
}

/** An engine that says what the test says, by the number of the question, and knows which pictures are open. */
function engine(say: (question: number) => Partial<Answered> | Error) {
	const sizes: string[] = [];
	let ready = 0;
	const answerer: Answerer = {
		sureFrom: 0.5,
		answer: (source, crop) => {
			const { width, height } = source as ImageBitmap; // the service gives no frames
			source.close();
			const said = say(sizes.push(`${width} × ${height}, ${crop}`) - 1);
			if (said instanceof Error) return Promise.reject(said);
			const probabilities = Float32Array.of(0.1, 0.6, 0.3);
			return Promise.resolve({ probabilities, familiar: true, preprocess: 1, run: 1, ...said });
		},
		whenReady: (signal) => (ready++, signal.aborted ? Promise.reject(signal.reason) : Promise.resolve())
	};
	return { answerer, sizes, waits: () => ready };
}

async function ask(
	photos: ManyOptions['photos'],
	answerer: Answerer,
	{ signal = new AbortController().signal, onRow = (): unknown => undefined } = {}
): Promise<ManyRow[]> {
	const rows: ManyRow[] = [];
	for await (const row of askAboutMany({ photos, answerer, crop: 'whole', best: 2, signal })) {
		rows.push(row);
		onRow();
	}
	return rows;
}

test('every photo is a row in its place: answered, or why not in words', async () => {
	const { answerer, sizes } = engine(() => ({}));
	const gone = () => Promise.reject(new DOMException('moved', 'NotFoundError'));
	const rows = await ask(
		[
			photo('cup/a.jpg', picture, 'cup'),
			photo('cup/torn.jpg', () => picture().then((blob) => blob.slice(0, 40)), 'cup'),
			photo('note.jpg', () => Promise.resolve(new Blob(['no picture']))),
			photo('gone.jpg', gone),
			photo('b.jpg', () => picture(30, 80))
		],
		answerer
	);
	expect(rows.map(({ path, truth, trouble }) => [path, truth, trouble])).toEqual([
		['cup/a.jpg', 'cup', null],
		['cup/torn.jpg', 'cup', expect.stringContaining('“torn.jpg” could not be read')],
		['note.jpg', null, expect.stringContaining('is not a picture')],
		['gone.jpg', null, expect.stringContaining('“gone.jpg” could not be read')],
		['b.jpg', null, null]
	]);
	expect(rows.map(({ guesses }) => guesses.map(({ index }) => index))).toEqual([[1, 2], [], [], [], [1, 2]]);
	expect(sizes).toEqual(['60 × 40, whole', '30 × 80, whole']);
	const thumbnail = await createImageBitmap(rows[4]?.thumbnail ?? new Blob());
	expect([thumbnail.width, thumbnail.height]).toEqual([30, 80]);
	expect(rows[1]?.thumbnail).toBeNull();
});

test('an answer is sure where Look would be: likely enough, and of something familiar', async () => {
	const said = [{}, { familiar: false }, { probabilities: Float32Array.of(0.4, 0.3, 0.3) }];
	const { answerer } = engine((question) => said[question] ?? {});
	const rows = await ask([photo('a'), photo('b'), photo('c')], answerer);
	expect(rows.map(({ sure }) => sure)).toEqual([true, false, false]);
});

test('photos are opened one after the other, large ones as small as Look opens them', async () => {
	const { answerer, sizes } = engine(() => ({}));
	const second = photo('b');
	const readSoFar: number[] = [];
	const onRow = () => readSoFar.push(second.reads);
	await ask([photo('a', () => picture(6000, 4500)), second], answerer, { onRow });
	expect(readSoFar).toEqual([0, 1]);
	expect(sizes).toEqual(['3000 × 2250, whole', '60 × 40, whole']);
});

test('an engine that starts again is waited for, and asked again; not for ever', async () => {
	const restarting = new Trouble('engine-restarting', 'The engine is starting again.');
	const first = photo('a');
	const second = photo('b');
	const { answerer, waits } = engine((question) => (question === 0 || question > 1 ? restarting : {}));
	const rows = await ask([first, second], answerer);
	expect(rows.map(({ trouble }) => trouble)).toEqual([null, 'The engine is starting again.']);
	expect([first.reads, second.reads, waits()]).toEqual([2, 3, 5]);
});

test('a photo that the network fails on has its words, and the next one is asked about', async () => {
	const failed = new Trouble('picture-failed', 'The network could not be run on this picture.');
	const { answerer } = engine((question) => (question === 0 ? failed : {}));
	const rows = await ask([photo('a'), photo('b')], answerer);
	expect(rows.map(({ trouble }) => trouble)).toEqual([failed.message, null]);
	expect(rows[0]?.thumbnail).not.toBeNull();
});

test('it ends when it is told to: what is done stays, nothing more is read', async () => {
	const end = new AbortController();
	const photos = [photo('a'), photo('b'), photo('c')];
	const { answerer, sizes } = engine((question) => (question === 1 && end.abort(), {}));
	const rows = await ask(photos, answerer, { signal: end.signal });
	expect(rows.map(({ path }) => path)).toEqual(['a']);
	expect(photos.map(({ reads }) => reads)).toEqual([1, 1, 0]);
	expect(sizes).toHaveLength(2);
});

test('a stream of photos is asked for the next one when the last is answered', async () => {
	const { answerer, sizes } = engine(() => ({}));
	const asked: number[] = [];
	async function* stream(): AsyncGenerator<ManyPhoto> {
		for (let i = 0; i < 3; i++) {
			asked.push(sizes.length);
			yield await Promise.resolve(photo(`${i}`));
		}
	}
	expect(await ask(stream(), answerer)).toHaveLength(3);
	expect(asked).toEqual([0, 1, 2]);
});
