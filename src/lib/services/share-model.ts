/**
 * A model on its way into a file: made, read back by an engine of its own, held against the app's scores and
 * measured on photos that its heads had not seen. Nothing is offered that was not.
 */
import type { BackboneCard, FileFacts } from '$lib/domain/card';
import type { Dataset } from '$lib/domain/dataset';
import { headLogits } from '$lib/domain/head';
import type { Model, TrainingRun } from '$lib/domain/model';
import type { Judged, Measured, ModelFacts, Precision } from '$lib/domain/model-facts';
import { softmax } from '$lib/domain/prediction';
import type { Photo } from '$lib/domain/project';
import { familiarity } from '$lib/domain/strangers';
import { Trouble } from '$lib/domain/trouble';
import { sha256Of } from '$lib/files/hash';
import { Client } from '$lib/rpc/channel';
import type { ShareApi } from '$workers/share.worker';
import { decodePhoto, ofPhoto, startingAgain } from './embed';
import type { Classified, Engine } from './engine';
import { patient } from './engine-steps';
import type { Trainer } from './trainer';

/** Photos that a file is tried on, at most: more take seconds each hundred and tell no more. */
const MOST_TRIED = 300;
/** Photos of which every score is compared. */
const COMPARED = 12;
/** Largest difference of a probability between the graph and the head's own arithmetic. */
const TOLERANCE = 1e-3;
/** … of a feature, as a share of the largest: a GPU rounds otherwise than the CPU that reads the file back. */
const FEATURE_TOLERANCE = 1e-2;
/** "Not sure" scores so near to the threshold may fall on either side of it. */
const BORDER = 0.05;
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
	/** The run that made it; null of a model that went on learning since. */
	run: TrainingRun | null;
	/** Strength of the penalty; null: the usual one. */
	lambda: number | null;
	card: BackboneCard;
	/** Photos of its labels that were looked at, with what the app's own engine says of them. */
	photos: readonly { photo: Photo; features: Float32Array }[];
	/** The project as it is now; null where fewer than two labels have photos. */
	dataset: Dataset | null;
}

export interface SharedFile {
	precision: Precision;
	bytes: Uint8Array<ArrayBuffer>;
	sha256: string;
	measured: Measured;
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
function factsOf({ name, model, labels, run, card, photos }: Subject): ModelFacts {
	const { evaluation } = run ?? {};
	const { gate } = model;
	const learned = (labelId: string) =>
		run ? (run.photos[labelId] ?? 0) : photos.filter(({ photo }) => photo.labelId === labelId).length;
	return {
		format: 'lensmith-model',
		version: 1,
		name,
		created: model.created,
		app: `Lensmith ${APP_VERSION}`,
		labels: labels.map((label, index) => ({ name: label, photos: learned(model.labels[index]?.id ?? '') })),
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
		// A gate that went on with a model was measured for the one before.
		strangers: gate && run && { kept: gate.kept, near: gate.near, ...(gate.far && { far: gate.far }) },
		measured: null,
		training: {
			...run?.config,
			...(run?.strength && { lambda: run.strength.chosen }),
			...(run && { engine: run.engine })
		}
	};
}

/**
 * @throws Trouble 'share-wrong' where the file does not give the app's scores, 'share-untried' where no photo could be
 *   read, or of what it takes; AbortError
 */
export async function makeFile(
	parts: ShareParts,
	subject: Subject,
	precision: Precision,
	options: Options
): Promise<SharedFile> {
	const { signal } = options;
	const facts = factsOf(subject);
	const backbone = await parts.openBackbone(subject.card.file);
	const write = (more: Partial<ModelFacts>) =>
		assembled(
			parts,
			{ backbone, card: subject.card, model: subject.model, facts: { ...facts, ...more }, precision },
			signal
		);
	const draft = await write({});
	const reader = new Reader(parts, subject, draft.card, options);
	const stop = () => reader.stop();
	signal.addEventListener('abort', stop);
	try {
		const { photos, alike } = await reader.look(draft.bytes);
		const judged = await judge(parts, subject, reader.features, signal);
		const measured = { photos, alike, judged };
		// What was measured of the gate holds for weights that answer as it was measured with.
		const { bytes } = await write({ measured, ...(alike < photos && { strangers: null }) });
		await reader.compare(bytes, precision);
		return { precision, bytes, sha256: await sha256Of(bytes), measured };
	} catch (cause) {
		// An engine that was stopped says so in its own way.
		signal.throwIfAborted();
		throw cause;
	} finally {
		signal.removeEventListener('abort', stop);
		reader.stop();
	}
}

/** By heads of folds: of what the model learns by, where the project still has its labels and no others. */
async function judge(
	{ trainer }: ShareParts,
	{ model, dataset, lambda }: Subject,
	looked: ReadonlyMap<string, Float32Array>,
	signal: AbortSignal
): Promise<Judged | null> {
	const same = dataset?.labels.map(({ id }) => id).join() === model.labels.map(({ id }) => id).join();
	if (!dataset || !same || model.head.layers.length > 1) return null;
	const rows = [...dataset.photoIds.keys()].filter((row) => looked.has(dataset.photoIds[row] ?? ''));
	const { dimension } = dataset.set;
	const features = new Float32Array(rows.length * dimension);
	for (const [at, row] of rows.entries())
		features.set(looked.get(dataset.photoIds[row] ?? '') ?? [], at * dimension);
	const set = { ...dataset.set, foreign: undefined };
	return trainer.compareAnswers({ set, rows: Int32Array.from(rows), features, lambda, seed: 0 }, { signal });
}

async function assembled(
	{ createWorker }: ShareParts,
	input: Parameters<ShareApi['write']>[0],
	signal: AbortSignal
) {
	signal.throwIfAborted();
	const worker = createWorker();
	const client = new Client<ShareApi>(worker);
	const failed = () =>
		client.fail(
			new Trouble(
				'share-failed',
				'The file could not be made: the browser may be short of memory. Close other tabs and try again.'
			)
		);
	const stop = () => client.fail(signal.reason as Error); // AbortError, as nobody gives another
	worker.addEventListener('error', failed);
	worker.addEventListener('messageerror', failed);
	signal.addEventListener('abort', stop);
	try {
		return await patient(client.call('write', input), PATIENCE);
	} finally {
		signal.removeEventListener('abort', stop);
		worker.terminate();
	}
}

/** What the app answers: the likeliest label, and how known the photo looks. */
function answerOf({ head, gate }: Model, features: Float32Array) {
	const logits = headLogits(head, features);
	const probabilities = softmax(logits.map((x) => x / head.temperature));
	const above = gate ? familiarity(gate, features, logits) - gate.threshold : Infinity;
	return { probabilities, best: probabilities.indexOf(Math.max(...probabilities)), above };
}

/** Runs a file as anyone would who opens it. */
class Reader {
	/** What the file says of the photos, by their ids. */
	readonly features = new Map<string, Float32Array>();
	readonly #subject: Subject;
	readonly #options: Options;
	readonly #engine: Engine;
	readonly #files = new Map<string, ArrayBuffer>();
	readonly #card: Pick<BackboneCard, 'input' | 'outputs'>;

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

