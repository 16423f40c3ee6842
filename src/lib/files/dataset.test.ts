import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDataset, type SourceFile } from './dataset';

const file = (path: string, content = ''): SourceFile => ({
	path,
	size: content.length,
	read: () => Promise.resolve(new Blob([content]))
});
const files = (...paths: string[]) => paths.map((path) => file(path));

/** Each picture as `path: label (split)`. */
async function read(...sources: SourceFile[]) {
	const { items, skipped } = await readDataset(sources);
	return {
		items: items.map(({ path, label, split }) => `${path}: ${label ?? '–'}${split ? ` (${split})` : ''}`),
		skipped: skipped.map(({ path, reason }) => `${path} ${reason}`)
	};
}

describe('where a picture lies tells its label and its split', () => {
	test.each([
		['loose files', ['a.jpg', 'b.png'], ['a.jpg: –', 'b.png: –']],
		['one folder', ['cats/a.jpg', 'cats/b.jpg'], ['cats/a.jpg: cats', 'cats/b.jpg: cats']],
		['folders', ['cats/a.jpg', 'dogs/b.jpg'], ['cats/a.jpg: cats', 'dogs/b.jpg: dogs']],
		[
			'a wrapping folder',
			['pets/cats/a.jpg', 'pets/dogs/b.jpg'],
			['pets/cats/a.jpg: cats', 'pets/dogs/b.jpg: dogs']
		],
		[
			'folders in a label',
			['cats/black/a.jpg', 'dogs/b.jpg'],
			['cats/black/a.jpg: cats', 'dogs/b.jpg: dogs']
		],
		[
			'splits',
			['train/cats/a.jpg', 'valid/cats/b.jpg', 'test/dogs/c.jpg'],
			[
				'train/cats/a.jpg: cats (train)',
				'valid/cats/b.jpg: cats (validation)',
				'test/dogs/c.jpg: dogs (test)'
			]
		],
		[
			'one split alone',
			['Train/cats/a.jpg', 'Train/dogs/b.jpg'],
			['Train/cats/a.jpg: cats (train)', 'Train/dogs/b.jpg: dogs (train)']
		],
		[
			'wrapped splits by other names',
			['set/training/cats/a.jpg', 'set/val/cats/b.jpg'],
			['set/training/cats/a.jpg: cats (train)', 'set/val/cats/b.jpg: cats (validation)']
		],
		[
			'a test split without labels',
			['train/cats/a.jpg', 'train/dogs/b.jpg', 'test/c.jpg'],
			['train/cats/a.jpg: cats (train)', 'train/dogs/b.jpg: dogs (train)', 'test/c.jpg: – (test)']
		],
		['a label called train', ['train/a.jpg', 'bus/b.jpg'], ['train/a.jpg: train', 'bus/b.jpg: bus']],
		[
			'a label called train, with folders',
			['train/night/a.jpg', 'bus/b.jpg'],
			['train/night/a.jpg: train', 'bus/b.jpg: bus']
		],
		[
			'paths as Windows writes them',
			['pets\\cats\\a.jpg', 'pets\\dogs\\b.jpg'],
			['pets\\cats\\a.jpg: cats', 'pets\\dogs\\b.jpg: dogs']
		],
		['paths that begin here', ['./cats/a.jpg', './dogs/b.jpg'], ['./cats/a.jpg: cats', './dogs/b.jpg: dogs']]
	])('%s', async (_, paths, expected) => {
		expect(await read(...files(...paths))).toEqual({ items: expected, skipped: [] });
	});
});

