/** Constant tensors of a graph: numbers in, TensorProto out, and back. */
import { create } from '@bufbuild/protobuf';
import { Trouble } from '../domain/trouble';
import { fromFloat16 } from './float16';
import { type TensorProto, TensorProto_DataType as DataType, TensorProtoSchema } from './onnx_pb';

/** Numbers of a constant, row-major. An empty `dims` is a scalar. */
export interface FloatTensor {
	dims: number[];
	data: Float32Array<ArrayBuffer>;
}

/** @throws RangeError when `data` does not fill `dims`. */
export function floatTensor(name: string, dims: readonly number[], data: Float32Array): TensorProto {
	return rawTensor(name, DataType.FLOAT, dims, data, data.length);
}

/** @param data the bits of half-precision numbers */
export function halfTensor(name: string, dims: readonly number[], data: Uint16Array): TensorProto {
	return rawTensor(name, DataType.FLOAT16, dims, data, data.length);
}

export function int8Tensor(name: string, dims: readonly number[], data: Int8Array): TensorProto {
	return rawTensor(name, DataType.INT8, dims, data, data.length);
}

export function intTensor(name: string, dims: readonly number[], data: readonly number[]): TensorProto {
	return rawTensor(name, DataType.INT64, dims, BigInt64Array.from(data, BigInt), data.length);
}

function rawTensor(
	name: string,
	dataType: DataType,
	dims: readonly number[],
	data: ArrayBufferView,
	length: number
): TensorProto {
	if (length !== product(dims)) throw new RangeError(`${name}: ${length} numbers for [${dims.join(', ')}]`);
	const rawData = new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
	return create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData });
}

export const product = (dims: readonly number[]): number => dims.reduce((total, dim) => total * dim, 1);

/** Reorders axes: the result's axis i is the source's axis `order[i]`. */
export function permute<T extends Float32Array | Uint16Array>(
	data: T,
	dims: readonly number[],
	order: readonly number[]
): { dims: number[]; data: T } {
	const strides = dims.map((_, axis) => product(dims.slice(axis + 1)));
	const result = order.map((axis) => dims[axis] ?? 1);
	const out = data.slice() as T; // slice() of a union is typed as the union, not as T
	const position = result.map(() => 0);
	for (let i = 0; i < out.length; i++) {
		let from = 0;
		for (const [axis, at] of position.entries()) from += at * (strides[order[axis] ?? 0] ?? 0);
		out[i] = data[from] ?? 0;
		for (let axis = position.length - 1; axis >= 0; axis--) {
			const next = (position[axis] ?? 0) + 1;
			position[axis] = next === result[axis] ? 0 : next;
			if (position[axis] !== 0) break;
		}
	}
	return { dims: result, data: out };
}

type Read = (view: DataView, offset: number) => number;

/** Bytes an element and how to read one; ONNX raw data is little-endian. */
const raw = new Map<number, [number, Read]>([
	[DataType.FLOAT, [4, (view, at) => view.getFloat32(at, true)]],
	[DataType.FLOAT16, [2, (view, at) => fromFloat16(view.getUint16(at, true))]],
	[DataType.DOUBLE, [8, (view, at) => view.getFloat64(at, true)]],
	[DataType.INT8, [1, (view, at) => view.getInt8(at)]],
	[DataType.UINT8, [1, (view, at) => view.getUint8(at)]],
	[DataType.INT32, [4, (view, at) => view.getInt32(at, true)]],
	[DataType.INT64, [8, (view, at) => Number(view.getBigInt64(at, true))]]
]);

/** How many numbers a constant holds, whatever it declares; 0 of types that are not read here. */
export function numbersIn(tensor: TensorProto): number {
	const [size] = raw.get(tensor.dataType) ?? [Infinity];
	return tensor.rawData.length > 0 ? Math.floor(tensor.rawData.length / size) : fieldOf(tensor).length;
}

/**
 * The dimensions of a constant; its numbers are not read.
 *
 * @throws Trouble as `readTensor`
 */
export function dimsOf(tensor: TensorProto): number[] {
	if (!raw.has(tensor.dataType)) {
		const type = DataType[tensor.dataType] ?? tensor.dataType;
		throw new Trouble(
			'onnx-unsupported',
			`The constant "${tensor.name}" is of type ${type}, which is not read here.`
		);
	}
	const dims = tensor.dims.map(Number);
	const count = numbersIn(tensor);
	if (count !== product(dims) || dims.some((dim) => dim < 0)) {
		const words = `The constant "${tensor.name}" holds ${count} numbers where [${dims.slice(0, 9).join(', ')}] are declared.`;
		throw new Trouble('onnx-broken', words);
	}
	return dims;
}

/**
 * @returns the numbers as float32: of float, half, double and of 8-, 32- and 64-bit integers, from `raw_data`
 *   or from the typed field
 * @throws Trouble `onnx-broken` when the numbers do not fill the dimensions,
 *   `onnx-unsupported` for another element type
 */
export function readTensor(tensor: TensorProto): FloatTensor {
	const dims = dimsOf(tensor);
	const kind = raw.get(tensor.dataType);
	const data = kind && tensor.rawData.length > 0 ? fromRaw(tensor.rawData, kind) : fromField(tensor);
	return { dims, data };
}

function fromRaw(bytes: Uint8Array, [size, read]: [number, Read]): Float32Array<ArrayBuffer> {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const data = new Float32Array(Math.floor(bytes.length / size));
	for (let i = 0; i < data.length; i++) data[i] = read(view, i * size);
	return data;
}

function fromField(tensor: TensorProto): Float32Array<ArrayBuffer> {
	const isHalf = tensor.dataType === DataType.FLOAT16;
	return Float32Array.from(fieldOf(tensor), isHalf ? (bits) => fromFloat16(Number(bits)) : Number);
}

/** Where the numbers lie that are not raw bytes. */
function fieldOf(tensor: TensorProto): readonly (number | bigint)[] {
	switch (tensor.dataType) {
		case DataType.FLOAT:
			return tensor.floatData;
		case DataType.DOUBLE:
			return tensor.doubleData;
		case DataType.INT64:
			return tensor.int64Data;
		default:
			return tensor.int32Data;
	}
}
