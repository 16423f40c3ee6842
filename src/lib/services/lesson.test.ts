import { expect, test } from 'vitest';
import { markOf } from '$lib/domain/dataset';
import type { Photo, Project } from '$lib/domain/project';
import { backbones } from '$models/catalog';
import { foreignOf } from '$models/foreign';
import { datasetOfLesson, markOfLesson, type Lesson } from './lesson';

const label = { id: 'daisy', name: 'Daisy', colour: 0, off: false, trashed: null };
const photo = (id: string): Photo => ({
	...{
		id,
		projectId: 'p',
		labelId: 'daisy',
		burstId: id,
		added: 1,
		source: 'file',
		name: '',
		width: 1,
		height: 1
	},
	...{ bytes: 1, sha256: id, hash: '', split: null, trashed: null }
});
const project: Project = {
	...{ id: 'p', name: 'Plants', created: 1, changed: 1, backboneId: 'b', crop: 'centre' },
	...{ labels: [label], views: [], modelId: null, trashed: null }
};
const lesson: Lesson = { project, labels: [label], photos: [photo('a'), photo('b')] };

function features(...known: string[]) {
	const vectors = new Set(known);
	let [asked, changes] = [0, 0];
	return {
		of(id: string) {
			asked++;
			return vectors.has(id) ? Float32Array.of(1) : null;
		},
		get changes() {
			return changes;
		},
		add(id: string) {
			vectors.add(id);
			changes++;
		},
		asked: () => asked
	};
}

test('the mark of a lesson is worked out once, however often it is asked for', () => {
	const found = features('a', 'b');
	const mark = markOfLesson(lesson, found);
	expect(mark).toBe(markOf(lesson.labels, lesson.photos, found, []));
	const before = found.asked();
	// What the page tells again is another object of the same parts.
	expect(markOfLesson({ ...lesson }, found)).toBe(mark);
	expect(found.asked()).toBe(before);
});

test('the mark is another one as soon as photos, labels, views or features are', () => {
	const found = features('a');
	const marks = [markOfLesson(lesson, found)];
	found.add('b');
	marks.push(markOfLesson(lesson, found));
	const more = { ...lesson, photos: [...lesson.photos, photo('c')] };
	found.add('c');
	marks.push(markOfLesson(more, found));
	marks.push(markOfLesson({ ...more, labels: [{ ...label, id: 'clover' }] }, found));
	marks.push(markOfLesson({ ...more, project: { ...project, views: ['mirrored'] } }, found));
	expect(new Set(marks).size).toBe(marks.length);
	// And of another project's features there is another.
	expect(markOfLesson(more, features())).not.toBe(marks[2]);
});

test('what is going to be judged is taught beside foreign photos of its network, what is only learned is not', async () => {
	const [card] = backbones;
	if (!card) throw new Error('There should be a backbone.');
	const lily = { ...label, id: 'lily', name: 'Lily' };
	const taught: Lesson = {
		project: { ...project, backboneId: card.id, labels: [label, lily] },
		labels: [label, lily],
		photos: [photo('a'), { ...photo('b'), labelId: 'lily' }]
	};
	const trainer = { group: () => Promise.resolve(Int32Array.of(0, 1)) };
	const options = { trainer, signal: new AbortController().signal };
	const judged = await datasetOfLesson(taught, features('a', 'b'), { ...options, judged: true });
	expect(judged?.set.foreign).toEqual(await foreignOf(card));
	const learned = await datasetOfLesson(taught, features('a', 'b'), { ...options, judged: false });
	expect(learned?.set).not.toHaveProperty('foreign');
});
