import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { headLogits } from '$lib/domain/head';
import type { Model, TrainingRun } from '$lib/domain/model';
import type { NewPhoto, Project } from '$lib/domain/project';
import { Random } from '$lib/domain/random';
import { familiarity } from '$lib/domain/strangers';
import {
	DIMENSION,
	smallModel,
	smallPhoto,
	smallPhotos,
	smallProject,
	smallRun,
	smallTunedModel,
	smallTunedRun,
	uuid
} from '../../../tests/fixtures/small-project';
import { readDataset } from './dataset';
import { isProjectFile, openProjectFile, openProjectFolder, type ProjectFile } from './project-file';
import { ProjectWriter } from './project-writer';
import { openZip } from './zip';
import { ZipFile } from './zip-writer';

const CREATED = 1_750_000_000_000;

interface Parts {
	project?: Project;
	photos?: readonly NewPhoto[];
	models?: readonly [id: string, model: Model][];
	runs?: readonly TrainingRun[];
}

/** All that is written into a stream, as a file. */
async function collected(write: (stream: WritableStream) => Promise<void>): Promise<Blob> {
	const parts: BlobPart[] = [];
	await write(new WritableStream({ write: (part) => void parts.push(part.slice()) }));
	return new Blob(parts);
}

const written = ({ project = smallProject(), photos = smallPhotos(5), models, runs }: Parts = {}) =>
	collected(async (stream) => {
		const writer = await ProjectWriter.into(stream, project, CREATED);
		for (const photo of photos) await writer.addPhoto(photo);
		for (const [id, model] of models ?? [[uuid(0xc1), smallModel()]]) await writer.addModel(id, model);
		for (const run of runs ?? [smallRun()]) await writer.addRun(run);
		await writer.end('1.2.3');
	});

async function photosOf(file: ProjectFile) {
	const photos = [];
	for await (const some of file.newPhotos()) photos.push(...some);
	return photos;
}

const filesOf = async (blob: Blob) => (await openZip(blob, 'a.zip')).files;
/** The same files, some of them with other content, others gone. */
const bent = async (
	changes: Record<string, string | Uint8Array<ArrayBuffer> | null>,
	whole: Blob | Promise<Blob> = written()
) => {
	const files = await filesOf(await whole);
	return collected(async (stream) => {
		const zip = await ZipFile.into(stream, new Date(0));
		for (const file of files) {
			const change = changes[file.path];
			if (change === null) continue;
			const blob = change === undefined ? await file.read() : new Blob([change]);
			await zip.add(file.path, new Uint8Array(await blob.arrayBuffer()));
		}
		await zip.end();
	});
};
const textOf = async (path: string) =>
	(await (await filesOf(await written())).find((file) => file.path === path)?.read())?.text() ?? '';
/** Reads all that is in it. */
async function all(blob: Blob) {
	const file = await openProjectFile(blob, 'plants.zip');
	return {
		file,
		photos: await photosOf(file),
		models: await Promise.all(file.models.map((id) => file.model(id))),
		runs: await Promise.all(file.runs.map((id) => file.run(id)))
	};
}

const SCRATCH_RUN = { kind: 'scratch', seed: 1, epochs: 20, batch: 64, learningRate: 1e-3 } as const;