describe('a table tells labels', () => {
	const pictures = ['img/1.jpg', 'img/2.jpg'];

	test('metadata.csv of Hugging Face', async () => {
		const table = file('img/metadata.csv', '\ufefffile_name,label\n1.jpg,"cat, black"\n2.jpg,dog\n');
		expect(await read(...files(...pictures), table)).toEqual({
			items: ['img/1.jpg: cat, black', 'img/2.jpg: dog'],
			skipped: []
		});
	});

	test('metadata.jsonl, above its pictures, and in splits', async () => {
		const table = file(
			'set/metadata.jsonl',
			'{"file_name":"train/1.jpg","label":3}\n{"file_name":"test/2.jpg","label":"seven","more":[1]}\n'
		);
		expect(await read(...files('set/train/1.jpg', 'set/test/2.jpg'), table)).toEqual({
			items: ['set/train/1.jpg: 3 (train)', 'set/test/2.jpg: seven (test)'],
			skipped: []
		});
	});

	test('one in each split', async () => {
		const table = (split: string, label: string) =>
			file(`${split}/metadata.csv`, `file_name,label\n1.jpg,${label}\n`);
		const sources = [...files('train/1.jpg', 'test/1.jpg'), table('train', 'cat'), table('test', 'dog')];
		expect((await read(...sources)).items).toEqual(['train/1.jpg: cat (train)', 'test/1.jpg: dog (test)']);
	});

	test('a CSV of a spreadsheet: semicolons, other order, capitals, a label over two lines', async () => {
		const table = file('labels.csv', 'Label;Taken;Filename\r\n"a\r\nb";2020;1.JPG\r\ndog;;sub\\2.jpg\r\n');
		expect(await read(...files('1.jpg', 'sub/2.jpg'), table)).toEqual({
			items: ['1.jpg: a b', 'sub/2.jpg: dog'],
			skipped: []
		});
	});

	test('where it says nothing, the folder does', async () => {
		const table = file('labels.csv', 'filename,label\ncats/1.jpg,\ncats/2.jpg,lynx\n');
		expect((await read(...files('cats/1.jpg', 'cats/2.jpg', 'dogs/3.jpg'), table)).items).toEqual([
			'cats/1.jpg: cats',
			'cats/2.jpg: lynx',
			'dogs/3.jpg: dogs'
		]);
	});

	test('rows that cannot be read, lead out of the folder or name nothing are told, the rest counts', async () => {
		const lines = [
			'{"file_name":"1.jpg","label":"cat"}',
			'nonsense',
			'[1]',
			'{"file_name":"../9.jpg","label":"x"}'
		];
		const gone = '{"file_name":"3.jpg","label":"gone"}';
		expect(await read(...files('1.jpg'), file('metadata.jsonl', [...lines, gone].join('\n')))).toEqual({
			items: ['1.jpg: cat'],
			skipped: [
				'metadata.jsonl has a row that cannot be read: number 2',
				'metadata.jsonl has a row that cannot be read: number 3',
				'../9.jpg is left out: its path leads out of the folder (in metadata.jsonl)',
				'3.jpg is in the table but not among the files'
			]
		});
	});

	test('a CSV about something else is none', async () => {
		expect(await read(...files('cats/1.jpg', 'dogs/2.jpg'), file('cats/sizes.csv', 'a,b\n1,2\n'))).toEqual({
			items: ['cats/1.jpg: cats', 'dogs/2.jpg: dogs'],
			skipped: ['cats/sizes.csv is not a picture']
		});
	});

	test('columns called after what objects inherit are columns', async () => {
		const table = file(
			'metadata.jsonl',
			'{"__proto__":{"label":"bad"},"file_name":"1.jpg","label":"toString"}'
		);
		expect((await read(...files('1.jpg', '2.jpg'), table)).items).toEqual(['1.jpg: toString', '2.jpg: –']);
	});

	test('one that cannot be read is named', async () => {
		const lost = { ...file('metadata.csv'), read: () => Promise.reject(new Error('gone')) };
		const huge = { ...file('metadata.csv'), size: 1e9 };
		for (const table of [lost, huge]) {
			const { items, skipped } = await read(...files('1.jpg'), table);
			expect(items).toEqual(['1.jpg: –']);
			expect(skipped).toEqual([expect.stringMatching(/^metadata.csv (could not be read|is too large)/)]);
		}
	});
});

describe('hostile and odd names', () => {
	test.each([
		'../cats/a.jpg',
		'cats/../../a.jpg',
		'cats\\..\\a.jpg',
		'/etc/a.jpg',
		'C:\\cats\\a.jpg',
		'\\\\host\\a.jpg',
		'__proto__/a.jpg',
		'cats/constructor',
		'cats/a\0.jpg',
		`${'x/'.repeat(600)}a.jpg`
	])('%s is refused in words', async (path) => {
		const { items, skipped } = await read(...files(path, 'cats/b.jpg', 'dogs/c.jpg'));
		expect(items).toEqual(['cats/b.jpg: cats', 'dogs/c.jpg: dogs']);
		expect(skipped).toEqual([expect.stringContaining('is left out: its path')]);
	});

	test.each(['__MACOSX/cats/._a.jpg', 'cats/.DS_Store', '.git/a.jpg', 'cats/Thumbs.db', 'desktop.ini'])(
		'%s is left alone without a word',
		async (path) => {
			expect(await read(...files(path, 'cats/b.jpg', 'dogs/c.jpg'))).toEqual({
				items: ['cats/b.jpg: cats', 'dogs/c.jpg: dogs'],
				skipped: []
			});
		}
	);

	test('what is known to be no picture is named', async () => {
		const { items, skipped } = await read(
			...files('README.md', 'cats/a.jpg', 'cats/movie.MP4', 'cats/noending')
		);
		expect(items).toEqual(['cats/a.jpg: cats', 'cats/noending: cats']);
		expect(skipped).toEqual(['README.md is not a picture', 'cats/movie.MP4 is not a picture']);
	});

	test('labels are cleaned and at most 60 characters', async () => {
		const { items } = await readDataset(
			files(
				`${'👩‍👩‍👧'.repeat(70)}/a.jpg`,
				'<b>\u202egnp.\u0007 \t x</b>'.replace('/', '') + '/b.jpg',
				' \u200b /c.jpg'
			)
		);
		expect(items.map(({ label }) => label)).toEqual(['👩‍👩‍👧'.repeat(60), '<b>gnp. x<b>', null]);
	});

	test('any paths at all give items or reasons, never an error', async () => {
		const part = fc.oneof(
			fc.string(),
			fc.constantFrom('..', '.', '', '__proto__', 'train', 'test', '__MACOSX', 'a.csv')
		);
		const paths = fc.array(
			fc.array(part, { maxLength: 5 }).map((parts) => parts.join('/')),
			{ maxLength: 12 }
		);
		await fc.assert(
			fc.asyncProperty(paths, fc.string(), async (list, content) => {
				const { items, skipped } = await readDataset(list.map((path) => file(path, content)));
				for (const { label } of items) expect(label === null || label.length > 0).toBe(true);
				for (const { reason } of skipped) expect(reason).toMatch(/^[a-z]/);
			}),
			{ seed: 5 }
		);
	});
});

test('more than 20,000 files, or more than 1,000 labels, are refused before anything is read', async () => {
	const many = Array.from({ length: 20_001 }, (_, i) => file(`${i % 3}/${i}.jpg`));
	await expect(readDataset(many)).rejects.toMatchObject({ code: 'dataset-too-large' });
	const labels = Array.from({ length: 1001 }, (_, i) => file(`${i}/a.jpg`));
	await expect(readDataset(labels)).rejects.toMatchObject({ code: 'dataset-labels' });
	expect((await readDataset(labels.slice(1))).items).toHaveLength(1000);
});
