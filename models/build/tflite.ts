/** Reads a TensorFlow Lite file: the few tables of its flatbuffer schema that a float network needs. */
import { ByteBuffer } from 'flatbuffers';

export interface TfliteTensor {
	name: string;
	dims: number[];
	/** Constant numbers; 16-bit ones are the bits of half-precision numbers. */
	data: Float32Array | Uint16Array | null;
}

export interface TfliteOperator {
	op: 'ADD' | 'CONV_2D' | 'DEPTHWISE_CONV_2D' | 'DEQUANTIZE' | 'OTHER';
	inputs: number[];
	output: number;
	padding: 'SAME' | 'VALID';
	/** Down, across. */
	strides: [number, number];
	dilations: [number, number];
	activation: 'none' | 'relu' | 'relu6' | 'other';
}

export interface TfliteModel {
	tensors: TfliteTensor[];
	operators: TfliteOperator[];
	input: number;
}

const operatorNames = new Map<number, TfliteOperator['op']>([
	[0, 'ADD'],
	[3, 'CONV_2D'],
	[4, 'DEPTHWISE_CONV_2D'],
	[6, 'DEQUANTIZE']
]);

/** Where padding, strides (across, down), activation and dilations (across, down) are in the options of each. */
const optionFields = {
	CONV_2D: { stride: 1, activation: 3, dilation: 4 },
	DEPTHWISE_CONV_2D: { stride: 1, activation: 4, dilation: 5 }
};

const activations = new Map<number, TfliteOperator['activation']>([
	[0, 'none'],
	[1, 'relu'],
	[3, 'relu6']
]);

const FLOAT32 = 0;
const FLOAT16 = 1;

/** A table of a flatbuffer; fields are counted as in schema.fbs. */
class Table {
	constructor(
		readonly buffer: ByteBuffer,
		readonly position: number
	) {}

	byte(field: number): number {
		const offset = this.#offset(field);
		return offset ? this.buffer.readInt8(this.position + offset) : 0;
	}

	int(field: number, otherwise = 0): number {
		const offset = this.#offset(field);
		return offset ? this.buffer.readInt32(this.position + offset) : otherwise;
	}

	text(field: number): string {
		const offset = this.#offset(field);
		return offset ? String(this.buffer.__string(this.position + offset)) : '';
	}

	table(field: number): Table | null {
		const offset = this.#offset(field);
		return offset ? new Table(this.buffer, this.buffer.__indirect(this.position + offset)) : null;
	}

	tables(field: number): Table[] {
		const { start, length } = this.#vector(field);
		return Array.from({ length }, (_, i) => new Table(this.buffer, this.buffer.__indirect(start + 4 * i)));
	}

	ints(field: number): number[] {
		const { start, length } = this.#vector(field);
		return Array.from({ length }, (_, i) => this.buffer.readInt32(start + 4 * i));
	}

	/** A copy, so that it can be seen as wider numbers. */
	bytes(field: number): ArrayBuffer {
		const { start, length } = this.#vector(field);
		return Uint8Array.from(this.buffer.bytes().subarray(start, start + length)).buffer;
	}

	#offset(field: number): number {
		return this.buffer.__offset(this.position, 4 + 2 * field);
	}

	#vector(field: number): { start: number; length: number } {
		const offset = this.#offset(field);
		if (!offset) return { start: 0, length: 0 };
		return {
			start: this.buffer.__vector(this.position + offset),
			length: this.buffer.__vector_len(this.position + offset)
		};
	}
}

/** @throws Error when the file is not a TFLite model */
export function readTflite(bytes: Uint8Array): TfliteModel {
	const buffer = new ByteBuffer(bytes);
	if (String.fromCharCode(...bytes.subarray(4, 8)) !== 'TFL3') throw new Error('This is not a TFLite file.');
	const model = new Table(buffer, buffer.readInt32(0));
	const [graph] = model.tables(2);
	if (!graph) throw new Error('The TFLite file has no graph.');
	const buffers = model.tables(4);
	// Newer files keep codes over 127 in field 3; the larger of the two is the right one.
	const codes = model.tables(1).map((code) => Math.max(code.byte(0), code.int(3)));
	return {
		tensors: graph.tables(0).map((tensor) => ({
			name: tensor.text(3),
			dims: tensor.ints(0),
			data: constant(tensor, buffers[tensor.int(2)])
		})),
		operators: graph.tables(3).map((operator) => readOperator(operator, codes)),
		input: graph.ints(1)[0] ?? -1
	};
}

function constant(tensor: Table, buffer: Table | undefined): TfliteTensor['data'] {
	const bytes = buffer?.bytes(0) ?? new ArrayBuffer(0);
	if (bytes.byteLength === 0) return null;
	if (tensor.byte(1) === FLOAT32) return new Float32Array(bytes);
	return tensor.byte(1) === FLOAT16 ? new Uint16Array(bytes) : null;
}

function readOperator(operator: Table, codes: readonly number[]): TfliteOperator {
	const op = operatorNames.get(codes[operator.int(0)] ?? -1) ?? 'OTHER';
	const options = operator.table(4);
	const fields = op === 'CONV_2D' || op === 'DEPTHWISE_CONV_2D' ? optionFields[op] : null;
	const pair = (field: number): [number, number] => [
		options?.int(field + 1, 1) ?? 1,
		options?.int(field, 1) ?? 1
	];
	const activation = options && (op === 'ADD' || fields) ? options.byte(fields?.activation ?? 0) : 0;
	return {
		op,
		inputs: operator.ints(1),
		output: operator.ints(2)[0] ?? -1,
		padding: fields && options?.byte(0) === 1 ? 'VALID' : 'SAME',
		strides: fields ? pair(fields.stride) : [1, 1],
		dilations: fields ? pair(fields.dilation) : [1, 1],
		activation: activations.get(activation) ?? 'other'
	};
}
