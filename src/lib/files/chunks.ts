/** The parts that JPEG, PNG and WebP files are made of, as views of their bytes. */

export interface Chunk {
	/** JPEG: the marker's second byte, as 'e1'; else the four letters. */
	name: string;
	/** What is in it; of a JPEG's 'da', with the pixels behind it, the scan's header alone. */
	content: Uint8Array;
	/** All of it, with what introduces it. */
	whole: Uint8Array;
}

/** JPEG (ITU-T T.81, B.1.1.4): marker, length with itself, content; up to the end of the image. @throws RangeError */
export function* jpegSegments(bytes: Uint8Array): Generator<Chunk> {
	const view = viewOf(bytes);
	for (let at = 2; ;) {
		if (view.getUint8(at) !== 0xff) throw new RangeError('no marker');
		const marker = view.getUint8(at + 1);
		if (marker === 0xff) {
			at++; // fill bytes
			continue;
		}
		if (marker === 0xd9) return;
		const end = at + 2 + view.getUint16(at + 2);
		const to = marker === 0xda ? endOfScan(bytes, end) : end;
		const [content, whole] = [bytes.subarray(at + 4, end), bytes.subarray(at, to)];
		yield { name: marker.toString(16), content, whole };
		if (marker === 0xda && to === bytes.length) return; // cut off, or without its end
		at = to;
	}
}

/** Where the next marker is that is no part of the pixels: neither a stuffed byte nor a restart (B.1.1.5). */
function endOfScan(bytes: Uint8Array, from: number): number {
	for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
		const next = bytes[at + 1] ?? 0;
		if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
	}
	return bytes.length;
}

/** PNG, 5.3: length, type, content, checksum; up to the end of the image. @throws RangeError */
export function* pngChunks(bytes: Uint8Array): Generator<Chunk> {
	const view = viewOf(bytes);
	for (let at = 8; at < bytes.length;) {
		const length = view.getUint32(at);
		const whole = part(bytes, at, 12 + length);
		const name = ascii(whole, 4, 4);
		yield { name, content: whole.subarray(8, 8 + length), whole };
		if (name === 'IEND') return;
		at += whole.length;
	}
}

/** RIFF: type, length, content, padded to an even length; up to the end that the file says. @throws RangeError */
export function* webpChunks(bytes: Uint8Array): Generator<Chunk> {
	const view = viewOf(bytes);
	const end = Math.min(bytes.length, 8 + view.getUint32(4, true));
	for (let at = 12; at < end;) {
		const length = view.getUint32(at + 4, true);
		const whole = part(bytes, at, 8 + length + (length % 2));
		yield { name: ascii(whole, 0, 4), content: whole.subarray(8, 8 + length), whole };
		at += whole.length;
	}
}

export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
	return new DataView(buffer, byteOffset, byteLength);
}

export function ascii(bytes: Uint8Array, at: number, length: number): string {
	return String.fromCharCode(...bytes.subarray(at, at + length));
}

function part(bytes: Uint8Array, at: number, length: number): Uint8Array {
	if (at + length > bytes.length) throw new RangeError('cut short');
	return bytes.subarray(at, at + length);
}
