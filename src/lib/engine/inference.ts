/**
 * What the inference worker does: one runtime, one backbone, one run at a time.
 * It never touches the network: whoever calls hands it checked bytes.
 */
import type * as Ort from 'onnxruntime-web';
import type { ActivationMap } from '../domain/activation';
import type { BackboneCard, FileFacts, GoldenFacts, OutputFacts } from '../domain/card';
import { Trouble } from '../domain/trouble';
import type { View } from '../domain/view';
import { augment } from '../image/augment';
import type { Crop } from '../image/crop';
import { planBackend, type Plan, type Wish } from './adapter';
import { Backbone, type Inferred } from './backbone';
import { readPixels } from './pixels';
import { binaryFile, startRuntime, type Backend, type Binary, type RuntimeOptions } from './runtime';

type Source = VideoFrame | ImageBitmap;
type Numbers = Float32Array<ArrayBuffer>;

export interface StartOptions extends RuntimeOptions {
	backend: Backend;
}

export interface Classified extends Inferred {
	/** Milliseconds in the worker: pixels to tensor, and the network's run with its scores read back. */
	preprocess: number;
	run: number;
}

export interface Observed {
	/** [dimension] */
	features: Numbers;
	/** Milliseconds, as of `Classified`. */
	preprocess: number;
	run: number;
}

/** A photo and how to look at it. */
interface Looks {
	/** Says, with a view's name, by how much the photo is changed in it. */
	photoId: string;
	views: readonly View[];
}

export class Inference {
	#ort: typeof Ort | null = null;
	#backend: Backend = 'wasm';
	#backbone: Backbone | null = null;
	/** The runtime's own file, until it has been compiled. */
	#binary: ArrayBuffer | null = null;
	/** Sessions must not be made or run at the same time (onnxruntime: "another session is being created"). */
	#turn: Promise<unknown> = Promise.resolve();

	async plan(wish: Wish): Promise<Plan & { file: FileFacts }> {
		const plan = await planBackend(wish);
		return { ...plan, file: binaryFile(plan.binary) };
	}

	/** The file of a binary, for whoever wants another than the plan says. */
	async binaryFile(binary: Binary): Promise<FileFacts> {
		return binaryFile(binary);
	}

	/** Call once; other settings need another worker. */
	async start({ backend, ...options }: StartOptions): Promise<void> {
		if (this.#ort) throw new Trouble('engine-started', 'The engine of this worker has already started.');
		this.#backend = backend;
		this.#ort = await startRuntime(options);
		this.#binary = options.bytes;
	}

	/** Loads a backbone in place of the one before it. */
	load({
		card,
		bytes
	}: {
		card: BackboneCard;
		bytes: ArrayBuffer;
	}): Promise<{ outputs: OutputFacts; golden: GoldenFacts | null }> {
		return this.#serialise(async () => {
			if (!this.#ort) throw new Trouble('engine-not-started', 'The engine has not started yet.');
			await this.#backbone?.release();
			this.#backbone = null;
			this.#backbone = await Backbone.load(this.#ort, this.#backend, card, new Uint8Array(bytes));
			this.#freeBinary();
			const { outputs, golden } = this.#backbone;
			return { outputs, golden };
		});
	}

	/** Closes `source`. */
	classify({ source, crop }: { source: Source; crop: Crop }): Promise<Classified> {
		return this.#with(source, async (backbone) => {
			const begin = performance.now();
			backbone.prepare(await readPixels(source, crop));
			const prepared = performance.now();
			const answer = await backbone.infer();
			return { ...answer, preprocess: prepared - begin, run: performance.now() - prepared };
		});
	}

	/** Where `source` speaks for the class of this index. Closes `source`. */
	explain({ source, crop, index }: { source: Source; crop: Crop; index: number }): Promise<ActivationMap> {
		return this.#with(source, async (backbone) => {
			backbone.prepare(await readPixels(source, crop));
			return backbone.explain(index);
		});
	}

	/** Features alone: what a head of the person's own looks at. Closes `source`. */
	observe({ source, crop }: { source: Source; crop: Crop }): Promise<Observed> {
		return this.#with(source, async (backbone) => {
			const begin = performance.now();
			backbone.prepare(await readPixels(source, crop));
			const prepared = performance.now();
			const features = await backbone.features();
			return { features, preprocess: prepared - begin, run: performance.now() - prepared };
		});
	}

	/** @returns features of each view asked for, [dimension] each. Closes `source`. */
	embed({ source, crop, photoId, views }: Looks & { source: Source; crop: Crop }): Promise<Numbers[]> {
		return this.#with(source, async (backbone) => {
			const pixels = await readPixels(source, crop);
			const vectors: Numbers[] = [];
			for (const view of views) {
				backbone.prepare(view === 'plain' ? pixels : augment(pixels, view, photoId));
				vectors.push(await backbone.features());
			}
			return vectors;
		});
	}

	/** Milliseconds of each of `runs` runs on the same input, read back: the backbone alone. */
	time(runs: number): Promise<number[]> {
		return this.#serialise(async () => {
			const backbone = this.#loaded();
			const times: number[] = [];
			for (let i = 0; i < runs; i++) {
				const begin = performance.now();
				await backbone.infer();
				times.push(performance.now() - begin);
			}
			return times;
		});
	}

	/** Resolves with the reason when the GPU device is lost; never where there is none. */
	async lost(): Promise<string> {
		const device = this.#backend === 'webgpu' ? await this.#ort?.env.webgpu.device : undefined;
		if (!device) return new Promise(() => {});
		const { reason, message } = await device.lost;
		return message || reason;
	}

	/** 14 to 27 MB that the runtime holds on to and never reads again: moved away, they can be collected. */
	#freeBinary(): void {
		if (this.#binary) structuredClone(this.#binary, { transfer: [this.#binary] });
		this.#binary = null;
	}

	#loaded(): Backbone {
		if (!this.#backbone) throw new Trouble('backbone-missing', 'No network is loaded yet.');
		return this.#backbone;
	}

	async #with<T>(source: Source, work: (backbone: Backbone) => Promise<T>): Promise<T> {
		try {
			return await this.#serialise(() => work(this.#loaded()));
		} finally {
			source.close();
		}
	}

	#serialise<T>(work: () => Promise<T>): Promise<T> {
		const result = this.#turn.then(work);
		this.#turn = result.catch(() => undefined);
		return result;
	}
}

/** What a worker answers to, as a table for `rpc/channel`. */
export const methodsOf = (inference: Inference) => ({
	plan: inference.plan.bind(inference),
	binaryFile: inference.binaryFile.bind(inference),
	start: inference.start.bind(inference),
	load: inference.load.bind(inference),
	classify: inference.classify.bind(inference),
	explain: inference.explain.bind(inference),
	observe: inference.observe.bind(inference),
	embed: inference.embed.bind(inference),
	time: inference.time.bind(inference),
	lost: inference.lost.bind(inference)
});
