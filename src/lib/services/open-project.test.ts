/** Projects to a file and back, in a database in memory. */
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { markOfAll } from '$lib/domain/dataset';
import { headLogits } from '$lib/domain/head';
import { bytesOfModel } from '$lib/domain/model';
import type { Project } from '$lib/domain/project';
import type { Trouble } from '$lib/domain/trouble';
import { openProjectFile } from '$lib/files/project-file';
import type { Room } from '$lib/files/project-room';
import { deleteDatabase } from '$lib/storage/database';
import { applyEdit } from '$lib/storage/edits';
import { addRun, listRuns, liveId, readLiveModel, readModel, saveLiveModel } from '$lib/storage/models';
import { addPhotos, listPhotos, readPicture, readThumbnails } from '$lib/storage/photos';
import { addProject, listProjects, readProject } from '$lib/storage/projects';
import { emptyTrash } from '$lib/storage/trash';
import {
	CAMOMILE,
	DAISY,
	DIMENSION,
	PROJECT,
	smallModel,
	smallPhoto,
	smallPhotos,
	smallProject,
	smallRun,
	smallTunedModel,
	smallTunedRun,
	uuid
} from '../../../tests/fixtures/small-project';
import { rows } from '../../../tests/fixtures/rows';
import { keepProject, whatIsKnown, type KeepOptions } from './open-project';
import { fileBytes, writeProject } from './save-project';

const NOW = 1_760_000_000_000;
const photos = smallPhotos(5);
const upToDate = markOfAll(
	smallProject(),
	photos.map(({ photo }) => photo)
);
const live = smallModel({ id: 'live', from: upToDate });

/** A project with photos, runs of an older model, of a fine-tuned one and one that is up to date, and one that goes on learning. */
async function filled(): Promise<void> {
	await addProject({ ...smallProject(), modelId: null });
	await addPhotos(photos);
	await addRun(smallRun({ id: uuid(0xd2), started: 1, modelId: null, evaluation: null }), null, false);
	await addRun(smallTunedRun({ started: 2 }), smallTunedModel(), false);
	await addRun(smallRun({ from: upToDate }), smallModel(), true);
	await saveLiveModel({ ...live, projectId: PROJECT });
}

async function saved(onProgress = vi.fn(), signal = new AbortController().signal, room?: Room) {
	const parts: BlobPart[] = [];
	const stream = new WritableStream<Uint8Array<ArrayBuffer>>({
		write: (part) => void parts.push(part.slice())
	});
	const told = await writeProject(stream, { projectId: PROJECT, signal, onProgress, now: NOW }, room);
	const blob = new Blob(parts);
	return { told, bytes: blob.size, file: await openProjectFile(blob, 'plants.zip') };
}

let ids = 0;
const options = (more: Partial<KeepOptions> = {}): KeepOptions => ({
	asCopy: false,
	signal: new AbortController().signal,
	onProgress: vi.fn(),
	now: NOW + 1,
	newId: () => uuid(0xf000 + ids++),
	...more
});

/** @param copy stays */
async function erased(copy?: string): Promise<void> {
	await applyEdit({ projectId: PROJECT, project: { trashed: 1 }, photos: [] }, 1);
	await emptyTrash();
	if (copy === undefined) expect(await rows()).toEqual([]);
	else expect((await listProjects()).map(({ id }) => id)).toEqual([copy]);
}

const backedUp = (project: Project | null) => ({
	backedUp: { time: NOW, changed: project?.changed, until: photos.at(-1)?.photo.added }
});

beforeEach(async () => {
	ids = 0;
	await filled();
});
afterEach(() => deleteDatabase());

