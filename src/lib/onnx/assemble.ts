/**
 * Puts what was taught onto a backbone's graph: one model that takes a picture (RGB in 0..1) and answers with
 * `probabilities`, `features`, `map` and `familiarity`, whatever the backbone calls its own values.
 */
import type { BackboneCard, InputFacts, OutputFacts } from '../domain/card';
import type { Head } from '../domain/head';
import { FOREIGN_SHARE, NEIGHBOURS as FOREIGN_NEIGHBOURS } from '../domain/strangers';
import type { StrangerGate } from '../domain/training';
import { type Attribute, nodeProto, valueInfo } from './builder';
import { exposeOutputs } from './expose';
import { prune } from './graph';
import { type Model, readModel, writeModel } from './model';
import type { NodeProto } from './onnx_pb';
import { dropConstantInputs, ours, rename } from './rewrite';
import { floatTensor, intTensor, permute } from './tensor';

interface Taught {
	/** The backbone's .onnx file. */
	bytes: Uint8Array;
	card: Pick<BackboneCard, 'input' | 'outputs' | 'labels'>;
	head: Head;
	gate: StrangerGate | null;
}

export interface Assembled {
	model: Model;
	input: InputFacts;
	outputs: OutputFacts;
}

/** What the parts are called in the file, so that they are found again. */
export const NAMES = {
	input: 'image',
	probabilities: 'probabilities',
	features: 'features',
	map: 'map',
	familiarity: 'familiarity',
	weights: (layer: number) => ours(`head/${layer}/weights`),
	bias: (layer: number) => ours(`head/${layer}/bias`),
	bank: ours('gate/bank'),
	foreign: ours('gate/foreign')
} as const;

/** From this opset on reductions take their axes as an input. */
const AXES_AS_INPUT = 18n;
/** From this opset on TopK takes its k as an input. */
const K_AS_INPUT = 10n;

/** @throws Trouble as `exposeOutputs`; RangeError where the head does not fit the features */
export function assemble({ bytes, card, head, gate }: Taught): Assembled {
	const exposed = card.outputs ? { bytes, outputs: card.outputs } : exposeOutputs(bytes, card.labels.count);
	const model = readModel(exposed.bytes);
	dropConstantInputs(model);
	const { features, map } = exposed.outputs;
	// What it answered before is not carried along: it may even be called as what comes now.
	model.graph.output = [features.name, ...(map ? [map.name] : [])].map((name) => valueInfo(name));
	model.graph.valueInfo = [];
	prune(model.graph);
	const writer = new Writer(model);
	// All of them first: what one of ours is called may be what another is made of.
	const free = new Map(
		[NAMES.features, NAMES.map, NAMES.probabilities, NAMES.familiarity].map((name) => [
			name as string,
			writer.free(name)
		])
	);
	const inside = (name: string) => free.get(name) ?? name;
	const named = {
		features: writer.node('Flatten', [inside(features.name)], { axis: 1 }, NAMES.features),
		map: map && writer.node('Identity', [inside(map.name)], {}, NAMES.map)
	};
	const logits = writer.head(head, named.features, features.dimension);
	writer.node(
		'Div',
		[logits, writer.float(ours('head/temperature'), head.temperature)],
		{},
		ours('head/calibrated')
	);
	writer.node('Softmax', [ours('head/calibrated')], { axis: 1 }, NAMES.probabilities);
	if (gate) writer.gate(gate, named.features, logits, features.dimension);
	const input = writer.input(card.input);

	const last = head.layers.length - 1;
	const classes = head.layers[last]?.bias.length ?? 0;
	model.graph.output = [
		valueInfo(NAMES.probabilities, ['N', classes]),
		valueInfo(NAMES.features, ['N', features.dimension]),
		...(named.map ? [valueInfo(NAMES.map)] : []),
		...(gate ? [valueInfo(NAMES.familiarity, ['N'])] : [])
	];
	prune(model.graph);
	// Where the features are the mean of the map and the head is one layer, its weights say where it looked.
	const sees = named.map && map && last === 0 && map.channels === features.dimension;
	return {
		model,
		input,
		outputs: {
			scores: { name: NAMES.probabilities, kind: 'probabilities', skip: 0 },
			features: { name: NAMES.features, dimension: features.dimension },
			map: sees ? { name: NAMES.map, channels: map.channels, classifier: NAMES.weights(0) } : null,
			...(gate && { familiarity: { name: NAMES.familiarity, threshold: gate.threshold } })
		}
	};
}

