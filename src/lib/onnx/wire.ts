/** A look at the bytes of an ONNX file before they are decoded, so that a small file cannot fill the memory. */
import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { Trouble } from '../domain/trouble';

/** Each takes hundreds of bytes once decoded, and two in the file. A network of 20,000 nodes has fewer. */
const MOST_PARTS = 500_000;
/** Texts and 64-bit numbers, which are objects too; weights are never these. */
const MOST_VALUES = 2_000_000;
/** Numbers that are not raw bytes: 8 bytes each. */
const MOST_NUMBERS = 32_000_000;
/** ONNX nests no deeper where no graph lies inside of a graph. */
const DEEPEST = 100;

interface Level {
	fields: ReadonlyMap<number, DescField>;
	end: number;
}

/**
 * Walks through all messages, without recursion and without keeping any. Stricter than the decoder: a field of another
 * wire type than the schema's, groups, and messages that reach beyond the one they lie in are refused, for another
 * reader might take them otherwise.
 *
 * @throws Trouble 'onnx-too-large'; Error where the bytes are no such message
 */
export function assertModest(schema: DescMessage, bytes: Uint8Array): void {
	const reader = new BinaryReader(bytes);
	const known = new Map<DescMessage, Level['fields']>();
	const level = (message: DescMessage, end: number): Level => {
		let fields = known.get(message);
		if (!fields) known.set(message, (fields = new Map(message.fields.map((field) => [field.number, field]))));
		return { fields, end };
	};
	const counts = { parts: 0, values: 0, numbers: 0 };
	const levels = [level(schema, bytes.length)];
	for (let top = levels.at(-1); top; top = levels.at(-1)) {
		if (reader.pos > top.end) throw new RangeError('a field reaches beyond its message');
		if (reader.pos === top.end) {
			levels.pop();
			continue;
		}
		const [number, wireType] = reader.tag();
		const field = top.fields.get(number);
		if (wireType === WireType.LengthDelimited && field?.message) {
			const length = reader.uint32();
			if (levels.push(level(field.message, reader.pos + length)) > DEEPEST)
				throw new RangeError('nested too deeply');
			if (reader.pos + length > top.end) throw new RangeError('a message reaches beyond the one it lies in');
			counts.parts++;
		} else count(reader, field, number, wireType, counts);
		if (counts.parts > MOST_PARTS || counts.values > MOST_VALUES || counts.numbers > MOST_NUMBERS)
			throw new Trouble(
				'onnx-too-large',
				'This ONNX file is made of more pieces than a picture classifier could need, so it is not opened.'
			);
	}
}

function count(
	reader: BinaryReader,
	field: DescField | undefined,
	number: number,
	wireType: WireType,
	counts: { values: number; numbers: number }
): void {
	const start = reader.pos;
	if (wireType === WireType.StartGroup || wireType === WireType.EndGroup) throw new Error('a group');
	if (!field) {
		reader.skip(wireType, number);
		return;
	}
	const scalar = field.fieldKind === 'enum' || !('scalar' in field) ? ScalarType.INT32 : field.scalar;
	const own = wireTypeOf(scalar);
	const isPacked = wireType === WireType.LengthDelimited && field.fieldKind === 'list' && own !== wireType;
	if (wireType !== own && !isPacked) throw new Error(`field ${number} of another wire type`);
	const bytes = reader.skip(wireType, number);
	const isLarge = scalar === ScalarType.INT64 || scalar === ScalarType.UINT64;
	const found = isPacked ? packed(bytes, own) : 1;
	if (isLarge || own === WireType.LengthDelimited) counts.values += found;
	else counts.numbers += found;
	if (reader.pos <= start) throw new RangeError('nothing was read');
}

/** How many numbers. The length before them counts as one. */
function packed(bytes: Uint8Array, own: WireType): number {
	if (own === WireType.Bit32) return bytes.length / 4;
	if (own === WireType.Bit64) return bytes.length / 8;
	let found = 0;
	for (const byte of bytes) if (byte < 0x80) found++;
	return found;
}

/** Of the kinds of numbers and texts that ONNX's schema has. */
function wireTypeOf(scalar: ScalarType | undefined): WireType {
	if (scalar === ScalarType.FLOAT) return WireType.Bit32;
	if (scalar === ScalarType.DOUBLE) return WireType.Bit64;
	const isText = scalar === ScalarType.STRING || scalar === ScalarType.BYTES;
	return isText ? WireType.LengthDelimited : WireType.Varint;
}