describe('to a file and back', () => {
	test('all is as it was: photos byte for byte, models and runs', async () => {
		const before = await rows();
		const project = await readProject(PROJECT);
		const onProgress = vi.fn();
		const { file, told } = await saved(onProgress);
		expect(told).toEqual({ photos: 5, lost: 0, without: [], ...backedUp(project) });
		expect(onProgress.mock.lastCall).toEqual([{ done: 5, total: 5 }]);
		await erased();
		const back = options();
		const { backedUp: noted, ...kept } = await keepProject(file, back);
		expect({ backedUp: noted }).toEqual(backedUp(project));
		expect(kept).toEqual(project);
		expect(back.onProgress).toHaveBeenLastCalledWith({ done: 5, total: 5 });
		const after = await rows();
		expect(after.filter((row) => !row.startsWith('["projects"'))).toEqual(
			before.filter((row) => !row.startsWith('["projects"'))
		);
		expect(await readPicture(uuid(0x1003))).toEqual(smallPhoto(3).picture);
		expect(await readThumbnails([uuid(0x1003)])).toEqual([smallPhoto(3).thumbnail]);
	});

	test('the model answers bit for bit as before, and counts as up to date', async () => {
		const { file } = await saved();
		await erased();
		await keepProject(file, options());
		const project = await readProject(PROJECT);
		const model = await readModel(project?.modelId ?? '');
		const features = Float32Array.from({ length: DIMENSION }, (_, i) => Math.sin(i));
		expect(model && headLogits(model.head, features)).toEqual(headLogits(smallModel().head, features));
		const [newest] = await listRuns(PROJECT);
		expect(project && markOfAll(project, await listPhotos(PROJECT))).toBe(newest?.from);
		expect(await readLiveModel(PROJECT)).toEqual({ ...live, id: liveId(PROJECT), projectId: PROJECT });
	});

	test('a fine-tuned model has its layers in a copy too', async () => {
		const { file } = await saved();
		const copy = await keepProject(file, options({ asCopy: true }));
		const { tail } = smallTunedModel();
		const run = (await listRuns(copy.id)).find(({ config }) => config.kind === 'fine-tune');
		expect(run).toMatchObject({ config: smallTunedRun().config, gain: smallTunedRun().gain });
		expect((await readModel(run?.modelId ?? ''))?.tail).toEqual(tail);
	});

	test('what is in the trash stays there', async () => {
		const gone = [smallPhoto(7, { trashed: 5 }), smallPhoto(8, { labelId: uuid(0xa3) })];
		const labels = [
			...smallProject().labels,
			{ id: uuid(0xa3), name: 'Gone', colour: 2, off: false, trashed: null }
		];
		await applyEdit({ projectId: PROJECT, project: { labels }, photos: [] }, 2);
		await addPhotos(gone);
		const thrown = labels.map((label) => (label.name === 'Gone' ? { ...label, trashed: 6 } : label));
		await applyEdit({ projectId: PROJECT, project: { labels: thrown }, photos: [] }, 3);
		const { file, told } = await saved();
		expect(told).toMatchObject({ photos: 5, lost: 0 });
		expect(file.photos.map(({ id }) => id)).toEqual(photos.map(({ photo }) => photo.id));
		expect(file.project.labels).toEqual(smallProject().labels);
		expect(await whatIsKnown(file)).toMatchObject({ state: 'here', same: true });
	});

	test('a model in the trash stays there too; its run goes along without it', async () => {
		await saveLiveModel({ ...smallTunedModel(), created: NOW });
		const { file: before } = await saved();
		expect(await whatIsKnown(before)).toMatchObject({ same: true });
		const size = await fileBytes(PROJECT);
		const { id: runId, modelId } = smallTunedRun();
		const thrownModels = [{ id: modelId ?? '', runId, trashed: 5 }];
		await applyEdit({ projectId: PROJECT, project: { thrownModels }, photos: [] }, 5);
		expect(size - (await fileBytes(PROJECT))).toBe(bytesOfModel(smallTunedModel()));
		const { file, told } = await saved();
		expect(told.without).toEqual([]);
		expect(file.models).toEqual([smallModel().id, 'live']);
		expect(await whatIsKnown(file)).toMatchObject({ state: 'here', same: true });
		// It is in the file that was saved before.
		expect(await whatIsKnown(before)).toMatchObject({ state: 'here', same: false });
		await erased();
		expect((await keepProject(file, options())).thrownModels).toBeUndefined();
		const run = (await listRuns(PROJECT)).find(({ id }) => id === runId);
		expect(run).toMatchObject({ state: 'done', modelId: null, gain: smallTunedRun().gain });
	});

	test('a photo whose file is gone is told and left out; one without a thumbnail goes on without', async () => {
		const { withDatabase } = await import('$lib/storage/database');
		await withDatabase((database) => database.delete('pictures', uuid(0x1001)));
		await withDatabase((database) => database.delete('thumbnails', uuid(0x1002)));
		const { file, told } = await saved();
		expect(told).toMatchObject({ photos: 4, lost: 1 });
		await erased();
		await keepProject(file, options());
		expect(await listPhotos(PROJECT)).toHaveLength(4);
		expect(await readThumbnails([uuid(0x1002), uuid(0x1003)])).toEqual([null, smallPhoto(3).thumbnail]);
	});

	test('saving can be ended', async () => {
		const end = new AbortController();
		const saving = saved(
			vi.fn(() => end.abort()),
			end.signal
		);
		await expect(saving).rejects.toMatchObject({ name: 'AbortError' });
	});
});

