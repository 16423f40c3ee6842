/** What is known of a graph's value before it is run: element type, size, and for small constants the numbers. */
import { broken, quoted, tooLarge, unsupported } from './refusal';
import { type TensorProto, TensorProto_DataType as DataType } from './onnx_pb';

/** Bytes of an element, of the types that are taken. */
const widths = new Map<number, number>([
	[DataType.FLOAT, 4],
	[DataType.FLOAT16, 2],
	[DataType.BFLOAT16, 2],
	[DataType.DOUBLE, 8],
	[DataType.INT8, 1],
	[DataType.INT16, 2],
	[DataType.INT32, 4],
	[DataType.INT64, 8],
	[DataType.UINT8, 1],
	[DataType.UINT16, 2],
	[DataType.UINT32, 4],
	[DataType.UINT64, 8],
	[DataType.BOOL, 1]
]);

/** More dimensions than these no operator here needs; ONNX Runtime copies lists of them at every step. */
const MOST_DIMS = 8;
/** More numbers than these are no size, but weights. */
export const MOST_NUMBERS = 2048;
/** Beyond it a double cannot tell whole numbers apart. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/** A value of the graph when it is run on one picture. */
export class Value {
	readonly elements: number;
	#numbers: readonly number[] | (() => readonly number[]) | undefined;

	/**
	 * @param numbers row-major, where they are known beforehand and at most `MOST_NUMBERS`; or how to read them.
	 *   Whole numbers beyond 2⁵³ are only near. Booleans are 0 and 1.
	 */
	constructor(
		readonly type: DataType,
		readonly dims: readonly number[],
		numbers?: readonly number[] | (() => readonly number[])
	) {
		this.elements = dims.reduce((product, dim) => product * dim, 1);
		if (this.elements <= MOST_NUMBERS) this.#numbers = numbers;
	}

	get isKnown(): boolean {
		return this.#numbers !== undefined;
	}

	get numbers(): readonly number[] | undefined {
		if (typeof this.#numbers === 'function') this.#numbers = this.#numbers();
		return this.#numbers;
	}

	get bytes(): number {
		return this.elements * (widths.get(this.type) ?? 8);
	}
}

/** Whether numbers of the type are whole. */
export const isWhole = (type: DataType): boolean =>
	![DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE].includes(type);

/** @throws Trouble 'onnx-unsupported' for texts, complex numbers and what takes less than a byte */
export function assertType(type: DataType, name: string): void {
	if (widths.has(type)) return;
	throw unsupported(
		`${quoted(name)} holds elements of type ${DataType[type] ?? type}, and only plain numbers are read.`
	);
}

/** @throws Trouble where the dimensions could not be those of any value */
export function assertDims(dims: readonly number[], name: string): void {
	if (dims.length > MOST_DIMS)
		throw unsupported(`${quoted(name)} has ${dims.length} dimensions; ${MOST_DIMS} is the most.`);
	for (const dim of dims) {
		if (!Number.isInteger(dim) || dim < 0)
			throw broken(`${quoted(name)} would have the size [${dims.join(', ')}].`);
	}
	if (dims.reduce((product, dim) => product * dim, 1) > LARGEST || dims.some((dim) => dim >= 2 ** 31))
		throw tooLarge(`${quoted(name)} would have the size [${dims.join(', ')}].`);
}

/**
 * Holds what a constant declares against the bytes that are there; nothing is copied.
 *
 * @throws Trouble 'onnx-broken' where they differ, 'onnx-unsupported' for other types
 */
export function valueOf(tensor: TensorProto, name: string): Value {
	assertType(tensor.dataType, name);
	const dims = tensor.dims.map(Number);
	assertDims(dims, name);
	const field = fieldOf(tensor);
	const value = new Value(tensor.dataType, dims, () => numbersOf(tensor));
	const raw = tensor.rawData.length;
	const matches = raw > 0 ? raw === value.bytes : field.length === value.elements;
	const fields = [tensor.floatData, tensor.int32Data, tensor.int64Data, tensor.doubleData, tensor.uint64Data];
	const given = fields.filter(({ length }) => length > 0).length + tensor.stringData.length + Number(raw > 0);
	if (!matches || given > 1)
		throw broken(`the constant ${quoted(name)} does not hold the [${dims.join(', ')}] numbers it declares.`);
	return value;
}

/** Where the numbers lie that are not raw bytes. */
function fieldOf(tensor: TensorProto): readonly (number | bigint)[] {
	const { floatData, doubleData, int64Data, uint64Data, int32Data } = tensor;
	const fields: Partial<Record<number, readonly (number | bigint)[]>> = {
		[DataType.FLOAT]: floatData,
		[DataType.DOUBLE]: doubleData,
		[DataType.INT64]: int64Data,
		[DataType.UINT32]: uint64Data,
		[DataType.UINT64]: uint64Data
	};
	return fields[tensor.dataType] ?? int32Data;
}

/** Types in which exporters compute sizes. Numbers of others are not looked at: NaN. */
const readers: Partial<Record<DataType, (view: DataView, at: number) => number | bigint>> = {
	[DataType.FLOAT]: (view, at) => view.getFloat32(at, true),
	[DataType.DOUBLE]: (view, at) => view.getFloat64(at, true),
	[DataType.INT32]: (view, at) => view.getInt32(at, true),
	[DataType.INT64]: (view, at) => view.getBigInt64(at, true),
	[DataType.BOOL]: (view, at) => Math.min(view.getUint8(at), 1)
};

function numbersOf(tensor: TensorProto): readonly number[] {
	const { rawData, dataType } = tensor;
	const read = readers[dataType as DataType];
	const field = fieldOf(tensor);
	if (rawData.length === 0) return Array.from(field, (number) => (read ? Number(number) : NaN));
	const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
	const width = widths.get(dataType) ?? 8;
	return Array.from({ length: rawData.length / width }, (_, i) =>
		read ? Number(read(view, i * width)) : NaN
	);
}
