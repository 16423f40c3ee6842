import { describe, expect, test } from 'vitest';
import * as edits from './edits';
import type { Label, Photo, Project } from './project';

const label = (id: string, colour = 0, trashed: number | null = null): Label => ({
	...{ id, name: id.toUpperCase(), colour, off: false, trashed }
});
const project: Project = {
	...{
		id: 'p',
		name: 'Plants',
		created: 1,
		changed: 1,
		backboneId: 'b',
		crop: 'centre',
		views: ['mirrored']
	},
	...{ modelId: null, trashed: null, labels: [label('a'), label('gone', 1, 5), label('b', 2), label('c', 3)] }
};
const photo = (id: string, labelId: string): Photo => ({
	...{ id, labelId, burstId: id, projectId: 'p', added: 0, source: 'camera', name: '', width: 1, height: 1 },
	...{ bytes: 1, sha256: '', hash: '', split: null, trashed: null }
});
const order = ({ edit }: edits.Step) => edit.project.labels?.map(({ id }) => id);

describe('labels', () => {
	test('a new one gets the colour that is used least; thrown away ones use none', () => {
		const { words, edit } = edits.addLabel(project, 'd', 'Daisy');
		expect(words).toBe('Added Daisy');
		expect(edit.project.labels?.at(-1)).toEqual({ ...label('d', 1), name: 'Daisy' });
		const twelve = { ...project, labels: Array.from({ length: 12 }, (_, i) => label(`${i}`, i)) };
		expect(edits.nextColour(twelve)).toBe(0);
	});

	test('an edit of labels says what it was made on top of, others do not', () => {
		expect(edits.switchLabel(project, 'a', true).edit.seen?.labels).toBe(project.labels);
		expect(edits.movePhotos(project, ['x'], 'b').edit.seen).toBeUndefined();
	});

	test('moves among those that are there, and no further than the ends', () => {
		expect(order(edits.moveLabel(project, 'b', -1))).toEqual(['b', 'a', 'c', 'gone']);
		expect(order(edits.moveLabel(project, 'a', 1))).toEqual(['b', 'a', 'c', 'gone']);
		expect(order(edits.moveLabel(project, 'c', 1))).toEqual(['a', 'b', 'c', 'gone']);
	});

	test('merging moves all photos and throws the label away', () => {
		const photos = [photo('1', 'a'), photo('2', 'b'), { ...photo('3', 'a'), trashed: 3 }];
		const { words, edit } = edits.mergeLabels(project, photos, 'a', 'b', 9);
		expect(words).toBe('Merged A into B');
		expect(edit.photos.map(({ id, change }) => [id, change])).toEqual([
			['1', { labelId: 'b' }],
			['3', { labelId: 'b' }]
		]);
		expect(edit.project.labels?.[0]).toMatchObject({ id: 'a', trashed: 9 });
	});
});

describe('photos', () => {
	test('a label that was said to be right counts while the photo has it', () => {
		const doubted = [photo('1', 'a'), photo('2', 'a')];
		const { words, edit } = edits.confirmPhotos(project, doubted);
		expect(words).toBe('Kept 2 photos as A');
		expect(edits.confirmPhotos(project, [photo('1', 'a'), photo('2', 'b')]).words).toBe('Kept 2 photos');
		const kept = edits.changePhoto(photo('1', 'a'), edit.photos[0]?.change ?? {});
		expect(edits.isConfirmed(kept)).toBe(true);
		const moved = edits.changePhoto(kept, { labelId: 'b' });
		expect(edits.isConfirmed(moved)).toBe(false);
		expect(edits.isConfirmed(edits.changePhoto(moved, { labelId: 'a' }))).toBe(true);
		const again = edits.doubtPhotos(project, ['1']);
		expect(again.words).toBe('Asking again about 1 photo');
		expect(edits.changePhoto(kept, again.edit.photos[0]?.change ?? {})).toEqual(photo('1', 'a'));
	});

	test('say how many they are', () => {
		expect(edits.movePhotos(project, ['1', '2'], 'b').words).toBe('Moved 2 photos to B');
		expect(edits.throwAwayPhotos(project, ['1'], 9)).toMatchObject({
			words: 'Threw away 1 photo',
			edit: { project: {}, photos: [{ id: '1', change: { trashed: 9 } }] }
		});
	});

	test('come back with their label where that was thrown away too', () => {
		const back = edits.takeBack(project, { labels: [], photos: [photo('1', 'gone'), photo('2', 'a')] });
		expect(back.words).toBe('Took back 2 photos');
		expect(back.edit.project.labels?.map(({ trashed }) => trashed)).toEqual([null, null, null, null]);
		const label = edits.takeBack(project, { labels: ['gone'], photos: [] });
		expect(label).toMatchObject({ words: 'Took back GONE', edit: { photos: [] } });
	});

	test('come back with a number on a label whose name was given to another meanwhile', () => {
		const taken = { ...project, labels: [...project.labels, { ...label('d'), name: 'gone' }] };
		const back = edits.takeBack(taken, { labels: [], photos: [photo('1', 'gone')] });
		expect(back.words).toBe('Took back 1 photo, GONE as GONE (2)');
		expect(back.edit.project.labels?.map(({ name }) => name)).toEqual(['A', 'GONE (2)', 'B', 'C', 'gone']);
	});

	test('that were added are taken back with the labels that came along', () => {
		const { project: fields, photos } = edits.removeAdded(project, ['1', '2'], ['c'], 9);
		expect(fields.labels?.map(({ trashed }) => trashed)).toEqual([null, 5, null, 9]);
		expect(photos.map(({ change }) => change)).toEqual([{ trashed: 9 }, { trashed: 9 }]);
		expect(edits.removeAdded(project, ['1'], [], 9).project).toEqual({});
	});
});