describe('where a file has little room', () => {
	const within = (bytes: number, entries = 1000) => saved(undefined, undefined, { bytes, entries });
	const large = (n: number) => {
		const { tail } = smallTunedModel();
		const data = Float32Array.from({ length: 2000 }, (_, i) => i / n);
		return smallTunedModel({ id: uuid(n), tail: new Map(tail).set('large', { dims: [2000], data }) });
	};

	beforeEach(async () => {
		for (const n of [3, 4, 5])
			await addRun(smallTunedRun({ id: uuid(0xe0 + n), started: n, modelId: uuid(n) }), large(n), n === 4);
	});

	test('older models give way to newer ones, the one in use to none, and what is written can be opened', async () => {
		const { bytes: whole, told } = await saved();
		expect(told.without).toEqual([]);
		const left = new Set<string>();
		let room = whole + 8000;
		for (; room > 0; room -= 1500) {
			const one = await within(room).catch((cause: unknown) => cause as Trouble); // as asserted
			if (!('file' in one)) {
				expect(one.code).toBe('project-too-large');
				break;
			}
			const { file, bytes, told } = one;
			expect(bytes).toBeLessThanOrEqual(room);
			expect(file.project.modelId).toBe(uuid(4));
			expect(file.runs).toHaveLength(6);
			const gone = told.without.map(({ modelId }) => modelId);
			expect(file.models.filter((id) => gone.includes(id))).toEqual([]);
			if (file.models.includes('live')) expect(file.models.length + gone.length).toBe(6);
			left.add(told.without.map(({ started }) => started).join());
		}
		expect(left).toContain('');
		expect(left).toContain('5,3');
		// The large one that is newer stays as long as it can.
		for (const runs of left) if (runs.includes('5')) expect(runs).toContain('3');
		expect(room).toBeGreaterThan(10_000);
	});

	test('too many files are too much as well', async () => {
		await expect(within(1e6, 20)).rejects.toMatchObject({ code: 'project-too-large' });
		const { file, told } = await within(1e6, 30);
		expect(told.without.length).toBeGreaterThan(0);
		expect(file.project.modelId).toBe(uuid(4));
	});

	test('it is refused before anything is written where its photos and the model in use are too much', async () => {
		const stream = new WritableStream({ write: () => expect.unreachable() });
		const { signal } = new AbortController();
		const options = { projectId: PROJECT, signal, onProgress: vi.fn(), now: NOW };
		const writing = writeProject(stream, options, { bytes: 9000, entries: 1000 });
		await expect(writing).rejects.toMatchObject({ code: 'project-too-large' });
		expect(options.onProgress).not.toHaveBeenCalled();
	});

	test('a run whose model stayed behind has none where the file is opened, as a copy too', async () => {
		const { bytes } = await saved();
		const { file, told } = await within(bytes - 4000);
		expect(told.without.map(({ started }) => started)).toEqual([3]);
		const copy = await keepProject(file, options({ asCopy: true }));
		await erased(copy.id);
		await keepProject(file, options());
		for (const id of [copy.id, PROJECT]) {
			const runs = await listRuns(id);
			expect(runs.find(({ started }) => started === 3)).toMatchObject({ state: 'done', modelId: null });
			const models = await Promise.all(runs.map(({ modelId }) => readModel(modelId ?? '')));
			expect(models.filter((model) => model !== null)).toHaveLength(4);
		}
	});

	test('how large it will be is told with its models', async () => {
		const more = (await fileBytes(PROJECT)) - photos.reduce((sum, { photo }) => sum + photo.bytes, 0);
		expect(more).toBeGreaterThan(3 * 8000);
		await expect(fileBytes(uuid(9))).rejects.toMatchObject({ code: 'project-gone' });
	});
});

