import { BlobReader, BlobWriter, ZipWriter } from '@zip.js/zip.js/lib/zip-core-native.js';
import { describe, expect, test } from 'vitest';
import { fromDrop, fromFiles, isSeveral, openDataset } from './dropped';

async function zipFile(name: string, ...paths: string[]): Promise<File> {
	const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
	for (const path of paths) await writer.add(path, new BlobReader(new Blob([path])));
	return new File([await writer.close()], name);
}

type Tree = { [name: string]: Tree | File };

/** Entries of a file system as a browser gives them: two at a time. */
function entryOf(name: string, content: Tree | File, above = ''): unknown {
	const fullPath = `${above}/${name}`;
	if (content instanceof File)
		return {
			...{ name, fullPath, isDirectory: false },
			file: (done: (file: File) => void) => done(content)
		};
	const children = Object.entries(content).map(([child, below]) => entryOf(child, below, fullPath));
	return {
		...{ name, fullPath, isDirectory: true },
		createReader: () => {
			const left = [...children];
			return { readEntries: (done: (part: unknown[]) => void) => done(left.splice(0, 2)) };
		}
	};
}

function drop(tree: Tree, entries = true): Pick<DataTransfer, 'items' | 'files'> {
	const items = Object.entries(tree).map(([name, content]) => ({
		kind: 'file',
		webkitGetAsEntry: () => (entries ? entryOf(name, content) : null)
	}));
	const files = Object.values(tree).filter((content) => content instanceof File);
	return { items: [{ kind: 'string' }, ...items], files } as unknown as Pick<DataTransfer, 'items' | 'files'>;
}

const photo = (name: string) => new File([name], name);

describe('what is dropped', () => {
	test('is several where it is more than one file, a folder or a zip', () => {
		expect(isSeveral(drop({ 'a.jpg': photo('a.jpg') }))).toBe(false);
		expect(isSeveral(drop({ 'a.jpg': photo('a.jpg') }, false))).toBe(false);
		expect(isSeveral(drop({}))).toBe(false);
		expect(isSeveral(drop({ 'a.jpg': photo('a.jpg'), 'b.jpg': photo('b.jpg') }))).toBe(true);
		expect(isSeveral(drop({ cats: {} }))).toBe(true);
		expect(isSeveral(drop({ 'cats.ZIP': photo('cats.ZIP') }, false))).toBe(true);
	});

	test('folders are read with all that is in them, however many at a time', async () => {
		const tree = {
			pets: {
				cats: { 'a.jpg': photo('a.jpg'), 'b.jpg': photo('b.jpg'), 'c.jpg': photo('c.jpg') },
				dogs: { 'd.jpg': photo('d.jpg') }
			},
			'e.jpg': photo('e.jpg')
		};
		const sources = await fromDrop(drop(tree));
		expect(sources.map(({ path }) => path)).toEqual([
			'pets/cats/a.jpg',
			'pets/cats/b.jpg',
			'pets/cats/c.jpg',
			'pets/dogs/d.jpg',
			'e.jpg'
		]);
		expect(await (await sources[3]?.read())?.text()).toBe('d.jpg');
	});

	test('files that are of no file system count as they are', async () => {
		const sources = await fromDrop(drop({ 'a.jpg': photo('a.jpg') }, false));
		expect(sources.map(({ path, size }) => [path, size])).toEqual([['a.jpg', 5]]);
	});

	test('a folder that cannot be read is told by name', async () => {
		const readEntries = (_: unknown, failed: (cause: Error) => void) => failed(new Error('moved'));
		const folder = { name: 'pets', isDirectory: true, createReader: () => ({ readEntries }) };
		const dropped = { items: [{ kind: 'file', webkitGetAsEntry: () => folder }], files: [] };
		await expect(fromDrop(dropped as unknown as Pick<DataTransfer, 'items' | 'files'>)).rejects.toMatchObject(
			{ code: 'drop-unreadable', message: expect.stringContaining('“pets”') }
		);
	});
});

describe('what was chosen', () => {
	test('a folder brings its paths', () => {
		const file = photo('a.jpg');
		Object.defineProperty(file, 'webkitRelativePath', { value: 'pets/cats/a.jpg' });
		expect(fromFiles([file, photo('b.jpg')]).map(({ path }) => path)).toEqual(['pets/cats/a.jpg', 'b.jpg']);
	});

	test('a zip is a set, several are several, and photos beside them stay', async () => {
		const one = await zipFile('one.zip', 'pets/cats/a.jpg', 'pets/dogs/b.jpg', '__MACOSX/pets/._b.jpg');
		const two = await zipFile('two.zip', 'train/cats/c.jpg', 'test/cats/d.jpg', '../e.jpg');
		const { items, skipped } = await openDataset(fromFiles([one, photo('f.jpg'), two]));
		expect(items.map(({ path, label, split }) => [path, label, split])).toEqual([
			['f.jpg', null, null],
			['pets/cats/a.jpg', 'cats', null],
			['pets/dogs/b.jpg', 'dogs', null],
			['train/cats/c.jpg', 'cats', 'train'],
			['test/cats/d.jpg', 'cats', 'test']
		]);
		expect(skipped.map(({ path }) => path)).toEqual(['../e.jpg']);
		expect(await (await items[1]?.read())?.text()).toBe('pets/cats/a.jpg');
	});

	test('what is only called a zip is named', async () => {
		const { items, skipped } = await openDataset(fromFiles([photo('notes.zip'), photo('a.jpg')]));
		expect(items).toHaveLength(1);
		expect(skipped).toEqual([{ path: 'notes.zip', reason: 'is not a picture' }]);
	});

	test('a project of Teachable Machine tells its labels by its own names, whatever it is called', async () => {
		for (const name of ['pets.tm', 'pets.zip']) {
			const project = await zipFile(name, 'manifest.json', 'Cat-!-0.jpg', 'Cat-!-1.jpg', 'Big dog-!-0.jpg');
			const { items, skipped } = await openDataset(fromFiles([project]));
			expect(items.map(({ label }) => label)).toEqual(['Cat', 'Cat', 'Big dog']);
			expect(skipped).toEqual([]);
		}
	});
});
