/**
 * A model on its way into a file: made, read back by an engine of its own, held against the app's scores and
 * measured on photos that its heads had not seen. Nothing is offered that was not.
 */
import type { BackboneCard, FileFacts } from '$lib/domain/card';
import type { Dataset } from '$lib/domain/dataset';
import { headLogits } from '$lib/domain/head';
import type { Model, TrainingRun } from '$lib/domain/model';
import type { Measured, ModelFacts, Precision } from '$lib/domain/model-facts';
import { softmax } from '$lib/domain/prediction';
import type { Photo } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { sha256Of } from '$lib/files/hash';
import { Client } from '$lib/rpc/channel';
import type { ShareApi } from '$workers/share.worker';
import { decodePhoto } from './embed';
import type { Engine } from './engine';
import { patient } from './engine-steps';
import type { Trainer } from './trainer';

/** Photos that a file is measured on, at most: about as many seconds as hundreds of them. */
const MOST_MEASURED = 300;
/** Photos of which every score is compared. */
const COMPARED = 12;
/** Largest difference of a probability; engines on a GPU round otherwise than those on a CPU. */
const TOLERANCE = 1e-3;
/** Milliseconds that a file may take to be put together. */
const PATIENCE = 60_000;
/** Where the engine that reads a file back finds it. */
const FILE_URL = 'made:model.onnx';
const LABELS_URL = 'made:labels.json';

/** What is shared, and what it is measured by. */
export interface Subject {
	name: string;
	model: Model;
	/** The labels' names as they are now, in the order of the model's. */
	labels: readonly string[];
	/** null of a model that went on learning since it was judged. */
	run: TrainingRun | null;
	card: BackboneCard;
	/** What it was learned from. */
	dataset: Dataset;
	photos: ReadonlyMap<string, Photo>;
}

export interface SharedFile {
	precision: Precision;
	bytes: Uint8Array<ArrayBuffer>;
	sha256: string;
	measured: Measured | null;
}

interface ShareParts {
	createWorker(): Worker;
	/** Reads the backbone's own file. */
	openBackbone(file: FileFacts): Promise<ArrayBuffer>;
	/** An engine that finds these files under their addresses. */
	engineWith(files: ReadonlyMap<string, ArrayBuffer>): Engine;
	trainer: Pick<Trainer, 'compareAnswers'>;
}

interface Options {
	signal: AbortSignal;
	/** Of the photos that are looked at. */
	onProgress(done: number, of: number): void;
}

/** What a file says of a model. */
function factsOf({ name, model, labels, run, card, dataset }: Subject): ModelFacts {
	const { evaluation } = run ?? {};
	const { gate } = model;
	const photosOf = (labelId: string | undefined) => {
		const index = dataset.labels.findIndex(({ id }) => id === labelId);
		return dataset.set.targets.filter((target) => target === index).length;
	};
	return {
		format: 'lensmith-model',
		version: 1,
		name,
		created: model.created,
		app: `Lensmith ${APP_VERSION}`,
		labels: labels.map((label, index) => ({ name: label, photos: photosOf(model.labels[index]?.id) })),
		backbone: {
			...{ id: card.id, name: card.name, sha256: card.file.sha256 },
			...{ licence: card.licence, attribution: card.attribution, source: card.source }
		},
		crop: model.crop,
		precision: 'fp32',
		judgement: evaluation
			? {
					source: evaluation.source,
					photos: evaluation.photos,
					accuracy: evaluation.accuracy,
					calibrationError: evaluation.calibrationError
				}
			: null,
		strangers: gate && { kept: gate.kept, near: gate.near, ...(gate.far && { far: gate.far }) },
		measured: null,
		training: {
			...run?.config,
			...(run?.strength && { lambda: run.strength.chosen }),
			...(run && { engine: run.engine })
		}
	};
}

/** @throws Trouble 'share-wrong' where the file does not give the app's scores, or of what it takes; AbortError */
export async function makeFile(
	parts: ShareParts,
	subject: Subject,
	precision: Precision,
	options: Options
): Promise<SharedFile> {
	const facts = factsOf(subject);
	const backbone = await parts.openBackbone(subject.card.file);
	const write = (measured: Measured | null) =>
		assembled(parts, {
			backbone,
			card: subject.card,
			model: subject.model,
			facts: { ...facts, measured },
			precision
		});
	const draft = await write(null);
	options.signal.throwIfAborted();
	const reader = new Reader(parts, subject, draft.card, options);
	try {
		const { rows, features } = await reader.look(draft.bytes);
		const { set } = subject.dataset;
		const lambda = subject.run?.strength?.chosen ?? null;
		const measured = await parts.trainer.compareAnswers({ set, rows, features, lambda, seed: 0 }, options);
		const { bytes } = await write(measured);
		await reader.compare(bytes, precision);
		return { precision, bytes, sha256: await sha256Of(bytes), measured };
	} finally {
		reader.stop();
	}
}