	/** Looks at the photos. @throws Trouble 'share-untried' */
	async look(bytes: Uint8Array): Promise<{ photos: number; alike: number }> {
		await this.#start(bytes);
		const { photos, model } = this.#subject;
		const tried = spread(photos, MOST_TRIED);
		let alike = 0;
		for (const [done, { photo, features }] of tried.entries()) {
			this.#options.onProgress(done, tried.length);
			const looks = { photoId: photo.id, views: ['plain'] as const };
			const [found] =
				(await this.#ask(photo, (picture) => this.#engine.embed(picture, model.crop, looks))) ?? [];
			if (!found) continue;
			this.features.set(photo.id, found);
			const [here, there] = [answerOf(model, features), answerOf(model, found)];
			alike += Number(here.best === there.best && here.above >= 0 === there.above >= 0);
		}
		if (this.features.size === 0)
			throw new Trouble(
				'share-untried',
				'None of your photos could be read, so the file could not be tried and is not offered. Add photos and try again.'
			);
		return { photos: this.features.size, alike };
	}

	/** The graph computes what the app does of the same features, and features as the app's engine. @throws Trouble 'share-wrong' */
	async compare(bytes: Uint8Array, precision: Precision): Promise<void> {
		await this.#start(bytes);
		const { model, photos } = this.#subject;
		const looked = photos.filter(({ photo }) => this.features.has(photo.id));
		for (const { photo, features } of spread(looked, COMPARED)) {
			const own = this.features.get(photo.id) ?? features;
			const answer = await this.#ask(photo, (picture) => this.#engine.classify(picture, model.crop));
			const wrong = answer && differs(answerOf(model, own), answer);
			if (wrong || (precision === 'fp32' && !alike(own, features)))
				throw new Trouble(
					'share-wrong',
					'The file was made, but it does not answer as the model here does, so it is not offered. Reload the page and try again; if this stays, save the project instead.'
				);
		}
	}

	stop(): void {
		this.#engine.stop();
	}

	async #start(bytes: Uint8Array): Promise<void> {
		this.#options.signal.throwIfAborted();
		const labels = new TextEncoder().encode(JSON.stringify(this.#subject.labels));
		this.#files.set(FILE_URL, bytes.slice().buffer);
		this.#files.set(LABELS_URL, labels.buffer);
		const file = { sha256: '', bytes: bytes.length, url: FILE_URL };
		// Its golden scores are the backbone's own.
		const card = { ...this.#subject.card, golden: undefined };
		const { length: count } = this.#subject.labels;
		await this.#engine.use(
			{
				...{ ...card, ...this.#card, id: 'shared', file },
				labels: { url: LABELS_URL, sha256: '', bytes: labels.length, count }
			},
			'wasm'
		);
	}

	/** @returns null where the photo is gone meanwhile, or cannot be read */
	async #ask<T>(photo: Photo, call: (picture: ImageBitmap) => Promise<T>): Promise<T | null> {
		const { signal } = this.#options;
		for (;;) {
			signal.throwIfAborted();
			try {
				const picture = await decodePhoto(photo);
				return picture && (await call(picture));
			} catch (cause) {
				if (!(cause instanceof Trouble)) throw cause;
				if (ofPhoto.has(cause.code)) return null;
				if (!startingAgain.has(cause.code) || this.#engine.status.phase === 'failed') throw cause;
				await this.#engine.whenReady(signal);
			}
		}
	}
}

function differs(expected: ReturnType<typeof answerOf>, { probabilities, familiar }: Classified): boolean {
	const far = expected.probabilities.some((p, i) => !(Math.abs(p - (probabilities[i] ?? NaN)) <= TOLERANCE));
	return far || (Math.abs(expected.above) > BORDER && familiar !== expected.above >= 0);
}

function alike(a: Float32Array, b: Float32Array): boolean {
	const most = a.reduce((sum, x) => Math.max(sum, Math.abs(x)), 1e-6);
	return a.length === b.length && a.every((x, i) => Math.abs(x - (b[i] ?? NaN)) <= FEATURE_TOLERANCE * most);
}

/** All of them, or `most` spread evenly. */
function spread<T>(values: readonly T[], most: number): T[] {
	if (values.length <= most) return [...values];
	return values.filter(
		(_, i) => Math.floor((i * most) / values.length) !== Math.floor(((i - 1) * most) / values.length)
	);
}
