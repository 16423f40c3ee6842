/**
 * Training of a network's layers, from a project's photos to a judged model. The training worker cuts the backbone, an
 * engine of its own runs the trunk once a photo and view, and the training worker learns the rest from what that said.
 * From scratch it is the lecture's network that learns, all of it: its trunk hands on the pixels.
 */
import type { BackboneCard, FileFacts } from '$lib/domain/card';
import type { Dataset } from '$lib/domain/dataset';
import { isBetter } from '$lib/domain/paired';
import type { Photo } from '$lib/domain/project';
import type { HeadConfig, LayersConfig, TrainingProgress } from '$lib/domain/training';
import { Trouble } from '$lib/domain/trouble';
import type { View, ViewName } from '$lib/domain/view';
import type { Crop } from '$lib/image/crop';
import { storageHealth } from '$lib/storage/health';
import { addRun } from '$lib/storage/models';
import { lectureCard } from '$models/made';
import { decodePhoto, startingAgain } from './embed';
import type { Engine } from './engine';
import { forBackbone, type FeatureEngine } from './one-backbone';
import { judged, type Circumstances, type Trained } from './train';
import type { Trainer, Trunk } from './trainer';

export interface TuneParts {
	trainer: Pick<Trainer, 'cut' | 'expect' | 'forget' | 'put' | 'tune' | 'judge'>;
	/** Reads the backbone's own file. */
	openBackbone(file: FileFacts): Promise<ArrayBuffer>;
	/** An engine that runs this backbone, whose files are there under their addresses. */
	engineFor(card: BackboneCard, files: ReadonlyMap<string, ArrayBuffer>): Promise<Engine>;
}

export interface TuneOptions {
	signal: AbortSignal;
	onProgress(progress: TrainingProgress): void;
	/** Where an earlier run stood. */
	from: Parameters<Trainer['tune']>[0]['from'];
	/** When that began, in milliseconds since 1970; now where there was none. */
	started: number;
	/** Milliseconds between two times that it is kept where it stands; some seconds without it. */
	every?: number;
}

/** What is learned from, and what it was made of. */
export interface Taught {
	dataset: Dataset;
	card: BackboneCard;
	/** All that the dataset speaks of. */
	photos: readonly Photo[];
	/** Of the project, in the order of the dataset's. */
	views: readonly ViewName[];
}

export interface Tuned extends Trained {
	/** The head on the backbone as it came, on the same photos. */
	head: Trained;
}

/**
 * @throws Trouble 'finetune-operator' or 'finetune-cut' where the backbone can take a new head only, 'photo-damaged',
 *   'photo-gone', 'storage-full', or of the engines; AbortError
 */
export async function fineTune(
	parts: TuneParts,
	taught: Taught,
	circumstances: Circumstances & { config: LayersConfig; head: HeadConfig },
	options: TuneOptions
): Promise<Tuned> {
	const { trainer } = parts;
	const { dataset } = taught;
	const { config, head: headConfig, ...own } = circumstances;
	const { signal, onProgress, from, started, every } = options;
	const begin = performance.now();
	await putAll(parts, taught, circumstances, options);
	const looked = performance.now() - begin;
	const of = { projectId: own.projectId, from: own.from, backbone: own.backbone.sha256, started };
	const { tested, rival, ...result } = await trainer.tune(
		{ of, set: dataset.set, config, from, every },
		{ signal, onProgress }
	);
	const test = testAs(tested, dataset.test);
	const backbone = config.kind === 'scratch' ? networkOf(lectureCard(config.size)) : own.backbone;
	const tuned = await judged(trainer, result, { ...dataset, test }, { ...own, backbone, config }, { signal });
	const head = await judged(trainer, rival.head, dataset, { ...own, config: headConfig }, { signal });
	return { model: tuned.model, run: { ...tuned.run, time: looked + tuned.run.time, gain: rival.gain }, head };
}

/**
 * Keeps both runs: the tuned model is in use from then on where it is better than the head; else the model before it
 * stays, or the head where that was learned from something else.
 *
 * @param fresh the model in use was learned from the same photos
 * @throws Trouble 'storage-full', 'not-saved', 'project-gone'
 */
export async function keepTuned({ run, model, head }: Tuned, fresh: boolean): Promise<void> {
	const better = isBetter(run.gain ?? null);
	if (!better && !fresh) await addRun(head.run, head.model, true);
	// Runs are told apart by when they began, and the head came first.
	await addRun({ ...run, started: run.started + 1 }, model, better);
}

/** What the test is of, as the network that was trained has it. */
function testAs(features: Float32Array<ArrayBuffer>, test: Dataset['test']): Dataset['test'] {
	if (!test) return test;
	const dimension = features.length / Math.max(1, test.photoIds.length);
	return { ...test, set: { ...test.set, features, dimension } };
}

const networkOf = ({ id, file }: BackboneCard) => ({ id, sha256: file.sha256 });

