import type { BackboneCard } from '../src/lib/domain/card';
import type { Foreign } from '../src/lib/domain/training';

/**
 * Photos of kinds that a project most likely does not teach, as features of the embedded backbones: what "not sure"
 * is measured by (learning.md §4). Made by models/build/foreign.ts.
 */
export interface ForeignFile {
	/** SHA-256 of the backbone that gave the features. */
	backbone: string;
	dimension: number;
	/** Rows as `encodeRows` writes them. The gate knows these kinds … */
	reference: string;
	/** … and is measured by these others, by their names. */
	held: Record<string, string>;
}

const files: Record<string, () => Promise<{ default: ForeignFile }>> = {
	'mobilenet-v1-025': () => import('./foreign/mobilenet-v1-025.json'),
	duo: () => import('./foreign/duo.json')
};

/** @returns null where the backbone has none, or another one gave them */
export async function foreignOf({ id, file: { sha256 } }: BackboneCard): Promise<Foreign | null> {
	const file = (await files[id]?.())?.default;
	if (file?.backbone !== sha256) return null;
	return {
		reference: decodeRows(file.reference, file.dimension),
		held: Object.entries(file.held).map(([kind, rows]) => ({
			kind,
			features: decodeRows(rows, file.dimension)
		}))
	};
}

/**
 * Base64 of each row's largest absolute value, a little-endian float32, and of its values as 127ths of it, int8.
 * Cosines hold to 0.003.
 */
export function encodeRows(rows: readonly Float32Array[]): string {
	const bytes: number[] = [];
	for (const row of rows) {
		const most = row.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
		bytes.push(...new Uint8Array(Float32Array.of(most).buffer));
		for (const value of row) bytes.push(Math.round((127 * value) / (most || 1)) & 0xff);
	}
	return btoa(bytes.map((byte) => String.fromCharCode(byte)).join(''));
}

/** @returns [rows, dimension] */
export function decodeRows(text: string, dimension: number): Float32Array<ArrayBuffer> {
	const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
	const view = new DataView(bytes.buffer);
	const stride = 4 + dimension;
	const rows = new Float32Array((bytes.length / stride) * dimension);
	for (let i = 0; i < rows.length; i++) {
		const from = Math.floor(i / dimension) * stride;
		rows[i] = (view.getFloat32(from, true) * view.getInt8(from + 4 + (i % dimension))) / 127;
	}
	return rows;
}
