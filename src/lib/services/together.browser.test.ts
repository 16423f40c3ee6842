/** A network that was trained is tried before it is kept: real workers, real engines, real storage. */
import { afterEach, expect, test } from 'vitest';
import type { Model } from '$lib/domain/model';
import { Trouble } from '$lib/domain/trouble';
import { letGo, parts, run, taught } from '../../../tests/fixtures/shapes';
import type { TuneParts } from './fine-tune';

afterEach(letGo);

test('a network that answers otherwise once it is put together is not kept, and says so', async () => {
	const material = await taught();
	const own = parts();
	const off = ({ tail = new Map() }: Model) =>
		new Map(Array.from(tail, ([name, { dims, data }]) => [name, { dims, data: data.map((x) => 1.5 * x) }]));
	const wrong: TuneParts = {
		...own,
		make: (model, signal) => own.make({ ...model, tail: off(model) }, signal)
	};
	await expect(run(wrong, material)).rejects.toMatchObject({
		code: 'finetune-differs',
		message: expect.stringContaining('The model before it stays')
	});
});

test('a network that gives no number once it is put together is not kept either', async () => {
	const material = await taught();
	const own = parts();
	const none = ({ tail = new Map() }: Model) =>
		new Map(Array.from(tail, ([name, { dims, data }]) => [name, { dims, data: data.map(() => NaN) }]));
	const wrong: TuneParts = {
		...own,
		make: (model, signal) => own.make({ ...model, tail: none(model) }, signal)
	};
	await expect(run(wrong, material)).rejects.toMatchObject({ code: 'finetune-differs' });
});

test('a network whose engine fails while it is tried is kept all the same', async () => {
	const material = await taught();
	const own = parts();
	const failing: TuneParts = {
		...own,
		async engineFor(card, files) {
			const engine = await own.engineFor(card, files);
			const gone = { ...card, file: { ...card.file, url: 'made:gone' } };
			// The trunk's own engine has done its work by then.
			if (own.tried.length > 0) await engine.use(gone, 'wasm').catch(() => undefined);
			return engine;
		}
	};
	expect((await run(failing, material)).model.tail?.size).toBeGreaterThan(1);
});

test('a network that no engine can be had for at the moment is kept all the same', async () => {
	const material = await taught();
	const own = parts();
	const none = { ...own, make: () => Promise.reject(new Trouble('share-failed', 'no memory')) };
	expect((await run(none, material)).model.tail?.size).toBeGreaterThan(1);
});