describe('a project', () => {
	test('comes back as it was, byte for byte and number for number', async () => {
		const live = smallModel({ id: 'live', from: '0123456789abcd', gate: null });
		const failed = smallRun({
			id: uuid(0xd2),
			config: { kind: 'head', seed: 1 },
			...{ state: 'failed', trouble: 'Too few.', strength: null, modelId: null, evaluation: null }
		});
		const models: [string, Model][] = [
			[uuid(0xc1), smallModel()],
			['live', live]
		];
		const back = await all(await written({ models, runs: [smallRun(), failed] }));
		expect(back.file.project).toEqual(smallProject());
		expect(back.file.created).toBe(CREATED);
		expect(back.photos).toEqual(smallPhotos(5));
		expect(back.file.photos).toEqual(smallPhotos(5).map(({ photo }) => photo));
		expect(back.models).toEqual([smallModel(), live]);
		expect(back.runs).toEqual([smallRun(), failed]);
	});

	test.each([
		['nothing but heads is in it: the first one reads it', {}, 1],
		['a fine-tuned model is in it', { models: [[uuid(0xc1), smallTunedModel()]] as [string, Model][] }, 2],
		['a run of fine-tuning is in it', { runs: [smallTunedRun()] }, 2]
	])('tells which version is needed where %s', async (_, parts, version) => {
		const files = await filesOf(await written(parts));
		const manifest = await (await files.find(({ path }) => path === 'lensmith.json')?.read())?.text();
		expect(JSON.parse(manifest ?? '{}')).toMatchObject({ version });
	});

	test('answers the same, bit for bit', async () => {
		const [model] = (await all(await written())).models;
		const random = new Random(9);
		for (let i = 0; i < 20; i++) {
			const features = Float32Array.from({ length: DIMENSION }, () => random.next() * 4);
			const answer = (one: Model | undefined) => {
				const logits = one && headLogits(one.head, features);
				return logits && one.gate && [...logits, familiarity(one.gate, features, logits)];
			};
			expect(answer(model)).toEqual(answer(smallModel()));
			expect(answer(model)?.every(Number.isFinite)).toBe(true);
		}
	});

	test('fine-tuned, keeps what its network’s own layers learned, in buffers of their own', async () => {
		const models: [string, Model][] = [
			[uuid(0xc1), smallModel()],
			[uuid(0xc2), smallTunedModel()],
			['live', smallTunedModel({ id: 'live', tail: new Map() })]
		];
		const blob = await written({
			models,
			runs: [smallTunedRun(), smallTunedRun({ id: uuid(0xd4), gain: null })]
		});
		const back = await all(blob);
		expect(back.models.map(({ tail }) => tail)).toEqual([undefined, smallTunedModel().tail, undefined]);
		expect(back.models[1]).toEqual(smallTunedModel());
		expect(back.runs.map(({ config, gain }) => [config, gain])).toEqual([
			[smallTunedRun().config, smallTunedRun().gain],
			[smallTunedRun().config, null]
		]);
		const sizes = Array.from(back.models[1]?.tail?.values() ?? [], ({ data }) => data.buffer.byteLength);
		expect(sizes).toEqual([48, 4]);
	});

	test('trained from scratch, keeps how, and with the largest photos all numbers that it learned', async () => {
		const config = { ...SCRATCH_RUN, size: 96 } as const;
		const dims = [1024, 10_368];
		const data = new Float32Array(1024 * 10_368);
		data[data.length - 1] = 0.5;
		const tail = new Map([['dense/weights', { dims, data }]]);
		const blob = await written({
			models: [
				[uuid(0xc1), smallModel()],
				[uuid(0xc2), smallTunedModel({ tail })]
			],
			runs: [smallTunedRun({ config })]
		});
		const back = await all(blob);
		expect(back.runs.map((run) => run.config)).toEqual([config]);
		const read = back.models[1]?.tail?.get('dense/weights');
		expect([read?.dims, read?.data.length, read?.data.at(-1)]).toEqual([dims, data.length, 0.5]);
	});

	test('is written without a model of more tensors than are read', async () => {
		const tensors = (count: number) =>
			new Map(Array.from({ length: count }, (_, i) => [`${i}`, { dims: [1], data: Float32Array.of(i) }]));
		const models: [string, Model][] = [4096, 4097].map((count) => [
			uuid(count),
			smallTunedModel({ id: uuid(count), tail: tensors(count) })
		]);
		const back = await all(await written({ project: smallProject({ modelId: null }), models }));
		expect(back.models.map(({ tail }) => tail?.size)).toEqual([4096]);
	});

	test('of many photos is read some at a time, their thumbnails in packs', async () => {
		const photos = smallPhotos(130);
		const bare = photos.map((photo, i) => (i >= 64 && i < 128 ? { ...photo, thumbnail: null } : photo));
		const blob = await collected(async (stream) => {
			const writer = await ProjectWriter.into(stream, smallProject({ modelId: null }), CREATED);
			for (const photo of bare) await writer.addPhoto(photo);
			await writer.end('1.2.3');
		});
		const file = await openProjectFile(blob, 'plants.zip');
		const sizes = [];
		for await (const some of file.newPhotos()) sizes.push(some.length);
		expect(sizes).toEqual([64, 64, 2]);
		expect(await photosOf(file)).toEqual(bare);
		const packs = (await filesOf(blob)).filter(({ path }) => path.startsWith('thumbnails/'));
		expect(packs.map(({ path }) => path)).toEqual(['thumbnails/0.bin', 'thumbnails/2.bin']);
	});

	test('without photos, models and runs is one too', async () => {
		const empty = smallProject({ labels: [], modelId: null });
		const back = await all(await written({ project: empty, photos: [], models: [], runs: [] }));
		expect(back).toMatchObject({ photos: [], models: [], runs: [], file: { project: empty } });
	});

	test('leaves out what is in the trash, and what was saved of it before', async () => {
		const gone = { id: uuid(0xa3), name: 'Gone', colour: 1, off: false, trashed: 5 };
		const project = smallProject();
		const backedUp = { time: 1, changed: 2, until: 3 };
		const back = await all(
			await written({ project: { ...project, labels: [...project.labels, gone], backedUp } })
		);
		expect(back.file.project).toEqual(project);
	});

	test('keeps a run whose numbers are none without those, and no model that has such', async () => {
		const { epochs, strength, evaluation } = smallRun();
		const run = smallRun({
			epochs: [
				...epochs,
				{ epoch: 2, loss: NaN, accuracy: 0, validationLoss: Infinity, validationAccuracy: 0 }
			],
			strength: strength && { ...strength, chosen: Infinity },
			evaluation: evaluation && { ...evaluation, calibrationError: NaN }
		});
		const { head } = smallModel();
		const broken = smallModel({
			head: { ...head, layers: [{ ...head.layers[0]!, bias: new Float32Array(4).fill(NaN) }] } // a small model has one layer
		});
		const tail = new Map([['bias', { dims: [2], data: Float32Array.of(1, Infinity) }]]);
		const models: [string, Model][] = [
			[broken.id, broken],
			[uuid(0xc2), smallTunedModel({ tail })]
		];
		const back = await all(await written({ runs: [run], models }));
		expect(back.runs).toEqual([smallRun({ epochs, strength: null, evaluation: null })]);
		expect(back.file.project.modelId).toBeNull();
		expect(back.models).toEqual([]);
	});

	test('is a folder of pictures for every label to other programs', async () => {
		const photos = (await filesOf(await written())).filter(({ path }) => path.startsWith('photos/'));
		const { items, skipped } = await readDataset(photos);
		expect(skipped).toEqual([]);
		expect(items.map(({ label }) => label)).toEqual([
			...['Daisy - white', 'daisy - White (2)', 'Daisy - white', 'daisy - White (2)', 'Daisy - white']
		]);
		expect(photos[0]?.path).toBe(`photos/Daisy - white/${uuid(0x1000)}.jpg`);
	});
});

