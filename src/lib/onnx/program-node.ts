/** One node as a reader of `program-operators` sees it: attributes, operands, and what it may not be. */
import { cleanName } from '../domain/names';
import { Trouble } from '../domain/trouble';
import { computedSizes } from './computed-sizes';
import { constantOf } from './constant';
import { GraphIndex } from './graph';
import type { Model } from './model';
import type { AttributeProto, NodeProto } from './onnx_pb';
import { isStandard } from './shapes';
import type { FloatTensor } from './tensor';

/** What all nodes of a graph share. */
export class Reading {
	readonly graph: GraphIndex;
	readonly opset: number;
	readonly parameters = new Map<string, FloatTensor>();
	readonly constants = new Map<string, FloatTensor>();
	/** What is fed and what the steps so far make. */
	readonly made = new Set<string>();
	readonly #sizes: ReadonlyMap<string, number[]>;

	constructor(readonly model: Model) {
		this.graph = new GraphIndex(model);
		this.opset = Number(model.opsetImport.find(({ domain }) => isStandard(domain))?.version ?? 0);
		this.#sizes = computedSizes(model);
	}

	/** How many the graph is saved for; 1 where it leaves that open. */
	get pictures(): number {
		const [input] = this.model.graph.input;
		const type = input?.type?.value;
		const dim = type?.case === 'tensorType' ? type.value.shape?.dim[0]?.value : undefined;
		return dim?.case === 'dimValue' ? Number(dim.value) : 1;
	}

	/** Whole numbers that the graph computes of sizes alone; null where the value is none of those. */
	sizes(name: string): number[] | null {
		return this.#sizes.get(name) ?? null;
	}
}

export class ProgramNode {
	readonly #asked = new Set<string>();

	constructor(
		readonly node: NodeProto,
		readonly reading: Reading
	) {}

	get opset(): number {
		return this.reading.opset;
	}

	/** The name of its first value. */
	get output(): string {
		return this.node.output[0] ?? '';
	}

	has(index: number): boolean {
		return (this.node.input[index] ?? '') !== '';
	}

	/** Any operand: what is fed or made, a parameter, or a constant, which is kept then. @returns its name */
	value(index: number): string {
		const name = this.node.input[index] ?? '';
		const constant = this.given(index);
		if (constant) this.reading.constants.set(name, constant);
		else if (!this.reading.made.has(name)) throw this.refusal();
		return name;
	}

	/** A constant operand that is not trained. @returns its name */
	constant(index: number): string {
		if (!this.given(index)) throw this.refusal();
		return this.value(index);
	}

	/** A constant operand that is trained. @returns its name */
	parameter(index: number): string {
		const name = this.node.input[index] ?? '';
		const value = this.given(index);
		if (!value) throw this.refusal();
		this.reading.parameters.set(name, value);
		return name;
	}

	/** The numbers of a constant operand; null where it is none. */
	given(index: number): FloatTensor | null {
		return constantOf(this.reading.graph, this.node.input[index] ?? '');
	}

	/** Numbers that are needed to know what the step is, out of an operand. @returns null where it is left out */
	numbers(index: number): number[] | null {
		if (!this.has(index)) return null;
		const value = this.given(index);
		const numbers = value ? [...value.data] : this.reading.sizes(this.node.input[index] ?? '');
		if (!numbers) throw this.refusal();
		return numbers;
	}

	/** Sizes and axes, which came as an attribute before they came as an operand. */
	sizes(name: string, index: number): number[] | null {
		return this.numbers(index) ?? this.ints(name);
	}

	int(name: string, otherwise: number): number {
		return Number(this.#attribute(name)?.i ?? otherwise);
	}

	float(name: string, otherwise: number): number {
		return this.#attribute(name)?.f ?? otherwise;
	}

	text(name: string, otherwise: string): string {
		const attribute = this.#attribute(name);
		return attribute ? new TextDecoder().decode(attribute.s.subarray(0, 64)) : otherwise;
	}

	ints(name: string): number[] | null {
		return this.#attribute(name)?.ints.map(Number) ?? null;
	}

	/** Rows and columns. */
	pair(name: string, otherwise: readonly [number, number] | null): readonly [number, number] {
		const [height, width, ...more] = this.ints(name) ?? otherwise ?? [];
		if (height === undefined || width === undefined || more.length > 0) throw this.refusal(name);
		return [height, width];
	}

	/** Attributes that change nothing here. */
	ignore(...names: string[]): void {
		for (const name of names) this.#asked.add(name);
	}

	/** @throws Trouble where the node has an attribute that no reader asked for */
	finish(): void {
		const other = this.node.attribute.find(({ name }) => !this.#asked.has(name));
		if (other) throw this.refusal(other.name);
	}

	/** @param part of the operator: an attribute */
	refusal(part?: string): Trouble {
		const shown = (name: string) => `“${cleanName(name.slice(0, 200)) || '(no name)'}”`;
		const named = shown(this.node.opType) + (part === undefined ? '' : ` with ${shown(part)}`);
		return new Trouble(
			'finetune-operator',
			`This network's last layers use ${named}, which cannot be trained here. A new head can be taught on it.`
		);
	}

	#attribute(name: string): AttributeProto | undefined {
		this.#asked.add(name);
		return this.node.attribute.find((attribute) => attribute.name === name);
	}
}
