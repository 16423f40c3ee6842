/**
 * Runs a model's file on any web page. This folder becomes one file, `lensmith-model.js` (scripts/build/runner.ts),
 * which the app hands out as text and never runs itself; the runtime is the page's own.
 */
import { stillAnswer, taughtSureFrom } from '../domain/prediction';
import { Trouble } from '../domain/trouble';
import { toTensor } from '../image/resize';
import { INPUT_NAME, readFacts, type RunnerFacts } from './facts';
import { PixelReader, type Picture } from './pixels';

export type { Picture };

/** What is asked of onnxruntime-web. */
export interface Runtime {
	InferenceSession: { create(file: Uint8Array, options?: object): Promise<Session> };
	Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown;
}

interface Session {
	run(
		feeds: Record<string, never>,
		outputs: readonly string[]
	): Promise<Readonly<Record<string, { readonly data: unknown }>>>;
	release(): Promise<void>;
}

interface Guess {
	label: string;
	/** 0..1; those of all labels sum to 1. */
	probability: number;
}

interface Answer extends Guess {
	/** false: like nothing that was taught, or too close between labels. Say so instead of the label. */
	sure: boolean;
	/** Every label, the likeliest first. */
	all: Guess[];
}

/**
 * @param source address of the .onnx file, or its bytes
 * @param ort the page's onnxruntime-web
 * @param options for its session, such as `{ executionProviders: ['webgpu'] }`
 * @throws Error in words: the file cannot be loaded, was not saved by Lensmith, or cannot be run here
 */
export async function loadModel(
	source: string | URL | Blob | ArrayBuffer | Uint8Array<ArrayBuffer>,
	ort: Runtime,
	options?: object
): Promise<Model> {
	if (!ort?.InferenceSession)
		throw new Trouble('runtime-missing', 'loadModel needs onnxruntime-web: loadModel("model.onnx", ort).');
	const file = await bytesOf(source);
	const facts = readFacts(file);
	const session = await ort.InferenceSession.create(file, options).catch((cause: unknown) => {
		throw new Trouble('model-refused', 'ONNX Runtime could not start this model.', { cause });
	});
	return new Model(facts, session, ort);
}

/** What the graph is asked for. */
const outputsOf = ({ threshold }: RunnerFacts) =>
	threshold === null ? ['probabilities'] : ['probabilities', 'familiarity'];

class Model {
	readonly #facts: RunnerFacts;
	readonly #session: Session;
	readonly #ort: Runtime;
	readonly #reader = new PixelReader();
	/** One run at a time: the runtime allows no more. */
	#turn: Promise<unknown> = Promise.resolve();
	#disposed = false;

	constructor(facts: RunnerFacts, session: Session, ort: Runtime) {
		this.#facts = facts;
		this.#session = session;
		this.#ort = ort;
	}

	get labels(): readonly string[] {
		return this.#facts.labels;
	}

	/**
	 * What is in a picture: a file, an image, a canvas, a bitmap, or what a video shows at the moment.
	 *
	 * @throws Error in words: the picture cannot be read
	 */
	classify(picture: Picture): Promise<Answer> {
		return this.#next(async () => {
			if (this.#disposed) throw new Trouble('model-disposed', 'This model was disposed of. Load it again.');
			const { crop, size, layout } = this.#facts;
			const pixels = await this.#reader.read(picture, crop);
			// The file takes RGB in 0..1 and does the rest itself.
			const input = toTensor(pixels, { size, layout, mean: [0, 0, 0], std: [1, 1, 1] });
			return this.#answer(input);
		});
	}

	/** Frees its memory, once what was asked before is answered. */
	dispose(): Promise<void> {
		return this.#next(async () => {
			if (!this.#disposed) await this.#session.release();
			this.#disposed = true;
		});
	}

	/** @param input anew each time: where the runtime works in a worker (`env.wasm.proxy`) it is taken away */
	async #answer(input: Float32Array<ArrayBuffer>): Promise<Answer> {
		const { labels, threshold, size, layout } = this.#facts;
		const dims = layout === 'NCHW' ? [1, 3, size, size] : [1, size, size, 3];
		// A tensor is what the runtime takes, whatever it is.
		const feeds = { [INPUT_NAME]: new this.#ort.Tensor('float32', input, dims) as never };
		const results = await this.#session.run(feeds, outputsOf(this.#facts));
		const probabilities = numbersOf(results.probabilities, labels.length);
		const familiar = threshold === null || (numbersOf(results.familiarity, 1)[0] ?? NaN) >= threshold;
		const sureFrom = taughtSureFrom(labels.length, threshold !== null);
		const { guesses, sure } = stillAnswer(probabilities, { familiar, sureFrom, k: labels.length });
		const all = guesses.map(({ index, probability }) => ({ label: labels[index] ?? '', probability }));
		return { label: all[0]?.label ?? '', probability: all[0]?.probability ?? 0, sure, all };
	}

	#next<T>(work: () => Promise<T>): Promise<T> {
		const result = this.#turn.then(work);
		this.#turn = result.catch(() => undefined);
		return result;
	}
}

export type { Model };

async function bytesOf(source: Parameters<typeof loadModel>[0]): Promise<Uint8Array<ArrayBuffer>> {
	if (source instanceof Uint8Array) return source;
	if (source instanceof ArrayBuffer) return new Uint8Array(source);
	if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
	const failed = (cause: unknown): never => {
		throw new Trouble('model-not-loaded', `The model could not be loaded from ${String(source)}.`, { cause });
	};
	const response = await fetch(source).catch(failed);
	if (!response.ok) return failed(`${response.status} ${response.statusText}`);
	return new Uint8Array(await response.arrayBuffer().catch(failed));
}

/** @throws Trouble where the graph does not answer as a model of Lensmith's, or a GPU went wrong */
function numbersOf(output: { readonly data: unknown } | undefined, length: number): Float32Array {
	const data = output?.data;
	if (data instanceof Float32Array && data.length === length && data.every(Number.isFinite)) return data;
	throw new Trouble('answer-broken', 'The model answered with something else than was expected of it.');
}
