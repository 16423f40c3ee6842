/** How alike many photos are, with pauses: it grows with the square of the photos. */
import { normalised } from '../domain/nearest';
import { compareRow, emptyComparison, type Compared } from '../domain/strangers';

/** Photos; each pause tells the page. */
const BETWEEN_PAUSES = 16;

/**
 * @param bank normalised features, [photos, dimension]
 * @param foreign features of foreign photos, [any, dimension]
 * @param pause is awaited now and then, with the share of the photos that is done, 0..1
 */
export async function compare(
	bank: Float32Array,
	dimension: number,
	foreign: Float32Array | undefined,
	pause: (done: number) => Promise<void>
): Promise<Compared> {
	const compared = emptyComparison(bank, dimension);
	const strange = foreign && normalised(foreign, dimension);
	for (const row of compared.likes.keys()) {
		if (row % BETWEEN_PAUSES === 0) await pause(row / compared.likes.length);
		compareRow(compared, row, bank, strange);
	}
	return compared;
}