/** Runs the trunk on each photo and view. */
async function putAll(
	parts: TuneParts,
	taught: Taught,
	{ config, crop, projectId }: Pick<Circumstances, 'crop' | 'projectId'> & { config: LayersConfig },
	{ signal, onProgress }: TuneOptions
): Promise<void> {
	const { trainer } = parts;
	onProgress({ words: 'Reading the network', done: 0 });
	const { card, trunk, purpose } = await trunkOf(parts, taught.card, config, signal);
	const looks = looksOf(taught);
	let engine: Engine | null = null;
	try {
		const rows = looks.reduce((sum, own) => sum + own.rows.length, 0);
		await trainer.expect({ projectId, rows, spills: storageHealth().persistent });
		engine = await trunkEngine(parts, card, trunk);
		const trunkAlone = forBackbone(engine, () => TRUNK_ID);
		for (const [done, { photo, views, rows }] of looks.entries()) {
			signal.throwIfAborted();
			onProgress({
				words: `${purpose}: ${done} of ${looks.length}`,
				done: done / looks.length
			});
			const said = await look(trunkAlone, photo, { crop, views, signal });
			for (const [i, numbers] of said.entries()) await trainer.put({ row: rows[i] ?? -1, numbers });
		}
	} catch (cause) {
		await trainer.forget();
		throw cause;
	} finally {
		engine?.stop();
	}
}

/** @returns also the facts of the network that it is of, and what it is run for, in words */
async function trunkOf(
	{ openBackbone, trainer }: Pick<TuneParts, 'openBackbone' | 'trainer'>,
	card: BackboneCard,
	config: LayersConfig,
	signal: AbortSignal
): Promise<{ card: BackboneCard; trunk: Trunk; purpose: string }> {
	if (config.kind === 'scratch') {
		const { size } = config;
		const trunk = await trainer.cut({ size }, { signal });
		return { card: lectureCard(size), trunk, purpose: `Making your photos smaller, to ${size} px` };
	}
	const backbone = await openBackbone(card.file);
	signal.throwIfAborted();
	const trunk = await trainer.cut({ backbone, card, blocks: config.blocks }, { signal });
	return { card, trunk, purpose: 'Looking at your photos with the layers that stay' };
}

interface Look {
	photo: Photo;
	views: readonly View[];
	/** Where what is said of each view goes. */
	rows: readonly number[];
}

/** Photo p in view v is row p + v · photos; the test's photos come after them. @throws Trouble 'photo-gone' */
function looksOf({ dataset, photos, views }: Taught): Look[] {
	const byId = new Map(photos.map((photo) => [photo.id, photo]));
	const find = (id: string) => {
		const photo = byId.get(id);
		if (!photo) throw gone();
		return photo;
	};
	const { photoIds, test } = dataset;
	const all = (['plain', ...views] as const).map((view, v) => ({ view, from: v * photoIds.length }));
	const after = all.length * photoIds.length;
	return [
		...photoIds.map((id, p) => ({
			photo: find(id),
			views: all.map(({ view }) => view),
			rows: all.map(({ from }) => from + p)
		})),
		...(test?.photoIds ?? []).map((id, t) => ({
			photo: find(id),
			views: ['plain'] as const,
			rows: [after + t]
		}))
	];
}

const gone = () =>
	new Trouble(
		'photo-gone',
		'A photo was thrown away while it was learned from. The model before it stays; train again.'
	);

const TRUNK_ID = 'trunk';
const [TRUNK_URL, LABELS_URL] = ['made:trunk.onnx', 'made:trunk-labels.json'];

/** The trunk as any other network: what it says are its features. */
async function trunkEngine(
	parts: TuneParts,
	card: BackboneCard,
	{ bytes, features }: Trunk
): Promise<Engine> {
	const names = new TextEncoder().encode(JSON.stringify(['']));
	const files = new Map([
		[TRUNK_URL, bytes.buffer],
		[LABELS_URL, names.buffer]
	]);
	const file = (url: string, { length }: Uint8Array) => ({ url, sha256: '', bytes: length });
	return parts.engineFor(
		{
			// The golden scores are the whole network's.
			...{ ...card, golden: undefined, taught: undefined },
			id: TRUNK_ID,
			file: file(TRUNK_URL, bytes),
			labels: { ...file(LABELS_URL, names), count: 1 },
			outputs: { scores: { name: features.name, kind: 'logits', skip: 0 }, features, map: null }
		},
		files
	);
}

/** @returns what the trunk says of each view @throws Trouble 'photo-damaged', 'photo-gone', or of the engine; AbortError */
async function look(
	engine: FeatureEngine,
	photo: Photo,
	{ crop, views, signal }: { crop: Crop; views: readonly View[]; signal: AbortSignal }
): Promise<Float32Array<ArrayBuffer>[]> {
	for (;;) {
		const picture = await decodePhoto(photo);
		if (!picture) throw gone();
		try {
			return await engine.embed(picture, crop, { photoId: photo.id, views });
		} catch (cause) {
			if (!(cause instanceof Trouble) || !startingAgain.has(cause.code)) throw cause;
			// Rejects where it does not come back.
			await engine.whenReady(signal);
		}
	}
}
