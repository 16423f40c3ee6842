import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '$lib/domain/random';
import { cases, mutated } from '../../../../tests/fixtures/mutations';
import { zipOf } from '../../../../tests/fixtures/teachable';
import { openZip } from '../zip';
import { teachableKind } from './contents';
import { readTeachableProject } from './read-project';

const manifest = JSON.stringify({
	type: 'image',
	version: '2.4.10',
	appdata: { publishResults: {}, trainEpochs: 50, trainBatchSize: 16, trainLearningRate: 0.001 }
});

const read = async (entries: Record<string, string>) => {
	const { items, skipped } = await readTeachableProject(await zipOf(entries), 'pets.tm');
	return { items: items.map(({ path, label }) => [path, label]), skipped: skipped.map(({ path }) => path) };
};

describe('a project', () => {
	test('has its labels in the names of its pictures', async () => {
		const found = await read({
			'manifest.json': manifest,
			'Cat-!-0.jpg': 'a',
			'Cat-!-1.jpg': 'b',
			'A -!- B-!-12.png': 'c',
			'__MACOSX/._Cat-!-0.jpg': 'junk'
		});
		expect(found).toEqual({
			items: [
				['Cat-!-0.jpg', 'Cat'],
				['Cat-!-1.jpg', 'Cat'],
				['A -!- B-!-12.png', 'A -!- B']
			],
			skipped: []
		});
	});

	test('or in its folders, where it is laid out otherwise', async () => {
		const found = await read({
			'pets/manifest.json': manifest,
			'pets/Cat/0.jpg': 'a',
			'pets/Dog/0.jpg': 'b',
			'pets/notes.txt': 'c'
		});
		expect(found.items).toEqual([
			['pets/Cat/0.jpg', 'Cat'],
			['pets/Dog/0.jpg', 'Dog']
		]);
		expect(found.skipped).toEqual(['pets/notes.txt']);
	});

	test('is read though its manifest is damaged or missing', async () => {
		for (const text of ['{', '[]', '{"type":3}', '{"a":'.repeat(100)])
			expect((await read({ 'manifest.json': text, 'Cat-!-0.jpg': 'a' })).items).toHaveLength(1);
		expect((await read({ 'Cat-!-0.jpg': 'a' })).items).toHaveLength(1);
	});

	test('of sounds is refused in words, and so are too many labels', async () => {
		const sounds = JSON.stringify({ type: 'audio' });
		await expect(read({ 'manifest.json': sounds, 'Clap-!-0.webm': 'a' })).rejects.toMatchObject({
			code: 'teachable-other',
			message: expect.stringContaining('sounds')
		});
		const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`label ${i}-!-0.jpg`, 'a']));
		await expect(read({ 'manifest.json': manifest, ...many })).rejects.toMatchObject({
			code: 'dataset-labels',
			message: expect.stringContaining('1,000')
		});
	});

	test('gives the pictures’ bytes', async () => {
		const { items } = await readTeachableProject(await zipOf({ 'Cat-!-0.jpg': 'a cat' }), 'pets.tm');
		expect(await (await items[0]?.read())?.text()).toBe('a cat');
	});
});

test('a zip is told by the names in it', async () => {
	const kind = async (...names: string[]) => {
		const zip = await zipOf(Object.fromEntries(names.map((name) => [name, 'a'])));
		return teachableKind((await openZip(zip, 'a.zip')).files);
	};
	expect(await kind('metadata.json', 'model.json', 'weights.bin')).toBe('model');
	expect(await kind('mine/metadata.json', 'mine/model.json', 'mine/weights.bin')).toBe('model');
	expect(await kind('manifest.json', 'Cat-!-0.jpg')).toBe('project');
	expect(await kind('manifest.json', 'cats/a.jpg')).toBe(null);
	expect(await kind('cats/a.jpg', '__MACOSX/model.json')).toBe(null);
});

test('whatever is done to its bytes, it is read or refused in words', { timeout: 3_600_000 }, async () => {
	const zip = await zipOf({
		'manifest.json': manifest,
		'Cat-!-0.jpg': 'a',
		'dogs/b.jpg': 'b',
		'c.csv': 'file,label'
	});
	const whole = new Uint8Array(await zip.arrayBuffer());
	await fc.assert(
		fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
			const odd = new Blob([mutated(whole, new Random(seed))]);
			const found = await readTeachableProject(odd, 'pets.tm').catch((cause: unknown) => {
				expect(cause).toMatchObject({
					name: 'Trouble',
					code: expect.stringMatching(/^(zip|teachable|dataset)-/)
				});
				return null;
			});
			for (const { label } of found?.items ?? []) expect(label?.length ?? 1).toBeGreaterThan(0);
		}),
		{ numRuns: cases(1000), seed: 1 }
	);
});
