/** One node as a call: what it is given, and what its rule for sizes asks of it. */
import { broken, quoted, unsupported } from './refusal';
import { type AttributeProto, AttributeProto_AttributeType as Type, type NodeProto } from './onnx_pb';
import { MOST_NUMBERS, Value } from './value';

/** Steps of following numbers in one graph, all values together; no more than 32 MB of them are kept. */
const MOST_FOLLOWED = 4_000_000;

/** What all calls of a graph share. */
export interface Shared {
	/** Version of the standard operators. */
	readonly opset: number;
	/** Steps taken so far. */
	followed: number;
}

export class Call {
	readonly #attributes = new Map<string, AttributeProto>();

	/** @param inputs one for each of the node's, undefined where an optional one is left out */
	constructor(
		readonly node: NodeProto,
		readonly inputs: readonly (Value | undefined)[],
		readonly shared: Shared
	) {
		for (const attribute of node.attribute) {
			if (this.#attributes.has(attribute.name))
				throw this.broken(`has two attributes ${quoted(attribute.name)}.`);
			this.#attributes.set(attribute.name, attribute);
		}
	}

	/** What its first value is called in the file. */
	get output(): string {
		return this.node.output.find((name) => name !== '') ?? this.node.name;
	}

	/** How the node is called in what a person reads. Cleaning names takes longer than all else: only where it is read. */
	get name(): string {
		return `${quoted(this.node.opType)} (${quoted(this.output)})`;
	}

	get opset(): number {
		return this.shared.opset;
	}

	broken = (reason: string) => broken(`its operator ${this.name} ${reason}`);

	unsupported = (reason: string) => unsupported(`its operator ${this.name} ${reason}`);

	/** An input that the rule says is there. */
	value(index: number): Value {
		const value = this.inputs[index];
		if (!value) throw this.broken(`lacks its input ${index + 1}.`);
		return value;
	}

	/** All inputs, of an operator that takes any number. */
	all(): Value[] {
		return this.inputs.map((_, i) => this.value(i));
	}

	/** Sizes, axes and the like out of an input. @returns null where the input is left out */
	sizes(index: number): readonly number[] | null {
		const value = this.inputs[index];
		if (!value) return null;
		const numbers = value.numbers;
		if (numbers?.every(Number.isInteger)) return numbers;
		throw unsupported(
			`the size of ${this.name} cannot be told beforehand, for its input ${index + 1} is computed from the picture or in a way that is not followed here. Simplify the model (onnx-simplifier does) and try again.`
		);
	}

	has(name: string): boolean {
		return this.#attributes.has(name);
	}

	attribute(name: string, type: Type): AttributeProto | undefined {
		const attribute = this.#attributes.get(name);
		if (attribute && attribute.type !== type)
			throw this.broken(`has an attribute ${quoted(name)} of another type than it should be.`);
		return attribute;
	}

	int(name: string, otherwise: number): number {
		const attribute = this.attribute(name, Type.INT);
		return attribute ? this.#whole(name, attribute.i) : otherwise;
	}

	/** @returns null where the attribute is absent */
	ints(name: string): number[] | null {
		const attribute = this.attribute(name, Type.INTS);
		return attribute ? attribute.ints.map((one) => this.#whole(name, one)) : null;
	}

	floats(name: string): number[] | null {
		return this.attribute(name, Type.FLOATS)?.floats ?? null;
	}

	text(name: string, otherwise: string): string {
		const attribute = this.attribute(name, Type.STRING);
		return attribute ? new TextDecoder().decode(attribute.s.subarray(0, 64)) : otherwise;
	}

	/** An axis counted from the front. @param rank how many there are; `rank` itself is taken where `end` says so */
	axis(axis: number, rank: number, end = false): number {
		const counted = axis < 0 ? axis + rank : axis;
		const last = end ? rank : rank - 1;
		if (!(counted >= 0 && counted <= last)) throw this.broken(`wants the axis ${axis} of ${rank}.`);
		return counted;
	}

	/** Each axis once. */
	axes(axes: readonly number[], rank: number): number[] {
		const counted = axes.map((axis) => this.axis(axis, rank));
		if (new Set(counted).size !== counted.length) throw this.broken('names an axis twice.');
		return counted;
	}

	/**
	 * A value whose numbers are known where they are few and `compute` can tell.
	 *
	 * @param from what the numbers are computed from: all of it must be known
	 */
	followed(
		shape: Pick<Value, 'type' | 'dims'>,
		from: readonly Value[],
		compute: (...numbers: (readonly number[])[]) => readonly number[] | null
	): Value {
		const value = new Value(shape.type, shape.dims, shape.dims.includes(0) ? [] : undefined);
		const { shared } = this;
		if (value.isKnown) return value;
		if (
			value.elements > MOST_NUMBERS ||
			shared.followed > MOST_FOLLOWED ||
			!from.every(({ isKnown }) => isKnown)
		)
			return value;
		// Each number of the result may look at every operand.
		shared.followed += value.elements * (from.length + 1);
		shared.followed += from.reduce((sum, { elements }) => sum + elements, 0);
		const numbers = compute(...from.map(({ numbers = [] }) => numbers));
		return numbers ? new Value(shape.type, shape.dims, numbers) : value;
	}

	#whole(name: string, value: bigint): number {
		const number = Number(value);
		// Ends of slices are given as the largest number that fits.
		if (Number.isSafeInteger(number) || ['ends', 'starts', 'value_int', 'value_ints'].includes(name))
			return number;
		throw this.broken(`has the attribute ${quoted(name)} = ${value}.`);
	}
}

/** What is to be known of an operator. */
export interface Rule {
	/** Fewest and most inputs. */
	inputs: readonly [number, number];
	/** Most outputs; 1 where left out. */
	outputs?: number;
	/** Its outputs from its inputs; those at the end may be left out by the node. @throws Trouble */
	shape: (call: Call) => Value | Value[];
	/** Multiply-adds; where left out, one for each element read and written. */
	steps?: (call: Call, first: Value) => number;
}

export type Rules = Readonly<Record<string, Rule>>;
