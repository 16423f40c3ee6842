/** Writes small graphs: constants, nodes, inputs and outputs, in the order they are told. */
import { create } from '@bufbuild/protobuf';
import { opset, writeModel } from './model';
import {
	type AttributeProto,
	AttributeProto_AttributeType as AttributeType,
	AttributeProtoSchema,
	GraphProtoSchema,
	ModelProtoSchema,
	type NodeProto,
	NodeProtoSchema,
	TensorProto_DataType,
	type ValueInfoProto,
	ValueInfoProtoSchema
} from './onnx_pb';
import { floatTensor, halfTensor } from './tensor';

/** A whole number or a list of them, a text, or a real number marked as such (1 could be either). */
export type Attribute = number | readonly number[] | string | { float: number };

/** A size, or the name of a dimension that is known at run time only, such as the batch "N". */
export type Dim = number | string;

export class GraphBuilder {
	readonly #graph = create(GraphProtoSchema);
	readonly #values = new Set<string>();

	constructor(name: string) {
		this.#graph.name = name;
	}

	/** A float32 input. @returns its name */
	input(name: string, dims: readonly Dim[]): string {
		this.#graph.input.push(valueInfo(name, dims));
		return this.#claim(name);
	}

	/** A float32 constant. @returns its name */
	floats(name: string, dims: readonly number[], data: Float32Array): string {
		this.#graph.initializer.push(floatTensor(name, dims, data));
		return this.#claim(name);
	}

	/** A constant kept in half precision and cast when the graph is loaded. @returns the name of the float32 value */
	halves(name: string, dims: readonly number[], data: Uint16Array): string {
		const stored = this.#claim(`${name}/half`);
		this.#graph.initializer.push(halfTensor(stored, dims, data));
		return this.node('Cast', [stored], { to: TensorProto_DataType.FLOAT }, name);
	}

	/** The float32 scalar, shared by all that ask for the same one. @returns its name */
	scalar(value: number): string {
		const name = `constant/${value}`;
		return this.#values.has(name) ? name : this.floats(name, [], Float32Array.of(value));
	}

	/**
	 * @param inputs names of values told before; '' leaves an optional one out
	 * @param output name of the node's only output
	 * @throws Error when an input is unknown or the output's name is taken
	 */
	node(op: string, inputs: readonly string[], attributes: Record<string, Attribute>, output: string): string {
		for (const input of inputs) {
			if (input && !this.#values.has(input))
				throw new Error(`${op} "${output}" takes "${input}", which is not there`);
		}
		this.#graph.node.push(nodeProto(op, inputs, attributes, output));
		return this.#claim(output);
	}

	/** Declares a float32 output of the graph. */
	output(name: string, dims: readonly Dim[]): void {
		if (!this.#values.has(name)) throw new Error(`no value is called "${name}"`);
		this.#graph.output.push(valueInfo(name, dims));
	}

	has(name: string): boolean {
		return this.#values.has(name);
	}

	/** @returns the .onnx file; the same calls give the same bytes */
	finish(notes: { doc?: string; metadata?: Record<string, string> } = {}): Uint8Array<ArrayBuffer> {
		return writeModel(
			create(ModelProtoSchema, {
				irVersion: 8n,
				producerName: 'lensmith',
				docString: notes.doc ?? '',
				opsetImport: [{ domain: '', version: BigInt(opset) }],
				graph: this.#graph,
				metadataProps: Object.entries(notes.metadata ?? {}).map(([key, value]) => ({ key, value }))
			})
		);
	}

	#claim(name: string): string {
		if (name === '' || this.#values.has(name)) throw new Error(`the name "${name}" cannot be given twice`);
		this.#values.add(name);
		return name;
	}
}

export function nodeProto(
	op: string,
	inputs: readonly string[],
	attributes: Record<string, Attribute>,
	output: string
): NodeProto {
	return create(NodeProtoSchema, {
		opType: op,
		name: output,
		input: [...inputs],
		output: [output],
		attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value))
	});
}

/** @param dims left out where the shape is unknown */
export function valueInfo(
	name: string,
	dims?: readonly Dim[],
	elemType: TensorProto_DataType = TensorProto_DataType.FLOAT
): ValueInfoProto {
	const shape = dims && {
		dim: dims.map((dim) => ({
			value:
				typeof dim === 'string'
					? { case: 'dimParam' as const, value: dim }
					: { case: 'dimValue' as const, value: BigInt(dim) }
		}))
	};
	return create(ValueInfoProtoSchema, {
		name,
		type: { value: { case: 'tensorType', value: { elemType, shape } } }
	});
}

function attribute(name: string, value: Attribute): AttributeProto {
	if (typeof value === 'number') {
		return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
	}
	if (typeof value === 'string') {
		return create(AttributeProtoSchema, {
			name,
			type: AttributeType.STRING,
			s: new TextEncoder().encode(value)
		});
	}
	if ('float' in value) {
		return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
	}
	return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}
