import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { markOfAll } from '$lib/domain/dataset';
import { lectureCard } from '$models/made';
import { deleteDatabase } from '$lib/storage/database';
import { putFeatures } from '$lib/storage/features';
import { addRun, liveId, saveLiveModel } from '$lib/storage/models';
import { addPhotos } from '$lib/storage/photos';
import { addProject } from '$lib/storage/projects';
import { BACKBONE, feature, model, photo, photos, project, run, tunedModel } from '$lib/storage/suite/page';
import { cardById } from './cards';
import { stampOf } from './own-model';

const all = photos(1, 4);
/** What was learned from: all photos but the last, which cannot be read. */
const readable = all.slice(0, 3);
const from = markOfAll(
	project(),
	readable.map((one) => one.photo)
);

const look = (looked: typeof all) =>
	Promise.all(
		['centre', 'centre mirrored'].map((view) =>
			putFeatures(
				'p',
				BACKBONE,
				view,
				looked.map((one) => feature(one))
			)
		)
	);

beforeEach(async () => {
	await addProject(project());
	await addPhotos(all);
	await addRun(run('r', 'judged', { from }), model('judged'), true);
	await saveLiveModel({ ...model('live'), created: 9999, from: 'older' });
	await look(readable);
});
afterEach(() => deleteDatabase());

/** Id of the model that answers. */
const answers = async () => (JSON.parse((await stampOf('p')) ?? '[]') as string[])[1];

test('a photo that could not be looked at does not make the model that was judged an old one', async () => {
	expect(await answers()).toBe('judged');
});

test('a photo that was looked at since does', async () => {
	await addPhotos([photo(5)]);
	await look([photo(5)]);
	expect(await answers()).toBe(liveId('p'));
});

test('of a network that learned from scratch, what the project’s own network looked at counts', async () => {
	const [card, sha256] = [lectureCard(32), cardById(project().backboneId)?.file.sha256 ?? ''];
	const made = { ...tunedModel('scratch'), backbone: { id: card.id, sha256: card.file.sha256 } };
	await addRun(run('s', 'scratch', { from }), made, true);
	for (const view of ['centre', 'centre mirrored'])
		await putFeatures(
			'p',
			sha256,
			view,
			readable.map((one) => feature(one))
		);
	expect(await answers()).toBe('scratch');
});
