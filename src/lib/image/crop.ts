/** Which part of a picture the network sees. */
import type { Crop } from '../domain/crop';

export type { Crop };

export interface Rect {
	x: number;
	y: number;
	width: number;
	height: number;
}

/**
 * @param width of the picture as a person sees it, in pixels
 * @param height likewise
 * @returns whole pixels; x and y are even, because camera frames carry colour for 2 × 2 blocks and
 *   cannot be read from an odd place
 */
export function cropRect(width: number, height: number, crop: Crop): Rect {
	if (crop === 'whole') return { x: 0, y: 0, width, height };
	const side = Math.min(width, height);
	return { x: evenHalf(width - side), y: evenHalf(height - side), width: side, height: side };
}

function evenHalf(spare: number): number {
	return Math.floor(spare / 4) * 2;
}