async function assembled({ createWorker }: ShareParts, input: Parameters<ShareApi['write']>[0]) {
	const worker = createWorker();
	const client = new Client<ShareApi>(worker);
	const failed = () =>
		client.fail(
			new Trouble(
				'share-failed',
				'The file could not be made: the browser may be short of memory. Close other tabs and try again.'
			)
		);
	worker.addEventListener('error', failed);
	worker.addEventListener('messageerror', failed);
	try {
		return await patient(client.call('write', input), PATIENCE);
	} finally {
		worker.terminate();
	}
}

/** Runs a file as anyone would who opens it. */
class Reader {
	readonly #subject: Subject;
	readonly #options: Options;
	readonly #engine: Engine;
	readonly #files = new Map<string, ArrayBuffer>();
	readonly #card: Pick<BackboneCard, 'input' | 'outputs'>;
	/** Of the rows that were looked at. */
	#features = new Map<number, Float32Array>();

	constructor(
		{ engineWith }: ShareParts,
		subject: Subject,
		card: Pick<BackboneCard, 'input' | 'outputs'>,
		options: Options
	) {
		this.#subject = subject;
		this.#card = card;
		this.#options = options;
		this.#engine = engineWith(this.#files);
	}

	/** Features that the file gives of some photos. */
	async look(
		bytes: Uint8Array
	): Promise<{ rows: Int32Array<ArrayBuffer>; features: Float32Array<ArrayBuffer> }> {
		await this.#start(bytes);
		const { photoIds, set } = this.#subject.dataset;
		const rows = spread(photoIds.length, MOST_MEASURED);
		for (const [done, row] of rows.entries()) {
			this.#options.signal.throwIfAborted();
			this.#options.onProgress(done, rows.length);
			const [features] = (await this.#ask(row, (picture, photo) =>
				this.#engine.embed(picture, this.#subject.model.crop, { photoId: photo.id, views: ['plain'] })
			)) ?? [undefined];
			if (features) this.#features.set(row, features);
		}
		const looked = [...this.#features.keys()];
		const features = new Float32Array(looked.length * set.dimension);
		for (const [at, row] of looked.entries()) features.set(this.#features.get(row) ?? [], at * set.dimension);
		return { rows: Int32Array.from(looked), features };
	}

	/** @throws Trouble 'share-wrong' */
	async compare(bytes: Uint8Array, precision: Precision): Promise<void> {
		await this.#start(bytes);
		const { model, dataset } = this.#subject;
		const { features, dimension } = dataset.set;
		const looked = [...this.#features.keys()];
		for (const at of spread(looked.length, COMPARED)) {
			this.#options.signal.throwIfAborted();
			const row = looked[at] ?? 0;
			// Weights that were made smaller give other features: of those the scores must be the head's.
			const own =
				precision === 'fp32'
					? features.subarray(row * dimension, (row + 1) * dimension)
					: (this.#features.get(row) ?? new Float32Array(dimension));
			const expected = softmax(headLogits(model.head, own).map((x) => x / model.head.temperature));
			const answer = await this.#ask(row, (picture) => this.#engine.classify(picture, model.crop));
			const wrong =
				answer && expected.some((p, i) => !(Math.abs(p - (answer.probabilities[i] ?? NaN)) <= TOLERANCE));
			if (wrong)
				throw new Trouble(
					'share-wrong',
					'The file was made, but it does not answer as the model here does, so it is not offered. Train again; if this stays, save the project instead.'
				);
		}
	}

	stop(): void {
		this.#engine.stop();
	}

	async #start(bytes: Uint8Array): Promise<void> {
		const labels = new TextEncoder().encode(JSON.stringify(this.#subject.labels));
		this.#files.set(FILE_URL, bytes.slice().buffer);
		this.#files.set(LABELS_URL, labels.buffer);
		const file = { sha256: '', bytes: bytes.length, url: FILE_URL };
		// Its golden scores are the backbone's own.
		const card = { ...this.#subject.card, golden: undefined };
		await this.#engine.use(
			{
				...card,
				...this.#card,
				id: 'shared',
				file,
				labels: { url: LABELS_URL, sha256: '', bytes: labels.length, count: this.#subject.labels.length }
			},
			'wasm'
		);
	}

	/** @returns null where the photo is gone meanwhile */
	async #ask<T>(row: number, call: (picture: ImageBitmap, photo: Photo) => Promise<T>): Promise<T | null> {
		const photo = this.#subject.photos.get(this.#subject.dataset.photoIds[row] ?? '');
		const picture = photo && (await decodePhoto(photo));
		return photo && picture ? call(picture, photo) : null;
	}
}

/** Numbers 0..length − 1, all of them or `most` spread evenly. */
function spread(length: number, most: number): number[] {
	const count = Math.min(length, most);
	return Array.from({ length: count }, (_, i) => Math.floor((i * length) / count));
}
