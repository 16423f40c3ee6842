import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanName, sameName } from '$lib/domain/names';
import type { Label, Photo } from '$lib/domain/project';
import { smallPhoto, uuid } from '../../../tests/fixtures/small-project';
import { readDataset } from './dataset';
import { DatasetWriter } from './dataset-writer';
import { openZip } from './zip';

const label = (id: string, name: string): Label => ({ id, name, colour: 0, off: false, trashed: null });
type Taken = Pick<Photo, 'labelId' | 'name' | 'split'>;
const { picture } = smallPhoto(1);

async function written(labels: readonly Label[], photos: readonly Taken[], bytes = picture): Promise<Blob> {
	const parts: BlobPart[] = [];
	const stream = new WritableStream<Uint8Array<ArrayBuffer>>({
		write: (part) => void parts.push(part.slice())
	});
	const split = photos.some((photo) => photo.split !== null);
	const writer = await DatasetWriter.into(stream, { labels, split, date: 0 });
	for (const photo of photos) await writer.add(photo, bytes);
	await writer.end();
	return new Blob(parts);
}

const filesOf = async (zip: Blob) => (await openZip(zip, 'a.zip')).files;
const paths = async (zip: Blob) => (await filesOf(zip)).map(({ path }) => path);

describe('photos as files', () => {
	const labels = [label('a', 'Daisy'), label('b', 'con')];

	test('lie in a folder for each label, with names that every system takes', async () => {
		const zip = await written(labels, [
			{ labelId: 'a', name: 'IMG 1.jpeg', split: null },
			{ labelId: 'a', name: 'img 1.JPG', split: null },
			{ labelId: 'a', name: '', split: null },
			{ labelId: 'b', name: '../a:b.png', split: null },
			{ labelId: 'gone', name: 'x.jpg', split: null }
		]);
		expect(await paths(zip)).toEqual([
			...['Daisy/IMG 1.jpg', 'Daisy/img 1 (2).jpg', 'Daisy/photo.jpg', '_con/-a-b.jpg'],
			'metadata.csv'
		]);
	});

	test('lie in a folder for each split where there are any', async () => {
		const zip = await written(labels, [
			{ labelId: 'a', name: 'a', split: null },
			{ labelId: 'a', name: 'b', split: 'validation' },
			{ labelId: 'b', name: 'c', split: 'test' }
		]);
		expect(await paths(zip)).toEqual([
			...['train/Daisy/a.jpg', 'valid/Daisy/b.jpg', 'test/_con/c.jpg', 'metadata.csv']
		]);
	});

	test('have no metadata, also those that were kept with some', async () => {
		const bytes = new Uint8Array(picture.bytes);
		const words = new TextEncoder().encode('47 59 N 11 20 E');
		const parts = [bytes.slice(0, 2), Uint8Array.of(0xff, 0xfe, 0, words.length + 2), words, bytes.slice(2)];
		const told = { bytes: await new Blob(parts).arrayBuffer(), type: 'image/jpeg' };
		const [file] = await filesOf(await written(labels, [{ labelId: 'a', name: 'a', split: null }], told));
		expect(new Uint8Array((await (await file?.read())?.arrayBuffer()) ?? [])).toEqual(bytes);
	});
});

test('what our importer reads is what was written: labels, splits, and names of files', async () => {
	const names = fc.oneof(
		fc.constantFrom(
			'train',
			'test',
			'valid',
			'Daisy',
			'daisy.',
			'a/b',
			'a?b',
			'"q", x',
			'=1+1',
			'labels.csv',
			'1'
		),
		fc.string({ unit: 'binary', maxLength: 12 })
	);
	const label = fc.uniqueArray(names.map(cleanName).filter(Boolean), {
		maxLength: 6,
		minLength: 1,
		comparator: sameName
	});
	const photo = fc.record({
		label: fc.nat(5),
		name: fc.constantFrom('', 'a.jpg', 'A.jpg', 'b.png', 'metadata.csv', '.hidden', 'x'.repeat(300)),
		split: fc.constantFrom(null, null, 'train' as const, 'validation' as const, 'test' as const)
	});
	await fc.assert(
		fc.asyncProperty(label, fc.array(photo, { minLength: 1, maxLength: 12 }), async (names, list) => {
			const labels = names.map((name, i) => ({ id: uuid(i), name, colour: 0, off: false, trashed: null }));
			const photos = list.map(({ label, name, split }) => ({
				labelId: uuid(label % names.length),
				name,
				split
			}));
			const { items, skipped } = await readDataset(await filesOf(await written(labels, photos)));
			expect(skipped).toEqual([]);
			expect(items.map(({ label, split }) => [label, split])).toEqual(
				photos.map(({ labelId, split }) => [labels.find(({ id }) => id === labelId)?.name, split])
			);
		}),
		{ seed: 11, numRuns: 150 }
	);
});
