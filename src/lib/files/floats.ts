/** Numbers as bytes: float32, little endian, whichever this device has. */

const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** A copy. */
export function bytesOfFloats(values: Float32Array): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(values.slice().buffer);
	return LITTLE ? bytes : turned(bytes);
}

/** @param bytes a multiple of four */
export function floatsOfBytes(bytes: ArrayBuffer): Float32Array<ArrayBuffer> {
	return new Float32Array(LITTLE ? bytes : turned(new Uint8Array(bytes.slice(0))).buffer);
}

function turned(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
	for (let at = 0; at < bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
	return bytes;
}
