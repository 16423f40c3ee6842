/** A backbone in ORT: one session, its outputs by role, and the check that what it computes is right. */
import type * as Ort from 'onnxruntime-web';
import { activationMap, type ActivationMap } from '../domain/activation';
import type { BackboneCard, GoldenFacts, MapFacts, OutputFacts } from '../domain/card';
import { goldenOf } from '../domain/golden';
import { probabilities } from '../domain/prediction';
import { Trouble } from '../domain/trouble';
import { toTensor, type Pixels } from '../image/resize';
import type { Backend } from './runtime';
import { goldenTensor, isWrong } from './self-test';

type Numbers = Float32Array<ArrayBuffer>;

interface Classifier {
	/** [skip + classes, channels], row by row. */
	weights: Float32Array;
	channels: number;
}

/** Bytes of a graph that the CPU is asked about first: a larger one may not find room twice. */
const MOST_TWICE = 32 * 2 ** 20;
export interface Inferred {
	/** [classes] */
	probabilities: Numbers;
	/** false: it is like nothing that was taught (see `OutputFacts.familiarity`). */
	familiar: boolean;
}

export class Backbone {
	readonly outputs: OutputFacts;
	readonly #ort: typeof Ort;
	readonly #session: Ort.InferenceSession;
	readonly #card: BackboneCard;
	readonly #input: Numbers;
	/** What it said of the golden input: where a trusted engine ran it, others are held against that. */
	golden: GoldenFacts | null = null;
	/** Read from the graph when a class activation map is first asked for. */
	#classifier: Classifier | null = null;
	#graph: Uint8Array;

	private constructor(
		ort: typeof Ort,
		session: Ort.InferenceSession,
		card: BackboneCard,
		outputs: OutputFacts,
		graph: Uint8Array
	) {
		this.#ort = ort;
		this.#session = session;
		this.#card = card;
		this.#graph = graph;
		this.outputs = outputs;
		this.#input = new Float32Array(3 * card.input.size ** 2);
	}

	/**
	 * Makes the session, runs it once and checks the answer.
	 *
	 * @param bytes of the ONNX file, already checked against the card's hash
	 * @throws Trouble 'backbone-refused' where ORT cannot run the graph, 'self-test-failed' where it computes
	 *   something else than it should
	 */
	static async load(
		ort: typeof Ort,
		backend: Backend,
		card: BackboneCard,
		bytes: Uint8Array
	): Promise<Backbone> {
		const exposed = await exposedOf(card, bytes);
		const unknown = !card.golden && backend === 'webgpu' && bytes.length <= MOST_TWICE;
		const golden = unknown ? await Backbone.#onCpu(ort, card, exposed) : (card.golden ?? null);
		const backbone = await Backbone.#start(ort, backend, card, exposed);
		// A graph may be large: better its classifier at once than its bytes for later.
		const { map } = exposed.outputs;
		const ships = card.delivery === 'embedded';
		if (map && !ships) backbone.#classifier = await backbone.#readClassifier(map);
		if (!map) backbone.#graph = new Uint8Array(0);
		await backbone.#selfTest(golden);
		return backbone;
	}