/** The file. @param metadata by key */
export function fileOf(model: Model, metadata: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
	model.producerName = 'Lensmith';
	model.metadataProps = Object.entries(metadata).map(([key, value]) => ({
		$typeName: 'onnx.StringStringEntryProto',
		key,
		value
	}));
	return writeModel(model);
}

class Writer {
	readonly #model: Model;
	readonly #opset: bigint;

	constructor(model: Model) {
		this.#model = model;
		this.#opset = model.opsetImport.find(({ domain }) => ['', 'ai.onnx'].includes(domain))?.version ?? 1n;
	}

	node(op: string, inputs: readonly string[], attributes: Record<string, Attribute>, output: string): string {
		this.#model.graph.node.push(nodeProto(op, inputs, attributes, output));
		return output;
	}

	floats(name: string, dims: readonly number[], data: Float32Array): string {
		this.#model.graph.initializer.push(floatTensor(name, dims, data));
		return name;
	}

	float(name: string, value: number): string {
		return this.floats(name, [], Float32Array.of(value));
	}

	ints(name: string, data: readonly number[], dims = [data.length]): string {
		this.#model.graph.initializer.push(intTensor(name, dims, data));
		return name;
	}

	/** No value of the backbone's is called so any more. @returns what it is called now */
	free(name: string): string {
		let other = `backbone/${name}`;
		while (this.#has(other)) other += '/before';
		if (this.#has(name)) rename(this.#model.graph, name, other);
		return other;
	}

	/** @returns the name of the logits */
	head({ layers, normalise }: Head, features: string, dimension: number): string {
		let value = normalise ? this.normalised(features, ours('head')) : features;
		let inputs = dimension;
		for (const [i, { weights, bias, activation }] of layers.entries()) {
			const outputs = bias.length;
			if (weights.length !== inputs * outputs)
				throw new RangeError(`${weights.length} weights for ${inputs} inputs and ${outputs} outputs`);
			const matrix = this.floats(
				NAMES.weights(i),
				[outputs, inputs],
				permute(weights, [inputs, outputs], [1, 0]).data
			);
			const offsets = this.floats(NAMES.bias(i), [outputs], bias);
			value = this.node('Gemm', [value, matrix, offsets], { transB: 1 }, ours(`head/${i}/sums`));
			if (activation === 'relu') value = this.node('Relu', [value], {}, ours(`head/${i}/relu`));
			inputs = outputs;
		}
		return value;
	}

	/** x / |x|₂ a row, of zeros zeros. */
	normalised(value: string, name: string): string {
		const length = this.#reduce('ReduceL2', value, `${name}/length`, 1);
		const safe = this.node('Add', [length, this.float(`${name}/least`, 1e-12)], {}, `${name}/positive`);
		return this.node('Div', [value, safe], {}, `${name}/unit`);
	}

	/** The score of `domain/strangers`, as a part of the graph. */
	gate(gate: StrangerGate, features: string, logits: string, dimension: number): void {
		const query = this.normalised(features, ours('gate'));
		let similarity = this.#kth(query, NAMES.bank, gate.bank, gate.neighbours, dimension);
		const enough = gate.foreign && gate.foreign.length >= FOREIGN_NEIGHBOURS * dimension;
		if (gate.foreign && enough) {
			const foreign = this.#kth(query, NAMES.foreign, gate.foreign, FOREIGN_NEIGHBOURS, dimension);
			const share = this.float(ours('gate/share'), FOREIGN_SHARE);
			const like = this.node('Mul', [foreign, share], {}, ours('gate/like'));
			similarity = this.node('Sub', [similarity, like], {}, ours('gate/similarity'));
		}
		const most = this.#reduce('ReduceLogSumExp', logits, ours('gate/most'), 0);
		const mean = this.#reduce('ReduceMean', logits, ours('gate/mean'), 0);
		const energy = this.node('Sub', [most, mean], {}, ours('gate/energy'));
		const scores = [
			this.#z(similarity, gate.similarity, ours('gate/z/similarity')),
			this.#z(energy, gate.energy, ours('gate/z/energy'))
		];
		this.node('Add', scores, {}, NAMES.familiarity);
	}

	/** Cosine similarity to the k-th nearest row. */
	#kth(query: string, name: string, rows: Float32Array, k: number, dimension: number): string {
		const bank = this.floats(name, [rows.length / dimension, dimension], rows);
		// Gemm's C may be left out only from opset 11 on.
		const zero = this.floats(`${name}/zero`, [1], new Float32Array(1));
		const all = this.node('Gemm', [query, bank, zero], { transB: 1 }, `${name}/similarities`);
		const asInput = this.#opset >= K_AS_INPUT;
		const node = nodeProto(
			'TopK',
			asInput ? [all, this.ints(`${name}/k`, [k])] : [all],
			asInput ? { axis: 1 } : { axis: 1, k },
			`${name}/nearest`
		);
		node.output.push(`${name}/places`);
		this.#model.graph.node.push(node);
		return this.node(
			'Gather',
			[`${name}/nearest`, this.ints(`${name}/last`, [k - 1], [])],
			{ axis: 1 },
			`${name}/kth`
		);
	}

	#z(value: string, { mean, deviation }: { mean: number; deviation: number }, name: string): string {
		const centred = this.node('Sub', [value, this.float(`${name}/mean`, mean)], {}, `${name}/centred`);
		return this.node('Div', [centred, this.float(`${name}/deviation`, deviation)], {}, name);
	}

