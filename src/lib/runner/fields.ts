/**
 * The fields of a protobuf message, as they lie in it. Written by hand, because a library would make the runner many
 * times as large: of an ONNX file it needs the metadata and one shape (see `facts`).
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
import { Trouble } from '../domain/trouble';

interface Field {
	number: number;
	/** Of a varint; NaN of other kinds. */
	value: number;
	/** Of what has a length: text and messages; empty of other kinds. */
	bytes: Uint8Array;
}

/** How a field is written. */
const [VARINT, EIGHT_BYTES, WITH_LENGTH, FOUR_BYTES] = [0, 1, 2, 5] as const;
/** Of the last bits that 64 have room for. */
const HIGHEST = 2 ** 63;
const none = new Uint8Array(0);

/** Each step goes forward in the bytes, so it ends. @throws Trouble 'model-broken' */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
	let at = 0;
	/** Exact up to 2 ** 53; no length, number of a field or side of a picture is larger. */
	const varint = () => {
		let value = 0;
		for (let power = 1; power <= HIGHEST; power *= 128) {
			const byte = message[at++];
			if (byte === undefined) break;
			value += (byte & 127) * power;
			if (byte < 128) return value;
		}
		throw broken();
	};
	while (at < message.length) {
		const key = varint();
		const field: Field = { number: Math.floor(key / 8), value: NaN, bytes: none };
		const kind = key % 8;
		if (kind === VARINT) field.value = varint();
		else {
			const length =
				kind === WITH_LENGTH ? varint() : kind === EIGHT_BYTES ? 8 : kind === FOUR_BYTES ? 4 : Infinity;
			if (length > message.length - at) throw broken();
			if (kind === WITH_LENGTH) field.bytes = message.subarray(at, at + length);
			at += length;
		}
		if (field.number === 0) throw broken();
		yield field;
	}
}

/** The last field of this number that has a length; null where there is none. @throws Trouble as `fieldsOf` */
export function partOf(message: Uint8Array, number: number): Uint8Array | null {
	let found: Uint8Array | null = null;
	for (const field of fieldsOf(message))
		if (field.number === number && Number.isNaN(field.value)) found = field.bytes;
	return found;
}

/** @throws Trouble 'model-broken' where it is no UTF-8 */
export function textOf(bytes: Uint8Array | null): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes ?? none);
	} catch (cause) {
		throw broken(cause);
	}
}

export const broken = (cause?: unknown) =>
	new Trouble(
		'model-broken',
		'This file is no ONNX model, or it is damaged. Save the model again from Lensmith.',
		{ cause }
	);
