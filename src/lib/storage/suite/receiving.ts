import { expect, test } from 'vitest';
import type { FileFacts } from '$lib/domain/card';
import type { ReceivedModel } from '$lib/domain/received';
import { sha256Of } from '../file-cache';
import { DAY, dump, page } from './page';

const labels = ['Cat', 'Dog'];
export const receivedFiles = {
	onnx: Uint8Array.from({ length: 300 }, (_, i) => i),
	labels: new TextEncoder().encode(JSON.stringify(labels))
};

const facts = (url: string): FileFacts => ({ url, sha256: '0'.repeat(64), bytes: 300 });

export function received(id: string, more: Partial<ReceivedModel> = {}): ReceivedModel {
	return {
		id,
		came: { name: 'pets.onnx', bytes: 300, sha256: '1'.repeat(64) },
		kind: 'onnx',
		added: 5000,
		trashed: null,
		card: {
			...{ id, name: 'Pets', summary: '', delivery: 'file', source: '', licence: '', attribution: '' },
			file: facts(`received:${id}/model`),
			labels: { ...facts(`received:${id}/labels`), count: 2 },
			input: { name: null, layout: 'NCHW', size: 8, mean: [0, 0, 0], std: [1, 1, 1] },
			...{ outputs: null, cuts: [] }
		},
		...more
	};
}

/** Facts as they are, of a part of the model. */
async function part(
	id: string,
	which: 'model' | 'labels',
	bytes: Uint8Array<ArrayBuffer>
): Promise<FileFacts> {
	return { url: `received:${id}/${which}`, sha256: await sha256Of(bytes.buffer), bytes: bytes.length };
}

export function receiving(): void {
	test('a model is there after a reload, byte for byte, with its names', async () => {
		const here = await page();
		// Over several pieces, the last of them short.
		const large = Uint8Array.from({ length: 20 * 2 ** 20 + 3 }, (_, i) => i ^ (i >>> 8));
		await here.addReceived(received('a'), { ...receivedFiles, onnx: large });
		await here.addReceived(received('ab', { added: 6000 }), receivedFiles);
		const next = await page();
		expect((await next.listReceived()).map(({ id }) => id)).toEqual(['ab', 'a']);
		const opened = await next.openReceived(await part('a', 'model', large));
		expect(opened.kept).toBe(true);
		expect(await sha256Of(opened.bytes)).toBe(await sha256Of(large.buffer));
		const names = await part('a', 'labels', receivedFiles.labels);
		expect(await next.receivedLabels({ labels: { ...names, count: 2 } })).toEqual(labels);
		expect(await next.hasReceived(names)).toBe(true);
		expect(await next.hasReceived({ url: 'received:b/model' })).toBe(false);
	});

	test('one that comes again takes the place of the one before, with all of its pieces', async () => {
		const here = await page();
		await here.addReceived(received('a'), { ...receivedFiles, onnx: new Uint8Array(9 * 2 ** 20) });
		await here.addReceived(received('a', { added: 7000 }), receivedFiles);
		const { bytes } = await here.openReceived(await part('a', 'model', receivedFiles.onnx));
		expect(bytes.byteLength).toBe(300);
		expect(await here.listReceived()).toEqual([received('a', { added: 7000 })]);
	});

	test('what is damaged or gone is never given out', async () => {
		const here = await page();
		await here.addReceived(received('a'), receivedFiles);
		const file = await part('a', 'model', receivedFiles.onnx);
		await here.withDatabase((database) =>
			database.put('receivedFiles', new ArrayBuffer(300), ['a', 'model', 0])
		);
		await expect(here.openReceived(file)).rejects.toMatchObject({ code: 'received-damaged' });
		await here.deleteReceived('a');
		await expect(here.openReceived(file)).rejects.toMatchObject({ code: 'received-gone' });
		expect(await dump(here)).toEqual([]);
	});

	test('is renamed, thrown away, taken back; only what was thrown away long ago goes', async () => {
		const here = await page();
		await here.addReceived(received('a'), receivedFiles);
		await here.addReceived(received('b'), receivedFiles);
		await here.addReceived(received('c'), receivedFiles);
		expect((await here.changeReceived('a', { name: 'Cats' }))?.card.name).toBe('Cats');
		await here.changeReceived('a', { trashed: 1 });
		await here.changeReceived('b', { trashed: 31 * DAY });
		await here.changeReceived('c', { trashed: 1 });
		await here.changeReceived('c', { trashed: null });
		expect(await here.changeReceived('gone', { name: 'x' })).toBeNull();
		let purged = 0;
		await here.purgeReceived(32 * DAY, () => purged++);
		expect(purged).toBe(1);
		const left = await (await page()).listReceived();
		expect(left.map(({ id, trashed }) => [id, trashed])).toEqual([
			['b', 31 * DAY],
			['c', null]
		]);
		expect(await here.hasReceived({ url: 'received:a/model' })).toBe(false);
		expect(await here.hasReceived({ url: 'received:b/model' })).toBe(true);
	});
}