describe('what is a project file', () => {
	test('is told by what is in it, not by its name', async () => {
		expect(await isProjectFile(await written())).toBe(true);
		const pictures = collected(async (stream) => {
			const zip = await ZipFile.into(stream, new Date(0));
			await zip.add('cats/lensmith.json/a.jpg', new Uint8Array(3));
			await zip.end();
		});
		expect(await isProjectFile(await pictures)).toBe(false);
		expect(await isProjectFile(new Blob(['PK\x03\x04 and no more']))).toBe(false);
		expect(await isProjectFile(new Blob(['lensmith.json']))).toBe(false);
		await expect(openProjectFile(await pictures, 'cats.zip')).rejects.toMatchObject({
			code: 'project-file-unknown',
			message: expect.stringContaining('“cats.zip”')
		});
	});

	test('is read unpacked as well, in a folder of any name', async () => {
		const files = await filesOf(await written());
		for (const folder of ['', 'Plants.lensmith/']) {
			const unpacked = [
				{ path: `${folder}.DS_Store`, size: 0, read: () => Promise.reject(new Error('not to be read')) },
				...files.map((file) => ({ path: folder + file.path, size: 0, read: () => file.read() }))
			];
			expect(await photosOf(await openProjectFolder(unpacked, 'Plants'))).toEqual(smallPhotos(5));
		}
	});
});

