import { expect, test } from 'vitest';
import { comparisonOf, datasetOf as datasetOfKnown, knownPhotos, markOf, takingPart } from './dataset';
import { group } from '../engine/train';
import type { Label, Photo } from './project';
import type { View, ViewName } from './view';

const label = (id: string, change: Partial<Label> = {}): Label => ({
	id,
	name: id,
	colour: 0,
	off: false,
	trashed: null,
	...change
});

let made = 0;
function photo(labelId: string, change: Partial<Photo> = {}): Photo {
	const id = `p${made++}`;
	return {
		id,
		projectId: 'project',
		labelId,
		burstId: `burst of ${id}`,
		added: made,
		source: 'camera',
		name: '',
		width: 4,
		height: 4,
		bytes: 4,
		sha256: id,
		// Far apart from each other: no near-duplicates unless a test wants them.
		hash: ((BigInt(made) * 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn).toString(16).padStart(16, '0'),
		split: null,
		trashed: null,
		...change
	};
}

/** Features that tell photos apart, none of `without`. */
function vectors(photos: readonly Photo[], without: readonly string[] = []) {
	return {
		of(id: string, view: View) {
			const at = photos.findIndex((one) => one.id === id);
			if (at < 0 || without.includes(id)) return null;
			return Float32Array.from(photos, (_, i) =>
				i === at ? ({ plain: 1, mirrored: -1 }[String(view)] ?? 2) : 0
			);
		}
	};
}

/** The way of a training run, the worker's part included. */
async function datasetOf(
	labels: readonly Label[],
	photos: readonly Photo[],
	of: ReturnType<typeof vectors>,
	views: readonly ViewName[]
) {
	const known = knownPhotos(labels, photos, of, views);
	return datasetOfKnown(labels, known, await group(comparisonOf(known, of)), of, views);
}

test('photos thrown away, of labels that are off or gone, take no part', () => {
	const labels = [label('a'), label('b', { off: true }), label('c', { trashed: 1 })];
	const photos = [photo('a'), photo('a', { trashed: 5 }), photo('b'), photo('c'), photo('gone')];
	expect(takingPart(labels, photos)).toEqual([photos[0]]);
});

test('rows, targets and views stand in one order; labels without photos are left out', async () => {
	const labels = [label('empty'), label('b'), label('a')];
	const photos = [photo('a'), photo('b'), photo('a')];
	const dataset = await datasetOf(labels, photos, vectors(photos), ['mirrored', 'rotated']);
	expect(dataset?.labels.map(({ id }) => id)).toEqual(['b', 'a']);
	expect(dataset?.photoIds).toEqual(photos.map(({ id }) => id));
	expect([...(dataset?.set.targets ?? [])]).toEqual([1, 0, 1]);
	expect([...(dataset?.set.features ?? [])]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
	expect(dataset?.set.augmented.map((view) => [...view])).toEqual([
		[-1, 0, 0, 0, -1, 0, 0, 0, -1],
		[2, 0, 0, 0, 2, 0, 0, 0, 2]
	]);
	expect(dataset?.set).toMatchObject({ dimension: 3, classes: 2 });
	expect((await datasetOf(labels, photos, vectors(photos), []))?.set.augmented).toEqual([]);
});

test('photos whose features are not there yet are left out', async () => {
	const labels = [label('a'), label('b')];
	const photos = [photo('a'), photo('b'), photo('b')];
	const late = photos[2]?.id ?? '';
	expect((await datasetOf(labels, photos, vectors(photos, [late]), []))?.photoIds).toHaveLength(2);
});

test('one label with photos is nothing to tell apart', async () => {
	const labels = [label('a'), label('b')];
	expect(await datasetOf(labels, [photo('a'), photo('a')], vectors([]), [])).toBeNull();
});

test('the test that the person brought is never learned from, nor is what belongs to it', async () => {
	const labels = [label('a'), label('b')];
	const photos = [
		photo('a'),
		photo('b'),
		photo('a', { split: 'test', burstId: 'one hold' }),
		photo('a', { burstId: 'one hold' }),
		photo('b', { split: 'validation' })
	];
	const dataset = await datasetOf(labels, photos, vectors(photos), ['mirrored']);
	const ids = photos.map(({ id }) => id);
	expect(dataset?.photoIds).toEqual([ids[0], ids[1], ids[4]]);
	expect(dataset?.test?.photoIds).toEqual([ids[2]]);
	expect(dataset?.test?.set.augmented).toEqual([]);
	expect(dataset?.withheld).toBe(1);
	const learned = new Set(dataset?.set.groups);
	expect([...(dataset?.test?.set.groups ?? [])].some((group) => learned.has(group))).toBe(false);
});

test('a burst is one group', async () => {
	const labels = [label('a'), label('b')];
	const photos = [photo('a', { burstId: 'x' }), photo('a', { burstId: 'x' }), photo('a'), photo('b')];
	const [first, second, third, fourth] =
		(await datasetOf(labels, photos, vectors(photos), []))?.set.groups ?? [];
	expect(first).toBe(second);
	expect(new Set([first, third, fourth]).size).toBe(3);
});

test('the mark is the same for what is learned from, whatever else changes, and another one otherwise', () => {
	const labels = [label('a'), label('b')];
	const photos = [photo('a'), photo('b'), photo('a'), photo('b', { trashed: 5 })];
	const [first, second, third, fourth] = photos.map(({ id }) => id);
	const mark = (
		change: { labels?: Label[]; photos?: Photo[]; without?: string[]; views?: ViewName[] } = {}
	) =>
		markOf(
			change.labels ?? labels,
			change.photos ?? photos,
			vectors(photos, change.without),
			change.views ?? ['mirrored']
		);
	const changed = (id: string | undefined, change: Partial<Photo>) =>
		mark({ photos: photos.map((one) => (one.id === id ? { ...one, ...change } : one)) });
	const same = [
		mark(),
		mark({
			labels: [label('a', { name: 'renamed' }), label('b', { colour: 3 }), label('off', { off: true })]
		}),
		mark({ photos: photos.filter(({ id }) => id !== fourth) }),
		changed(first, { name: 'seen', hash: '0' })
	];
	const other = [
		mark({ views: [] }),
		mark({ views: ['mirrored', 'rotated'] }),
		mark({ without: [third ?? ''] }),
		mark({ labels: labels.toReversed() }),
		mark({ labels: [label('a'), label('b', { off: true })] }),
		mark({ photos: photos.toReversed() }),
		changed(second, { labelId: 'a' }),
		changed(second, { split: 'test' }),
		changed(first, { trashed: 7 }),
		changed(fourth, { trashed: null })
	];
	expect(new Set(same).size).toBe(1);
	expect(new Set([...same, ...other]).size).toBe(1 + other.length);
	expect(mark()).toMatch(/^[0-9a-f]{14}$/);
});
