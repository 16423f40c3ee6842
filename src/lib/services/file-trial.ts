/** A model's file tried on photos, in an engine of its own: it must answer as the model it was made of. */
import { answerOf, type ModelAnswer } from '$lib/domain/answer';
import type { BackboneCard } from '$lib/domain/card';
import type { Precision } from '$lib/domain/model-facts';
import { nearly } from '$lib/domain/nearly';
import type { Photo } from '$lib/domain/project';
import { Trouble } from '$lib/domain/trouble';
import { decodePhoto, ofPhoto, startingAgain } from './embed';
import type { Classified, Engine } from './engine';
import type { Subject } from './share-subject';

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
/** Where the engine finds the file. */
const FILE_URL = 'made:model.onnx';
const LABELS_URL = 'made:labels.json';

/** Makes an engine that finds these files under their addresses. */
export type EngineWith = (files: ReadonlyMap<string, ArrayBuffer>) => Engine;

export interface TrialOptions {
	signal: AbortSignal;
	/** Of the photos that are looked at. */
	onProgress(done: number, of: number): void;
}

/** Runs a file as anyone would who opens it. */
export class FileTrial {
	/** What the file says of the photos, by their ids. */
	readonly features = new Map<string, Float32Array>();
	readonly #subject: Subject;
	readonly #options: TrialOptions;
	readonly #engine: Engine;
	readonly #files = new Map<string, ArrayBuffer>();
	readonly #card: Pick<BackboneCard, 'input' | 'outputs'>;

	constructor(
		engineWith: EngineWith,
		subject: Subject,
		card: Pick<BackboneCard, 'input' | 'outputs'>,
		options: TrialOptions
	) {
		this.#subject = subject;
		this.#card = card;
		this.#options = options;
		this.#engine = engineWith(this.#files);
	}

	/** Looks at the photos. @returns how many could be read @throws Trouble 'share-untried' */
	async look(bytes: Uint8Array): Promise<number> {
		await this.#start(bytes);
		const { photos, model } = this.#subject;
		const tried = spread(photos, MOST_TRIED);
		for (const [done, { photo }] of tried.entries()) {
			this.#options.onProgress(done, tried.length);
			const looks = { photoId: photo.id, views: ['plain'] as const };
			const [found] =
				(await this.#ask(photo, (picture) => this.#engine.embed(picture, model.crop, looks))) ?? [];
			if (found) this.features.set(photo.id, found);
		}
		if (this.features.size === 0)
			throw new Trouble(
				'share-untried',
				'None of your photos could be read, so the file could not be tried and is not offered. Add photos and try again.'
			);
		return this.features.size;
	}

	/** Of the photos that were looked at, those that are answered as by the app's own features. */
	get alike(): number {
		const { model, photos } = this.#subject;
		return photos.filter(({ photo, features }) => {
			const found = this.features.get(photo.id);
			if (!found) return false;
			const [here, there] = [answerOf(model, features), answerOf(model, found)];
			return bestOf(here) === bestOf(there) && here.above >= 0 === there.above >= 0;
		}).length;
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
			if (wrong || (precision === 'fp32' && !nearly(own, features, FEATURE_TOLERANCE)))
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

const bestOf = ({ probabilities }: ModelAnswer) => probabilities.indexOf(Math.max(...probabilities));

function differs(expected: ModelAnswer, { probabilities, familiar }: Classified): boolean {
	const far = expected.probabilities.some((p, i) => !(Math.abs(p - (probabilities[i] ?? NaN)) <= TOLERANCE));
	return far || (Math.abs(expected.above) > BORDER && familiar !== expected.above >= 0);
}

/** All of them, or `most` spread evenly. */
function spread<T>(values: readonly T[], most: number): T[] {
	if (values.length <= most) return [...values];
	return values.filter(
		(_, i) => Math.floor((i * most) / values.length) !== Math.floor(((i - 1) * most) / values.length)
	);
}