describe('a project that is here already', () => {
	test('is recognised, and opening it again changes nothing', async () => {
		const { file } = await saved();
		const before = await rows();
		expect(await whatIsKnown(file)).toMatchObject({ state: 'here', same: true, photos: 5 });
		expect(await keepProject(file, options())).toEqual(await readProject(PROJECT));
		expect(await rows()).toEqual(before);
		await applyEdit({ projectId: PROJECT, project: { name: 'Another name' }, photos: [] }, 7);
		expect(await whatIsKnown(file)).toMatchObject({ same: true, project: { name: 'Another name' } });
		await applyEdit({ projectId: PROJECT, project: { trashed: 7 }, photos: [] }, 7);
		expect(await whatIsKnown(file)).toMatchObject({ state: 'in trash', same: true });
	});

	test.each([
		['a photo moved', { photos: [{ id: uuid(0x1000), change: { labelId: CAMOMILE } }], project: {} }],
		['a photo thrown away', { photos: [{ id: uuid(0x1000), change: { trashed: 5 } }], project: {} }],
		[
			'a label switched off',
			{ photos: [], project: { labels: smallProject().labels.map((one) => ({ ...one, off: true })) } }
		],
		['other views', { photos: [], project: { views: [] } }]
	] as const)('differs with %s', async (_, change) => {
		const { file } = await saved();
		await applyEdit({ projectId: PROJECT, ...change }, 7);
		expect(await whatIsKnown(file)).toMatchObject({ state: 'here', same: false });
	});

	test('differs with a run more', async () => {
		const { file } = await saved();
		await addRun(smallRun({ id: uuid(0xd3), modelId: null }), null, false);
		expect(await whatIsKnown(file)).toMatchObject({ same: false });
	});

	test('comes in beside it as a copy, under ids of its own, as up to date as it was', async () => {
		const { file } = await saved();
		const before = await rows();
		const copy = await keepProject(file, options({ asCopy: true }));
		expect(copy).toMatchObject({ name: 'Plants 🌼 (2)', created: NOW + 1, changed: NOW + 1 });
		expect(copy).not.toHaveProperty('backedUp');
		expect(copy.id).not.toBe(PROJECT);
		const theirs = await listPhotos(copy.id);
		expect(theirs.map(({ sha256, labelId }) => [sha256, labelId])).toEqual(
			photos.map(({ photo }) => [photo.sha256, photo.labelId])
		);
		const [newest, oldest] = await listRuns(copy.id);
		expect(newest?.from).toBe(markOfAll(copy, theirs));
		expect(oldest?.from).toBe(smallRun().from);
		expect(newest?.modelId).toBe(copy.modelId);
		expect(newest?.evaluation?.verdicts[0]?.photoId).toBe(theirs[0]?.id);
		expect(newest?.evaluation?.suspects[0]?.photoId).toBe(theirs[0]?.id);
		expect(await readModel(copy.modelId ?? '')).toMatchObject({
			projectId: copy.id,
			head: smallModel().head
		});
		expect(await readLiveModel(copy.id)).toMatchObject({ from: newest?.from, id: liveId(copy.id) });
		const now = await rows();
		expect(now.filter((row) => before.includes(row))).toEqual(before);
	});

	test('gives new ids to rows whose own another project has', async () => {
		const { file } = await saved();
		await erased();
		await addProject(smallProject({ id: uuid(2), name: 'Other', modelId: null }));
		const stolen = smallPhoto(3, { projectId: uuid(2), labelId: DAISY });
		await addPhotos([stolen]);
		await keepProject(file, options());
		expect((await listPhotos(uuid(2))).map(({ id }) => id)).toEqual([stolen.photo.id]);
		expect(await listPhotos(PROJECT)).toHaveLength(5);
	});

	test('a name that is taken gives way', async () => {
		const { file } = await saved();
		await erased();
		await addProject(smallProject({ id: uuid(2), name: 'PLANTS 🌼', modelId: null }));
		expect(await keepProject(file, options())).toMatchObject({ id: PROJECT, name: 'Plants 🌼 (2)' });
		expect(await whatIsKnown(file)).toMatchObject({ same: true });
	});
});

describe('what goes wrong leaves nothing', () => {
	test('when it is ended in the middle, or at the very end', async () => {
		const { file } = await saved();
		await erased();
		for (const at of [0, 5]) {
			const end = new AbortController();
			const onProgress = vi.fn(({ done }: { done: number }) => done === at && end.abort());
			const keeping = keepProject(file, options({ signal: end.signal, onProgress }));
			await expect(keeping).rejects.toMatchObject({ name: 'AbortError' });
			expect(await rows()).toEqual([]);
		}
	});

	test('when two are opened at once, one comes in', async () => {
		const { file } = await saved();
		await erased();
		const [one, two] = await Promise.all([keepProject(file, options()), keepProject(file, options())]);
		expect(one).toEqual(two);
		expect(await listProjects()).toHaveLength(1);
		expect(await listPhotos(PROJECT)).toHaveLength(5);
	});
});