	static async #start(
		ort: typeof Ort,
		backend: Backend,
		card: BackboneCard,
		{ bytes, outputs }: Exposed
	): Promise<Backbone> {
		const session = await ort.InferenceSession.create(bytes, {
			executionProviders: [backend === 'webgpu' ? { name: 'webgpu' } : 'wasm'],
			graphOptimizationLevel: 'all'
		}).catch((cause: unknown) => {
			throw new Trouble('backbone-refused', `“${card.name}” could not be started on this device.`, { cause });
		});
		return new Backbone(ort, session, card, outputs, bytes);
	}

	/**
	 * What the CPU says of the golden input, for a GPU to be held against; null where it cannot run it.
	 *
	 * @throws Trouble 'self-test-failed'
	 */
	static async #onCpu(ort: typeof Ort, card: BackboneCard, exposed: Exposed): Promise<GoldenFacts | null> {
		let trusted: Backbone | null = null;
		try {
			trusted = await Backbone.#start(ort, 'wasm', card, exposed);
			await trusted.#selfTest(null);
			return trusted.golden;
		} catch (cause) {
			if (cause instanceof Trouble && cause.code === 'self-test-failed') throw cause;
			// What keeps the CPU from it, as memory may, may not keep the GPU from it.
			return null;
		} finally {
			await trusted?.release();
		}
	}

	/** Runs the golden input. @throws Trouble 'self-test-failed' @param golden what a trusted engine said; null: none has run it */
	async #selfTest(golden: GoldenFacts | null): Promise<void> {
		goldenTensor(this.#card.input, this.#input);
		const { scores, features } = this.outputs;
		const results = await this.#run([scores.name, features.name]);
		const said = { scores: results.numbers(scores.name), features: results.numbers(features.name) };
		if (isWrong(said, scores, golden))
			throw new Trouble(
				'self-test-failed',
				`“${this.#card.name}” computes wrong numbers on this engine, so it is not used.`
			);
		this.golden = goldenOf(said.scores.subarray(scores.skip), said.features);
	}

	/** Writes the input tensor; apart from `infer` so that both can be timed. */
	prepare(pixels: Pixels): void {
		toTensor(pixels, this.#card.input, this.#input);
	}

	/** What the network says of the prepared input. */
	async infer(): Promise<Inferred> {
		const { scores, familiarity } = this.outputs;
		const results = await this.#run(familiarity ? [scores.name, familiarity.name] : [scores.name]);
		return {
			probabilities: finite(probabilities(results.numbers(scores.name), scores)),
			familiar: !familiarity || (finite(results.numbers(familiarity.name))[0] ?? 0) >= familiarity.threshold
		};
	}

	/** @returns features [dimension] of the prepared input */
	async features(): Promise<Numbers> {
		const { name } = this.outputs.features;
		return finite((await this.#run([name])).numbers(name));
	}

	/** Where the prepared input speaks for a class (index without skip). @throws Trouble 'explain-impossible' */
	async explain(index: number): Promise<ActivationMap> {
		const { map, scores } = this.outputs;
		if (!map) throw unexplained();
		const results = await this.#run([map.name]);
		const { weights, channels } = (this.#classifier ??= await this.#readClassifier(map));
		const row = (scores.skip + index) * channels;
		const [, depth = 0, height = 0, width = 0] = results.dims(map.name);
		if (depth !== channels) throw unexplained();
		return activationMap(
			results.numbers(map.name),
			[depth, height, width],
			weights.subarray(row, row + channels)
		);
	}

	async #readClassifier({ classifier }: MapFacts): Promise<Classifier> {
		const { readInitializer } = await import('../onnx/initializer');
		const { dims, data } = readInitializer(this.#graph, classifier);
		this.#graph = new Uint8Array(0);
		return { weights: data, channels: dims[1] ?? 0 };
	}

	async #run(outputs: readonly string[]) {
		const { size, layout } = this.#card.input;
		const dims = layout === 'NCHW' ? [1, 3, size, size] : [1, size, size, 3];
		const name = this.#card.input.name ?? this.#session.inputNames[0] ?? 'input';
		const feeds = { [name]: new this.#ort.Tensor('float32', this.#input, dims) };
		const results = await this.#session.run(feeds, outputs);
		return {
			numbers: (output: string) => results[output]?.data as Numbers, // graphs are float32
			dims: (output: string) => results[output]?.dims ?? []
		};
	}

	async release(): Promise<void> {
		await this.#session.release();
	}
}

const unexplained = () => new Trouble('explain-impossible', 'This network does not tell where it looked.');

interface Exposed {
	bytes: Uint8Array;
	outputs: OutputFacts;
}

/** The graph with its outputs. Reading graphs takes a protobuf library, which most visits never need. */
async function exposedOf(card: BackboneCard, bytes: Uint8Array): Promise<Exposed> {
	const { outputs, labels } = card;
	if (!outputs) return (await import('../onnx/expose')).exposeOutputs(bytes, labels.count);
	return { outputs, bytes };
}

/** The self-test is of the start; an engine can go wrong later too. */
function finite(numbers: Numbers): Numbers {
	if (!numbers.every(Number.isFinite))
		throw new Error('The network answered with something that is no number.');
	return numbers;
}
