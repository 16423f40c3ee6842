import { expect, test } from 'vitest';
import type { Photo } from '$lib/domain/project';
import { Duplicates } from './duplicates.svelte';

const photo = (id: string, more: Partial<Photo> = {}): Photo => ({
	id,
	projectId: 'plants',
	labelId: 'daisy',
	burstId: id,
	added: 1,
	source: 'file',
	name: '',
	width: 640,
	height: 480,
	bytes: 1000,
	sha256: id,
	hash: '0123456789abcdef',
	split: null,
	trashed: null,
	...more
});
const features = () => Float32Array.of(1, 0);
const make = () => new Duplicates(() => Promise.resolve());

test('what is proposed is marked, and what the person chose stays chosen when more is found', async () => {
	const duplicates = make();
	await duplicates.look([photo('a'), photo('b'), photo('c')], features);
	expect([...duplicates.marked]).toEqual(['b', 'c']);
	duplicates.toggle('b');
	duplicates.toggle('a');
	expect([...duplicates.marked]).toEqual(['a', 'c']);
	await duplicates.look([photo('a'), photo('b'), photo('c'), photo('d')], features);
	expect([...duplicates.marked]).toEqual(['a', 'c', 'd']);
	const [group] = duplicates.groups ?? [];
	if (!group) throw new Error('There is no group.');
	duplicates.keepAll(group);
	expect(duplicates.marked.size).toBe(0);
	duplicates.propose(group);
	expect([...duplicates.marked]).toEqual(['b', 'c', 'd']);
});

test('photos that were not looked at are left out', async () => {
	const duplicates = make();
	await duplicates.look([photo('a'), photo('b'), photo('new')], (id) => (id === 'new' ? null : features()));
	expect(duplicates.groups?.map(({ photos }) => photos)).toEqual([['a', 'b']]);
});

test('a newer search, or a stop, ends the one before', async () => {
	const duplicates = make();
	const older = duplicates.look([photo('a'), photo('b')], features);
	await Promise.all([older, duplicates.look([photo('c'), photo('d')], features)]);
	expect(duplicates.groups?.flatMap(({ photos }) => photos)).toEqual(['c', 'd']);
	const stopped = duplicates.look([photo('a'), photo('b')], features);
	duplicates.stop();
	await stopped;
	expect(duplicates.groups?.flatMap(({ photos }) => photos)).toEqual(['c', 'd']);
});

test('another project begins with nothing found and nothing chosen', async () => {
	const duplicates = make();
	await duplicates.look([photo('a'), photo('b')], features);
	duplicates.toggle('b');
	const other = duplicates.look([photo('a', { projectId: 'mugs' })], features);
	expect(duplicates.groups).toBeNull();
	await other;
	expect(duplicates.groups).toEqual([]);
	await duplicates.look([photo('a'), photo('b')], features);
	expect([...duplicates.marked]).toEqual(['b']);
});