	/** Over the numbers of each row. */
	#reduce(op: string, value: string, name: string, keepdims: 0 | 1): string {
		return this.#opset >= AXES_AS_INPUT
			? this.node(op, [value, this.ints(`${name}/axes`, [1])], { keepdims }, name)
			: this.node(op, [value], { axes: [1], keepdims }, name);
	}

	/** The picture as anyone has it, 0..1; what the network wants of it is done inside. */
	input(facts: InputFacts): InputFacts {
		const { graph } = this.#model;
		const own = facts.name ?? graph.input[0]?.name ?? '';
		const renamed = this.free(NAMES.input);
		const inner = own === NAMES.input ? renamed : own;
		const declared = graph.input.find(({ name }) => name === inner);
		const { mean, std, layout, order } = facts;
		const axis = layout === 'NCHW' ? 1 : 3;
		const dims = [1, 1, 1, 1].map((_, at) => (at === axis ? 3 : 1));
		const nodes: NodeProto[] = [];
		let value: string = NAMES.input;
		const then = (op: string, by: string, attributes: Record<string, Attribute>, name: string) => {
			nodes.push(nodeProto(op, [value, by], attributes, ours(name)));
			value = ours(name);
		};
		if (!(mean.every((x) => x === 0) && std.every((x) => x === 1))) {
			then('Sub', this.floats(ours('input/mean'), dims, Float32Array.from(mean)), {}, 'input/centred');
			then('Div', this.floats(ours('input/std'), dims, Float32Array.from(std)), {}, 'input/scaled');
		}
		if (order === 'BGR') then('Gather', this.ints(ours('input/order'), [2, 1, 0]), { axis }, 'input/turned');
		rename(graph, inner, value);
		if (declared) declared.name = NAMES.input;
		graph.node.unshift(...nodes);
		return {
			...{ name: NAMES.input, layout, size: facts.size },
			...{ mean: [0, 0, 0], std: [1, 1, 1] }
		};
	}

	#has(name: string): boolean {
		const { graph } = this.#model;
		return (
			graph.input.some((input) => input.name === name) ||
			graph.initializer.some((tensor) => tensor.name === name) ||
			graph.node.some((node) => node.output.includes(name))
		);
	}
}
