/**
 * The golden input: a fixed picture made by formula, so that every device can check its engine against
 * the scores on the card without carrying a photograph.
 */

/**
 * @param size side in pixels
 * @returns RGB in 0..1, planar [3, size, size]; the same numbers on every machine (only + − × ÷, no Math.sin).
 */
export function goldenInput(size: number): Float32Array<ArrayBuffer> {
	const data = new Float32Array(3 * size * size);
	const area = size * size;
	for (let y = 0; y < size; y++) {
		for (let x = 0; x < size; x++) {
			const i = y * size + x;
			const u = x / size;
			const v = y / size;
			const disc = (u - 0.5) ** 2 + (v - 0.45) ** 2 < 0.09 ? 1 : 0;
			const stripes = (Math.floor(u * 16) + Math.floor(v * 8)) % 2;
			data[i] = 0.2 + 0.6 * disc * u + 0.1 * stripes;
			data[area + i] = 0.15 + 0.5 * v + 0.2 * stripes * disc;
			data[2 * area + i] = 0.8 - 0.6 * disc * v - 0.1 * stripes * u;
		}
	}
	return data;
}
