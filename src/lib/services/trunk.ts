/** What the layers that stay say of photos: an engine of its own runs them, the training worker takes what they say. */
import type { BackboneCard, FileFacts } from '$lib/domain/card';
import type { Dataset } from '$lib/domain/dataset';
import type { Photo } from '$lib/domain/project';
import type { LayersConfig, TrainingProgress } from '$lib/domain/training';
import type { View, ViewName } from '$lib/domain/view';
import type { Crop } from '$lib/image/crop';
import { storageHealth } from '$lib/storage/health';
import { lectureCard } from '$models/made';
import type { Engine } from './engine';
import { lookAt, photoGone } from './look-at';
import { forBackbone } from './one-backbone';
import type { Trainer, Trunk } from './trainer';

export interface TrunkParts {
	trainer: Pick<Trainer, 'cut' | 'expect' | 'forget' | 'put'>;
	/** Reads the backbone's own file. */
	openBackbone(file: FileFacts): Promise<ArrayBuffer>;
	/** An engine that runs this network, whose files are there under their addresses. */
	engineFor(card: BackboneCard, files: ReadonlyMap<string, ArrayBuffer>): Promise<Engine>;
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

/**
 * Runs the trunk on each photo and view.
 *
 * @throws Trouble as `fineTune`; AbortError
 */
export async function putAll(
	parts: TrunkParts,
	taught: Taught,
	{ config, crop, projectId }: { config: LayersConfig; crop: Crop; projectId: string },
	{ signal, onProgress }: { signal: AbortSignal; onProgress(progress: TrainingProgress): void }
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
			const said = await lookAt(trunkAlone, photo, { crop, views, signal });
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
	{ openBackbone, trainer }: Pick<TrunkParts, 'openBackbone' | 'trainer'>,
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
		if (!photo) throw photoGone();
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

const TRUNK_ID = 'trunk';
const [TRUNK_URL, LABELS_URL] = ['made:trunk.onnx', 'made:trunk-labels.json'];

/** The trunk as any other network: what it says are its features. */
async function trunkEngine(
	parts: Pick<TrunkParts, 'engineFor'>,
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