describe('what is refused in words, with nothing read further', () => {
	const refused = async (blob: Blob | Promise<Blob>, code: string) => {
		const error = await all(await blob).catch((cause: unknown) => cause);
		expect(error).toMatchObject({ name: 'Trouble', code, message: expect.stringContaining('plants.zip') });
	};
	/** The project with some of its manifest changed: values by their paths; undefined takes one away. */
	const withManifest = async (changes: Record<string, unknown>) => {
		const content: unknown = JSON.parse(await textOf('lensmith.json'));
		for (const [path, value] of Object.entries(changes)) {
			const keys = path.split('/');
			const owner = keys.slice(0, -1).reduce((at, key) => Object(at)[key], content);
			Object(owner)[keys.at(-1) ?? ''] = value;
		}
		return bent({ 'lensmith.json': JSON.stringify(content) });
	};

	test('a version that came later', async () => {
		const newer = await bent({
			'lensmith.json': '{"format":"lensmith-project","version":3,"photos":"elsewhere"}'
		});
		await refused(newer, 'project-file-newer');
	});

	test.each([
		['of another program', '{"format":"other","version":1}'],
		['without a version', '{"format":"lensmith-project"}'],
		['with half a version', '{"format":"lensmith-project","version":1.5}'],
		['that is no JSON', '{"format":"lensmith-project","version":1'],
		[
			'that is nested very deeply',
			`{"format":"lensmith-project","version":1,"x":${'['.repeat(1e5)}${']'.repeat(1e5)}}`
		]
	])('a manifest %s', async (_, text) => {
		await refused(bent({ 'lensmith.json': text }), 'project-file-unknown');
	});

	test('a manifest that is not text, or very large', async () => {
		await refused(bent({ 'lensmith.json': new Uint8Array([0xff, 0xfe, 0x80]) }), 'project-file-damaged');
		const large = `{"format":"lensmith-project","version":1,"x":"${'x'.repeat(4 * 2 ** 20)}"}`;
		await refused(bent({ 'lensmith.json': large }), 'project-file-damaged');
	});

	test.each([
		['project/id', '__proto__'],
		['labels/0/id', '../x'],
		['labels/1/id', smallProject().labels[0]?.id],
		['labels', []],
		['labels/0/colour', 12],
		['project/modelId', uuid(9)],
		['project/created', -1],
		['project/views', ['mirrored', 'mirrored']],
		['entries', {}],
		['runs', undefined],
		['models', [uuid(0xc1), '../lensmith']]
	])('%s that is %j', async (path, value) => {
		await refused(withManifest({ [path]: value }), 'project-file-damaged');
	});

	/** The project with its fine-tuned model's JSON changed, and its SHA-256 made right. */
	const withTuned = async (
		change: (model: { tail: { tensors: object[]; values: object }; head: object }) => unknown
	) => {
		const path = `models/${uuid(0xc2)}.json`;
		const whole = await written({
			models: [
				[uuid(0xc1), smallModel()],
				[uuid(0xc2), smallTunedModel()]
			]
		});
		const files = await filesOf(whole);
		const read = async (name: string) =>
			(await (await files.find((one) => one.path === name)?.read())?.text()) ?? '';
		const before = await read(path);
		const model: Parameters<typeof change>[0] = JSON.parse(before);
		const after = JSON.stringify(change(model));
		const [was, is] = [before, after].map((text) => createHash('sha256').update(text).digest('hex'));
		const manifest = (await read('lensmith.json')).replace(was ?? '', is ?? '');
		return bent({ [path]: after, 'lensmith.json': manifest }, whole);
	};
	const withTensors = (tensors: object[]) =>
		withTuned((model) => ({ ...model, tail: { ...model.tail, tensors } }));
	const kernel = { name: 'kernel', dims: [12] };
	const slope = { name: 'slope', dims: [1] };

	test('a tail is read where its tensors ask for just the numbers that are there', async () => {
		const { models } = await all(await withTensors([kernel, slope]));
		expect([...(models[1]?.tail?.keys() ?? [])]).toEqual(['kernel', 'slope']);
	});

	test.each<[string, object[]]>([
		['are too few', [kernel]],
		['are too many', [kernel, slope, { name: 'more', dims: [1] }]],
		['are another size', [kernel, { ...slope, dims: [2] }]],
		['have one name', [{ ...kernel, name: 'slope' }, slope]],
		['have no whole size', [{ ...kernel, dims: [24, 0.5] }, slope]],
		['have a size below zero', [{ ...kernel, dims: [-3, -4] }, slope]],
		['have very many sizes', [{ ...kernel, dims: [12, ...Array<number>(8).fill(1)] }, slope]],
		['have no name', [{ dims: [12] }, slope]],
		['are none', []]
	])('a tail whose tensors %s', async (_, tensors) => {
		await refused(withTensors(tensors), 'project-file-damaged');
	});

	test('a tail under a head that is not one linear layer, or of numbers that are not there', async () => {
		const values = { sha256: '0'.repeat(64), length: 13 };
		await refused(
			withTuned((model) => ({ ...model, tail: { ...model.tail, values } })),
			'project-file-damaged'
		);
		const text = JSON.parse(await textOf(`models/${uuid(0xc1)}.json`)) as { head: object };
		await refused(
			withTuned((model) => ({ ...model, head: text.head })),
			'project-file-damaged'
		);
		const relu = (head: object) => JSON.parse(JSON.stringify(head).replace('linear', 'relu')) as object;
		await refused(
			withTuned((model) => ({ ...model, head: relu(model.head) })),
			'project-file-damaged'
		);
	});

	test('names are cleaned and told apart', async () => {
		const names = {
			'project/name': '\u0301',
			'labels/0/name': '<b>x</b>\n',
			'labels/1/name': '<B>X</B>'
		};
		const { project } = await openProjectFile(await withManifest(names), 'plants.zip');
		expect(project.name).toBe('Project');
		expect(project.labels.map(({ name }) => name)).toEqual(['<b>x</b>', '<B>X</B> (2)']);
	});

	test('a file that is missing or was changed, whichever it is', async () => {
		const files = await filesOf(await written());
		expect(files.length).toBeGreaterThan(12);
		for (const { path } of files.filter((file) => file.path !== 'lensmith.json')) {
			await refused(bent({ [path]: null }), 'project-file-damaged');
			await refused(bent({ [path]: 'other' }), 'project-file-damaged');
		}
	});

	test('pictures that are not what is said of them', async () => {
		const project = smallProject({ modelId: null });
		const odd = async (change: Partial<NewPhoto['photo']>, picture = smallPhoto(1).picture) => {
			const { photo, thumbnail } = smallPhoto(1, change);
			await refused(written({ project, photos: [{ photo, picture, thumbnail }] }), 'project-file-damaged');
		};
		await odd({ width: 9 });
		await odd({}, { ...smallPhoto(1).picture, type: 'image/png' });
		await odd({}, { bytes: new TextEncoder().encode('<svg xmlns=""/>').buffer, type: 'image/jpeg' });
	});

	test('a file that is too large', async () => {
		const huge = { size: 513 * 2 ** 20, slice: () => new Blob() } as unknown as Blob;
		await expect(openProjectFile(huge, 'plants.zip')).rejects.toMatchObject({
			code: 'project-file-too-large'
		});
		const [file] = await filesOf(await written());
		const files = [{ ...file!, path: 'lensmith.json', size: 513 * 2 ** 20 }]; // it has been found
		await expect(openProjectFolder(files, 'plants.zip')).rejects.toMatchObject({
			code: 'project-file-too-large'
		});
	});
});
