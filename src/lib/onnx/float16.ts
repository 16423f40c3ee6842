/** IEEE 754 half precision, for runtimes without Float16Array. */

const scratch = new DataView(new ArrayBuffer(4));

/** @param half the 16 bits of a half-precision number */
export function fromFloat16(half: number): number {
	const sign = half & 0x8000 ? -1 : 1;
	const exponent = (half >> 10) & 0x1f;
	const fraction = half & 0x3ff;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** @returns the 16 bits of the nearest half-precision number, ties to even; beyond 65,504 infinity. */
export function toFloat16(value: number): number {
	scratch.setFloat32(0, value);
	const bits = scratch.getUint32(0);
	const sign = (bits >>> 16) & 0x8000;
	const magnitude = Math.abs(value);
	if (Number.isNaN(value)) return 0x7e00;
	if (magnitude >= 65520) return sign | 0x7c00;
	if (magnitude < 2 ** -14) return sign | roundHalfEven(magnitude * 2 ** 24);
	const exponent = ((bits >>> 23) & 0xff) - 127;
	// A fraction that rounds up to 1,024 carries into the exponent, which is the right answer.
	return sign | (((exponent + 15) << 10) + roundHalfEven((magnitude / 2 ** exponent - 1) * 1024));
}

function roundHalfEven(value: number): number {
	const floor = Math.floor(value);
	const rest = value - floor;
	if (rest > 0.5 || (rest === 0.5 && floor % 2 === 1)) return floor + 1;
	return floor;
}
